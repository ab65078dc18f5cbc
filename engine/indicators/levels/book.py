# SPDX-License-Identifier: Apache-2.0
"""The book of price levels: swing pivots collected by price, one touch after another in the order they were known.

    nearest   a pivot joins the level whose price is nearest, if that is within the tolerance; else it opens a level
    price     the plain mean of the level's touches
    merging   levels that drift to within the tolerance of each other become one
    ageing    a level that nothing has touched for max_age bars is forgotten
    bound     at most `keep` levels; a new one drives out the weakest of the others

Strength (our own definition; the ingredients, how often, how lately, on how much volume and over how long a time a
level was respected, are those of R. D. Edwards, J. Magee: Technical Analysis of Stock Trends, chapter 13):

    strength_t = sum over touches of v_i * 2^(-(t - row_i) / half_life) * (1 + ln(1 + (last - first) / half_life))

v_i is the pivot bar's volume over the median of the `volume_window` bars before it, held within 1/4 and 4 (1 where
that median is not known yet), and last - first the bars between the first and the last touch. All levels decay at
the same rate, so which one is stronger changes with a touch only, never with the mere passing of time.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray

PRICE, KEY, FIRST, LAST, COUNT, AS_SUPPORT, AS_RESISTANCE = range(7)
"""Columns of `LevelBook.state`. KEY is log2 of the strength at row 0 (see `strength_at`); the last two are 1 or 0."""

FIELDS = 7


@dataclass(frozen=True, slots=True)
class LevelRules:
    """What makes a level and which ones count; `price_level` documents and bounds each field."""

    left: int
    right: int
    tolerance: float
    tolerance_in: str
    min_touches: int
    min_age: int
    max_age: int
    half_life: int
    reach: float
    slack: float
    keep: int
    volume_window: int
    atr_window: int
    kind: str = "any"


@dataclass(slots=True, eq=False)
class Line:
    """One level in the making. Rows are pivot rows; weight is the decayed sum of volumes as of `last`."""

    price: float
    weight: float
    first: int
    last: int
    slot: int
    touches: list[int]  # indices of pivots, in the order they were known
    first_high: float = math.inf
    last_high: float = -math.inf
    first_low: float = math.inf
    last_low: float = -math.inf

    def mark(self, row: int, is_low: bool) -> None:
        """Note that it was touched at `row` from above (a low) or from below (a high)."""
        if is_low:
            self.first_low, self.last_low = min(self.first_low, row), max(self.last_low, row)
        else:
            self.first_high, self.last_high = min(self.first_high, row), max(self.last_high, row)


@dataclass(slots=True, eq=False)
class LevelBook:
    """The levels that stand after the touches so far.

    state is (FIELDS, keep): a column a level, NaN where there is none. One of fewer than `min_touches` touches
    is in the book and not in the state.
    """

    rules: LevelRules
    state: FloatArray = field(init=False)
    lines: list[Line] = field(init=False, default_factory=list)  # by price, ascending
    _prices: list[float] = field(init=False, default_factory=list)
    _free: list[int] = field(init=False)
    _oldest: float = field(init=False, default=math.inf)  # no line's last touch is before this

    def __post_init__(self) -> None:
        self.state = np.full((FIELDS, self.rules.keep), np.nan)
        self._free = list(range(self.rules.keep - 1, -1, -1))

    def touch(self, pivot: int, known: int, row: int, is_low: bool, price: float, volume: float, reach: float) -> None:
        """Take in pivot number `pivot`, which happened at `row` and is known at `known`.

        volume  shares;  reach  the tolerance, a fraction of the price
        """
        self._forget(known - self.rules.max_age)
        place = self._nearest(price, reach)
        if place < 0:
            self._open(pivot, row, is_low, price, volume)
            return
        line = self.lines[place]
        line.weight = line.weight * self._decay(row - line.last) + volume
        line.price += (price - line.price) / (len(line.touches) + 1)
        line.last = row
        line.touches.append(pivot)
        line.mark(row, is_low)
        self._merge(place, reach)
        self._write(line)

    def _nearest(self, price: float, reach: float) -> int:
        """Place of the line nearest to `price` within `reach`, the lower one of two as near; -1 if there is none."""
        above = bisect_left(self._prices, price)
        best, least = -1, math.inf
        for place in (above - 1, above):
            if 0 <= place < len(self._prices):
                gap = abs(self._prices[place] - price)
                if gap <= reach and gap < least:
                    best, least = place, gap
        return best

    def _open(self, pivot: int, row: int, is_low: bool, price: float, volume: float) -> None:
        if not self._free:
            self._drop(min(range(len(self.lines)), key=lambda place: self._key(self.lines[place])))
        line = Line(price, volume, row, row, self._free.pop(), [pivot])
        line.mark(row, is_low)
        place = bisect_left(self._prices, price)
        self.lines.insert(place, line)
        self._prices.insert(place, price)
        self._oldest = min(self._oldest, row)
        self._write(line)

    def _merge(self, place: int, reach: float) -> None:
        """Let the line at `place` take in its neighbours within `reach`: the upper one, then the lower one."""
        line = self.lines[place]
        if place + 1 < len(self.lines) and self._prices[place + 1] - line.price <= reach:
            self._absorb(line, self.lines[place + 1])
            self._drop(place + 1)
        if place > 0 and line.price - self._prices[place - 1] <= reach:
            self._absorb(line, self.lines[place - 1])
            self._drop(place - 1)
            place -= 1
        self._prices[place] = line.price

    def _absorb(self, line: Line, other: Line) -> None:
        """Add the touches of `other`, whose last one is not after the line's."""
        total = len(line.touches) + len(other.touches)
        line.price += (other.price - line.price) * len(other.touches) / total
        line.weight += other.weight * self._decay(line.last - other.last)
        line.first = min(line.first, other.first)
        line.touches = sorted(line.touches + other.touches)
        line.first_high, line.last_high = min(line.first_high, other.first_high), max(line.last_high, other.last_high)
        line.first_low, line.last_low = min(line.first_low, other.first_low), max(line.last_low, other.last_low)

    def _forget(self, limit: int) -> None:
        """Drop every line whose last touch is before row `limit`."""
        if limit <= self._oldest:
            return
        for place in range(len(self.lines) - 1, -1, -1):
            if self.lines[place].last < limit:
                self._drop(place)
        self._oldest = min((line.last for line in self.lines), default=math.inf)

    def _drop(self, place: int) -> None:
        line = self.lines.pop(place)
        del self._prices[place]
        self.state[:, line.slot] = np.nan
        self._free.append(line.slot)

    def _write(self, line: Line) -> None:
        if len(line.touches) < self.rules.min_touches:
            return
        apart = self.rules.min_age
        self.state[:, line.slot] = (
            line.price,
            self._key(line),
            line.first,
            line.last,
            len(line.touches),
            line.last_low - line.first_high >= apart,
            line.last_high - line.first_low >= apart,
        )

    def _key(self, line: Line) -> float:
        bonus = 1.0 + math.log1p((line.last - line.first) / self.rules.half_life)
        return math.log2(line.weight * bonus) + line.last / self.rules.half_life

    def _decay(self, bars: int) -> float:
        return float(2.0 ** (-bars / self.rules.half_life))


def strength_at(key: FloatArray, row: NDArray[np.intp], half_life: int) -> FloatArray:
    """Strength of levels at `row` from their KEY: what the touches weigh once they have decayed until then.

    Weights have no unit; half_life is in bars.
    """
    strength: FloatArray = np.exp2(key - row / half_life)
    return strength
