# SPDX-License-Identifier: Apache-2.0
"""The quality report: what is refused in a table, what looks wrong, and what a reader should know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from engine.market import suspicions
from engine.market.calendar import Calendar, date_of
from engine.market.refusals import Rows, disorder, excess, faults, index_ns, sessions_of
from engine.market.sources.table import PRICES, Table, stamp_words

Severity = Literal["refuse", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("refuse", "warn", "info")
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of finding in one table. refuse: no run starts on it; warn: look at it; info: know it.

    dates are all that are concerned, ISO, oldest first: sessions, or UTC closes of intraday bars.
    """

    severity: Severity
    symbol: str
    kind: str
    words: str
    dates: tuple[str, ...] = ()


def inspect(table: Table, calendar: Calendar, *, tradable: bool = True) -> list[Finding]:
    """Every finding in a table, the severest first. An untradable index is not refused for its prices."""
    found = [*_unreadable(table), *_faults(table, calendar, tradable=tradable)]
    clean = _in_order(table)
    found += _gaps(clean, calendar, tradable=tradable)
    if set(PRICES) <= set(table.frame.columns):
        found += _moves(clean, tradable=tradable)
        found += _rounding(clean) + _trading(clean) + _adjusted(clean) if tradable else []
    else:
        blank = np.flatnonzero(np.isnan(np.asarray(table.frame["value"], np.float64)))
        found += _finding("info", table, "blank", "rows without a value", blank)
    found += [Finding("info", table.symbol, "read", notice.text) for notice in table.notices]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def is_tradable(table: Table) -> bool:
    """Whether bars look like those of something that trades: they have volume. An index may have none."""
    return "volume" in table.frame.columns and bool(np.nan_to_num(np.asarray(table.frame["volume"])).any())


def _unreadable(table: Table) -> Iterator[Finding]:
    for problem in table.problems:
        yield Finding("refuse", table.symbol, "unreadable", str(replace(problem, file="", path="")).lstrip(": "))


def _faults(table: Table, calendar: Calendar, *, tradable: bool) -> Iterator[Finding]:
    prices = faults(table, calendar) if set(PRICES) <= set(table.frame.columns) else []
    for fault in (*disorder(table), *prices):
        severity: Severity = "refuse" if tradable or fault.kind in {"order", "duplicate"} else "warn"
        first = f"; first: {fault.found[0]}" if fault.found else ""
        words = f"{fault.message} ({_rows(len(fault.rows))}{first})"
        yield Finding(severity, table.symbol, fault.kind, words, _dates(table, fault.rows))


def _in_order(table: Table) -> Table:
    """The table with each stamp once, in order, for the checks that look at neighbours."""
    stamps = index_ns(table)
    if (np.diff(stamps) > 0).all():
        return table
    rows = np.unique(stamps, return_index=True)[1]
    return replace(table, frame=table.frame.iloc[rows], rows=table.rows[rows], suspect=table.suspect[rows])


def _gaps(table: Table, calendar: Calendar, *, tradable: bool) -> list[Finding]:
    """Sessions without a bar, and sessions with fewer bars than fit in. A series may be published once a month."""
    if not len(table.frame):
        return []
    days = sessions_of(table, calendar)
    expected = calendar.between(int(days[0]), int(days[-1]))
    absent = np.setdiff1d(expected, days)
    found = []
    if len(absent):
        dates = tuple(str(date_of(day)) for day in absent)
        words = f"{len(absent):,} of {len(expected):,} sessions have no row"
        sparse = not tradable and len(absent) > len(expected) / 2
        found.append(Finding("info" if sparse else "warn", table.symbol, "gap", words, dates))
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


def _rounding(table: Table) -> list[Finding]:
    off = excess(*(np.asarray(table.frame[name], np.float64) for name in PRICES))
    rows = np.flatnonzero((off > 0) & (off <= 1e-4 * np.asarray(table.frame["close"])))
    return _finding("info", table, "rounding", "open or close a hair outside low..high; the range is widened", rows)


def _moves(table: Table, *, tradable: bool) -> list[Finding]:
    """An index such as the VIX doubles and halves overnight; only what trades has splits."""
    split_rows, ratios = suspicions.unadjusted_splits(table.frame) if tradable else (np.empty(0, np.int64), np.empty(0))
    found = []
    for row, ratio in zip(split_rows, ratios, strict=True):
        change = suspicions.volume_change(table.frame, int(row))
        volume = f", volume x{change:.1f}" if np.isfinite(change) else ""
        words = f"looks like a split that is not on record: {ratio:g} for 1 overnight{volume}"
        found.append(Finding("warn", table.symbol, "split", words, _dates(table, [row])))
    rows, moved = suspicions.outliers(table.frame)
    other = ~np.isin(rows, split_rows)
    severity: Severity = "warn" if tradable else "info"
    return [*found, *_finding(severity, table, "outlier", "returns far out", rows[other], moved[other])]


def _trading(table: Table) -> list[Finding]:
    runs = suspicions.stale_runs(table.frame)
    found = []
    if runs:
        longest = max(bars for _, bars in runs)
        words = f"the same open, high, low and close on {suspicions.STALE_RUN} or more bars running, {longest} at most"
        severity: Severity = "warn" if table.daily else "info"
        found = _finding(severity, table, "stale", words, [start for start, _ in runs])
    return [*found, *_finding("warn", table, "no_volume", "no volume", suspicions.zero_volume(table.frame))]


def _adjusted(table: Table) -> list[Finding]:
    base = suspicions.adjusted_base(table.frame)
    found = []
    if np.isfinite(base) and abs(base - 1.0) > 0.01:
        words = f"adj_close is on another base than close (last ratio {base:.4g}): compare returns, never levels"
        found.append(Finding("warn", table.symbol, "adjusted_base", words, _dates(table, [len(table.frame) - 1])))
    rows, extra = suspicions.missing_dividends(table.frame)
    found += _finding("warn", table, "dividend", "adj_close holds a dividend that is not on record, about", rows, extra)
    rows, difference = suspicions.mismatches(table.frame)
    return [
        *found,
        *_finding("warn", table, "mismatch", "return of adj_close minus close + dividend", rows, difference),
    ]


def _finding(
    severity: Severity,
    table: Table,
    kind: str,
    words: str,
    rows: Sequence[int] | Rows,
    values: suspicions.Floats | None = None,
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
