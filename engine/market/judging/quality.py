# SPDX-License-Identifier: Apache-2.0
"""The quality report: what a run refuses and doubts in a table, and what a reader should know beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar, date_of
from engine.market.doubts import Doubt
from engine.market.judging.judgement import judge
from engine.market.sources.table import PRICES, Table, stamp_words
from engine.market.spacing import Spacing, spacing, told_length
from engine.market.table import jumps, payouts
from engine.market.table.adjust import tradable_bars
from engine.market.table.refusals import Fault, Rows, disorder, faults, index_ns, sessions_of
from engine.notice import Notice

Floats = NDArray[np.float64]
Severity = Literal["refuse", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("refuse", "warn", "info")
SHOWN = 4
MISMATCH = 0.005
"""Difference of two returns of one day from which a close is suspect."""
OFF_BASE = 0.01


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of finding in one table. refuse: no run starts on it; warn: look at it; info: know it.

    dates are those concerned, ISO, oldest first: sessions, or UTC closes of intraday bars; of a doubt the first session
    and the last.
    """

    severity: Severity
    symbol: str
    kind: str
    words: str
    dates: tuple[str, ...] = ()


def inspect_bars(table: Table, calendar: Calendar, prices: str, confirmed: Sequence[dt.date] = ()) -> list[Finding]:
    """Every finding in what is traded, the severest first: what a run says of it, and what it may leave unsaid.

    prices is what the prices are, as in `data.prices`; confirmed are sessions about which nothing is asked.
    """
    wrong, doubts = judge(table, prices, calendar, confirmed)
    found = [*_unreadable(table), *_faults(table, wrong, "refuse"), *doubted(table.symbol, doubts)]
    notices: Sequence[Notice] = table.notices
    if not wrong and not table.problems:
        found += [*_outliers(table, prices), *_idle(table), *_adjusted(table, prices)]
        notices = tradable_bars(table, prices, calendar)[1]
    return _sorted([*found, *_gaps(_in_order(table), calendar), *_read(table, notices)])


def inspect_series(table: Table, calendar: Calendar, doubts: Sequence[Doubt] = ()) -> list[Finding]:
    """Every finding in what is read but not traded: an index is not refused for its prices."""
    found = [*_unreadable(table), *_faults(table, disorder(table), "refuse"), *doubted(table.symbol, doubts)]
    if set(PRICES) <= set(table.frame.columns):
        found += _faults(table, faults(table, calendar), "warn")
    else:
        blank = np.flatnonzero(np.isnan(np.asarray(table.frame["value"], np.float64)))
        found += _finding("info", table, "blank", "rows without a value", blank)
    return _sorted([*found, *_gaps(_in_order(table), calendar, sparse="info"), *_read(table, table.notices)])


def is_tradable(table: Table) -> bool:
    """Whether bars look like those of something that trades: they have volume. An index may have none."""
    return "volume" in table.frame.columns and bool(np.nan_to_num(np.asarray(table.frame["volume"])).any())


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _unreadable(table: Table) -> Iterator[Finding]:
    for problem in table.problems:
        yield Finding("refuse", table.symbol, "unreadable", str(replace(problem, file="", path="")).lstrip(": "))


def _faults(table: Table, found: Iterable[Fault], severity: Severity) -> Iterator[Finding]:
    for fault in found:
        first = f"; first: {fault.found[0]}" if fault.found else ""
        allowed = f"; allowed: {fault.allowed}" if fault.allowed else ""
        words = f"{fault.message} ({_rows(len(fault.rows))}{first}){allowed}"
        yield Finding(severity, table.symbol, fault.kind, words, _dates(table, fault.rows))


def doubted(symbol: str, doubts: Iterable[Doubt]) -> Iterator[Finding]:
    """Doubts of this symbol's table, as findings."""
    for doubt in doubts:
        dates = tuple(dict.fromkeys(str(date_of(day)) for day in (doubt.first, doubt.last)))
        yield Finding("warn", symbol, "doubt", doubt.text.removeprefix(f"{symbol}: "), dates)


def _read(table: Table, notices: Iterable[Notice]) -> Iterator[Finding]:
    for notice in notices:
        severity: Severity = "warn" if notice.level == "loud" else "info"
        yield Finding(severity, table.symbol, "read", notice.text.removeprefix(f"{table.symbol}: "))


def _in_order(table: Table) -> Table:
    """The table with each stamp once, in order, for the checks that look at neighbours."""
    stamps = index_ns(table)
    if (np.diff(stamps) > 0).all():
        return table
    rows = np.unique(stamps, return_index=True)[1]
    return replace(table, frame=table.frame.iloc[rows], rows=table.rows[rows], suspect=table.suspect[rows])


def spacing_of(table: Table, calendar: Calendar) -> Spacing:
    """How far apart the sessions of a table with rows are."""
    days = np.unique(sessions_of(table, calendar))
    return spacing(days, np.setdiff1d(calendar.between(int(days[0]), int(days[-1])), days))


