# SPDX-License-Identifier: Apache-2.0
"""What the engine refuses to trade on: every reason in one table's rows, each with its line and the value found.

A run starts only on bars that pass. Index series are read as they are (they are not traded), so only what makes
them unreadable as a series in time is refused.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.errors import Problem
from engine.market.calendar import Calendar
from engine.market.sources.table import PRICES, Table, stamp_words

TOLERANCE = 1e-4
"""How far, relative to the close, an open or close may lie outside low..high: rounding in adjusted prices does that."""

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def refusals(table: Table, calendar: Calendar) -> list[Problem]:
    """Everything that keeps a tradable symbol's table from being used; empty if nothing does."""
    return [
        *table.problems,
        *disorder(table),
        *_strangers(table, calendar),
        *_bad_prices(table),
        *_bad_ranges(table),
        *_bad_extras(table),
        *_repeated_dividends(table, calendar),
    ]


def series_refusals(table: Table) -> list[Problem]:
    """The same for an untradable series: it must be readable and in order, its values are its own business."""
    return [*table.problems, *disorder(table)]


def disorder(table: Table) -> list[Problem]:
    """Stamps must ascend, each once."""
    index = table.frame.index
    stamps = index_ns(table)
    step = np.diff(stamps)
    back = np.flatnonzero(step < 0) + 1
    first = np.unique(stamps, return_index=True)[1]
    twice = np.setdiff1d(np.arange(len(stamps)), first)
    return [
        *_at(
            table,
            "dates are not in order: this one is before the one above it",
            back,
            [stamp_words(index[i]) for i in back[:3]],
        ),
        *_at(table, "duplicate date", twice, [stamp_words(index[i]) for i in twice[:3]]),
    ]


def index_ns(table: Table) -> npt.NDArray[np.int64]:
    """(T,) int64 ns: the index of the frame, session dates at midnight."""
    return np.asarray(table.frame.index.values).astype("M8[ns]").view(np.int64)


def sessions_of(table: Table, calendar: Calendar) -> npt.NDArray[np.int64]:
    """(T,) days since 1970-01-01: the exchange's date of each row."""
    if table.daily:
        return np.asarray(table.frame.index.values).astype("M8[D]").astype(np.int64)
    return calendar.session_of(index_ns(table))


def _strangers(table: Table, calendar: Calendar) -> list[Problem]:
    days = sessions_of(table, calendar)
    rows = np.flatnonzero(~calendar.is_session(days))
    if not table.daily:  # one row a session is enough to say it
        rows = rows[np.unique(days[rows], return_index=True)[1]]
    found = [str(day.astype("M8[D]")) for day in days[rows[:3]]]
    return _at(table, f"not a session of {calendar.name}", rows, found)


def _bad_prices(table: Table) -> list[Problem]:
    problems = []
    for name in PRICES:
        values = _column(table, name)
        none = np.flatnonzero(np.isnan(values) & ~table.suspect)
        problems += _at(table, f"{name} has no value", none, ["NaN"] * len(none), "a price above zero")
        low = np.flatnonzero(values <= 0)
        problems += _at(table, f"{name} is not above zero", low, _values(values, low), "a price above zero")
    return problems


def _bad_ranges(table: Table) -> list[Problem]:
    open_, high, low, close = (_column(table, name) for name in PRICES)
    slack = TOLERANCE * np.abs(close)
    upside_down = high < low - slack
    outside = ~upside_down & (excess(open_, high, low, close) > slack)
    rows = np.flatnonzero(upside_down)
    problems = _at(table, "high is below low", rows, [f"high {high[i]:g}, low {low[i]:g}" for i in rows[:3]])
    rows = np.flatnonzero(outside)
    bars = [f"open {open_[i]:g}, high {high[i]:g}, low {low[i]:g}, close {close[i]:g}" for i in rows[:3]]
    return [*problems, *_at(table, "open or close lies outside low..high", rows, bars)]


def excess(open_: Floats, high: Floats, low: Floats, close: Floats) -> Floats:
    """(T,) how far the open or close lies outside low..high; 0 inside, NaN where any is NaN."""
    above = np.maximum(open_, close) - high
    below = low - np.minimum(open_, close)
    return np.maximum(np.maximum(above, below), 0.0)


def _bad_extras(table: Table) -> list[Problem]:
    volume, dividend, split = (_column(table, name) for name in ("volume", "dividend", "split"))
    checks = (
        ("volume is negative", volume, volume < 0, "shares, 0 or more; blank where unknown"),
        ("dividend is negative", dividend, dividend < 0, "cash per share, 0 or more"),
        ("dividend is not below the price", dividend, dividend >= _column(table, "close"), "cash per share"),
        ("split is not above zero", split, split <= 0, "new shares per old share; 0 or 1 for none"),
    )
    problems = []
    for message, values, wrong, allowed in checks:
        rows = np.flatnonzero(wrong)
        problems += _at(table, message, rows, _values(values, rows), allowed)
    return problems


def _repeated_dividends(table: Table, calendar: Calendar) -> list[Problem]:
    """Intraday: an amount repeated on every bar of the ex-date would be paid as often."""
    if table.daily:
        return []
    problems = []
    days = sessions_of(table, calendar)
    for name, none in (("dividend", 0.0), ("split", 1.0)):
        rows = np.flatnonzero(_column(table, name) != none)
        again = np.setdiff1d(rows, rows[np.unique(days[rows], return_index=True)[1]])
        values = _values(_column(table, name), again)
        problems += _at(table, f"{name} stands on more than one bar of a session", again, values, "its first bar alone")
    return problems


def _at(table: Table, message: str, rows: npt.NDArray[np.int64], found: list[str], allowed: str = "") -> list[Problem]:
    return table.problems_at(message, [int(row) for row in rows], found, allowed)


def _column(table: Table, name: str) -> Floats:
    return np.asarray(table.frame[name], np.float64)


def _values(values: Floats, rows: npt.NDArray[np.int64]) -> list[str]:
    return [f"{values[row]:g}" for row in rows[:3]]
