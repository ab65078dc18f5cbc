# SPDX-License-Identifier: Apache-2.0
"""What spread trades share beside their rules: what they say of the closes to come."""
