# SPDX-License-Identifier: Apache-2.0
"""What followed certain days, against all days, with the band that a block bootstrap gives to the difference.

Sessions afterwards are counted from the close of the next session: by then every value of the day is known, that of a
volatility index at 16:15 too, and a person could have acted on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.pair.relation import CONFIDENCE, DRAWS, SEED
from engine.analytics.pair.sides import Pair
from engine.arrays import FloatArray

HORIZONS = (5, 21, 63)
"""Sessions afterwards."""

DELAY = 1
"""Sessions between the close that is looked at and the one that is counted from."""

BLOCK = HORIZONS[-1]
"""Mean length of a bootstrap block, sessions: as long as the longest of the moves, which overlap."""

FEWEST = 10
"""Days apart by a horizon below which a band is not worth its name."""


@dataclass(frozen=True)
class After:
    """The moves of one line over `sessions` after the days of a kind.

    days      of that kind whose moves are over; `apart` of them are a horizon from each other
    mean      of these moves, a fraction or points; baseline is that of all days
    low, high 95 % band of mean - baseline by a stationary bootstrap of days; NaN with fewer than FEWEST apart
    positive  fraction of these moves above 0
    """

    symbol: str
    sessions: int
    days: int
    apart: int
    mean: float
    baseline: float
    low: float
    high: float
    positive: float

    @property
    def differs(self) -> bool | None:
        """Whether the band leaves out 0; None where there is no band."""
        return None if np.isnan(self.low) else bool(self.low > 0 or self.high < 0)


def afterwards(pair: Pair, kinds: Mapping[str, NDArray[np.bool_]]) -> dict[str, tuple[After, ...]]:
    """For each kind of day, (T,) true on its days, the moves of both lines over HORIZONS.

    One bootstrap draws for all of them, so that their bands belong together.
    """
    asked = [(side, horizon) for side in pair.sides for horizon in HORIZONS]
    moves = np.column_stack([side.later(horizon, DELAY) for side, horizon in asked])
    flags = np.column_stack([np.asarray(mask, np.float64) for mask in kinds.values()])
    means, baseline, days = _means(flags, moves)
    low, high = _bands(flags, moves)
    found: dict[str, tuple[After, ...]] = {}
    for row, name in enumerate(kinds):
        told = []
        for column, (side, horizon) in enumerate(asked):
            chosen = (flags[:, row] > 0) & np.isfinite(moves[:, column])
            enough = (separate := apart(np.flatnonzero(chosen), horizon)) >= FEWEST
            told.append(
                After(
                    symbol=side.symbol,
                    sessions=horizon,
                    days=int(days[row, column]),
                    apart=separate,
                    mean=float(means[row, column]),
                    baseline=float(baseline[column]),
                    low=float(low[row, column]) if enough else float("nan"),
                    high=float(high[row, column]) if enough else float("nan"),
                    positive=float((moves[chosen, column] > 0).mean()) if chosen.any() else float("nan"),
                )
            )
        found[name] = tuple(told)
    return found


def apart(rows: Sequence[int] | NDArray[np.int64], sessions: int) -> int:
    """How many of the rows, ascending, are at least `sessions` from the one counted before."""
    count, last = 0, -sessions
    for row in map(int, rows):
        if row - last >= sessions:
            count, last = count + 1, row
    return count


def _means(flags: FloatArray, moves: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(K, M) mean move of the days of each kind, (M,) of all days, (K, M) days; NaN where there are none."""
    there = np.isfinite(moves)
    filled, known = np.where(there, moves, 0.0), there.astype(np.float64)
    days, all_days = flags.T @ known, known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (flags.T @ filled) / days, filled.sum(axis=0) / all_days, days


def _bands(flags: FloatArray, moves: FloatArray) -> tuple[FloatArray, FloatArray]:
    from arch.bootstrap import StationaryBootstrap

    def apart_from_all(drawn_flags: FloatArray, drawn_moves: FloatArray) -> FloatArray:
        means, baseline, _ = _means(drawn_flags, drawn_moves)
        return np.asarray((means - baseline).ravel())

    shape = (flags.shape[1], moves.shape[1])
    drawn = StationaryBootstrap(BLOCK, flags, moves, seed=SEED).apply(apart_from_all, DRAWS)
    edge = 50 * (1 - CONFIDENCE)
    empty = np.isnan(drawn).all(axis=0)
    drawn[:, empty] = 0.0
    low, high = np.nanpercentile(drawn, [edge, 100 - edge], axis=0)
    low[empty], high[empty] = np.nan, np.nan
    return low.reshape(shape), high.reshape(shape)
