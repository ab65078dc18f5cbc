# SPDX-License-Identifier: Apache-2.0
"""Dual momentum: at each month's end the three strongest of a list, each only while its own year is a gain."""

from engine.indicators import momentum
from engine.strategy import ReasonCode, Roles, Strategy, lookback, param


class Reason(ReasonCode):
    ROTATE = 1, "the month ended, and with it the ranks"


class DualMomentum(Strategy):
    """Equal parts of the strongest; a part whose fund fell in a year stays in cash."""

    roles = Roles("etf", least=2)

    class Params:
        months: int = lookback(12, low=1, high=60, unit="months", bars=21, doc="look-back of the return")
        top: int = param(3, low=1, high=50, doc="how many are held")

    Reason = Reason

    def features(self, market, p):
        gain = {role: momentum(market.at(role).close, 21 * p.months) for role in market.roles}
        above = {role: sum((other > own).astype(float) for other in gain.values()) for role, own in gain.items()}
        return {"gain": gain, "above": above}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.month_last:
            for i in range(len(bar)):
                held = f.at(i).gain > 0.0 and f.at(i).above < p.top
                orders.target(i, 0.98 / p.top if held else 0.0, Reason.ROTATE)
