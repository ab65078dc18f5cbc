# SPDX-License-Identifier: Apache-2.0
"""What is done with an engine: backtest, verify, signals, sweep, stress."""
