# SPDX-License-Identifier: Apache-2.0
"""Dual momentum over a list, the safe asset taking the place of what does not beat it: at the end of each month."""

import math

import numpy as np

from engine.strategy import Roles, Strategy, lookback, param


class Rotation(Strategy):
    """The strongest of a list that beat the safe asset, in equal parts; the rest of the money in that."""

    roles = Roles("safe", "etf", least=2)

    class Params:
        months: int = lookback(12, low=1, unit="months", bars=21, doc="look-back of the momentum")
        count: int = param(3, low=1, high=50, doc="how many are held")

    def features(self, market, p):
        closes = {role: market.at(role).close for role in market.roles}
        days = 21 * p.months
        return {"gain": {role: np.append(np.full(days, np.nan), x[days:] / x[:-days]) for role, x in closes.items()}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.month_last == 1 and not math.isnan(f.at(0).gain):
            for i in range(1, len(bar)):
                orders.weigh(i, f.at(i).gain if f.at(i).gain > f.at(0).gain else math.nan)
            held = orders.top(p.count, 0.98 / p.count)
            orders.weigh(0, 0.98 * (p.count - held) / p.count)
            orders.targets()
