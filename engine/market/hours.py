# SPDX-License-Identifier: Apache-2.0
"""A session's hours among intraday bars: which bars lie in it, which one its closing auction is in, which it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar, date_of, exchange
from engine.market.doubts import Doubt
from engine.market.panel import Market
from engine.market.spacing import SESSIONS_A_YEAR, Spacing
from engine.market.table.adjust import Bars
from engine.notice import Notice, loud, note

MINUTE = 60_000_000_000
EARLY = 10 * MINUTE
"""How long before the session's close the last bar may end and still stand for it, and how long after its open the
first may begin: in a thin market nothing trades."""

SHOWN = 5

Mask = NDArray[np.bool_]


def length_of(frequency: str) -> int:
    """Length of a bar in ns; 0 for daily bars."""
    return 0 if frequency == "1d" else int(float(frequency.removesuffix("min")) * MINUTE)


def regular(bars: Bars, calendar: Calendar) -> Mask:
    """(T,) whether each bar overlaps the regular hours of its session; a daily bar does."""
    length = length_of(bars.frequency)
    if not length:
        return np.ones(len(bars.ts), np.bool_)
    return np.asarray(
        (bars.ts > calendar.open_of(bars.sessions)) & (bars.ts - length < calendar.close_of(bars.sessions)), np.bool_
    )


def closing(ts: NDArray[Any], sessions: NDArray[Any], frequency: str, calendar: Calendar) -> Mask:
    """(T,) true on the bar that holds each session's closing auction: of those that begin before the close the last.

    A session with bars after its close alone ends with its last bar.
    """
    ends = np.asarray(np.append(np.diff(sessions) > 0, True), np.bool_)
    length = length_of(frequency)
    if not length:
        return ends
    before = ts - length < calendar.close_of(sessions)
    auction = before & (ends | np.append(~before[1:], True))
    row = np.cumsum(np.append(False, ends[:-1]))
    return np.asarray(auction | (ends & (np.bincount(row, auction)[row] == 0)), np.bool_)


def ended_early(ends: NDArray[Any], days: NDArray[Any], frequency: str, calendar: Calendar) -> Mask:
    """(S,) whether the last bar of each session, ending at `ends`, leaves out a bar's length and more before its close.

    So little as EARLY is none: in a thin market nothing trades.
    """
    lacking = calendar.close_of(days) - ends
    return np.asarray((lacking >= length_of(frequency)) & (lacking > EARLY), np.bool_)


def hours_notices(roles: Mapping[str, Bars], hours: str | None, calendar: Calendar) -> list[Notice]:
    """What is left out or traded beyond regular hours, each symbol once."""
    notices = []
    for bars in _within_days(roles):
        inside = regular(bars, calendar)
        outside = len(inside) - int(inside.sum())
        if outside:
            notices.append(_outside(bars.symbol, outside, len(inside), hours))
    return notices


def hours_doubts(roles: Mapping[str, Bars], calendar: Calendar) -> list[Doubt]:
    """Sessions that begin late, end early or lack most of their bars, each symbol once."""
    doubts = []
    for bars in _within_days(roles):
        inside = regular(bars, calendar)
        doubts += [*_begun_late(bars, inside, calendar), *_cut_off(bars, inside, calendar)]
    return doubts


def _within_days(roles: Mapping[str, Bars]) -> list[Bars]:
    """The intraday bars of each symbol."""
    return [one for one in {bars.symbol: bars for bars in roles.values()}.values() if one.frequency != "1d"]


def _outside(symbol: str, outside: int, count: int, hours: str | None) -> Notice:
    found = f"{symbol}: {outside:,} of {count:,} bars lie outside the exchange's regular hours"
    if hours == "all":
        return loud(
            f"{found} and are traded (data.hours: all). Market-on-close fills in the bar that ends with the session, "
            "orders for the open in the first bar of the day, which is before the opening auction"
        )
    if hours == "regular":
        return note(f"{found} and are left out (data.hours: regular)")
    return loud(f"{found} and are left out; data.hours: all trades them, data.hours: regular says that this is meant")


def _begun_late(bars: Bars, inside: Mask, calendar: Calendar) -> list[Doubt]:
    """Sessions whose first bar is not the one that opens them, by as much as `_cut_off` asks of their last one."""
    ts, sessions = bars.ts[inside], bars.sessions[inside]
    first = np.append(True, np.diff(sessions) > 0)[: len(ts)]
    days, length = sessions[first], length_of(bars.frequency)
    lacking = ts[first] - length - calendar.open_of(days)
    rows = np.flatnonzero((lacking >= length) & (lacking > EARLY))
    if not len(rows):
        return []
    shown = ", ".join(f"{date_of(days[row])} ({lacking[row] // MINUTE} minutes after it)" for row in rows[:SHOWN])
    words = (
        f"{bars.symbol}: the first bar of {_sessions(len(rows))} begins after the session does, and its open stands "
        f"for the session's: {shown}{more(len(rows))}. Complete the file, or take them out of it"
    )
    return [_doubt(words, days[rows])]


def _cut_off(bars: Bars, inside: Mask, calendar: Calendar) -> list[Doubt]:
    ts, sessions = bars.ts[inside], bars.sessions[inside]
    if not len(ts):
        return []
    ends = np.flatnonzero(np.append(np.diff(sessions) > 0, True))
    count = np.diff(np.append(-1, ends))
    days, length = sessions[ends], length_of(bars.frequency)
    opens, closes = calendar.open_of(days), calendar.close_of(days)
    room = np.ceil((closes - opens) / length)
    lacking, early = closes - ts[ends], ended_early(ts[ends], days, bars.frequency, calendar)
    doubts, at = [], np.flatnonzero(early)
    newest = at == len(days) - 1  # it has a sentence of its own: of a session that still trades nothing is missing
    for rows, unclosed in ((at[~newest], False), (at[newest], True)):
        shown = ", ".join(
            f"{date_of(days[row])} ({lacking[row] // MINUTE} minutes before it, {count[row]} of {room[row]:.0f} bars)"
            for row in rows[:SHOWN]
        )
        if len(rows):
            words = (
                f"{bars.symbol}: the last bar of {_sessions(len(rows))} ends before the session does, and its close "
                f"stands for the session's: {shown}{more(len(rows))}. Complete the file, or take them out of it"
            )
            doubts.append(_doubt(words, days[rows], unclosed=unclosed))
    thin = np.flatnonzero((count < room / 2) & ~early)
    if len(thin):
        shown = ", ".join(f"{date_of(days[row])} ({count[row]} of {room[row]:.0f})" for row in thin[:SHOWN])
        words = (
            f"{bars.symbol}: fewer than half of the bars of {_sessions(len(thin))} are there: "
            f"{shown}{more(len(thin))}. Complete the file, or take longer bars"
        )
        doubts.append(_doubt(words, days[thin]))
    return doubts


def _doubt(words: str, days: NDArray[Any], *, unclosed: bool = False) -> Doubt:
    return Doubt(words, int(days[0]), int(days[-1]), unclosed=unclosed)


def still_trading(market: Market, now: int) -> Market:
    """A market whose newest session has not closed at `now`, ns UTC, as it is then: no bar of it is the session's last.

    Nor is any of it missing at its end. Another market as it is; a bar of a session is there once it has closed.
    """
    day = market.bars["session"][-1:]
    if not length_of(market.frequency) or not len(day) or now >= int(exchange(market.calendar).close_of(day)[0]):
        return market
    bars = market.bars.copy()
    bars["last"][bars["session"] == day[0]] = 0
    mistaken = {one.text for one in market.doubts if one.unclosed and one.last == day[0]}
    return replace(market, bars=bars, notices=tuple(one for one in market.notices if one.text not in mistaken))


def spacing_notices(apart: Spacing, absent: NDArray[Any], count: int, calendar: Calendar) -> list[Notice]:
    """Sessions between the first and the last bar that have none, `absent` of `count`: all but those of weekly bars."""
    if not len(absent):
        return []
    if not apart.uneven and apart.name != "daily":
        counted = f"volatility, Sharpe ratio, alpha and their kin a year are those of {apart.per_year:g} bars"
        other = f"CAGR, turnover and costs a year go by the exchange's sessions, {SESSIONS_A_YEAR} a year"
        rest = "what else is counted in sessions or days, such as the worst 15 or a holding time, is counted in bars"
        return [note(f"the bars are {apart.name}: {counted}; {other}; {rest}")]
    dates = ", ".join(str(date_of(day)) for day in absent[:SHOWN]) + more(len(absent))
    found = f"{len(absent):,} of {count:,} sessions of {calendar.name} have no bar: {dates}"
    words = f"{found}; nothing trades, and nothing is marked, on them. Complete the files where they lack them"
    return [
        loud(f"{words}. {apart.uneven[0].upper()}{apart.uneven[1:]}; volatility and Sharpe ratio a year are left out")
        if apart.uneven
        else loud(words)
    ]


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions"


def more(count: int) -> str:
    """What stands behind the first SHOWN of so many."""
    return f" and {count - SHOWN:,} more" if count > SHOWN else ""
