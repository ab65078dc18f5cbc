# SPDX-License-Identifier: Apache-2.0
"""Whether the data are there for a decision: the bar that closed last, and the values that the strategy reads at it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.market.calendar import Calendar
from engine.market.hours import MINUTE, length_of
from engine.market.sources.series import as_source
from engine.paper.broker.port import DailyBar
from engine.paper.decision.bars import Latest
from engine.paper.schedule import last_close, open_minutes
from engine.paper.terms import Sessions


def late_words(latest: Latest, calendar: Calendar, frequency: str, now: int) -> str:
    """That the newest bar of the data is not the one that has closed last at `now`, ns UTC; '' where it is."""
    expected, length = last_close(calendar, frequency, now), length_of(frequency)
    if latest.stamp >= expected:
        return ""
    if not length:
        row = int(calendar.closes.searchsorted(now, side="right")) - 1
        finished = calendar.sessions[row].astype("datetime64[D]")
        day = latest.prepared.market.sessions[latest.row]
        return f"the data end on {day}, the last finished session is {finished}: bring its bar, or wait for its source"
    in_session = int(calendar.opens[calendar.closes.searchsorted(now, side="right")]) < now
    if in_session and latest.stamp + length > now:
        return ""  # bars may be cut on another grid than from the open on: none is missing until one more has passed
    there, missing = (np.datetime64(one, "ns").astype("datetime64[m]") for one in (latest.stamp, expected))
    return f"the data end at {there} UTC, the last bar closed at {missing} UTC: bring it, or wait for its source"


def ripe(latest: Latest, now: int, patience: int) -> Latest | None:
    """The newest bar within the day that closed `patience` ns before `now`, ns UTC; None where none has.

    Bars of a session are left as they are: the one before is no bar to decide on, but too late (see `early_words`).
    """
    if not length_of(latest.prepared.market.frequency) or latest.stamp <= now - patience:
        return latest
    row = int(np.searchsorted(latest.prepared.market.ts, now - patience, side="right")) - 1
    return Latest(latest.prepared, row) if row >= 0 else None


def in_time(newest: Latest, now: int, patience: int, sessions: Sessions, most: float) -> Latest:
    """The same, unless its orders would be too old at `now`: then the newest of all, which soon is to be decided.

    sessions are the exchange's of a span of time; most: minutes of open market after a bar that orders may leave.
    """
    old = ripe(newest, now, patience)
    if old is None or open_minutes(sessions(old.stamp, now), old.stamp, now) > most:
        return newest
    return old


def early_words(latest: Latest, calendar: Calendar, now: int, patience: int) -> str:
    """That the bar which closed last at `now`, ns UTC, may not be final until it is `patience` ns old; '' where it is.

    Whatever the source is: it cannot be seen in a file whether its last row will change.
    """
    frequency = latest.prepared.market.frequency
    closed = latest.stamp if length_of(frequency) else last_close(calendar, frequency, now)
    if closed <= now - patience:
        return ""
    at, then = (np.datetime64(one, "ns").astype("datetime64[m]") for one in (closed, closed + patience))
    minutes = patience / MINUTE
    return (
        f"the bar that closed at {at} UTC may not be final yet: it is decided from {then} UTC on, {minutes:g} minutes "
        "after its close (`paper.decide_after`)"
    )


def clock_words(told: Iterable[DailyBar], calendar: Calendar, now: int) -> str:
    """That the broker has a bar of a session that has not begun at `now`, ns UTC: the clock is behind; '' where not."""
    newest = max((one.session for one in told), default="")
    begun = str(calendar.sessions[calendar.opens.searchsorted(now, side="right") - 1].astype("datetime64[D]"))
    if newest <= begun:
        return ""
    at = np.datetime64(now, "ns").astype("datetime64[m]")
    return f"the broker has a bar of {newest}, and this machine's clock is at {at} UTC: set the clock"


def lacking(latest: Latest) -> tuple[str, ...]:
    """The series without which a strategy cannot be and that have no value of their own at the decided bar, in words.

    A rate, and what is published by the week or the month, stands for a while by its nature; `stale_after: 0` says that
    bars without a value are bars to decide on.
    """
    prepared = latest.prepared
    market, series = prepared.market, prepared.config.series
    day, session = market.sessions[latest.row], int(market.bars["session"][latest.row])
    carried = {one.series for one in market.doubts if session in one.absent}
    found = []
    for name in dict.fromkeys(name for sleeve in prepared.sleeves for name in sleeve.strategy.series):
        blank = as_source(series[name]).stale_after > 0 and not np.isfinite(market.bars[name][latest.row])
        if name in carried or blank:
            found.append(f"{name} ({market.series[name]}) has no value on {day}, and the strategy reads it: bring it")
    return tuple(found)


def loud_words(latest: Latest) -> tuple[str, ...]:
    """What a run of these bars would say loudly of them."""
    return tuple(dict.fromkeys(one.text for one in latest.prepared.market.notices if one.level == "loud"))
