# SPDX-License-Identifier: Apache-2.0
"""When the next decision is due, by the exchange's calendar with its half days, holidays and changes of the clock."""

from __future__ import annotations

from collections.abc import Iterable

from engine.market.calendar import Calendar
from engine.market.hours import MINUTE, length_of


def next_close(calendar: Calendar, frequency: str, now: int) -> int:
    """The close of the next bar after `now`, ns UTC: a session's, or of a bar of `frequency` within one.

    Intraday bars begin at the session's open; the last one ends with the session.
    """
    length = length_of(frequency)
    row = int(calendar.closes.searchsorted(now, side="right"))
    opens, closes = int(calendar.opens[row]), int(calendar.closes[row])
    if not length:
        return closes
    done = max(0, now - opens) // length
    return min(opens + (done + 1) * length, closes)


def last_close(calendar: Calendar, frequency: str, now: int) -> int:
    """The close of the last bar that has closed at `now`, ns UTC: what the newest bar of the data should be."""
    length = length_of(frequency)
    row = int(calendar.closes.searchsorted(now, side="right"))
    opens, before = int(calendar.opens[row]), int(calendar.closes[row - 1])
    if not length or now < opens + length:
        return before
    return opens + (now - opens) // length * length


def sessions_within(calendar: Calendar, start: int, stop: int) -> tuple[tuple[int, int], ...]:
    """(open, close) of the sessions that touch a span of time, ns UTC."""
    first = int(calendar.closes.searchsorted(start, side="right"))
    last = int(calendar.opens.searchsorted(stop, side="left"))
    return tuple(zip(calendar.opens[first:last].tolist(), calendar.closes[first:last].tolist(), strict=True))


def open_minutes(spans: Iterable[tuple[int, int]], stamp: int, now: int) -> float:
    """Minutes of open market between a bar's stamp and `now`, ns UTC; spans are the sessions that touch them."""
    return sum(max(min(closes, now) - max(opens, stamp), 0) for opens, closes in spans) / MINUTE
