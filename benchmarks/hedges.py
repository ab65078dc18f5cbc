# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of the compiled VIX hedges: sold net, in puts, in put spreads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.agents import MINUTES
from benchmarks.kernel import activity
from benchmarks.market import PAIR, minute_market
from benchmarks.measure import spread, stopwatch
from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig, config_from_dict
from engine.engines import native
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.runs.sweep import simulate_sets
from strategies.vix_hedge import VixHedge

STRATEGIES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "net": ("vix_hedge:VixHedge", {}),
    "puts": ("vix_hedge_puts:VixHedgePuts", {"budget": 0.05, "retry": 60}),
    "spreads": ("vix_hedge_puts:VixHedgePuts", {"budget": 0.05, "retry": 60, "width": 0.05}),
}

PARAMS = {
    "year": 2000,
    "move_days": 120,
    "ratio_window": 780,
    "correlation_window": 60,
    "stay": 60,
    "hedge_none": 0.5,
    "hedge_support": 0.25,
}
COSTS: dict[str, Any] = {name: MINUTES[name] for name in ("costs", "options")}
"""As for the Double Agent: what fits a minute's moves, so that the account lives to the last bar."""

FEAR_PULL, FEAR_STEP, FEAR_BETA = 0.0002, 0.0015, 3.0
"""A bar's reversion of the log volatility index, its own step, and its move for one of the small caps, downwards."""


def measure(repeats: int = 7, bars: int = 1_000_000) -> dict[str, Any]:
    """Times of the compiled loop for each hedge on minute bars; features are not in them.

    Every regime has a hedge, so that contracts are held, marked and margined nearly all the time.
    run_ns      a whole run: ledger, order log and equity path, and the marks of options, are kept
    outcome_ns  the same decisions with nothing kept but the outcome, as a sweep does
    """
    figures: dict[str, Any] = {"run_ns": {}, "outcome_ns": {}, "activity": {}}
    for name, (strategy, params) in STRATEGIES.items():
        ready = _configured(strategy, params)
        market = _market(bars, ready.strategy.roles)
        recorded, bare = _prepared(ready, market, recording=True), _prepared(ready, market, recording=False)
        result = native.run(recorded, "compiled")
        simulate_sets(bare, bare.features, bare.params_row())
        whole = stopwatch(partial(native.run, recorded, "compiled"), repeats)
        outcome = stopwatch(partial(simulate_sets, bare, bare.features, bare.params_row()), repeats)
        figures["run_ns"][name] = spread([value / bars * 1e9 for value in whole])
        figures["outcome_ns"][name] = spread([value / bars * 1e9 for value in outcome])
        figures["activity"][name] = {**activity(result), "options_a_bar": len(result.marks) / bars}
    return figures


def fear(close: FloatArray, seed: int = 5) -> FloatArray:
    """(T,) a volatility index about 20 that rises as prices fall, and finds its way back."""
    own = np.random.default_rng(seed).normal(0.0, FEAR_STEP, len(close))
    moves = own - FEAR_BETA * np.diff(np.log(close), prepend=np.log(close[0]))
    level, path = 0.0, np.zeros(len(close))
    for t, move in enumerate(moves.tolist()):
        level += move - FEAR_PULL * level
        path[t] = level
    return 20.0 * np.exp(path)


def _market(bars: int, roles: tuple[str, ...]) -> Market:
    """Minute bars with a volatility index and without the one of small caps."""
    plain = minute_market(bars, {role: PAIR[role] for role in roles}, missing=("vix", *VixHedge.optional_series))
    table = plain.bars.copy()
    table["vix"] = fear(plain.small.close)
    return replace(plain, bars=table, series={"vix": "VIX"}, missing=tuple(VixHedge.optional_series))


def _configured(strategy: str, params: Mapping[str, float]) -> LoadedConfig:
    named = {"name": "hedges_benchmark", "strategy": strategy, "roles": dict(PAIR), "series": {"vix": "VIX"}}
    return config_from_dict({**named, "mode": "compiled", "params": {**PARAMS, **params}, **COSTS})


def _prepared(ready: LoadedConfig, market: Market, *, recording: bool) -> Prepared:
    return prepare(ready.config, ready.strategy, market, recording=recording)
