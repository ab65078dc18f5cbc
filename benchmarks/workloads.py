# SPDX-License-Identifier: Apache-2.0
"""The workloads W1, W1b, W2 and W2b that engines are compared on, as Tandem strategies.

W1   daily, two assets. Momentum of log(large / small) over 60 bars above 0: half of equity long large, half short
     small; otherwise flat. Rebalanced on a change and every 20 bars.
W2   W1's rule on minute bars: 1440 and 60 bars.
W2b  minute, one asset. The average of 20 closes crosses above that of 100: buy 200 shares. Leave when it is below, or
     when the close falls under the highest (close - 3 ATR) of the trade. ATR is the simple mean of 14 true ranges.
W1b  W2b's rule on daily bars.

Every workload: whole shares sized at the close, filled at the next open, one basis point of notional a side, no other
cost, no margin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.market import market_of
from engine.arrays import FloatArray
from engine.indicators import running_means
from engine.market.panel import Market
from engine.model.run import (
    Account,
    BorrowRow,
    CommissionRow,
    Costs,
    DebitStep,
    Fills,
    InterestRow,
    Margin,
    MarginRow,
    RegulatoryRow,
    RunConfig,
    Slippage,
)
from engine.strategy.base import Strategy
from engine.strategy.params import param

LARGE, SMALL = 0, 1

SHARED_NAMES = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
"""Our column names to those of the shared data files."""


class PairMomentum(Strategy):
    """W1, W2: long the large leg and short the small one while their ratio rises."""

    roles = ("large", "small")

    class Params:
        window: int = param(60, low=1, unit="bars", doc="look-back of the ratio's momentum")
        every: int = param(20, low=1, unit="bars", doc="rebalance after so many bars without a change")
        weight: float = param(0.5, low=0, unit="of equity", doc="size of each leg")

    class State:
        on: bool = False
        age: int = 0

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """momentum: change of log(large / small) over the window, NaN before there is one."""
        ratio = np.log(market.large.close / market.small.close)
        momentum = np.full(len(ratio), np.nan)
        momentum[p.window :] = ratio[p.window :] - ratio[: -p.window]
        return {"momentum": momentum}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Rebalance on a change of mind and every so many bars."""
        wanted = f.momentum > 0.0
        s.age += 1
        if wanted != s.on or (wanted and s.age >= p.every):
            weight = p.weight if wanted else 0.0
            orders.target(LARGE, weight)
            orders.target(SMALL, -weight)
            s.on = wanted
            s.age = 0


class CrossTrail(Strategy):
    """W2b, W1b: long while a fast average is above a slow one, out on a trailing stop on the close."""

    roles = ("large",)

    class Params:
        fast: int = param(20, low=1, unit="bars", doc="fast average")
        slow: int = param(100, low=1, unit="bars", doc="slow average")
        atr: int = param(14, low=1, unit="bars", doc="average of the true range")
        multiple: float = param(3.0, low=0, unit="ATR", doc="distance of the stop from the best close")
        shares: float = param(200.0, low=1, unit="shares", doc="size of a trade")

    class State:
        ready: bool = False  # a bar with both averages has been seen
        above: bool = False  # the fast one was above on the bar before
        stop: float = 0.0

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """fast, slow and atr, each NaN until its window is full.

        Differences of running sums are the shared rule's own arithmetic: a mean that rounds otherwise turns a tie into
        a trade.
        """
        fast, slow, atr = running_means(market.large, close=(p.fast, p.slow), true_range=p.atr)
        return {"fast": fast, "slow": slow, "atr": atr}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Leave below the stop or the slow average; enter on a cross from below."""
        if math.isnan(f.slow):
            return
        above = f.fast > f.slow
        trail = bar.large.close - p.multiple * f.atr
        if account.large.qty > 0.0:
            s.stop = max(s.stop, trail)
            if f.fast < f.slow or bar.large.close < s.stop:
                orders.close(LARGE)
        elif s.ready and above and not s.above:
            orders.market(LARGE, p.shares)
            s.stop = trail
        s.ready = True
        s.above = above


STRATEGIES: dict[str, type[Strategy]] = {"W1": PairMomentum, "W2": PairMomentum, "W1b": CrossTrail, "W2b": CrossTrail}
PARAMS: dict[str, dict[str, Any]] = {"W1": {}, "W1b": {}, "W2": {"window": 1440, "every": 60}, "W2b": {}}
DATA_FILES = {"W1": "daily", "W1b": "daily", "W2": "minute", "W2b": "minute"}


def workload_config(name: str) -> RunConfig:
    """The run of one workload: one basis point of notional and nothing else."""
    strategy = STRATEGIES[name]
    return RunConfig(
        name=name,
        strategy=f"{strategy.__module__}:{strategy.__qualname__}",
        roles={**symbols_of(name)},
        params=PARAMS[name],
        account=Account(cash=1_000_000.0, margin=Margin(kind="none", table=[MarginRow()])),
        fills=Fills(participation=None),
        costs=one_basis_point(),
        mode="compiled",
    )


def symbols_of(name: str) -> dict[str, str]:
    """Role to symbol of one workload."""
    return {role: role.upper() for role in STRATEGIES[name].roles}


def one_basis_point() -> Costs:
    """Costs of 0.0001 of notional a side, and every other rate zero."""
    return Costs(
        commission=[CommissionRow(notional=0.0001)],
        regulatory=[RegulatoryRow()],
        slippage=Slippage(half_spread=0.0, impact=0.0),
        borrow={"default": [BorrowRow(rate=0.0)]},
        interest=[InterestRow(debit=[DebitStep(rate=0.0)], credit_spread=0.0, credit_exempt=0.0)],
        benchmark=0.0,
        dividends=False,
    )


def shared_columns(folder: Path, name: str, bars: int | None = None) -> tuple[Any, dict[str, dict[str, FloatArray]]]:
    """Stamps and columns of a workload's shared data file, cut to the first `bars`."""
    with np.load(folder / f"{DATA_FILES[name]}.npz") as file:
        stamps = file["t"][:bars]
        columns = {
            role: {
                ours: np.ascontiguousarray(file[f"{role.upper()}_{theirs}"][:bars])
                for ours, theirs in SHARED_NAMES.items()
            }
            for role in STRATEGIES[name].roles
        }
    return stamps, columns


def shared_market(name: str, stamps: Any, columns: dict[str, dict[str, FloatArray]]) -> Market:
    """A workload's data in the engine's own form."""
    frequency = "1d" if DATA_FILES[name] == "daily" else "1min"
    dates = stamps.astype("datetime64[D]")
    return market_of(stamps, dates, columns, symbols=symbols_of(name), label=f"shared {name}", frequency=frequency)
