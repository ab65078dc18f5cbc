# SPDX-License-Identifier: Apache-2.0
"""A market of ten bars in which one role begins late and one ends early, and strategies that trade it."""

import math

import numpy as np
import pandas as pd

from engine.api.given import ready
from engine.market.panel import Market
from engine.runs.backtest import load_bars
from engine.strategy import Strategy, param

DAYS = pd.bdate_range("2024-03-04", periods=10)
FREE = {
    "commission": "none", "regulatory": "no_fees", "borrow": "no_borrow", "interest": "no_interest",
    "slippage": {"half_spread": 0.0, "impact": 0.0}, "benchmark": 0.0,
}  # fmt: skip
ROLES = {"whole": "AAA", "late": "BBB", "early": "CCC"}
SPANS = {"BBB": {"from": "launch"}, "CCC": {"until": "end"}}
LAUNCH, LAST = 3, 5
"""Rows of the first bar of BBB and of the last of CCC."""


def table(first: float, begins: int = 0, stop: int = 10, **columns) -> pd.DataFrame:
    """Closes that rise by 1 a day; each bar opens 0.5 below its close and reaches from 1 below to 1 above."""
    close = first + np.arange(10.0)[begins:stop]
    prices = {"open": close - 0.5, "high": close + 1.0, "low": close - 1.0, "close": close}
    return pd.DataFrame({**prices, "volume": 1e6, "dividend": 0.0, **columns}, index=DAYS[begins:stop])


FRAMES = {"AAA": table(100.0), "BBB": table(50.0, begins=LAUNCH), "CCC": table(20.0, stop=LAST + 1)}


def given(strategy, roles=None, frames=None, overrides=(), **sections):
    """A checked configuration of these bars, with everything free of cost."""
    sections = {"costs": FREE, "spans": SPANS, "account": {"cash": 100_000.0}, **sections}
    fills = {"participation": None, **sections.pop("fills", {})}
    return ready(
        None, overrides, strategy=strategy, roles=roles or ROLES, data=frames or FRAMES, fills=fills, **sections
    )


def market_of(config) -> Market:
    """Its bars."""
    return load_bars(config)[0]


class EveryOrder(Strategy):
    """Every kind of order for the second role on the bar `at`."""

    roles = ("whole", "other")

    class Params:
        at: int = param(0, low=0, high=9)

    def features(self, market, p):
        return {"gain": market.other.close / market.whole.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == p.at:
            orders.close(1)
            orders.target(1, 0.0)
            orders.market(1, 10)
            orders.market_on_open(1, 10)
            orders.market_on_close(1, -10)
            orders.limit(1, 10, 50.0)
            orders.stop(1, 10, 60.0)
            orders.stop_limit(1, 10, 60.0, 61.0)
            orders.trail(1, -10, 2.0)
            orders.trail_percent(1, -10, 0.05)
            orders.trail_atr(1, -10, 2.0, f.gain)
            orders.target_quantity(1, 10)
            orders.target(1, 0.5)
            orders.bracket(1, 10, 40.0, 80.0)
            entry = orders.bracket_percent(1, 10, 0.05, 0.1)
            orders.stop_loss(entry, 2.0)


KINDS = (
    "market", "market_on_open", "market_on_close", "limit", "stop", "stop_limit", "trail", "trail_percent", "trail",
    "market", "market", "market", "stop", "limit", "market",
)  # fmt: skip
"""What of EveryOrder reaches the log where the role has no price: not what asks for nothing to be held."""


class Holds(Strategy):
    """Buys 100 of what ends, asks for what has not begun, and buys 10 of it on its first bar; remembers what it saw."""

    roles = ("whole", "late", "early")

    class State:
        blank: int = 0
        held: float = 0.0

    def features(self, market, p):
        return {"double": market.late.close * 2.0, "other": market.early.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if math.isnan(bar.late.close) and math.isnan(f.double) and account.late.qty == 0.0:
            s.blank += 1
        if account.t == 0:
            orders.market(2, 100)
            orders.target(1, 0.3)
        if account.t == 3:
            orders.market(1, 10)
            orders.reduce_only(orders.stop(2, -100, 5.0))
            orders.limit(2, 50, 1.0)
        s.held = account.early.qty
