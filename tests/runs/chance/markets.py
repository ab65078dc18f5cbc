# SPDX-License-Identifier: Apache-2.0
"""Daily bars of one symbol that are noise, or go on as they went the day before; a strategy that follows them."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

import engine
from engine.api.given import ready
from engine.market.calendar import exchange
from engine.runs.chance.again import once_more

FREE = {
    "costs": {
        "commission": "none", "regulatory": "no_fees", "borrow": "no_borrow", "interest": "no_interest",
        "benchmark": 0.0, "slippage": {"half_spread": 0.0, "impact": 0.0},
    },
    "benchmark": "none",
    "fills": {"participation": None},
}  # fmt: skip


class Follow(engine.Strategy):
    """Long where the last bar went up, in cash where it went down; or always long, or never."""

    roles = ("x",)

    class Params:
        way: int = engine.param(0, low=0, high=2, doc="0 follows, 1 holds, 2 never trades")

    def features(self, market, p):
        close = market.x.close
        return {"move": np.append(np.nan, np.log(close[1:] / close[:-1]))}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if p.way < 2 and (f.move > 0.0 or p.way == 1) and account.x.qty == 0.0:
            orders.target(0, 0.9)
        elif p.way == 0 and f.move <= 0.0 and account.x.qty > 0.0:
            orders.close(0)


def sessions(count):
    """So many days with a session of the exchange, from 2014 on."""
    first, last = (int(np.datetime64(day, "D").astype(int)) for day in ("2014-01-02", "2019-12-30"))
    return pd.to_datetime(exchange().between(first, last)[:count], unit="D")


def bars(seed, count=200, follows=0.0, deviation=0.01):
    """Closes whose log moves are `follows` of the one before, and noise; each bar opens where the last one closed."""
    drawn = np.random.default_rng(seed).normal(0.0, deviation, count)
    moves = np.zeros(count)
    for row in range(1, count):
        moves[row] = follows * moves[row - 1] + drawn[row]
    close = 100.0 * np.exp(np.cumsum(moves))
    opened = np.append(100.0, close[:-1])
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return pd.DataFrame(
        {"open": opened, "high": high, "low": low, "close": close, "volume": 1e6}, index=sessions(count)
    )


def with_bars(run, frame):
    """The run on other bars of the same days."""
    table = run.market.bars.copy()
    for name in ("open", "high", "low", "close"):
        table["x"][name] = frame[name].to_numpy()
    return replace(run, market=replace(run.market, bars=table))


def run_of(frame, **given):
    """The run on these bars, ready to be made again, without costs."""
    return once_more(ready(None, strategy=Follow, roles={"x": "X"}, data={"X": frame}, **(FREE | given)))


def ratio_of(returns):
    """Mean over deviation (n - 1), a year."""
    return float(np.mean(returns) / np.std(returns, ddof=1) * math.sqrt(252))
