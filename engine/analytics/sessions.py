# SPDX-License-Identifier: Apache-2.0
"""A run reduced to its session closes: the one place where bars become daily returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.inputs.terms import benchmark_rates
from engine.model.run import NO_BENCHMARK

Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Sessions:
    """S sessions of a run of T bars. Daily bars: S = T.

    rows     (S,) row of each session's last bar
    index    (T,) session number of each bar
    dates    (S,) datetime64[D], the exchange's date
    nav      (S + 1,) value of one unit: the opening deposit, then each session's close. Equals equity unless money
             was added later, which buys units and is no gain
    bar_nav  (T + 1,) the same at every bar
    returns  (S,) simple, nav against nav a session before; NaN once the account is ruined
    rates    (S,) annual benchmark rate as known at the close before, which interest accrues at too; the first session
             has its own first bar's
    benchmark (S,) return of what the run is compared with: of a role total, dividends and splits included, of a
             series its change; NaN on the first session, and throughout where it is compared with nothing
    spanning  (S,) the same, but with what lies between two values on the session of the later one: what compounds
    span      sessions of its first and its last value; (0, -1) where there is none
    compared_with  its symbol; "" for nothing
    """

    rows: NDArray[np.int64]
    index: NDArray[np.int64]
    dates: Dates
    nav: FloatArray
    bar_nav: FloatArray
    returns: FloatArray
    rates: FloatArray
    benchmark: FloatArray
    spanning: FloatArray
    span: tuple[int, int]
    compared_with: str

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def bought(self) -> FloatArray:
        """(S,) what 1 in the benchmark became, bought at its first value; NaN before that and after its last one."""
        first, last = self.span
        held = np.full(len(self), np.nan)
        held[first : last + 1] = np.cumprod(1 + np.nan_to_num(self.spanning[first : last + 1]))
        return held

    def date(self, row: int) -> str:
        """The exchange's date of a bar, as `2024-07-11`."""
        return str(self.dates[self.index[row]])


def session_rows(session: NDArray[Any]) -> NDArray[np.int64]:
    """Rows of the last bar of each session, (S,), from the session of each bar, (T,) ascending."""
    return np.flatnonzero(np.append(session[1:] != session[:-1], True)) if len(session) else np.empty(0, np.int64)


def reduce(result: RunRecord, deposits: FloatArray) -> Sessions:
    """`result` at its session closes; `deposits` is the money put in on each bar, (T,), not cumulative."""
    session = result.market.bars["session"]
    rows = session_rows(session)
    starts = np.append(0, rows[:-1] + 1) if len(rows) else rows
    bar_nav = unit_values(result.points["equity"], deposits)
    nav = bar_nav[np.append(0, rows + 1)]
    returns, levels, name = _benchmark(result, rows)
    there = np.flatnonzero(~np.isnan(levels))
    return Sessions(
        rows=rows,
        index=np.repeat(np.arange(len(rows)), rows - starts + 1),
        dates=session[rows].astype("datetime64[D]"),
        nav=nav,
        bar_nav=bar_nav,
        returns=simple_returns(nav),
        rates=_rates(result, rows),
        benchmark=returns,
        spanning=_spanning(returns, levels),
        span=(int(there[0]), int(there[-1])) if len(there) else (0, -1),
        compared_with=name,
    )


def unit_values(equity: FloatArray, deposits: FloatArray) -> FloatArray:
    """Value of one unit of the account, (T + 1,): the opening deposit, then each close.

    Money added after the first bar buys units at the value of the close before. NaN from a deposit into a ruined
    account on: what it buys is undefined.
    """
    units, value = np.ones(len(equity)), np.asarray(equity, np.float64)
    for row in np.flatnonzero(deposits[1:]) + 1:
        before = value[row - 1] / units[row - 1]
        units[row:] += deposits[row] / before if before > 0 else np.nan
    opening = deposits[0] if len(deposits) else np.nan
    return np.append(opening, value / units)


def simple_returns(nav: FloatArray) -> FloatArray:
    """Change over each step as a fraction, (S,) from (S + 1,); NaN where the value before is not positive."""
    before = np.where(nav[:-1] > 0, nav[:-1], np.nan)
    return nav[1:] / before - 1


def _rates(result: RunRecord, rows: NDArray[np.int64]) -> FloatArray:
    by_bar = np.broadcast_to(benchmark_rates(result.market, result.config.costs), len(result.market))
    return np.append(by_bar[:1], by_bar[rows[:-1]])


def _benchmark(result: RunRecord, rows: NDArray[np.int64]) -> tuple[FloatArray, FloatArray, str]:
    """Returns and values of what the configuration names, of the first role where it names nothing, and its symbol."""
    market, name = result.market, result.config.benchmark or result.market.roles[0]
    if name == NO_BENCHMARK:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan), ""
    if name in market.symbols:
        bars = market.bars[name]
        return _total_returns(bars, rows), np.asarray(bars["close"][rows], np.float64), market.symbols[name]
    levels = np.asarray(market.bars[name], np.float64)[rows]
    return np.append(np.nan, simple_returns(levels))[: len(rows)], levels, market.series[name]


def _spanning(returns: FloatArray, levels: FloatArray) -> FloatArray:
    """`returns`, with the change from one value to the next where sessions without one lie between."""
    there = np.flatnonzero(~np.isnan(levels))
    later = there[1:][np.diff(there) > 1]
    if not len(later):
        return returns
    whole = returns.copy()
    whole[later] = levels[later] / levels[there[np.searchsorted(there, later) - 1]] - 1
    return whole


def _total_returns(bars: NDArray[Any], rows: NDArray[np.int64]) -> FloatArray:
    close = bars["close"] * bars["factor"]
    paid = np.cumsum(bars["dividend"] * bars["factor"])
    gain = np.diff(close[rows]) + np.diff(paid[rows])
    return np.append(np.nan, gain / close[rows[:-1]])[: len(rows)]
