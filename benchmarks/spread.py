# SPDX-License-Identifier: Apache-2.0
"""The run that kernel, memory and sweep measure: the spread trade with every cost on and stop orders in the book."""

from __future__ import annotations

from typing import Any

from benchmarks.market import PAIR
from engine.config.loader import LoadedConfig, config_from_dict
from engine.inputs import prepared
from engine.market.panel import Market

DAILY: dict[str, Any] = {"params": {"enter": 0.5, "exit": -1.0, "leg_stop": 6.0, "target_volatility": 0.1}}
"""At this target the cap decides on most days, as it did when the first figures were taken."""

MINUTES: dict[str, Any] = {
    "params": {
        "enter": -0.5,
        "exit": -2.0,
        "momentum_window": 390,
        "z_window": 780,
        "hedge_window": 390,
        "atr_window": 120,
        "unwind_days": 195,
        "unwind_shock": -4.0,
        "unwind_flat": -6.0,
        "reentry_shock": -20.0,
        "rebalance_band": 0.2,
        "ratio_stop": 60.0,
        "leg_stop": 25.0,
        "cool_down": 60,
        "target_volatility": 0.1,
    },
    "costs": {"slippage": {"half_spread": 0.00002, "impact": 0.0}},
}
"""Look-backs of a session or two, and a spread without impact, so that the account lives to the last
bar: one that is ruined early does nothing afterwards, fast."""


def spread_config(*, minutes: bool) -> LoadedConfig:
    """Commissions, fees, slippage, borrow, interest, dividends, Reg-T margin, and a stop order on each leg."""
    named = {"name": "spread_benchmark", "strategy": "spread_trade", "roles": dict(PAIR), "mode": "compiled"}
    return config_from_dict(named | (MINUTES if minutes else DAILY))


def missing_series() -> tuple[str, ...]:
    """Series that the strategy may do without; the synthetic bars have none of them."""
    return tuple(spread_config(minutes=True).strategy.optional_series)


def prepare_spread(market: Market, *, recording: bool = True) -> prepared.Prepared:
    """Features, rules and terms of the run on `market`."""
    ready = spread_config(minutes=market.frequency != "1d")
    return prepared.prepare(ready.config, ready.strategy, market, recording=recording)
