# SPDX-License-Identifier: Apache-2.0
"""One symbol or series as one value a session, dated by when it was known: what two of them are compared by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.market.align import Stamps, Values
from engine.market.assemble import known
from engine.market.calendar import Calendar, date_of
from engine.market.doubts import Doubt
from engine.market.hours import SHOWN, closing, ended_early, more
from engine.market.judging.judgement import judge
from engine.market.judging.out_of_step import out_of_step
from engine.market.judging.series_doubts import series_doubts
from engine.market.sources import Source
from engine.market.sources.series import series_table
from engine.market.sources.table import Table
from engine.market.table.adjust import Bars, tradable_bars
from engine.market.table.refusals import problems_of, series_refusals
from engine.model.run import SeriesSource
from engine.notice import Notice, loud, note


@dataclass(frozen=True, eq=False)
class Line:
    """L values, ascending by session.

    sessions  (L,) days since 1970-01-01 at whose close each value is known, no day twice
    level     (L,) close or value; splits are taken out so that the last is as traded
    growth    (L,) the same with dividends put in again on their ex-dates; of a series the level
    pays      whether `growth` differs from `level` by dividends that the source knows of
    frequency of the bars or values that it was read from: "1d", "5min"
    table     what was read; bound  the name and description of a series, None of bars
    """

    symbol: str
    sessions: Stamps = field(repr=False)
    level: FloatArray = field(repr=False)
    growth: FloatArray = field(repr=False)
    pays: bool
    table: Table = field(repr=False)
    bound: tuple[str, SeriesSource] | None = None
    frequency: str = "1d"
    notices: tuple[Notice, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def bars(self) -> bool:
        """Whether it was read as bars, not as a series."""
        return self.bound is None


def line_of_bars(symbol: str, source: Source, calendar: Calendar, confirmed: Sequence[dt.date] = ()) -> Line:
    """The closes of a symbol's bars. Raises DataError for all that a run would refuse."""
    table = source.read(symbol)
    faults, doubts = judge(table, source.prices, calendar, confirmed)
    wrong = [*table.problems, *problems_of(table, faults)]
    if wrong:
        raise DataError(dict.fromkeys(wrong))
    bars, notices = tradable_bars(table, source.prices, calendar)
    rows, gone = _session_ends(bars, calendar)
    if not len(rows):
        found = f"{len(bars.ts):,} bars of {bars.frequency}"
        wanted = "bars up to the close, or daily ones"
        raise DataError(
            Problem("no session with its closing auction", path=symbol, file=table.file, found=found, allowed=wanted)
        )
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
        table=table,
        frequency=bars.frequency,
        notices=(*notices, *gone),
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
        series.symbol, values.sessions, values.values, values.values, pays=False, table=table, bound=(name, series),
        frequency=table.frequency, notices=table.notices, doubts=tuple(doubts),
    )  # fmt: skip


def beside(
    lines: Sequence[Line], source: Source, calendar: Calendar, confirmed: Mapping[str, Sequence[dt.date]]
) -> list[Doubt]:
    """What only lines beside each other show: dates a session off, one file under two names. Of made-up prices none.

    confirmed  symbol -> sessions that are right, as in `data.confirmed`
    """
    if source.synthetic:
        return []
    bars = {one.symbol: one.table for one in lines if one.bars}
    series = [(*one.bound, one.table) for one in lines if one.bound]
    return out_of_step(bars, series, source.prices, calendar, confirmed)


def _session_ends(bars: Bars, calendar: Calendar) -> tuple[Stamps, list[Notice]]:
    """Rows of the bars that hold a closing auction; an intraday session whose bars end before it has none."""
    rows = np.flatnonzero(closing(bars.ts, bars.sessions, bars.frequency, calendar))
    if bars.frequency == "1d" or not len(rows):
        return rows, []
    early, notices = ended_early(bars.ts[rows], bars.sessions[rows], bars.frequency, calendar), []
    if bars.ts[rows[-1]] < calendar.close_of(bars.sessions[rows[-1:]])[0]:
        day = date_of(int(bars.sessions[rows[-1]]))
        notices = [note(f"{bars.symbol}: the bars of {day} end before the close, so that session is left out")]
        rows, early = rows[:-1], early[:-1]
    if early.any():
        days = bars.sessions[rows[early]]
        shown = ", ".join(str(date_of(int(day))) for day in days[:SHOWN]) + more(len(days))
        words = f"{bars.symbol}: the bars of {shown} end before the session does, and none holds its closing auction"
        left = "left out, and the next change spans it. Complete the file"
        notices.append(loud(f"{words}: {left}"))
    return rows[~early], notices


def _last_of_day(values: Values) -> Values:
    """The last known value of each day."""
    there = np.flatnonzero(~np.isnan(values.values))
    days = values.sessions[there]
    rows = there[np.flatnonzero(np.append(np.diff(days) > 0, True))] if len(there) else there
    return Values(values.symbol, values.ts[rows], values.sessions[rows], values.values[rows], values.stale_after)
