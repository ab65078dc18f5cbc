# SPDX-License-Identifier: Apache-2.0
"""A comparison of two lines: its document, page and terminal."""
