# SPDX-License-Identifier: Apache-2.0
"""Times as the broker and its clients write them, and when a contract trades: the exchange's calendar."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.market.calendar import Calendar, date_of

ZONE = "US/Eastern"
"""Zone of times that are not a contract's own: that of the broker's main venues."""

SECOND = 10**9
DAYS = 7
HOUR = 3600 * SECOND
EARLY, LATE = 11 * HOUR // 2, 4 * HOUR
"""How long the American exchanges trade before the open and after the close: from 4 to 20, on a half day to 17."""

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


def hours_around(calendar: Calendar, session: int) -> tuple[str, str]:
    """(trading hours, liquid hours) of the seven days from `session` on, half days and holidays the exchange's."""
    trading, liquid = [], []
    for day in range(session, session + DAYS):
        if not calendar.is_session([day])[0]:
            trading.append(f"{date_of(day):%Y%m%d}:CLOSED")
            liquid.append(trading[-1])
            continue
        opens, closes = int(calendar.open_of([day])[0]), int(calendar.close_of([day])[0])
        trading.append(_span(opens - EARLY, closes + LATE))
        liquid.append(_span(opens, closes))
    return ";".join(trading), ";".join(liquid)


def _span(start: int, end: int) -> str:
    return f"{at(start):%Y%m%d:%H%M}-{at(end):%Y%m%d:%H%M}"
