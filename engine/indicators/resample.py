# SPDX-License-Identifier: Apache-2.0
"""From bars to weeks and months and back: the value of the last finished one, at every bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError, nearest_name
from engine.indicators.months import Rows, held_from
from engine.market.bar_dates import begins_whole, ends_period, period_of
from engine.market.panel import Market

PERIODS = ("week", "month")

HOW = ("last", "first", "max", "min", "sum")


def resample(
    x: FloatArray,
    market: Market,
    period: str,
    how: str = "last",
    apply: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """(T,) the value of x over the last finished week or month, at every bar; NaN before the first has finished.

    x       (T,) in its own unit, a row a bar of `market`
    period  "week", Monday to Sunday, or "month"
    how     "last": x at the period's last bar; "first", "max", "min", "sum" of its bars
    apply   a causal function of the (M,) values of all finished periods: `lambda x: rolling_mean(x, 10)`

    A period is finished at the close of its last session by the calendar, which is known ahead; where that session
    has no bar, at the first bar of the next period. Bars after the close of a session belong to no period's values.
    A first period that the bars enter in its middle has a "last" and is NaN otherwise. A NaN within is NaN.
    Raises StrategyError for another period or how, an x of another length, an `apply` that gives another length.
    """
    _check_word("period", period, PERIODS)
    _check_word("how", how, HOW)
    values = np.asarray(x, np.float64)
    _check_length("x", values, len(market), "one number a bar of market")
    if not len(values):
        return np.zeros(0)
    starts, ends, known = _finished(market, period)
    found = _folded(values, starts, ends, how)
    if how != "last" and len(found) and starts[0] == 0 and not begins_whole(market, period):
        found[0] = np.nan
    if apply is not None:
        found = np.asarray(apply(found), np.float64)
        _check_length("what apply gives back", found, len(known), f"one number a finished {period}")
    return held_from(known, found, len(values))


def _finished(market: Market, period: str) -> tuple[Rows, Rows, Rows]:
    """Three times (M,) rows: the first and the last bar of each finished period, and the bar at which it was known."""
    number = period_of(market.bars["session"].astype(np.int64), period)
    starts = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
    following = np.append(starts[1:], len(number))
    closes = np.flatnonzero(market.bars["last"] == 1)
    at = np.searchsorted(closes, following) - 1
    has = (at >= 0) & (closes[np.maximum(at, 0)] >= starts) if len(closes) else np.zeros(len(starts), np.bool_)
    starts, following, ends = starts[has], following[has], closes[at[has]]
    by_calendar = ends_period(market, period)[ends]
    known = np.where(by_calendar, ends, following)
    done = known < len(number)
    return starts[done], ends[done], known[done]


def _folded(values: FloatArray, starts: Rows, ends: Rows, how: str) -> FloatArray:
    """(M,) x over the rows of each period."""
    if how == "last" or not len(starts):
        return np.asarray(values[ends])
    if how == "first":
        return np.asarray(values[starts])
    fold = {"max": np.maximum, "min": np.minimum, "sum": np.add}[how]
    edges = np.column_stack([starts, ends + 1]).ravel()
    return np.asarray(fold.reduceat(np.append(values, 0.0), edges)[::2], np.float64)


def _check_word(name: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        message, near = f"resample: no such {name}", nearest_name(str(given), allowed)
        raise StrategyError(Problem(message, found=repr(given), allowed=", ".join(allowed), nearest=near))


def _check_length(name: str, values: FloatArray, rows: int, allowed: str) -> None:
    if values.shape != (rows,):
        found = f"shape {values.shape}"
        raise StrategyError(
            Problem(f"resample: {name} has another length", found=found, allowed=f"({rows},), {allowed}")
        )
