# SPDX-License-Identifier: Apache-2.0
"""What the engine refuses to trade on: every reason in one table's rows, each with its line and the value found.

A run starts only on bars that pass. Index series are read as they are (they are not traded), so only what makes
them unreadable as a series in time is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.errors import Problem
from engine.market.calendar import NS_PER_DAY, Calendar, ns_of
from engine.market.sources.table import EXAMPLES, PRICES, Table, stamp_words

TOLERANCE = 1e-4
"""How far, relative to the close, an open or close may lie outside low..high: rounding in adjusted prices does that."""

LEAST_PRICE, MOST_PRICE = 1e-9, 1e12
"""Beyond these it is another column, or a broken file; within them quantities and values stay exact numbers.

The widest real ones are funds adjusted for reverse splits: above a billion dollars a share ten years back.
"""

MOST_VOLUME = 1e15
"""Shares in a bar; the market as a whole trades some 1e10 a day."""

MOST_SPLIT = 1e5
"""New shares per old share, or the other way round."""

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fault:
    """One kind of mistake in a table: the rows of its frame that have it, and what the first of them hold."""

    kind: str
    message: str
    rows: Rows = field(repr=False)
    found: Sequence[str] = ()
    allowed: str = ""


def series_refusals(table: Table) -> list[Problem]:
    """What keeps an untradable series from being used: it must be readable and in order, its values are its own."""
    return [*table.problems, *problems_of(table, disorder(table))]


def problems_of(table: Table, found: Sequence[Fault]) -> list[Problem]:
    """Faults as an error says them: the first few rows of each with their lines."""
    return [
        problem
        for fault in found
        for problem in table.problems_at(fault.message, [int(row) for row in fault.rows], fault.found, fault.allowed)
    ]


def disorder(table: Table) -> list[Fault]:
    """Stamps must ascend, each once."""
    index = table.frame.index
    stamps = index_ns(table)
    if (np.diff(stamps) > 0).all():
        return []
    back = np.flatnonzero(np.diff(stamps) < 0) + 1
    twice = np.setdiff1d(np.arange(len(stamps)), np.unique(stamps, return_index=True)[1])
    order = "dates are not in order: this one is before the one above it"
    return [
        *_fault("order", order, back, [stamp_words(index[i]) for i in back[:EXAMPLES]]),
        *_fault("duplicate", "duplicate date", twice, [stamp_words(index[i]) for i in twice[:EXAMPLES]]),
    ]


def faults(table: Table, calendar: Calendar) -> list[Fault]:
    """What is wrong with the rows of a tradable symbol, apart from their order."""
    return [
        *_strangers(table, calendar),
        *_bad_prices(table),
        *_bad_ranges(table),
        *_bad_extras(table),
        *_factors(table),
        *_repeated(table, calendar),
    ]


def index_ns(table: Table) -> Rows:
    """(T,) int64 ns: the index of the frame, session dates at midnight."""
    return ns_of(table.frame.index)


def sessions_of(table: Table, calendar: Calendar) -> Rows:
    """(T,) days since 1970-01-01: the exchange's date of each row."""
    if table.daily:
        return index_ns(table) // NS_PER_DAY
    return calendar.session_of(index_ns(table))


def _strangers(table: Table, calendar: Calendar) -> list[Fault]:
    days = sessions_of(table, calendar)
    rows = np.flatnonzero(~calendar.is_session(days))
    if not table.daily:  # one row a session is enough to say it
        rows = rows[np.unique(days[rows], return_index=True)[1]]
    found = [str(day.astype("M8[D]")) for day in days[rows[:EXAMPLES]]]
    allowed = "dates of its sessions; a bar of a week or of a month has that of its last one"
    return _fault("no_session", f"not a session of {calendar.name}", rows, found, allowed)


def _bad_prices(table: Table) -> list[Fault]:
    result = []
    for name in PRICES:
        values = _column(table, name)
        none = np.flatnonzero(np.isnan(values) & ~table.suspect)
        result += _fault("no_price", f"{name} has no value", none, ["NaN"] * EXAMPLES, "a price above zero")
        low = np.flatnonzero(values <= 0)
        result += _fault("not_positive", f"{name} is not above zero", low, _shown(values, low), "a price above zero")
        wild = np.flatnonzero(_beyond(values, LEAST_PRICE, MOST_PRICE))
        allowed = f"a price from {LEAST_PRICE:g} to {MOST_PRICE:g}"
        result += _fault("not_a_price", f"{name} is no price of anything", wild, _shown(values, wild), allowed)
    return result


