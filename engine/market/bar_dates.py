# SPDX-License-Identifier: Apache-2.0
"""What the exchange's calendar says of each bar: its date, whether its month or week ends with it, its minutes.

Nothing here looks at the bars that follow: which session is the last of a month is published years ahead. What the
exchange closed for without warning counts as a session that was expected, or a rule would have known of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem, StrategyError
from engine.notice import Notice, loud, note
from engine.records import Dates, dtype_of

Days = NDArray[np.int64]
Column = NDArray[np.int64]

DATES: tuple[str, ...] = dtype_of(Dates).names or ()
"""Names of the columns, on `bar` and on `market`."""

ENDS = {"month_last": "month", "week_last": "week"}
AROUND = 45
"""Days before the first bar and after the last whose sessions a panel knows: a month and a holiday at its end."""

UNFORESEEN = (
    "1963-11-25", "1969-02-10", "1977-07-14", "1985-09-27",
    "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2012-10-29", "2012-10-30",
)  # fmt: skip
"""Days on which New York was closed and, at the close of the session before, was expected to open: a president's
death, snow, a blackout, hurricanes Gloria and Sandy, the attack of 2001. Source: NYSE, special closings since 1885."""

MINUTE = 60_000_000_000
NS_PER_DAY = 86_400_000_000_000
FEWEST_A_YEAR = 200
"""Sessions with a bar in a year, below which a month's last one has hardly ever a bar."""

SHOWN = 5

_UNFORESEEN = np.array(UNFORESEEN, "M8[D]").astype(np.int64)


class Dated(Protocol):
    """What is read of a Market."""

    @property
    def bars(self) -> NDArray[Any]: ...
    @property
    def odd_days(self) -> tuple[int, ...] | None: ...
    @property
    def session_opens(self) -> dict[str, int]: ...
    @property
    def session_minutes(self) -> dict[str, int]: ...
    @property
    def sessions_per_year(self) -> float:
        """Sessions a year."""
        ...


def date_column(market: Dated, name: str) -> Column:
    """(T,) int64: the column `name` of DATES, as `engine.records.Dates` says what it is.

    Raises StrategyError for month_last and week_last of bars that are not of every session.
    """
    if name in ENDS and market.sessions_per_year < FEWEST_A_YEAR:
        raise StrategyError(
            Problem(
                f"{name} needs bars of every session: the last one of a {ENDS[name]} has hardly ever a bar here",
                found=f"{market.sessions_per_year:.3g} sessions with a bar in a year",
                allowed=f"daily or intraday bars, or `resample(x, market, {ENDS[name]!r})` in features()",
            )
        )
    return _COLUMNS[name](market)


def odd_days(sessions: Days, first: int, last: int, calendar: str) -> Days:
    """Days from `first` to `last`: weekdays on which no session was expected, and other days on which one was.

    sessions are those of the calendar in that time. What it closed for without warning was expected.
    """
    days = np.arange(first, last + 1)
    expected = np.isin(days, sessions)
    if calendar == "XNYS":
        expected |= np.isin(days, _UNFORESEEN)
    return np.asarray(days[expected != _is_weekday(days)])


def expected_sessions(market: Dated) -> Days:
    """Sessions that were expected, ascending days: from AROUND days before the first bar to as many after the last."""
    if market.odd_days is None:
        raise StrategyError(Problem("these bars come without the exchange's calendar", path="market"))
    session = market.bars["session"]
    first, last = (int(session[0]), int(session[-1])) if len(session) else (0, 0)
    days = np.arange(first - AROUND, last + AROUND + 1)
    return np.asarray(days[_is_weekday(days) != np.isin(days, np.asarray(market.odd_days, np.int64))])


def period_of(days: Days, period: str) -> Days:
    """The month or week, Monday to Sunday, of each day, counted from 1970."""
    if period == "month":
        return days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return (days + 3) // 7


def ends_period(market: Dated, period: str) -> NDArray[np.bool_]:
    """(T,) whether the calendar has no further session in the month or week of each bar."""
    days = market.bars["session"].astype(np.int64)
    if not len(days):
        return np.zeros(0, np.bool_)
    expected = expected_sessions(market)
    following = expected[np.searchsorted(expected, days, side="right")]
    return np.asarray(period_of(following, period) != period_of(days, period))


