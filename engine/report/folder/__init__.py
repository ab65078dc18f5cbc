# SPDX-License-Identifier: Apache-2.0
"""Run folders: written whole, read back, listed and compared."""
