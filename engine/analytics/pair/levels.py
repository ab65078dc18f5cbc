# SPDX-License-Identifier: Apache-2.0
"""Where each of two lines stands: its last value among those before, its moves, its drawdown, its window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analytics.pair.sides import Side, flat
from engine.arrays import FloatArray

SPANS = (1, 5, 21, 63, 252)
"""Sessions of the moves that are shown."""

YEARS = (252, 1260, None)
"""Sessions of the percentiles: one year, five years, all there are."""


@dataclass(frozen=True)
class Drawdown:
    """now, worst >= 0: fraction below the highest growth so far; rows of the peak and of the trough of the worst."""

    now: float
    worst: float
    peak: int
    trough: int


@dataclass(frozen=True)
class Standing:
    """One line at its last session.

    moves       over SPANS; fractions, or points where the side says so; NaN where it is not that old
    percent     the same in fractions of the value before; NaN where that is not above 0
    ranks       over YEARS: fraction of that many last values that are at or below the last; NaN where there are fewer
    volatility  deviation of the window's daily changes a year: a fraction, or points where changes are
    drawdown    None where a value is not above 0
    """

    last: float
    moves: tuple[float, ...]
    percent: tuple[float, ...]
    ranks: tuple[float, ...]
    volatility: float
    drawdown: Drawdown | None


@dataclass(frozen=True)
class Window:
    """The last `count` values of a line; rows of its lowest and highest, the earliest of equals.

    deviation with count - 1; skew is the adjusted Fisher-Pearson coefficient G1 (Joanes and Gill 1998), NaN where
    nothing moves.
    """

    count: int
    mean: float
    deviation: float
    lowest: float
    lowest_row: int
    highest: float
    highest_row: int
    skew: float


def standing(side: Side, window: int, per_year: float) -> Standing:
    """One line at its last session; `window` changes for the volatility, `per_year` sessions in a year."""
    values = side.level
    moved = [float(side.moves(span)[-1]) for span in SPANS]
    ranks = [rank(values if years is None else values[-years:], years or len(values)) for years in YEARS]
    return Standing(
        last=float(values[-1]),
        moves=tuple(moved),
        percent=tuple(_percent(side.growth, span) for span in SPANS),
        ranks=tuple(ranks),
        volatility=float(np.std(side.changes[-window:], ddof=1) * np.sqrt(per_year)),
        drawdown=drawdown(side.growth) if side.logs else None,
    )


def rank(values: FloatArray, count: int) -> float:
    """Fraction of the values at or below the last one; NaN where there are fewer than `count`."""
    return float((values <= values[-1]).mean()) if len(values) >= count else float("nan")


def drawdown(growth: FloatArray) -> Drawdown:
    """How far below its highest a line of positive values is, and ever was."""
    below = 1 - growth / np.maximum.accumulate(growth)
    trough = int(np.argmax(below))
    return Drawdown(float(below[-1]), float(below[trough]), int(np.argmax(growth[: trough + 1])), trough)


def window_of(side: Side, count: int) -> Window:
    """The last `count` values of a line that has as many."""
    from scipy import stats

    values, start = side.level[-count:], len(side.level) - count
    low, high = int(np.argmin(values)), int(np.argmax(values))
    return Window(
        count=count,
        mean=float(values.mean()),
        deviation=float(values.std(ddof=1)),
        lowest=float(values[low]),
        lowest_row=start + low,
        highest=float(values[high]),
        highest_row=start + high,
        skew=float("nan") if flat(values) else float(stats.skew(values, bias=False)),
    )


def _percent(growth: FloatArray, span: int) -> float:
    if span >= len(growth) or growth[-1 - span] <= 0:
        return float("nan")
    return float(growth[-1] / growth[-1 - span] - 1)
