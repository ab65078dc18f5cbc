# SPDX-License-Identifier: Apache-2.0
"""Means of a role's columns over the last n bars, several at once, in one pass from the bars to the columns of a table.

Each is the difference of two running sums: what `np.cumsum` gives, to the last bit. Bars are read in blocks that stay
in the processor's cache, and of what is made on the way nothing is written to memory: on a million bars memory costs
more than arithmetic. TA-Lib adds up; numpy's cumsum, which goes through memory at each sum, takes five times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays import FloatArray, given_by_column
from engine.errors import Problem, StrategyError, nearest_name
from engine.indicators.libraries.talib_native import native
from engine.indicators.parameter import whole
from engine.indicators.series import stretches
from engine.indicators.sharing import is_sharing, recalled

if TYPE_CHECKING:
    from engine.market.panel import RoleColumns

BLOCK, READ = 16_384, 4_096
"""Bars of a block, and of those that are read at once: records are large, and their columns are read in turn. What is
made of a block, and the records of what is read, stay in a second-level cache of 1 MiB."""

RANGE = "true_range"

SOURCES: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("open", "high", "low", "close", "volume")},
    RANGE: ("high", "low", "close"),
}
"""What a mean may be of -> the columns it is made from."""

Wanted = Sequence[tuple[str, int]]
"""(source, window) of each mean."""


def running_means(columns: RoleColumns, **windows: int | Sequence[int]) -> tuple[FloatArray, ...]:
    """Means of the last n bars, in the order they are asked for: `running_means(market.large, close=(20, 100))`.

    columns  a role of the market
    windows  open, high, low, close, volume or true_range -> one window in bars or several
    Each is (T,) float64 in the price's unit (volume: shares), NaN in its first n - 1 bars, of true ranges in its first
    n, for the first bar has none. A missing value in a column that is read ends the history of all, as it does between
    series of one indicator. All are columns of one table that nobody can write into (change a `.copy()`): returned by
    features() with nothing else, in this order, that table is the run's, and nothing is copied or read once more.

    A running sum loses digits as it grows: 4e-9 after a million bars at a price of 100, for good after a bad tick of
    1e15. What began on another bar differs in these digits. `rolling_mean` loses none and takes several times as long.
    Raises StrategyError for an unknown source and a window out of bounds.
    """
    wanted = _wanted(windows)
    if is_sharing():
        return tuple(_shared(columns, source, window) for source, window in wanted)
    return _means(columns, wanted)


def _wanted(windows: Mapping[str, int | Sequence[int]]) -> list[tuple[str, int]]:
    wanted, problems = [], []
    for source, given in windows.items():
        place = f"running_means.{source}"
        if source not in SOURCES:
            hint = nearest_name(source, SOURCES)
            problems.append(Problem("no such source", path=place, allowed=", ".join(SOURCES), nearest=hint))
            continue
        bars = whole(source, None)
        for window in given if isinstance(given, Sequence) else (given,):
            value = bars.parse(window)
            if value is None:
                problems.append(bars.refusal(window, place))
            else:
                wanted.append((source, int(value)))
    if problems:
        raise StrategyError(problems)
    return wanted


def _shared(columns: RoleColumns, source: str, window: int) -> FloatArray:
    """One mean, known to the sets of a sweep by what it is made from."""
    read = [getattr(columns, name) for name in SOURCES[source]]
    made: FloatArray = recalled(running_means, read, {source: window}, lambda: _means(columns, [(source, window)])[0])
    return made


def _means(columns: RoleColumns, wanted: Wanted) -> tuple[FloatArray, ...]:
    table = np.empty((len(columns.bars), len(wanted)))
    with np.errstate(all="ignore"):
        if not _Pass(columns, wanted, len(table)).fill(table, 0):
            names = {name for source, _ in wanted for name in SOURCES[source]}
            whole_columns = [getattr(columns, name) for name in sorted(names)]
            table[:] = np.nan
            for start, stop in stretches(whole_columns):
                _Pass(columns, wanted, stop - start).fill(table[start:stop], start, known=True)
            table[np.isinf(table)] = np.nan  # a sum too large for a number
    return given_by_column(table)


class _Pass:
    """One walk over the bars, a block at a time, with what it remembers of the blocks before.

    `seen` has the last close before a block and then the block's rows, by column; `sums` the running sums of as many
    rows before the block as the longest window has, and then the block's.
    """

    def __init__(self, columns: RoleColumns, wanted: Wanted, rows: int) -> None:
        block = min(BLOCK, rows)
        self._columns, self._wanted = columns, wanted
        self._longest = {source: max(n for of, n in wanted if of == source) for source, _ in wanted}
        self._seen = {name: np.zeros(block + 1) for source in self._longest for name in SOURCES[source]}
        self._sums = {source: np.zeros(longest + block) for source, longest in self._longest.items()}
        self._total = dict.fromkeys(self._longest, -0.0)  # to which anything added is itself
        self._upward, self._ranges = np.arange(block + 1.0), np.zeros(block + 1)
        self._difference = np.zeros(block)
        self._balance = native().OBV

    def fill(self, table: FloatArray, first: int, *, known: bool = False) -> bool:
        """Write the means of the bars from `first` on into the table's rows; False at a value that is missing.

        known  none is, which has been seen before
        """
        for start in range(0, len(table), BLOCK):
            rows = min(BLOCK, len(table) - start)
            self._read(first + start, rows)
            for source in self._longest:
                self._add(source, rows, begins=start == 0)
            if not known and not self._finite(rows):
                return False
            for number, (source, window) in enumerate(self._wanted):
                self._mean(source, window, rows, table[start : start + rows, number])
            for seen in self._seen.values():
                seen[0] = seen[rows]
            for source, longest in self._longest.items():
                sums = self._sums[source]
                sums[:longest] = sums[rows : rows + longest].copy()
        for number, (source, window) in enumerate(self._wanted):
            table[: window - (source != RANGE), number] = np.nan
        return True

    def _finite(self, rows: int) -> bool:
        """Whether every value of the block is a number: then its sum is one, if it is not too large."""
        totals = list(self._total.values())
        if RANGE in self._total:  # an infinity can hide in a range, and in a row that has none
            totals += [self._seen[name][1 : rows + 1].sum() for name in SOURCES[RANGE] if name not in self._total]
        return bool(np.isfinite(totals).all())

    def _read(self, first: int, rows: int) -> None:
        for start in range(0, rows, READ):
            stop = min(start + READ, rows)
            for name, seen in self._seen.items():
                self._columns.read(name, slice(first + start, first + stop), seen[start + 1 : stop + 1])

    def _add(self, source: str, rows: int, *, begins: bool) -> None:
        """The running sums of the block's rows."""
        longest = self._longest[source]
        if source == RANGE:
            high, low, close = (self._seen[name] for name in SOURCES[RANGE])
            added = self._ranges[: rows + 1]
            lowest = np.minimum(low[1 : rows + 1], close[:rows], out=self._difference[:rows])
            np.subtract(np.maximum(high[1 : rows + 1], close[:rows], out=added[1:]), lowest, out=added[1:])
            if begins:
                added[1] = 0.0
        else:
            added = self._seen[source][: rows + 1]
        before, added[0] = added[0], self._total[source]
        # on-balance volume adds the volume of each bar that closes higher, and these all do: it begins with the first
        sums = self._balance(self._upward[: rows + 1], added)
        added[0] = before
        self._sums[source][longest : longest + rows] = sums[1:]
        self._total[source] = float(sums[-1])

    def _mean(self, source: str, window: int, rows: int, out: FloatArray) -> None:
        sums, longest = self._sums[source], self._longest[source]
        before = longest - window
        np.subtract(sums[longest : longest + rows], sums[before : before + rows], out=self._difference[:rows])
        np.divide(self._difference[:rows], window, out=out)