def begins_whole(market: Dated, period: str) -> bool:
    """Whether the first bar's session is the first that its month or week has."""
    first = market.bars["session"][:1].astype(np.int64)
    expected = expected_sessions(market)
    before = expected[np.searchsorted(expected, first) - 1]
    return bool((period_of(before, period) != period_of(first, period)).all())


def missing_ends(market: Dated, name: str, start: int, stop: int) -> list[Notice]:
    """What is said where month_last or week_last is 1 on no bar of a month or week within rows start..stop-1."""
    days = market.bars["session"][start:stop].astype(np.int64)
    expected, period = expected_sessions(market), ENDS[name]
    within = expected[(expected >= days[0]) & (expected < days[-1])]
    following = expected[np.searchsorted(expected, within, side="right")]
    lasts = within[period_of(following, period) != period_of(within, period)]
    lacking = np.setdiff1d(lasts, days)
    if not len(lacking):
        return []
    unforeseen = np.isin(lacking, _UNFORESEEN)
    notices = []
    for which, say, why in (
        (lacking[~unforeseen], loud, "has no bar. Complete the files where they lack it"),
        (lacking[unforeseen], note, "was expected, and the exchange closed without warning"),
    ):
        if len(which):
            dates = ", ".join(which[:SHOWN].astype("M8[D]").astype(str))
            more = f" and {len(which) - SHOWN:,} more" if len(which) > SHOWN else ""
            text = f"bar.{name} is 1 on no bar of the {period} whose last session {why}: {dates}{more}"
            notices.append(say(text))
    return notices


def _is_weekday(days: Days) -> NDArray[np.bool_]:
    return np.asarray((days + 3) % 7 < 5)  # day 0 was a Thursday


def _day(market: Dated) -> Days:
    return np.asarray(market.bars["session"].astype(np.int64))


def _from_open(market: Dated) -> Column:
    """(T,) ns from the open of each bar's session to the bar's close."""
    return np.asarray(market.bars["ts"] - _hours(market)[0])


def _left(market: Dated) -> Column:
    return np.asarray(_hours(market)[1] - market.bars["ts"])


def _hours(market: Dated) -> tuple[Column, Column]:
    """(T,) open and close of each bar's session, ns UTC."""
    day = _day(market)
    if not market.session_opens or not market.session_minutes:
        raise StrategyError(Problem("these bars come without the exchange's hours", path="market"))
    opens = day * NS_PER_DAY + _in_force(market.session_opens, day) * MINUTE
    return opens, opens + _in_force(market.session_minutes, day) * MINUTE


def _in_force(since: Mapping[str, int], day: Days) -> Column:
    """(T,) the number that holds from a session on, for each day."""
    starts = np.array(list(since), "M8[D]").astype(np.int64)
    values = np.array(list(since.values()), np.int64)
    return np.asarray(values[np.maximum(np.searchsorted(starts, day, side="right") - 1, 0)])


def _in_session(market: Dated) -> Column:
    day = market.bars["session"]
    rows = np.arange(len(day))
    begins = np.append(True, day[1:] != day[:-1])[: len(day)]
    return rows - np.maximum.accumulate(np.where(begins, rows, 0)) if len(day) else rows


def _months(market: Dated) -> Column:
    return np.asarray(_day(market).astype("M8[D]").astype("M8[M]").astype(np.int64))


_COLUMNS: dict[str, Callable[[Dated], Column]] = {
    "weekday": lambda market: (_day(market) + 3) % 7,
    "month": lambda market: _months(market) % 12 + 1,
    "year": lambda market: _months(market) // 12 + 1970,
    "month_last": lambda market: ends_period(market, "month").astype(np.int64),
    "week_last": lambda market: ends_period(market, "week").astype(np.int64),
    "minute": lambda market: _from_open(market) // MINUTE,
    "minutes_left": lambda market: -(-_left(market) // MINUTE),
    "session_bar": _in_session,
}
