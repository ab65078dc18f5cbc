# SPDX-License-Identifier: Apache-2.0
"""What each part of an account did: its agents, its hedge and its base, its sleeves."""
