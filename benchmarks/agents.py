# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of the compiled Double Agent: its orders in the book, and with call spreads for the bull."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.kernel import activity
from benchmarks.market import minute_market
from benchmarks.measure import spread, stopwatch
from engine.config.loader import LoadedConfig, config_from_dict
from engine.engines import native
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.runs.sweep import simulate_sets

STRATEGIES = {"shares": "double_agent:DoubleAgent", "calls": "double_agent_calls"}

MINUTES: dict[str, Any] = {
    "params": {
        "pivot": 30,
        "memory": 5000,
        "fast": 120,
        "slow": 390,
        "volatility_window": 390,
        "atr_window": 120,
        "target_volatility": 0.1,
        "expiry_2": 60,
        "expiry_3": 120,
        "bull_hold": 120,
        "reversal_hold": 240,
        "role": "any",
        "fresh": 0,
        "step_pause": 5,
        "measure": "price",
        "score": 0,  # the rules that trade most
    },
    "costs": {"slippage": {"half_spread": 0.00002, "impact": 0.0}},
    "options": {"volatility": 0.25, "spread": {"premium": 0.001, "vega": 0.0, "least": 0.0}, "commission": 0.05},
}
"""Look-backs of a session or two and costs that fit a minute's moves, so that the account lives to the last bar."""


def measure(repeats: int = 7, bars: int = 1_000_000) -> dict[str, Any]:
    """Times of the compiled loop for each strategy, on minute bars of one role; features are not in them.

    run_ns      a whole run: ledger, order log and equity path, and the marks of options, are kept
    outcome_ns  the same decisions with nothing kept but the outcome, as a sweep does
    """
    figures: dict[str, Any] = {"run_ns": {}, "outcome_ns": {}, "activity": {}}
    for name, strategy in STRATEGIES.items():
        ready = _configured(strategy)
        market = minute_market(bars, roles={"small": "IWM"}, missing=tuple(ready.strategy.optional_series))
        recorded, bare = _prepared(ready, market, recording=True), _prepared(ready, market, recording=False)
        result = native.run(recorded, "compiled")
        simulate_sets(bare, bare.features, bare.params_row())
        whole = stopwatch(partial(native.run, recorded, "compiled"), repeats)
        outcome = stopwatch(partial(simulate_sets, bare, bare.features, bare.params_row()), repeats)
        figures["run_ns"][name] = spread([value / bars * 1e9 for value in whole])
        figures["outcome_ns"][name] = spread([value / bars * 1e9 for value in outcome])
        figures["activity"][name] = activity(result)
    return figures


def _configured(strategy: str) -> LoadedConfig:
    named = {"name": "agents_benchmark", "strategy": strategy, "roles": {"small": "IWM"}, "mode": "compiled"}
    return config_from_dict({**named, **MINUTES})


def _prepared(ready: LoadedConfig, market: Market, *, recording: bool) -> Prepared:
    return prepare(ready.config, ready.strategy, market, recording=recording)
