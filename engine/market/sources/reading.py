# SPDX-License-Identifier: Apache-2.0
"""One file or table in memory into a Table: bars of a tradable symbol, or the values of an untradable series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError, Problem
from engine.market.calendar import Calendar, among, distinct
from engine.market.sources.cells import Cells, decimal_mark, numbers, read_cells, remedy
from engine.market.sources.columns import Header, folded, has, match, passed_over
from engine.market.sources.layout import Layout
from engine.market.sources.stamps import (
    ALLOWED,
    Stamps,
    bar_closes,
    bar_length,
    length_words,
    read_stamps,
    whole_minutes,
    whole_sessions,
)
from engine.market.sources.table import COLUMNS, EXAMPLES, PRICES, READ, Table, locate, rest, stamp_words
from engine.market.sources.zones import inside_share, wrong_zone, zone_problem
from engine.notice import Notice, loud, note

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("time", "time_of_day", "bar_time", "hour")
"""Names of a column that has the time of day alone, where another one has the date."""
ABSENT = {"volume": np.nan, "dividend": 0.0, "split": 1.0}
"""What a column holds where the source has none."""


def read_bars(origin: Path | Any, symbol: str, file: str, layout: Layout, calendar: Calendar) -> Table:
    """The bars in one CSV or parquet file, or in an Arrow table.

    Raises DataError where the file or a column is missing or is no table.
    """

    def columns(names: list[str]) -> Header:
        return match(names, READ, layout.columns, PRICES, file, layout.key("columns"))

    return _table(read_cells(origin, file, columns), origin, symbol, file, layout, calendar)


def read_series(
    origin: Path | Any, symbol: str, column: str, file: str, layout: Layout, calendar: Calendar, where: str = "column"
) -> Table:
    """One column of a CSV or parquet file, or of an Arrow table, as a series.

    `frame` has the one column `value`, NaN where there is none; FRED writes "." there. `column` is a name of the
    file's, or one of ours that the layout's columns map. Raises DataError as `read_bars`.
    """

    def columns(names: list[str]) -> Header:
        given = {ours: theirs for ours, theirs in layout.columns.items() if not layout.hints or has(names, theirs)}
        wanted = {"value": given.get(column, column)} | ({"date": given["date"]} if "date" in given else {})
        return match(names, ("value",), wanted, ("value",), file, where)

    cells = read_cells(origin, file, columns, blank=(".",))
    return _table(cells, origin, symbol, file, layout, calendar)


def _table(cells: Cells, origin: Path | Any, symbol: str, file: str, layout: Layout, calendar: Calendar) -> Table:
    import pandas as pd

    path = origin if isinstance(origin, Path) else None
    if not cells.length:
        raise DataError(Problem("no data lines", file, allowed="a line of column names, then one line a bar"))
    header = cells.header
    stamps = whole_minutes(read_stamps(cells.columns["date"], _timezone(header, layout.timezone), layout.dates))
    if stamps.doubt:
        raise DataError(stamps.doubt.problem(file, layout.key("dates")))
    _refuse_time_apart(header, stamps, file)
    problems = [*cells.problems, *_bad_stamps(stamps, cells, path, file)]
    blanks: dict[str, NDArray[np.bool_]] = {}
    columns, suspect = {}, np.zeros(cells.length, np.bool_)
    mark = layout.decimal or decimal_mark({name: cells.columns[name] for name in header.columns})
    for name in header.columns:
        values, rows, found = numbers(cells.columns[name], mark)
        says = remedy(found[0], mark) if found else ""
        problems += _bad(f"{header.names[header.columns[name]]} is not a number", rows, found, path, file, says)
        suspect[rows] = True
        columns[name] = _filled(name, values, blanks)
    if "value" not in header.columns:
        columns |= {name: np.full(cells.length, value) for name, value in ABSENT.items() if name not in columns}
    gains = columns.pop("capital_gain", np.zeros(cells.length))
    if gains.any():
        columns["dividend"] = columns["dividend"] + gains
    keep = _rows_in_order(stamps, cells.length)
    index, frequency, more = _index(stamps, keep, header, layout, calendar, file)
    ordered = {name: columns[name][keep] for name in ("value", *COLUMNS) if name in columns}
    return Table(
        symbol=symbol,
        frame=pd.DataFrame(ordered, index=index),
        frequency=frequency,
        file=file,
        path=path,
        rows=keep,
        suspect=suspect[keep],
        problems=(*problems, *more),
        pays=bool({"dividend", "capital_gain", "adj_close", "value"} & set(header.columns)),
        notices=(
            *_passed_over(symbol, header, layout),
            *_gains_words(symbol, gains[keep], index),
            *(
                note(_blank_words(symbol, name, blank[keep], index))
                for name, blank in blanks.items()
                if blank[keep].any()
            ),
        ),
    )


def _refuse_time_apart(header: Header, stamps: Stamps, file: str) -> None:
    """Two bars a date and more beside a column of times: without these they are duplicates, and that is no remedy."""
    times = [name for at, name in enumerate(header.names) if at != header.date and folded(name) in TIMES]
    ticks = np.delete(stamps.ticks, stamps.bad)
    if not times or not stamps.daily or 2 * len(np.unique(ticks)) > len(ticks):
        return
    found = f"{header.names[header.date] or 'the dates'}, and {times[0]}, which is not read"
    allowed = "both in one column, such as 2025-12-23 09:35"
    raise DataError(Problem("the time of day stands in a column of its own", file, 1, found=found, allowed=allowed))


def _rows_in_order(stamps: Stamps, length: int) -> NDArray[np.int64]:
    """The readable rows, turned round where the newest comes first throughout."""
    readable = np.ones(length, np.bool_)
    readable[stamps.bad] = False
    rows = np.flatnonzero(readable).astype(np.int64)
    ticks = stamps.ticks[rows]
    return rows[::-1] if len(rows) > 2 and bool((np.diff(ticks) < 0).all()) else rows


def _filled(name: str, values: NDArray[np.float64], blanks: dict[str, NDArray[np.bool_]]) -> NDArray[np.float64]:
    """Blank dividends and splits mean none, which a notice says; a split of 0 is how Yahoo writes none."""
    if name not in {"dividend", "split", "capital_gain"}:
        return values
    blank = np.isnan(values)
    if blank.any():
        blanks[name] = blank
    none = blank | (values == 0) if name == "split" else blank
    return np.where(none, ABSENT.get(name, 0.0), values)


def _passed_over(symbol: str, header: Header, layout: Layout) -> list[Notice]:
    if "value" in header.columns:
        return []
    return [
        loud(f"{symbol}: the column {theirs!r} is not read; {layout.key('columns')}: {{{ours}: {theirs}}} reads it")
        for ours, theirs in passed_over(header).items()
    ]


def _gains_words(symbol: str, gains: NDArray[np.float64], index: pd.DatetimeIndex) -> list[Notice]:
    rows = np.flatnonzero(gains)
    if not len(rows):
        return []
    count = "1 distribution" if len(rows) == 1 else f"{len(rows):,} distributions"
    first = f"{gains[rows[0]]:g} on {stamp_words(index[rows[0]])}"
    return [note(f"{symbol}: {count} of capital gains, {first} the first, paid as dividends are")]


def _blank_words(symbol: str, name: str, blank: NDArray[np.bool_], index: pd.DatetimeIndex) -> str:
    first, last = index[blank].min(), index[blank].max()
    span = f"{stamp_words(first)} to {stamp_words(last)}"
    return f"{symbol}: {name} is blank in {int(blank.sum()):,} of {len(blank):,} rows ({span}); taken as none"


def _timezone(header: Header, timezone: str) -> str:
    return {"et": "America/New_York", "utc": "UTC"}.get(_named_zone(header), timezone)


def _named_zone(header: Header) -> str:
    """The zone in the date column's own name, `datetime_et`; "" where it has none."""
    end = header.names[header.date].casefold().rpartition("_")[2]
    return end if end in {"et", "utc"} and "_" in header.names[header.date] else ""


