# SPDX-License-Identifier: Apache-2.0
"""Portfolios of funds: weights that are known before a month begins, what they returned, what was traded.

Nothing is admitted: all is in cash, which earns the bill where one is given, else nothing. A fund that is held and
reports nothing returned nothing that month: its part counts as cash without interest, and that is said, because who
leaves a database seldom leaves it with a gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.panel import Panel


@dataclass(frozen=True)
class Portfolio:
    """A rule's weights and what became of them.

    weights   (T + 1, N) held during each month, the last row those of the month after the panel; zero is cash
    start, end  row of the first month that it is held, and one behind the last month with a return
    returns   (T,) NaN outside of them
    turnover  (T,) part of the portfolio that is exchanged at the beginning of a month, 0 to 1; NaN outside
    silent    (row, fund, weight) held in a month of which nothing was reported
    """

    name: str
    weights: FloatArray
    start: int
    end: int
    returns: FloatArray
    turnover: FloatArray
    silent: tuple[tuple[int, int, float], ...]


def held(
    name: str, targets: FloatArray, decided: tuple[int, int], panel: Panel, delay: int = 0, lock: int = 1
) -> Portfolio:
    """Hold what was decided after each month in the month that follows.

    targets  (T, N) weights by what was known at the end of each month
    decided  first and last row of `targets` that is a decision
    delay    further months between a decision and its month: a notice period
    lock     months that capital stays: it is laid out in so many parts, of which one is renewed each month
    """
    count, funds = targets.shape
    start, end = decided[0] + 1 + delay, min(count, decided[1] + 2 + delay)
    weights = np.zeros((count + 1, funds))
    for row in range(start, min(count, decided[1] + 1 + delay) + 1):
        parts = targets[max(decided[0], row - delay - lock) : row - delay]
        weights[row] = parts.sum(axis=0) / len(parts) if len(parts) > 1 else parts[0]
    returns, turnover = np.full(count, np.nan), np.full(count, np.nan)
    silent: list[tuple[int, int, float]] = []
    before = np.zeros(funds)
    for row in range(start, end):
        own, known = weights[row], panel.known[row]
        made = np.where(known, panel.returns[row], 0.0)
        silent += [(row, place, float(own[place])) for place in np.flatnonzero((own > 0.0) & ~known).tolist()]
        cash = float(panel.bill[row]) if panel.has_bill else 0.0
        returns[row] = float(own @ made) + (1.0 - float(own.sum())) * cash
        turnover[row] = _exchanged(before, own)
        before = own * (1.0 + made) / (1.0 + returns[row]) if returns[row] > -1.0 else own
    return Portfolio(name, weights, start, end, returns, turnover, tuple(silent))


def _exchanged(before: FloatArray, after: FloatArray) -> float:
    """Half of what is bought and sold, cash included."""
    moved = float(np.abs(after - before).sum()) + abs(float(after.sum() - before.sum()))
    return moved / 2.0
