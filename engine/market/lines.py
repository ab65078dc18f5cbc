# SPDX-License-Identifier: Apache-2.0
"""One symbol or series as one value a session, dated by when it was known: what two of them are compared by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.market.adjust import Bars, tradable_bars
from engine.market.align import Stamps, Values
from engine.market.assemble import known
from engine.market.calendar import Calendar, date_of
from engine.market.doubts import Doubt
from engine.market.hours import closing
from engine.market.judgement import judge
from engine.market.refusals import problems_of, series_refusals
from engine.market.series_doubts import series_doubts
from engine.market.sources import Source
from engine.market.sources.series import series_table
from engine.model.run import SeriesSource
from engine.notice import Notice, note


@dataclass(frozen=True, eq=False)
class Line:
    """L values, ascending by session.

    sessions  (L,) days since 1970-01-01 at whose close each value is known, no day twice
    level     (L,) close or value; splits are taken out so that the last is as traded
    growth    (L,) the same with dividends put in again on their ex-dates; of a series the level
    pays      whether `growth` differs from `level` by dividends that the source knows of
    bars      whether it was read as bars, not as a series
    frequency of the bars or values that it was read from: "1d", "5min"
    """

    symbol: str
    sessions: Stamps = field(repr=False)
    level: FloatArray = field(repr=False)
    growth: FloatArray = field(repr=False)
    pays: bool
    bars: bool
    frequency: str = "1d"
    notices: tuple[Notice, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def line_of_bars(symbol: str, source: Source, calendar: Calendar, confirmed: Sequence[dt.date] = ()) -> Line:
    """The closes of a symbol's bars. Raises DataError for all that a run would refuse."""
    table = source.read(symbol)
    faults, doubts = judge(table, source.prices, calendar, confirmed)
    wrong = [*table.problems, *problems_of(table, faults)]
    if wrong:
        raise DataError(dict.fromkeys(wrong))
    bars, notices = tradable_bars(table, source.prices, calendar)
    rows, more = _session_ends(bars, calendar)
    splits = np.cumprod(bars.values["split"])
    close = bars.values["close"] * splits
    held = close + np.append(0.0, bars.values["dividend"][1:]) * splits
    growth = close[0] * np.cumprod(np.append(1.0, held[1:] / close[:-1]))
    return Line(
        symbol,
        bars.sessions[rows],
        close[rows] / splits[-1],
        growth[rows],
        pays=bool(bars.values["dividend"].any()),
        bars=True,
        frequency=bars.frequency,
        notices=(*notices, *more),
        doubts=tuple(doubts),
    )


def line_of_series(name: str, series: SeriesSource, source: Source, base_dir: Path, calendar: Calendar) -> Line:
    """The values of a series at the closes of the sessions at which they are known, its lag counted.

    Raises DataError where it cannot be read, or holds no value at all.
    """
    table = series_table(name, series, source, base_dir)
    wrong = series_refusals(table)
    if wrong:
        raise DataError(dict.fromkeys(wrong))
    doubts = series_doubts(name, table, series, calendar, synthetic=source.synthetic)
    values = _last_of_day(known(name, table, series, source, base_dir, calendar))
    if not len(values.values):
        raise DataError(
            Problem("no value at all", path=series.symbol, file=table.file, found=f"{len(table.rows)} rows without one")
        )
    return Line(
        series.symbol, values.sessions, values.values, values.values, pays=False, bars=False,
        frequency=table.frequency, notices=table.notices, doubts=tuple(doubts),
    )  # fmt: skip


def _session_ends(bars: Bars, calendar: Calendar) -> tuple[Stamps, list[Notice]]:
    """Rows of the bars that hold a closing auction; an intraday session whose close is still to come has none."""
    rows = np.flatnonzero(closing(bars.ts, bars.sessions, bars.frequency, calendar))
    if bars.frequency == "1d" or not len(rows) or bars.ts[rows[-1]] >= calendar.close_of(bars.sessions[rows[-1:]])[0]:
        return rows, []
    day = date_of(int(bars.sessions[rows[-1]]))
    return rows[:-1], [note(f"{bars.symbol}: the bars of {day} end before the close, so that session is left out")]


def _last_of_day(values: Values) -> Values:
    """The last known value of each day."""
    there = np.flatnonzero(~np.isnan(values.values))
    days = values.sessions[there]
    rows = there[np.flatnonzero(np.append(np.diff(days) > 0, True))] if len(there) else there
    return Values(values.symbol, values.ts[rows], values.sessions[rows], values.values[rows], values.stale_after)