def _index(
    stamps: Stamps, keep: NDArray[np.int64], header: Header, layout: Layout, calendar: Calendar, file: str
) -> tuple[pd.DatetimeIndex, str, list[Problem]]:
    import pandas as pd

    values = stamps.ticks[keep]
    if stamps.daily:
        return pd.DatetimeIndex(values.astype("M8[D]").astype("M8[ns]"), name="session"), "1d", []
    length = bar_length(values)
    if not length:
        days = whole_sessions(stamps, keep, calendar, sure=not layout.daily)
        if days is not None:
            return pd.DatetimeIndex(days.astype("M8[D]").astype("M8[ns]"), name="session"), "1d", []
        problems = _no_length(header, layout, file)
    else:
        problems = _misread(stamps, keep, length, header, layout, calendar, file)
    closes = bar_closes(values, length, calendar) if layout.stamp == "open" else values
    return pd.DatetimeIndex(closes.view("M8[ns]"), tz="UTC", name="close_time"), length_words(length), problems


def _no_length(header: Header, layout: Layout, file: str) -> list[Problem]:
    message = "the length of a bar cannot be told: no session has two bars"
    if "value" not in header.columns:
        return [Problem(message, file, path=layout.key("daily"), found="false", allowed="true: each is a daily bar")]
    if layout.stamp == "close":
        return []  # each value is known at its stamp
    return [Problem(message, file, path=layout.key("stamp"), found="open", allowed="close: each is known at its stamp")]


