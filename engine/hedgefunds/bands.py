# SPDX-License-Identifier: Apache-2.0
"""Portfolios, index and market side by side, and how far chance alone could carry their figures.

Whole months are drawn with replacement in blocks of random length (stationary bootstrap, Politis and Romano 1994), the
same months for every series, so that what is common to them stays common. The bands are 5 % and 95 % of what comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL
from engine.hedgefunds.study import Study
from engine.hedgefunds.whole import LEAST, MONTHS

DRAWS, SEED = 2_000, 20
LOW, HIGH = 0.05, 0.95
INDEX, MARKET = "index", "benchmark"


@dataclass(frozen=True)
class Band:
    """A figure and where it lies between 5 % and 95 % of the draws."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Side:
    """One series over the months that all have. Fractions a year, not compounded; NaN: too few months.

    sharpe      mean of the returns above the bill over their deviation; without a bill of the returns themselves
    over_index, over_market  its mean less that of the index, of the market
    fall        largest fall of the compounded returns from a high, as it was
    """

    name: str
    mean: Band
    volatility: Band
    sharpe: Band
    over_index: Band
    over_market: Band
    fall: float


@dataclass(frozen=True)
class Sides:
    """What stands side by side, over which months (rows of the panel), drawn in blocks of which mean length."""

    first: int
    last: int
    months: int
    block: float
    sides: tuple[Side, ...]


def side_by_side(found: Study) -> Sides | None:
    """The portfolios, the index and the market; None with fewer than LEAST months in common."""
    panel = found.panel
    series: Mapping[str, FloatArray] = {
        **{name: one.returns for name, one in found.portfolios.items()},
        INDEX: found.index.returns,
        MARKET: panel.benchmark,
    }
    table = np.column_stack(list(series.values()))
    rows = np.flatnonzero(np.isfinite(table).all(axis=1))
    if not found.portfolios or len(rows) < LEAST:
        return None
    bill = panel.bill[rows] if panel.has_bill else np.zeros(len(rows))
    seen = np.column_stack([table[rows], bill])
    block, drawn = draws(seen, _figures)
    low, high = np.quantile(drawn, [LOW, HIGH], axis=0)
    values = _figures(seen)
    count = table.shape[1]

    def band(kind: int, place: int) -> Band:
        at = kind * count + place
        return Band(float(values[at]), float(low[at]), float(high[at]))

    sides = tuple(
        Side(
            name, band(0, place), band(1, place), band(2, place), band(3, place), band(4, place),
            _fall(table[rows, place]),
        )
        for place, name in enumerate(series)
    )  # fmt: skip
    return Sides(int(rows[0]), int(rows[-1]), len(rows), block, sides)


def draws(table: FloatArray, figures: Any) -> tuple[float, NDArray[np.float64]]:
    """(mean length of a block, (DRAWS, K) figures of draws) from (M, S) months; the seed is fixed.

    The length is the largest that Politis and White's rule finds for any column but the last, at least 3 months and at
    most a quarter of all; the last column, a bill or a denominator, is drawn with the others.
    """
    from arch.bootstrap import StationaryBootstrap, optimal_block_length

    moving = table[:, :-1][:, table[:, :-1].std(axis=0) > STILL]
    block = max(3.0, float(np.nanmax(optimal_block_length(moving)["stationary"]))) if moving.size else 3.0
    block = min(block, len(table) / 4.0)
    length: Any = block  # the library takes fractions of a month, its types do not
    return block, np.asarray(StationaryBootstrap(length, table, seed=SEED).apply(figures, DRAWS), np.float64)


def _figures(seen: FloatArray) -> FloatArray:
    """Mean, volatility, Sharpe, mean over the index's and the market's of each series; the last column is the bill."""
    table, bill = seen[:, :-1], seen[:, -1]
    mean = MONTHS * table.mean(axis=0)
    spread = np.sqrt(MONTHS) * table.std(axis=0, ddof=1)
    excess = table - bill[:, None]
    above, risk = MONTHS * excess.mean(axis=0), np.sqrt(MONTHS) * excess.std(axis=0, ddof=1)
    sharpe = np.divide(above, risk, out=np.full_like(above, np.nan), where=risk > STILL)
    return np.concatenate([mean, spread, sharpe, mean - mean[-2], mean - mean[-1]])


def _fall(returns: FloatArray) -> float:
    path = np.append(1.0, np.cumprod(1.0 + returns))
    return float(np.max(1.0 - path / np.maximum.accumulate(path)))