def _bad_ranges(table: Table) -> list[Fault]:
    open_, high, low, close = (_column(table, name) for name in PRICES)
    sound = np.minimum(np.minimum(open_, high), np.minimum(low, close)) > 0  # a missing or negative price is told above
    slack = TOLERANCE * close
    crossed = sound & (high < low - slack)
    over = np.flatnonzero(crossed)
    off = np.flatnonzero(sound & ~crossed & (excess(open_, high, low, close) > slack))
    ranges = [f"high {high[i]:g}, low {low[i]:g}" for i in over[:EXAMPLES]]
    bars = [f"open {open_[i]:g}, high {high[i]:g}, low {low[i]:g}, close {close[i]:g}" for i in off[:EXAMPLES]]
    return [
        *_fault("range", "high is below low", over, ranges),
        *_fault("range", "open or close lies outside low..high", off, bars),
    ]


def excess(open_: Floats, high: Floats, low: Floats, close: Floats) -> Floats:
    """(T,) how far the open or close lies outside low..high; 0 inside, NaN where any is NaN."""
    above = np.maximum(open_, close) - high
    below = low - np.minimum(open_, close)
    return np.maximum(np.maximum(above, below), 0.0)


def _bad_extras(table: Table) -> list[Fault]:
    volume, dividend, split, close = (_column(table, name) for name in ("volume", "dividend", "split", "close"))
    checks = (
        ("volume is negative", volume, volume < 0, "shares, 0 or more; blank where unknown"),
        ("volume is no number of shares", volume, volume > MOST_VOLUME, f"shares, at most {MOST_VOLUME:g}"),
        ("dividend is negative", dividend, dividend < 0, "cash per share, 0 or more"),
        ("dividend is not below the price", dividend, (dividend >= close) & (close > 0), "cash per share"),
        ("split is not above zero", split, split <= 0, "new shares per old share; 0 or 1 for none"),
        ("split is no ratio of shares", split, _beyond(split, 1 / MOST_SPLIT, MOST_SPLIT), "new shares per old share"),
    )
    result = []
    for message, values, wrong, allowed in checks:
        rows = np.flatnonzero(wrong)
        result += _fault("extra", message, rows, _shown(values, rows), allowed)
    return result


def _factors(table: Table) -> list[Fault]:
    """A split bar after bar is a factor that holds from some day on; carried out, it would be as many splits."""
    split = _column(table, "split")
    rows = np.flatnonzero(split != 1.0)
    again = np.append(np.diff(rows) == 1, False) & np.append(False, np.diff(rows) == 1)
    if not table.daily or not again.any():
        return []
    first = rows[np.flatnonzero(again)[:1] - 1]
    found = [f"{split[first[0]]:g} here, and another one than 1 on {len(rows) - 1:,} more bars"]
    allowed = "new shares per old share on the day of a split alone, 0 or 1 on every other; no factor of adjustment"
    return _fault("repeated", "split stands on bar after bar", first, found, allowed)


def _repeated(table: Table, calendar: Calendar) -> list[Fault]:
    """Intraday: what an ex-date pays is paid before its first bar; repeated on every bar it would be as often."""
    if table.daily:
        return []
    result = []
    days = sessions_of(table, calendar)
    first = np.unique(days, return_index=True)[1]
    for name, none in (("dividend", 0.0), ("split", 1.0)):
        values = _column(table, name)
        rows = np.flatnonzero(values != none)
        again = np.setdiff1d(rows, rows[np.unique(days[rows], return_index=True)[1]])
        late = np.setdiff1d(rows, [*first, *again])
        message = f"{name} stands on more than one bar of a session"
        result += _fault("repeated", message, again, _shown(values, again), "its first bar alone")
        message = f"{name} stands on a bar that is not the first of its session"
        result += _fault("repeated", message, late, _shown(values, late), "its first bar alone")
    return result


def _fault(kind: str, message: str, rows: Rows, found: Sequence[str], allowed: str = "") -> list[Fault]:
    return [Fault(kind, message, rows, found, allowed)] if len(rows) else []


def _beyond(values: Floats, least: float, most: float) -> npt.NDArray[np.bool_]:
    """Above zero and yet outside least..most."""
    return ((values > 0) & (values < least)) | (values > most)


def _column(table: Table, name: str) -> Floats:
    return np.asarray(table.frame[name], np.float64)


def _shown(values: Floats, rows: Rows) -> list[str]:
    return [f"{values[row]:g}" for row in rows[:EXAMPLES]]
