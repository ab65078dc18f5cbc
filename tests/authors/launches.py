# SPDX-License-Identifier: Apache-2.0
"""A rotation over funds that began at different times: the strongest of those that have a past, every ten bars."""

import numpy as np

from engine.strategy import Roles, Strategy, lookback, param


class Launches(Strategy):
    """Equal parts of the `count` strongest of a list; what has no past yet, or no price any more, is no candidate."""

    roles = Roles("etf", least=2)

    class Params:
        window: int = lookback(20, low=2, doc="look-back of the momentum")
        count: int = param(2, low=1, high=50, doc="how many are held")

    def features(self, market, p):
        return {"gain": {role: gain(market.at(role).close, p.window) for role in market.roles}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t % 10 == 0:
            for i in range(len(bar)):
                orders.weigh(i, f.at(i).gain)
            orders.top(p.count, 0.98 / p.count)
            orders.targets()


def gain(close, window):
    """Return over `window` bars; NaN until the fund has been there so long, and after its end."""
    found = np.full(len(close), np.nan)
    found[window:] = close[window:] / close[:-window] - 1.0
    return found
