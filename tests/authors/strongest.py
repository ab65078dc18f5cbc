# SPDX-License-Identifier: Apache-2.0
"""Printed in docs/strategies.md."""

import numpy as np

from engine.strategy import ReasonCode, Roles, Strategy, lookback


class Reason(ReasonCode):
    ROTATE = 1, "another one is stronger"


class Strongest(Strategy):
    """Everything in the strongest of a list, nothing while all fall."""

    roles = Roles("etf", least=2)

    class Params:
        window: int = lookback(120, low=2, doc="look-back of the return")

    Reason = Reason

    def features(self, market, p):
        return {"gain": {role: gain(market.at(role).close, p.window) for role in market.roles}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        best = -1
        for i in range(len(bar)):
            if f.at(i).gain > 0.0 and (best < 0 or f.at(i).gain > f.at(best).gain):
                best = i
        for i in range(len(bar)):
            if i != best and account.at(i).qty != 0.0:
                orders.close(i, Reason.ROTATE)
        if best >= 0 and account.at(best).qty == 0.0:
            orders.target(best, 0.95, Reason.ROTATE)


def gain(close, window):
    found = np.full(len(close), np.nan)
    found[window:] = close[window:] / close[:-window] - 1.0
    return found
