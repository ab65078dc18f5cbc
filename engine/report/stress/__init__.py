# SPDX-License-Identifier: Apache-2.0
"""Stress: its document, page and terminal."""
