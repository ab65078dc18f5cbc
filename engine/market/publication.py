# SPDX-License-Identifier: Apache-2.0
"""When a value of an untradable series is known: at the close of the day it is dated, or by `series.NAME.lag` later.

A figure of a month, a quarter or a settlement date is dated by what it is about and published weeks after that. A
series whose dates look so, without a lag, would be read before anybody could know it: that is said loudly.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.market.align import Values
from engine.market.calendar import Calendar
from engine.market.doubts import Doubt
from engine.market.sources.cells import read_cells
from engine.market.sources.columns import Header, match
from engine.market.sources.layout import Layout
from engine.market.sources.stamps import read_stamps
from engine.market.sources.table import Table, stamp_words
from engine.market.table.refusals import index_ns, sessions_of
from engine.model.run import SeriesSource

Days = NDArray[np.int64]

SPARSE = 5.5
"""Calendar days between two values from which they are figures of a period, not of a day."""
FEWEST = 3
MOSTLY = 0.8
EVERY = (
    (10.0, "one value a week", 5),
    (20.0, "one value in two weeks", 12),
    (45.0, "one value a month", 30),
    (150.0, "one value a quarter", 90),
    (np.inf, "one value a year", 120),
)
"""Calendar days between values, what that is called, and a lag in days that suits where the dates say no more."""

FURTHEST = 400
"""Calendar days; a publication date later than that is another column."""


def known_values(
    name: str, table: Table, series: SeriesSource, calendar: Calendar, published: Days | None = None
) -> Values:
    """The values of a series as they become known, in that order.

    published  (T,) days on which each row of the table is published, where `lag` names their column

    A value is known at the close of the day it is dated, or of the session or day `lag` later; `stale_after` counts
    from there. A value that comes out after one of a later date is a revision of the past, and changes nothing.
    Raises DataError where a value is published before the day it is about, or more than 400 days after it.
    """
    dated, lag = sessions_of(table, calendar), series.lag
    values = np.asarray(table.frame["value"], np.float64)
    if published is not None:
        days = published
        _possible(name, table, dated, days)
    elif lag is not None and lag.days is not None:
        days = dated + lag.days
    elif lag is not None and lag.sessions:
        days = sessions_later(dated, lag.sessions, calendar)
    else:
        ts = calendar.close_of(dated) if table.daily else index_ns(table)
        return Values(table.symbol, ts, dated, values, series.stale_after)
    order = np.lexsort((dated, days))
    newest = dated[order] >= np.maximum.accumulate(dated[order])
    order = order[newest]
    return Values(table.symbol, calendar.close_of(days[order]), days[order], values[order], series.stale_after)


def sessions_later(days: Days, count: int, calendar: Calendar) -> Days:
    """The session `count` after each day; of a day that is none, the count begins at the next session."""
    reach = 2 * count + 30
    sessions = calendar.between(int(days.min()), int(days.max()) + reach)
    return np.asarray(sessions[np.searchsorted(sessions, days) + count], np.int64)


def publication_days(path: Path, file: str, column: str, layout: Layout, where: str) -> Days:
    """(rows of the file,) days since 1970-01-01 on which each row was published; -1 where that cannot be read."""

    def columns(names: list[str]) -> Header:
        return match(names, ("published",), {"published": column}, ("published",), file, where)

    cells = read_cells(path, file, columns)
    if cells.problems:
        raise DataError(cells.problems)
    stamps = read_stamps(cells.columns["published"], layout.timezone, layout.dates)
    if stamps.doubt:
        raise DataError(stamps.doubt.problem(file, layout.key("dates")))
    days = stamps.ticks if stamps.daily else stamps.ticks // 86_400_000_000_000
    days = np.array(days, np.int64)
    days[stamps.bad] = -1
    return days


def undated(name: str, table: Table, series: SeriesSource, calendar: Calendar) -> list[Doubt]:
    """A series without a lag whose dates look like those of periods or settlements."""
    known = np.isfinite(np.asarray(table.frame["value"], np.float64))
    days = np.unique(sessions_of(table, calendar)[known])
    if series.lag is not None or len(days) < FEWEST or float(np.median(np.diff(days))) < SPARSE:
        return []
    looks, example = _looks(days)
    text = (
        f"{name} ({series.symbol}): {looks}, and such figures are published later; series.{name}.lag says when, "
        f"such as {example}, or {{column: published}} where the file has the day; {{sessions: 0}} where each is dated "
        "the day it came out"
    )
    return [Doubt(text, int(days[0]), int(days[-1]))]


def _possible(name: str, table: Table, dated: Days, days: Days) -> None:
    wrong = np.flatnonzero((days < dated) | (days > dated + FURTHEST))
    if len(wrong):
        found = ["no date" if days[row] < 0 else str(np.datetime64(int(days[row]), "D")) for row in wrong[:3]]
        message = f"series.{name}.lag.column: no day on which a value of this date can have been published"
        allowed = f"{stamp_words(table.frame.index[int(wrong[0])])} or up to {FURTHEST} days later"
        raise DataError(table.problems_at(message, [int(row) for row in wrong], found, allowed))


def _looks(days: Days) -> tuple[str, str]:
    """What the dates of a sparse series look like, in words, and a lag as those have that are published so.

    42 days after the first of its month, 12 after its last, come consumer prices; 118 and 28 days after those of its
    quarter the first estimate of the domestic product; eight sessions after its settlement the short interest.
    """
    dates = days.astype("M8[D]")
    months = dates.astype("M8[M]")
    of_month = (dates - months.astype("M8[D]")).astype(np.int64) + 1
    left = ((months + 1).astype("M8[D]") - dates).astype(np.int64)
    gap = float(np.median(np.diff(days)))
    first, last = float((of_month <= 4).mean()), float((left <= 4).mean())
    middle = float(((of_month >= 12) & (of_month <= 16)).mean())
    _, words, usual = next(one for one in EVERY if gap < one[0])
    if gap > 20 and first > MOSTLY:
        begun = 42 if gap < 45 else 118 if gap < 150 else FURTHEST
        return "dated at the beginning of each period, which is what its figures are about", f"{{days: {begun}}}"
    if gap > 20 and last > MOSTLY:
        ended = 12 if gap < 45 else 28 if gap < 150 else usual
        return "dated at the end of each period, which is what its figures are about", f"{{days: {ended}}}"
    if gap <= 20 and middle + last > MOSTLY and middle > 0.3:
        return "dated in the middle and at the end of each month, as settlement dates are", "{sessions: 8}"
    return words, f"{{days: {usual}}}"
