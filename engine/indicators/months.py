# SPDX-License-Identifier: Apache-2.0
"""From bars to months and back: what is measured once a month and known some sessions later.

A month is complete once a bar of the next month exists, so nothing here depends on bars after the row it is used on.
M is the number of complete months in the panel, the first of them possibly entered in its middle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.market.panel import Market

Rows = NDArray[np.int64]

CHECKED = 6
"""Months after which a series that never has a value on a month's last session is known to be dated otherwise."""


def month_ends(market: Market) -> Rows:
    """(M,) rows of the last bar of each complete month."""
    months = market.sessions.astype("M8[M]")
    return np.flatnonzero(months[1:] != months[:-1])


def published_rows(market: Market, ends: Rows, lag: int) -> Rows:
    """(M,) rows of the first bar `lag` sessions after each month's last one; len(market) where that is yet to come."""
    session = market.bars["session"]
    ordinal = np.concatenate([[0], np.cumsum(session[1:] != session[:-1])]) if len(session) else np.zeros(0, np.int64)
    return np.searchsorted(ordinal, ordinal[ends] + lag).astype(np.int64)


def month_returns(close: FloatArray, dividend: FloatArray, ends: Rows) -> FloatArray:
    """(M,) total return of each month, dividends reinvested on the ex-date; NaN for the first, whose start is unknown.

    close and dividend are (T,) and continuous over splits, as `market.ROLE` has them.
    """
    if not len(ends):
        return np.zeros(0)
    grown = np.concatenate([[1.0], (close[1:] + dividend[1:]) / close[:-1]])
    worth = np.cumprod(grown)[ends]
    return np.concatenate([[np.nan], worth[1:] / worth[:-1] - 1.0])


def month_interest(rate: FloatArray, days: NDArray[np.int64], ends: Rows) -> FloatArray:
    """(M,) what a bill pays from month end to month end; NaN for the first, and where a session's rate is missing.

    rate (T,) is a fraction a year as known at each close, days (T,) the calendar days since the bar before.
    """
    if not len(ends):
        return np.zeros(0)
    accrued = np.concatenate([[0.0], rate[:-1] * days[1:] / 365.0])
    missing = np.cumsum(np.isnan(accrued))[ends]
    total = np.cumsum(np.nan_to_num(accrued))[ends]
    paid = np.concatenate([[np.nan], np.diff(total)])
    paid[1:][np.diff(missing) > 0] = np.nan
    return paid


def month_values(name: str, values: FloatArray, ends: Rows) -> FloatArray:
    """(M,) the value of each month in a series dated at the month's end: the one known at the next month's first bar.

    values (T,) is the series, in its own unit, as the panel carries it forward. NaN where the month has none. Raises
    StrategyError where
    the series is carried so far that a missing month would show the one before, or is not dated at the month's end.
    """
    middle = (ends[:-1] + ends[1:]) // 2
    carried = middle[~np.isnan(values[middle])]
    if len(carried):
        raise StrategyError(
            Problem(
                f"{name} has a value in the middle of a month: it is carried too far, or not dated at the month's end",
                path=f"series.{name}.stale_after",
                found=f"{len(carried)} of {len(middle)} months",
                allowed="5 calendar days, values dated the last day of the month they are of",
            )
        )
    found = values[ends + 1]
    first = np.flatnonzero(~np.isnan(found))[:CHECKED]
    if len(first) == CHECKED and np.isnan(values[ends[first]]).all():
        raise StrategyError(
            Problem(
                f"{name} never has its value by a month's last session: is it dated the first of the month?",
                path=f"series.{name}",
                allowed="values dated the last day of the month they are of",
            )
        )
    return found


def held_from(rows: Rows, values: FloatArray, count: int) -> FloatArray:
    """(count,) each value, in its own unit, from its row until the next one's, NaN before the first.

    `rows` ascend, some beyond count.
    """
    latest = np.searchsorted(rows, np.arange(count), side="right") - 1
    return np.where(latest >= 0, values[np.maximum(latest, 0)], np.nan) if len(rows) else np.full(count, np.nan)
