# SPDX-License-Identifier: Apache-2.0
"""Engines that can run a strategy: native, and backtrader as a second opinion."""
