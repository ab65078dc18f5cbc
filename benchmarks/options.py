# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of the compiled kernel while two option contracts are held: a put spread under a share."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numpy as np

from benchmarks.kernel import activity
from benchmarks.market import minute_market
from benchmarks.measure import spread, stopwatch
from engine.config.loader import config_from_dict
from engine.engines import native
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.runs.sweep import simulate_sets
from engine.strategy import PUT, Strategy, param

SMALL = 0
PUT_BOUGHT, PUT_SOLD = 0, 1


class PutSpread(Strategy):
    """Hold a share, and under it a put bought and a lower one sold, both replaced when they near their expiry."""

    roles = ("small",)
    options: ClassVar = {"put_bought": "small", "put_sold": "small"}

    class Params:
        days: int = param(60, low=1, unit="calendar days", doc="length of new puts")
        roll: int = param(20, low=0, unit="calendar days", doc="days left at which they are replaced")
        contracts: float = param(10.0, low=1, unit="contracts", doc="of each")

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """Keep both slots filled."""
        if account.small.qty == 0.0:
            orders.target_quantity(SMALL, 100.0 * p.contracts)
        if account.put_bought.expiry - bar.session <= p.roll:
            close = bar.small.close
            orders.close_option(PUT_SOLD)
            orders.close_option(PUT_BOUGHT)
            orders.option(PUT_BOUGHT, p.contracts, PUT, 0.97 * close, bar.session + p.days)
            orders.option(PUT_SOLD, -p.contracts, PUT, 0.90 * close, bar.session + p.days)


def measure(repeats: int = 7, bars: int = 1_000_000) -> dict[str, Any]:
    """Times of the compiled loop, two options marked and margined on every bar.

    run_ns      a whole run: ledger, order log, equity path and the marks of both options are kept
    outcome_ns  the same decisions with nothing kept but the outcome, as a sweep does
    """
    market = minute_market(bars, roles={"small": "IWM"})
    recorded, bare = _prepared(market, recording=True), _prepared(market, recording=False)
    result = native.run(recorded, "compiled")
    simulate_sets(bare, bare.features, bare.params_row())
    whole = stopwatch(partial(native.run, recorded, "compiled"), repeats)
    outcome = stopwatch(partial(simulate_sets, bare, bare.features, bare.params_row()), repeats)
    return {
        "run_ns": spread([value / bars * 1e9 for value in whole]),
        "outcome_ns": spread([value / bars * 1e9 for value in outcome]),
        "options_a_bar": len(result.marks) / bars,
        "share_of_bars_with_two": float(np.mean(np.bincount(result.marks["t"], minlength=bars) == 2)),
        **activity(result),
    }


def _prepared(market: Market, *, recording: bool) -> Prepared:
    config = {
        "name": "options_benchmark",
        "strategy": "benchmarks.options:PutSpread",
        "roles": dict(market.symbols),
        "options": {"volatility": 0.25},
    }
    return prepare(config_from_dict(config).config, PutSpread, market, recording=recording)
