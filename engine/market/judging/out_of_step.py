# SPDX-License-Identifier: Apache-2.0
"""What only two tables together show: dates that are a session off, and one file that stands under two names.

Prices of one day move together and say next to nothing of each other's next day. Where one table's moves are those
that another one has a session later, their dates are apart, and who decides on the first knows tomorrow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar, date_of
from engine.market.doubts import Doubt
from engine.market.judging.volatility_indexes import known_volatility
from engine.market.sources.table import Table
from engine.market.table.refusals import sessions_of
from engine.model.run import SeriesSource

Floats = NDArray[np.float64]
Days = NDArray[np.int64]

YEAR, STEP = 250, 125
"""Sessions that are looked at together, and how far on the next ones begin."""
FEWEST = 60
"""Moves that two tables must have a session apart within these."""
LINKED, MORE = 0.5, 0.25
"""Correlation a session apart, and by how much it must be above that of one day.

In 26 years of 19 funds, two indexes and the VIX the first is 0.33 at most, in 250 sessions looked at every 125, where
that of the day is 0.67; of SPY and a VIX a session early it is 0.62 and more.
"""
FAR = 6.0
"""Moves are cut to so many of the usual ones: a crash or a wrong price is not to decide."""
SAME, LIVELY = 0.99, 5
"""Part of the closes that two symbols share where they are one file, and how many different ones there must be."""


@dataclass(frozen=True, eq=False)
class _Track:
    """The close of each session of the calendar, NaN where a table has none.

    label  as messages call it; name of a series, "" of bars; symbol as data.confirmed and tables have it
    """

    label: str
    symbol: str
    name: str
    close: Floats = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Link:
    """Rows of the sessions from which and to which two tables are apart, and the correlations where most so."""

    first: int
    last: int
    apart: float
    same: float


def out_of_step(
    tables: Mapping[str, Table],
    series: Sequence[tuple[str, SeriesSource, Table]],
    prices: str,
    calendar: Calendar,
    confirmed: Mapping[str, Sequence[dt.date]],
) -> list[Doubt]:
    """What is doubted of tables beside each other: bars by symbol, and the series that have levels, by name.

    prices     as in `data.prices`
    confirmed  symbol -> sessions on which what is found begins, and is right
    """
    bound = [one for one in series if one[1].unit == "level" and one[1].lag is None]
    every = [sessions_of(table, calendar) for table in (*tables.values(), *(table for _, _, table in bound))]
    if not any(len(days) for days in every):
        return []
    sessions = calendar.between(min(int(days[0]) for days in every if len(days)),
                                max(int(days[-1]) for days in every if len(days)))  # fmt: skip
    tracks = [
        _Track(symbol, symbol, "", _closes(table, sessions, calendar, prices)) for symbol, table in tables.items()
    ]
    tracks += [
        _Track(f"{name} ({one.symbol})", one.symbol, name, _values(table, sessions, calendar))
        for name, one, table in bound
        if one.symbol not in tables
    ]
    settled = {(symbol, day) for symbol, days in confirmed.items() for day in days}
    return [*_one_file(tracks, sessions, settled), *_apart(tracks, sessions, settled)]


def _apart(tracks: Sequence[_Track], sessions: Days, settled: set[tuple[str, dt.date]]) -> Iterator[Doubt]:
    """One doubt for each table that is a session off others, the one with the most of them first."""
    found = {
        pair: link
        for pair, link in _links(tracks).items()
        if _counts(tracks[pair[0]], tracks[pair[1]])
        and not {(tracks[at].symbol, date_of(int(sessions[link.first]))) for at in pair} & settled
    }
    while found:
        # of two symbols alone the early one is told: it is the one that knows tomorrow
        against = [
            sum(1.0 + 0.1 * (at == pair[0]) for pair in found if at in pair) + 0.5 * bool(one.name)
            for at, one in enumerate(tracks)
        ]
        at = int(np.argmax(against))
        pair = max((pair for pair in found if at in pair), key=lambda pair: abs(found[pair].apart))
        yield _told(tracks[at], tracks[pair[pair[0] == at]], found[pair], pair[0] == at, sessions)
        found = {other: link for other, link in found.items() if at not in other}


def _counts(early: _Track, late: _Track) -> bool:
    """Two series say nothing of what is traded; one that is late is late by its nature, but for the VIX and its kin."""
    return not late.name or (not early.name and known_volatility(late.symbol))


def _told(one: _Track, other: _Track, link: _Link, early: bool, sessions: Days) -> Doubt:
    first, last = int(sessions[link.first]), int(sessions[link.last])
    moves = f"from {date_of(first)} to {date_of(last)} it moves {'as' if link.apart > 0 else 'against'} {other.label}"
    size = f"(correlation {link.apart:.2f}, {link.same:.2f} on the same session)"
    words = f"{one.label}: {moves} a session {'later' if early else 'earlier'} {size}"
    whose = "its dates" if one.name else "its dates, or the other's,"
    why = f"{whose} look a session {'early, and what happens is known before it does' if early else 'late'}"
    known = f"series.{one.name}.lag: {{sessions: 1}} where each is known a session after its date"
    right = f"data.confirmed: {{{one.symbol}: [{date_of(first)}]}} where the files are right"
    return Doubt(
        f"{words}: {why}; correct them, or {known if one.name and early else right}", first, last, symbol=one.symbol
    )


def _links(tracks: Sequence[_Track]) -> dict[tuple[int, int], _Link]:
    """(early, late) -> where the moves of the first are those of the second a session later."""
    moves = np.column_stack([_moves(one.close) for one in tracks])
    end = max(0, len(moves) - YEAR)
    found: dict[tuple[int, int], _Link] = {}
    for start in sorted({*range(0, end, STEP), end}):
        part = moves[start : start + YEAR]
        known = np.isfinite(part)
        centred = np.where(known, part - _mean(part, known), 0.0)
        size = np.sqrt((centred * centred).sum(axis=0))
        scaled = centred / np.where(size > 0.0, size, 1.0)
        pairs = known[:-1].astype(np.float64).T @ known[1:].astype(np.float64)
        apart, same = scaled[:-1].T @ scaled[1:], scaled.T @ scaled
        far = (pairs >= FEWEST) & (np.abs(apart) > LINKED) & (np.abs(apart) > np.abs(same) + MORE)
        np.fill_diagonal(far, False)
        for early, late in zip(*(axis.tolist() for axis in np.nonzero(far)), strict=True):
            here = _Link(start, start + len(part) - 1, float(apart[early, late]), float(same[early, late]))
            before = found.get((early, late), here)
            strongest = max(before, here, key=lambda link: abs(link.apart))
            found[early, late] = _Link(before.first, here.last, strongest.apart, strongest.same)
    return found


def _mean(part: Floats, known: NDArray[np.bool_]) -> Floats:
    total = np.where(known, part, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(known.sum(axis=0), 1))


def _one_file(tracks: Sequence[_Track], sessions: Days, settled: set[tuple[str, dt.date]]) -> Iterator[Doubt]:
    bars = [one for one in tracks if not one.name]
    for at, one in enumerate(bars):
        for other in bars[at + 1 :]:
            both = np.flatnonzero(np.isfinite(one.close) & np.isfinite(other.close))
            same = one.close[both] == other.close[both]
            if len(both) < FEWEST or same.mean() < SAME or len(np.unique(one.close[both])) < LIVELY:
                continue
            first, last = int(sessions[both[0]]), int(sessions[both[-1]])
            if {(name.symbol, date_of(first)) for name in (one, other)} & settled:
                continue
            words = f"{one.symbol} and {other.symbol} close alike on {same.sum():,} of {len(both):,} sessions"
            right = f"data.confirmed: {{{other.symbol}: [{date_of(first)}]}} where the files are right"
            yield Doubt(
                f"{words}: one file under two names; bring the other's, or {right}", first, last, symbol=other.symbol
            )


def _closes(table: Table, sessions: Days, calendar: Calendar, prices: str) -> Floats:
    close = np.asarray(table.frame["close"], np.float64)
    if prices == "raw":
        close = close * np.cumprod(np.asarray(table.frame["split"], np.float64))
    return _by_session(close, sessions_of(table, calendar), sessions)


def _values(table: Table, sessions: Days, calendar: Calendar) -> Floats:
    return _by_session(np.asarray(table.frame["value"], np.float64), sessions_of(table, calendar), sessions)


def _by_session(values: Floats, days: Days, sessions: Days) -> Floats:
    """The last value of each session, NaN where there is none; days without a session are left out."""
    found = np.full(len(sessions), np.nan)
    row = np.minimum(np.searchsorted(sessions, days), len(sessions) - 1)
    there = sessions[row] == days
    found[row[there]] = values[there]
    return found


def _moves(close: Floats) -> Floats:
    """(T,) changes from session to session, of logs where all values are above 0, cut to FAR usual ones."""
    known = close[np.isfinite(close)]
    with np.errstate(invalid="ignore", over="ignore"):
        level = np.log(close) if len(known) and (known > 0.0).all() else close
        steps = np.append(np.nan, np.diff(level))
        moved = np.abs(steps[np.isfinite(steps) & (steps != 0.0)])
        usual = float(np.median(moved)) if len(moved) else 0.0
        return np.asarray(np.clip(steps, -FAR * usual, FAR * usual))
