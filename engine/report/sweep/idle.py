# SPDX-License-Identifier: Apache-2.0
"""What a sweep tried in vain: a setting that makes no difference, and a best combination that never trades."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.notice import Notice, loud
from engine.report.kit.words import count
from engine.report.sweep.words import score_words, short
from engine.runs.sweep.findings import Sweep

TOLD = ("final_equity", "costs", "max_drawdown", "turnover", "fills")
"""Figures that are the same where a setting does nothing."""


def idle_axes(found: Sweep) -> Iterator[Notice]:
    """Loud for each setting that makes no difference, where anything was traded at all; of a draw nobody knows."""
    if not found.complete or not found.figures["fills"].any():
        return
    table = np.stack([found.figures[name].astype(float) for name in TOLD], axis=1)
    cube = table.reshape(*(len(one.values) for one in found.grid.axes), len(TOLD))
    for at, axis in enumerate(found.grid.axes):
        values = len(axis.values)
        if values > 1 and np.array_equal(cube, np.take(cube, [0] * values, axis=at), equal_nan=True):
            yield loud(
                f"{short(axis.name)} makes no difference: whatever its value, the figures are the same. Its "
                f"{count(values)} values count as tries; of combinations that are alike the best is chance, and what "
                "is said of overfitting with it."
            )


def idle_best(found: Sweep) -> Iterator[Notice]:
    """Loud where others trade and what has the best score does not: its score is that of cash."""
    figures, best = found.figures, found.best.place
    if not figures["fills"].any() or figures["fills"][best] or not np.isfinite(found.score[best]):
        return
    score = score_words(found, float(found.score[best]))
    yield loud(
        f"What stands first never trades: a {found.objective.words} of {score} is what cash has. It says that those "
        "that trade do worse."
    )
