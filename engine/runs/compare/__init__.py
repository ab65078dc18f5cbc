# SPDX-License-Identifier: Apache-2.0
"""Two symbols or series side by side."""

from engine.runs.compare.comparison import WINDOW, Comparison, compare

__all__ = ["WINDOW", "Comparison", "compare"]
