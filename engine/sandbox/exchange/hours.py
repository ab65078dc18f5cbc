# SPDX-License-Identifier: Apache-2.0
"""When a contract trades, as the broker writes it: the sessions of the replay, by day."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from engine.market.calendar import date_of
from engine.market.panel import Market

ZONE = "US/Eastern"
DAYS = 7
REGULAR = ("0930", "1600")
EXTENDED = ("0400", "2000")
"""Hours of the American exchanges; a half day ends where its last bar does."""


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
    utc = dt.datetime.fromtimestamp(stamp // 10**9, dt.UTC)
    return f"{utc.astimezone(ZoneInfo(ZONE)):%H%M}"
