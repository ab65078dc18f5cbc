# SPDX-License-Identifier: Apache-2.0
"""Two symbols or series side by side."""

from engine.runs.compare.comparison import Comparison, compare
from engine.runs.compare.question import WINDOW, Question
from engine.runs.compare.where import where

__all__ = ["WINDOW", "Comparison", "Question", "compare", "where"]
