# SPDX-License-Identifier: Apache-2.0
"""A verification: its checks in words."""
