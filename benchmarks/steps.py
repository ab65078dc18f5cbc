# SPDX-License-Identifier: Apache-2.0
"""What a bar of the kernel costs, step by step: runs that add one thing each, and a bare loop, in turns.

All go through the one kernel, on the same minute bars and with the costs of the spread trade; what a step costs is the
difference of two runs that are in the table.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bare_loop import ENTER, EXIT, LOOP_BAR, bare_loop
from benchmarks.market import PAIR, minute_market
from benchmarks.measure import spread
from benchmarks.spread import MINUTES, missing_series, prepare_spread
from engine.config.loader import config_from_dict
from engine.engines import native
from engine.inputs.prepared import Prepared, prepare
from engine.kernel.codes import EntryKind
from engine.market.panel import Market
from engine.runs.sweep import simulate_sets
from engine.strategy.base import Strategy

LARGE, SMALL = 0, 1


class Nothing(Strategy):
    """Looks at its feature and counts: what every bar pays in an empty account."""

    roles = ("large", "small")

    class State:
        side: int = 0

    def features(self, market: Market, p: Any) -> Mapping[str, NDArray[np.float64]]:
        """z: one bar's change of log(large / small) in standard deviations; NaN on the first bar."""
        del p
        change = np.diff(np.log(market.large.close / market.small.close), prepend=np.nan)
        return {"z": change / np.nanstd(change)}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Count."""
        if f.z == f.z:
            s.side += 1


class Holds(Nothing):
    """Buys one leg, sells the other and keeps them."""

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Both legs once."""
        if f.z == f.z:
            if s.side == 0:
                orders.target(LARGE, 0.5)
                orders.target(SMALL, -0.5)
            s.side += 1


class Guards(Nothing):
    """Likewise, with a stop on each leg that no price comes near."""

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Both legs once, and their stops when they are there."""
        if f.z == f.z:
            if s.side == 0:
                orders.target(LARGE, 0.5)
                orders.target(SMALL, -0.5)
            elif s.side == 1:
                orders.stop(LARGE, -account.large.qty, 0.01 * bar.large.close)
                orders.stop(SMALL, -account.small.qty, 100.0 * bar.small.close)
            s.side += 1


class Trades(Nothing):
    """The rule of the bare loop."""

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Both legs in above ENTER, out below EXIT."""
        if f.z != f.z:
            return
        if s.side == 0 and f.z > ENTER:
            orders.target(LARGE, 0.5)
            orders.target(SMALL, -0.5)
            s.side = 1
        elif s.side == 1 and f.z < EXIT:
            orders.close(LARGE)
            orders.close(SMALL)
            s.side = 0


STEPS: dict[str, type[Strategy] | None] = {
    "nothing": Nothing,
    "holds": Holds,
    "guards": Guards,
    "spread": None,
    "trades": Trades,
}
"""Runs by name; None is the spread trade of `benchmarks.spread`."""


def measure(repeats: int = 15, bars: int = 200_000) -> dict[str, Any]:
    """Processor time of each, in turns; features are not in it.

    bare_ns     the loop of `benchmarks.bare_loop`, a bar
    outcome_ns, run_ns  the kernel with nothing kept but the outcome, and a whole run with ledger and path
    times_bare  outcome over the bare loop of the same turn: median and quartiles
    fills       of each
    """
    market = minute_market(bars, missing=missing_series())
    calls: dict[tuple[str, str], Callable[[], Any]] = {}
    fills: dict[str, int] = {}
    for name in STEPS:
        recorded = prepared_step(name, market, recording=True)
        calls["run", name] = partial(native.run, recorded, "compiled")
        fills[name] = int(np.count_nonzero(native.run(recorded, "compiled").ledger["kind"] == EntryKind.FILL))
        one = prepared_step(name, market, recording=False)
        calls["outcome", name] = partial(simulate_sets, one, one.features, one.params_row())
        calls["outcome", name]()
    seen = prepared_step("nothing", market, recording=False).features["z"]
    calls["bare", ""] = bare_loop(loop_bars(market), np.ascontiguousarray(seen))  # compiled after numba knows the book
    fills["bare"] = calls["bare", ""]()
    taken = in_turns(calls, repeats, bars)
    figures: dict[str, Any] = {"bars": bars, "fills": fills, "bare_ns": spread(taken["bare", ""])}
    for kind in ("outcome", "run"):
        figures[f"{kind}_ns"] = {name: spread(taken[kind, name]) for name in STEPS}
    figures["times_bare"] = {name: quartiles(taken["outcome", name], taken["bare", ""]) for name in STEPS}
    return figures


def prepared_step(name: str, market: Market, *, recording: bool) -> Prepared:
    """The run of one step."""
    strategy = STEPS[name]
    if strategy is None:
        return prepare_spread(market, recording=recording)
    given = {"name": "steps", "strategy": strategy, "roles": dict(PAIR), "mode": "compiled", "costs": MINUTES["costs"]}
    ready = config_from_dict(given)
    return prepare(ready.config, ready.strategy, market, recording=recording)


def loop_bars(market: Market) -> NDArray[Any]:
    """The market's bars as the bare loop reads them."""
    bars = np.zeros(len(market), LOOP_BAR)
    for number, role in enumerate(market.roles):
        for column in ("open", "high", "low", "close", "volume"):
            bars["asset"][column][:, number] = market.bars[role][column]
    return bars


def in_turns(
    calls: Mapping[tuple[str, str], Callable[[], Any]], repeats: int, bars: int
) -> dict[tuple[str, str], list[float]]:
    """Processor nanoseconds a bar of each call, one after the other in each turn: other work strikes all alike."""
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for _ in range(repeats):
        for key, call in calls.items():
            gc.collect()
            begun = time.process_time_ns()
            call()
            taken[key].append((time.process_time_ns() - begun) / bars)
    return taken


def quartiles(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Median and quartiles of the ratios, turn by turn."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return {"median": median, "low": low, "high": high, "n": len(ratios)}
