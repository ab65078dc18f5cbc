# SPDX-License-Identifier: Apache-2.0
"""Times as the broker and its clients write them, and when a contract trades: the sessions of the replay, by day."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from engine.market.calendar import date_of
from engine.market.panel import Market

ZONE = "US/Eastern"
"""Zone of times that are not a contract's own: that of the broker's main venues."""

SECOND = 10**9
DAYS = 7
REGULAR = ("0930", "1600")
EXTENDED = ("0400", "2000")
"""Hours of the American exchanges; a half day ends where its last bar does."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MOMENT = re.compile(r"(\d{8})(?:[ -]\s*(\d{2}):(\d{2})(?::(\d{2}))?)?(?: (\S+))?\Z", re.ASCII)


def moment(text: str) -> int:
    """A time as clients write it, in ns UTC: `20240105 16:00:00 US/Eastern`, `20240105-21:00:00` for UTC, a date alone.

    A time without a zone is of the broker's zone, a date means its end. Raises ValueError.
    """
    found = _MOMENT.match(text)
    if not found:
        raise ValueError(f"{text!r} is no time such as 20240105 16:00:00 US/Eastern")
    date, hours, minutes, seconds, zone = found.groups()
    try:
        where = ZoneInfo(zone or ("UTC" if "-" in text and not zone else ZONE))
        day = dt.datetime.strptime(date, "%Y%m%d").replace(tzinfo=where)
        clock = (23, 59, 59) if hours is None else (int(hours), int(minutes), int(seconds or 0))
        then = day.replace(hour=clock[0], minute=clock[1], second=clock[2])
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"{text!r} is no time: {error}") from error
    return int((then - _EPOCH).total_seconds()) * SECOND


def at(time: int, zone: str = ZONE) -> dt.datetime:
    """A time in ns UTC by the clocks of a zone, to the second."""
    return (_EPOCH + dt.timedelta(seconds=time // SECOND)).astimezone(ZoneInfo(zone))


def session_ends(market: Market) -> dict[int, int]:
    """Session -> stamp of its last bar, in order."""
    every, rows = np.unique(market.bars["session"][::-1], return_index=True)
    return dict(zip(every.tolist(), market.ts[::-1][rows].tolist(), strict=True))


def hours_around(ends: dict[int, int], session: int) -> tuple[str, str]:
    """(trading hours, liquid hours) of the seven days from `session` on; ends are those of `session_ends`.

    Days beyond the last bar are taken for regular ones where they are weekdays: what is not replayed is not known.
    """
    last = next(reversed(ends))
    trading, liquid = [], []
    for day in range(session, session + DAYS):
        date = date_of(day)
        if day in ends:
            close = _close(ends[day])
            trading.append(_span(date, EXTENDED[0], EXTENDED[1] if close == REGULAR[1] else close))
            liquid.append(_span(date, REGULAR[0], close))
        elif day > last and date.weekday() < 5:
            trading.append(_span(date, *EXTENDED))
            liquid.append(_span(date, *REGULAR))
        else:
            trading.append(f"{date:%Y%m%d}:CLOSED")
            liquid.append(f"{date:%Y%m%d}:CLOSED")
    return ";".join(trading), ";".join(liquid)


def _span(date: dt.date, start: str, end: str) -> str:
    return f"{date:%Y%m%d}:{start}-{date:%Y%m%d}:{end}"


def _close(stamp: int) -> str:
    return f"{at(stamp):%H%M}"
