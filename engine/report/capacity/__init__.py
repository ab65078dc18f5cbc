# SPDX-License-Identifier: Apache-2.0
"""Capacity: its document, page and terminal."""
