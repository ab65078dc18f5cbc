# SPDX-License-Identifier: Apache-2.0
"""Prices that held before: confirmed pivots, the levels that their touches make, double tops."""
