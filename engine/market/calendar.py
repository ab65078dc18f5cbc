# SPDX-License-Identifier: Apache-2.0
"""The exchange calendar: which dates are sessions and when each one closes.

A session is a day count since 1970-01-01 of the exchange's date; times are int64 ns UTC. The rules come from
exchange_calendars and are laid out once over fixed bounds, so that no answer depends on the day it is asked.
"""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, Problem, nearest_name

FIRST, LAST = "1900-01-01", "2100-12-31"
"""Bounds of every calendar. Past the holidays known today the sessions follow the exchange's regular rules."""

NS_PER_DAY = 86_400_000_000_000
Days = NDArray[np.int64]
Stamps = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Sessions of one exchange, ascending, with the open and close of each in ns UTC, half days included."""

    name: str
    timezone: str
    sessions: Days = field(repr=False)
    opens: Stamps = field(repr=False)
    closes: Stamps = field(repr=False)

    def between(self, first: int, last: int) -> Days:
        """Sessions from `first` to `last`, both inclusive."""
        start, stop = np.searchsorted(self.sessions, [first, last + 1])
        return self.sessions[start:stop]

    def is_session(self, days: ArrayLike) -> NDArray[np.bool_]:
        """Whether each day is a session."""
        return among(np.asarray(days, np.int64), self.sessions)

    def close_of(self, days: ArrayLike) -> Stamps:
        """Close of each session, ns UTC. A day that is no session gets the time at which a regular day would close."""
        wanted = np.asarray(days, np.int64)
        row = np.minimum(np.searchsorted(self.sessions, wanted), len(self.sessions) - 1)
        stamps = self.closes[row].copy()
        other = self.sessions[row] != wanted
        if other.any():
            stamps[other] = self._regular_close(wanted[other])
        return stamps

    def open_of(self, days: ArrayLike) -> Stamps:
        """Open of each session, ns UTC. Raises DataError on a day that is no session."""
        wanted = np.asarray(days, np.int64)
        row = np.minimum(np.searchsorted(self.sessions, wanted), len(self.sessions) - 1)
        other = self.sessions[row] != wanted
        if other.any():
            raise DataError(f"{date_of(wanted[other][0])} is no session of {self.name}")
        return self.opens[row]

    def minutes_of(self, days: ArrayLike) -> dict[str, int]:
        """Minutes from open to close by the session from which on, of `days` ascending, each lasts so long."""
        given = np.asarray(days, np.int64)
        known = given[self.is_session(given)]
        minutes = (self.close_of(known) - self.open_of(known)) // 60_000_000_000
        starts = np.flatnonzero(np.diff(minutes, prepend=-1))
        return dict(zip(known[starts].astype("M8[D]").astype(str).tolist(), minutes[starts].tolist(), strict=True))

    def opens_of(self, days: ArrayLike) -> dict[str, int]:
        """Minutes from midnight UTC of its date to the open, by the session from which on, of `days`, it is so."""
        given = np.asarray(days, np.int64)
        known = given[self.is_session(given)]
        minutes = (self.open_of(known) - known * NS_PER_DAY) // 60_000_000_000
        starts = np.flatnonzero(np.diff(minutes, prepend=-NS_PER_DAY))
        return dict(zip(known[starts].astype("M8[D]").astype(str).tolist(), minutes[starts].tolist(), strict=True))

    def midnight_of(self, days: ArrayLike) -> Stamps:
        """Midnight at which each day begins at the exchange, ns UTC."""
        import pandas as pd

        local = pd.DatetimeIndex(np.asarray(days, np.int64).astype("M8[D]").astype("M8[ns]"))
        return ns_of(local.tz_localize(self.timezone))

    def session_of(self, stamps: ArrayLike) -> Days:
        """The exchange's date of each bar, given its close: a bar that ends at midnight belongs to the day before."""
        import pandas as pd

        inside = np.asarray(stamps, np.int64) - 1
        local = pd.DatetimeIndex(inside.view("M8[ns]")).tz_localize("UTC").tz_convert(self.timezone).tz_localize(None)
        return ns_of(local) // NS_PER_DAY

    def _regular_close(self, days: Days) -> Stamps:
        import pandas as pd

        last = int(self.sessions[-1])  # a regular day: its local closing time is the rule
        clock = pd.Timestamp(int(self.closes[-1]), unit="ns", tz="UTC").tz_convert(self.timezone).tz_localize(None)
        offset = clock - pd.Timestamp(date_of(last))
        local = pd.DatetimeIndex(days.astype("M8[D]").astype("M8[ns]")) + offset
        return ns_of(local.tz_localize(self.timezone))


@lru_cache(maxsize=4)
def exchange(name: str = "XNYS") -> Calendar:
    """The calendar of an exchange by its ISO code. Raises DataError on an unknown one."""
    import exchange_calendars

    known = exchange_calendars.get_calendar_names()
    if name not in known:
        raise DataError(Problem("no such exchange calendar", found=name, nearest=nearest_name(name, known)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's own, against the newest pandas
        table = exchange_calendars.get_calendar(name, start=FIRST, end=LAST)
    return Calendar(
        name=name,
        timezone=str(table.tz),
        sessions=ns_of(table.sessions) // NS_PER_DAY,
        opens=ns_of(table.opens),
        closes=ns_of(table.closes),
    )


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct values, ascending: np.unique by sorting, which is quick on what is nearly sorted."""
    ordered = np.sort(values, kind="stable")
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def among(wanted: NDArray[np.int64], ascending: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `wanted` are in `ascending`: np.isin for what is sorted, without building a table of a million bars."""
    row = np.searchsorted(ascending, wanted)
    found = np.zeros(len(wanted), np.bool_)
    inside = row < len(ascending)
    found[inside] = ascending[row[inside]] == wanted[inside]
    return found


def day_of(date: dt.date) -> int:
    """A date as a day count since 1970-01-01."""
    return date.toordinal() - _EPOCH


def date_of(day: int) -> dt.date:
    """A day count since 1970-01-01 as a date."""
    return dt.date.fromordinal(int(day) + _EPOCH)


_EPOCH = dt.date(1970, 1, 1).toordinal()


def ns_of(times: Any) -> NDArray[np.int64]:
    """A pandas index or column of times, with or without a zone, as int64 ns UTC."""
    import pandas as pd

    index = pd.DatetimeIndex(times)
    utc = index if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    return np.asarray(utc.as_unit("ns").values).view(np.int64).copy()
