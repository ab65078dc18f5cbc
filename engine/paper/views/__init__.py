# SPDX-License-Identifier: Apache-2.0
"""How a session stands, for people and for programs."""
