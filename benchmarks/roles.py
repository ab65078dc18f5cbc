# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of a rotation over a list of roles, by the number of roles."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from benchmarks.kernel import activity
from benchmarks.market import daily_market
from benchmarks.measure import spread
from engine.arrays import FloatArray
from engine.config.loader import config_from_dict
from engine.engines import native
from engine.indicators import momentum
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.strategy import Roles, Strategy, lookback, param

COUNTS = (2, 50)


class Rotation(Strategy):
    """The strongest of a list in equal parts, looked at on every bar and changed every month."""

    roles = Roles("etf", least=2)

    class Params:
        window: int = lookback(60, low=2, doc="look-back of the momentum")
        every: int = param(21, low=1, unit="bars", doc="between two changes")
        count: int = param(3, low=1, doc="how many are held")

    class State:
        waited: int = 0

    def features(self, market: Market, p: Any) -> Mapping[str, Any]:
        """The momentum of each role, a fraction."""
        gains: dict[str, FloatArray] = {role: momentum(market.at(role).close, p.window) for role in market.roles}
        return {"gain": gains}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Notes the scores on every bar, and sends orders every so many."""
        for i in range(len(bar)):
            orders.weigh(i, f.at(i).gain)
        s.waited += 1
        if s.waited >= p.every:
            s.waited = 0
            orders.top(p.count, 0.9 / p.count)
            orders.targets()


def measure(repeats: int = 25, bars: int = 6_000) -> dict[str, Any]:
    """Processor time of the compiled loop on daily bars, for two roles and for fifty; features are not in it.

    few     three are held at most, as by a rotation: 1 of two, 3 of fifty
    half    half of the list is held, so that orders are as many more as roles are
    run_ns  a whole run: ledger, order log and equity path are made and kept
    growth  the least run_ns of the most roles over that of the fewest, in turns: 25 is linear
    """
    figures: dict[str, Any] = {}
    for name, held in {"few": (1, 3), "half": (1, COUNTS[-1] // 2)}.items():
        runs = {count: _prepared(count, bars, of) for count, of in zip(COUNTS, held, strict=True)}
        results = {count: native.run(one, "compiled") for count, one in runs.items()}
        seconds: dict[int, list[float]] = {count: [] for count in COUNTS}
        for _ in range(repeats):
            for count, one in runs.items():
                start = time.process_time()
                native.run(one, "compiled")
                seconds[count].append(time.process_time() - start)
        times = {count: spread([value / bars * 1e9 for value in seconds[count]]) for count in COUNTS}
        growth = times[COUNTS[-1]]["low"] / times[COUNTS[0]]["low"]
        told = {count: activity(result) for count, result in results.items()}
        figures[name] = {"run_ns": times, "growth": growth, "activity": told}
    return figures


def _prepared(count: int, bars: int, held: int) -> Prepared:
    symbols = [f"FUND{number}" for number in range(count)]
    given = {"name": "roles", "strategy": Rotation, "roles": {"etf": symbols}, "params": {"count": held}}
    ready = config_from_dict(given)
    market = daily_market(bars, {symbol: symbol for symbol in symbols})
    return prepare(ready.config, ready.strategies, market)