def _gaps(table: Table, calendar: Calendar, *, sparse: Severity = "warn") -> list[Finding]:
    """Sessions without a bar, and with fewer bars than fit in; `sparse` where most lack, as of a monthly series."""
    if not len(table.frame):
        return []
    days = sessions_of(table, calendar)
    expected = calendar.between(int(days[0]), int(days[-1]))
    absent = np.setdiff1d(expected, days)
    found = []
    if len(absent):
        dates = tuple(str(date_of(day)) for day in absent)
        words = f"{len(absent):,} of {len(expected):,} sessions have no row"
        severity: Severity = sparse if len(absent) > len(expected) / 2 else "warn"
        apart = spacing_of(table, calendar)
        if table.daily and told_length("1d", apart) == apart.name:
            severity, words = "info", f"{apart.name}: {words}"
        found.append(Finding(severity, table.symbol, "gap", words, dates))
    return found if table.daily else [*found, *_short_sessions(table, days, calendar)]


def _short_sessions(table: Table, days: Rows, calendar: Calendar) -> list[Finding]:
    length = float(table.frequency.removesuffix("min")) * 60e9
    present = np.unique(days)
    present = present[calendar.is_session(present)]
    opens, closes, stamps = calendar.open_of(present), calendar.close_of(present), index_ns(table)
    room = np.ceil((closes - opens) / length) if length else np.zeros(len(present))
    has = np.searchsorted(stamps, closes, side="right") - np.searchsorted(stamps, opens, side="right")
    short = np.flatnonzero(has < room)
    if not len(short):
        return []
    dates = tuple(str(date_of(day)) for day in present[short])
    lacking = int((room - has)[short].sum())
    words = f"{len(short):,} of {len(present):,} sessions have fewer bars than fit in: {lacking:,} lacking"
    return [Finding("warn", table.symbol, "short_session", words, dates)]


def _outliers(table: Table, prices: str) -> list[Finding]:
    """Moves within a bar that stay: a market does make them, so a run says nothing."""
    moved = jumps.moves(table.frame, splits=prices == "raw")
    spikes = jumps.spikes(moved)[0]
    there_and_back = np.concatenate([spikes, jumps.lone_closes(moved, spikes)[0]])
    last = len(table.frame) - 1  # which the judge looks at by itself
    told = np.concatenate([there_and_back, there_and_back + 1, jumps.gaps(moved, there_and_back)[0], [last]])
    rows, sizes = jumps.far_out(moved, told)
    return _finding("info", table, "outlier", "returns far out, within the bar", rows, np.expm1(sizes))


def _idle(table: Table) -> list[Finding]:
    rows = np.flatnonzero(np.asarray(table.frame["volume"], np.float64) == 0)
    return _finding("info", table, "no_volume", "no volume", rows)


def _adjusted(table: Table, prices: str) -> list[Finding]:
    """What adj_close contradicts, beside the dividends that judgement tells from it."""
    if "adj_close" not in table.frame.columns or len(table.frame) < 2:
        return []
    adjusted, close, dividend, split = (
        np.asarray(table.frame[name], np.float64) for name in ("adj_close", "close", "dividend", "split")
    )
    found = []
    last = np.flatnonzero(np.isfinite(adjusted))[-1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        base = adjusted[last] / close[last]
    if (np.abs(base - 1.0) > OFF_BASE).any():
        words = f"adj_close is on another base than close (last ratio {base[0]:.4g}): compare returns, never levels"
        found.append(Finding("warn", table.symbol, "adjusted_base", words, _dates(table, last)))
    split = split if prices == "raw" else np.ones(len(close))
    difference = np.zeros(len(close))
    with np.errstate(divide="ignore", invalid="ignore"):
        difference[1:] = adjusted[1:] / adjusted[:-1] - (close[1:] + dividend[1:]) * split[1:] / close[:-1]
    off = np.abs(difference) > MISMATCH
    told = payouts.implied(table.frame, splits=prices == "raw")
    if told and not len(told.taken_back):
        off[told.paid] = False
    rows = np.flatnonzero(off)
    words = "return of adj_close minus close + dividend"
    return [*found, *_finding("warn", table, "mismatch", words, rows, difference[rows])]


def _finding(
    severity: Severity,
    table: Table,
    kind: str,
    words: str,
    rows: Sequence[int] | Rows,
    values: Floats | None = None,
) -> list[Finding]:
    """A Finding over rows, if there are any: how many, and the first values in per cent."""
    if not len(rows):
        return []
    shown = [] if values is None else [f"{value:+.2%}" for value in values[:SHOWN]]
    more = f", and {len(rows) - SHOWN:,} more" if values is not None and len(rows) > SHOWN else ""
    tail = f": {', '.join(shown)}{more}" if shown else f" ({_rows(len(rows))})"
    return [Finding(severity, table.symbol, kind, words + tail, _dates(table, rows))]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _dates(table: Table, rows: Sequence[int] | Rows) -> tuple[str, ...]:
    return tuple(stamp_words(table.frame.index[int(row)]) for row in rows)