def _misread(
    stamps: Stamps,
    keep: NDArray[np.int64],
    length: int,
    header: Header,
    layout: Layout,
    calendar: Calendar,
    file: str,
) -> list[Problem]:
    """Stamps at the other end of the bar than the configuration says. Raises DataError on stamps in another zone."""
    values, wall = stamps.ticks[keep], stamps.wall
    written = None if wall is None else lambda: wall()[keep]
    traded = "value" not in header.columns
    found = wrong_zone(values, written, length, layout, calendar, traded=traded)
    ours = _timezone(header, layout.timezone)
    if found and (found[0] != ours or stamps.zoned):
        said = stamps.zoned or bool(_named_zone(header))
        raise DataError(zone_problem(found, layout, file, calendar, written=said))
    return _wrong_end(values, length, layout, calendar, file)


def _wrong_end(values: NDArray[np.int64], length: int, layout: Layout, calendar: Calendar, file: str) -> list[Problem]:
    """Opens taken for closes show every bar one bar early: the future. Files of regular hours give it away."""
    days = distinct(calendar.session_of(values + 1))
    days = days[calendar.is_session(days)]
    if not len(days):
        return []
    stamps = np.sort(values)
    at_open = float(among(calendar.open_of(days), stamps).mean())
    at_close = float(among(calendar.close_of(days), stamps).mean())
    other: Literal["open", "close"] = "open" if layout.stamp == "close" else "close"
    share, against = (at_open, at_close) if other == "open" else (at_close, at_open)
    if share < 0.9 or against > 0.1 or inside_share(values, length, other, calendar) < 0.9:
        return []
    words = (
        f"{share:.0%} of sessions have a bar stamped exactly at the session's {other}, {against:.0%} at its "
        f"{layout.stamp}"
    )
    return [
        Problem(
            f"the stamps are the {other} of each bar, not its {layout.stamp}",
            file,
            path=layout.key("stamp"),
            found=words,
            allowed=other,
        )
    ]


def _bad_stamps(stamps: Stamps, cells: Cells, path: Path | None, file: str) -> list[Problem]:
    rows = [int(row) for row in stamps.bad]
    found = [repr(cells.columns["date"][row].as_py()) for row in rows[:EXAMPLES]]
    return _bad("unreadable date", rows, found, path, file, ALLOWED)


def _bad(
    message: str, rows: list[int], found: list[str], path: Path | None, file: str, allowed: str = ""
) -> list[Problem]:
    """The first cells that cannot be read, each at its line, or where there are no lines at its row, counted from 1."""
    shown = rows[:EXAMPLES]
    lines = locate(path, shown) if path else [0] * len(shown)
    listed = [
        Problem(message if line else f"{message} (row {row + 1})", file, line, found=cell, allowed=allowed)
        for row, line, cell in zip(shown, lines, found, strict=False)
    ]
    return [*listed, *rest(message, file, len(rows))]
