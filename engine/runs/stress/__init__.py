# SPDX-License-Identifier: Apache-2.0
"""Stress: the strategy and its book through history, through hypothetical shocks, through a deleveraging spiral."""

from engine.runs.stress.findings import Stress
from engine.runs.stress.run import LEVERAGES, stress

__all__ = ["LEVERAGES", "Stress", "stress"]
