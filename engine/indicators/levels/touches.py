# SPDX-License-Identifier: Apache-2.0
"""The touches that levels are made of: confirmed swing pivots with their volume and their tolerance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.indicators.levels.book import LevelRules
from engine.indicators.levels.pivots import swing_highs, swing_lows
from engine.indicators.ranges import atr
from engine.indicators.volume import relative_volume

LEAST_VOLUME, MOST_VOLUME = 0.25, 4.0
"""How little and how much one touch can weigh."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One swing pivot of a level. row is the pivot's own bar; volume is relative to the usual, as it was weighed."""

    row: int
    kind: Literal["low", "high"]
    price: float
    volume: float


@dataclass(frozen=True, slots=True)
class Touches:
    """Confirmed pivots in the order they were known, lows before highs on one bar; each column (N,).

    known is the row that confirms a pivot, row its own; reach how near a level must be, in the price's unit.
    """

    known: NDArray[np.intp]
    row: NDArray[np.intp]
    is_low: NDArray[np.bool_]
    price: FloatArray
    volume: FloatArray
    reach: FloatArray

    def __len__(self) -> int:
        return len(self.known)

    def arguments(self, first: int, stop: int) -> Iterator[tuple[int, int, int, bool, float, float, float]]:
        """What `LevelBook.touch` takes, prices and shares of volume, for pivots first..stop - 1."""
        columns = (self.known, self.row, self.is_low, self.price, self.volume, self.reach)
        return zip(range(first, stop), *(column[first:stop].tolist() for column in columns), strict=True)

    def shown(self, pivot: int, start: int) -> Touch:
        """One pivot as people get it, its row counted from `start` rows earlier."""
        kind: Literal["low", "high"] = "low" if self.is_low[pivot] else "high"
        return Touch(start + int(self.row[pivot]), kind, float(self.price[pivot]), float(self.volume[pivot]))


def confirmed_touches(bars: Sequence[FloatArray], rules: LevelRules) -> Touches:
    """Every pivot of high, low, close (prices) and volume (shares), finite and equally long, known on these bars."""
    high, low, close, volume = bars
    lows, highs = swing_lows(low, rules.left, rules.right), swing_highs(high, rules.left, rules.right)
    row = np.concatenate((lows, highs))
    price = np.concatenate((low[lows], high[highs]))
    known = row + rules.right
    if rules.tolerance_in == "atr":
        reach = rules.tolerance * atr(high, low, close, rules.atr_window)[known]
    else:
        reach = rules.tolerance * price
    order = np.argsort(row, kind="stable")
    order = order[np.isfinite(reach[order])]  # a pivot known before there is an ATR has no tolerance: no level
    relative = relative_volume(volume, rules.volume_window)[row]
    weight = np.where(np.isnan(relative), 1.0, np.clip(relative, LEAST_VOLUME, MOST_VOLUME))
    is_low = np.arange(len(row)) < len(lows)
    return Touches(known[order], row[order], is_low[order], price[order], weight[order], reach[order])
