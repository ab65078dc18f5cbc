# SPDX-License-Identifier: Apache-2.0
"""A strategy that decides anew at every bar, so that other parameters are seen at once, and its twin without any."""

import numpy as np

import engine
from engine import param
from engine.runs.backtest import loaded

SIDE = 0.8


class Crossing(engine.Strategy):
    """Long above the close of `window` bars ago, short below: the size counts the bars it was asked at."""

    roles = ("fund", "other")

    class Params:
        window: int = param(20, low=2, high=200, doc="bars looked back")
        least: float = param(0.0, low=-1, high=1, doc="rise that counts")

    class State:
        asked: int = 0

    def features(self, market, p):
        return {"rise": market.fund.close / past(market.fund.close, p.window) - 1.0}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.asked += 1
        size = 0.8 - 0.4 / s.asked
        if f.rise > p.least:
            orders.target(0, size)
            orders.target(1, -size)
        elif f.rise <= p.least:
            orders.target(0, -size)


class Dated(engine.Strategy):
    """The same with window and least by date, as `SETS` has them: the walk written as one strategy."""

    roles = ("fund", "other")

    class State:
        asked: int = 0

    def features(self, market, p):
        rise, least = np.full((2, len(market.fund.close)), np.nan)
        sessions = market.sessions.astype("M8[D]")
        for first, window, limit in SETS:
            later = sessions >= np.datetime64(first)
            rise[later] = (market.fund.close / past(market.fund.close, window) - 1.0)[later]
            least[later] = limit
        return {"rise": rise, "least": least}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.asked += 1
        size = 0.8 - 0.4 / s.asked
        if f.rise > f.least:
            orders.target(0, size)
            orders.target(1, -size)
        elif f.rise <= f.least:
            orders.target(0, -size)


SETS = (("2018-01-02", 20, 0.0), ("2018-05-01", 5, 0.01), ("2018-08-01", 60, -0.02))
"""From a day on: window and least."""


def past(values, bars):
    earlier = np.full(len(values), np.nan)
    earlier[bars:] = values[:-bars]
    return earlier


def configured(put=(), strategy=Crossing, **keys):
    """The configuration of the strategy over 2018, with settings and keys on top."""
    given = {"name": "walk", "roles": {"fund": "SPY", "other": "IWM"}, "strategy": strategy,
             "period": {"start": "2018-01-02", "end": "2018-12-31"}}  # fmt: skip
    return loaded({**given, **keys}, list(put))
