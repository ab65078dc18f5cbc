# SPDX-License-Identifier: Apache-2.0
"""A rule on two indicators of `ta`: the MACD's histogram turns up while the ADX says that there is a trend."""

from engine.indicators import by_name
from engine.strategy import ReasonCode, Strategy, param


class Reason(ReasonCode):
    UP = 1, "the histogram is above zero in a trend"
    DOWN = 2, "the histogram is below zero"


class TaRule(Strategy):
    """Long while both agree."""

    roles = ("stock",)

    class Params:
        trend: float = param(20.0, low=0, high=100, doc="ADX above which there is a trend")

    Reason = Reason

    def features(self, market, p):
        return {
            "histogram": by_name("ta.macd_diff").of(market.stock),
            "adx": by_name("ta.adx", n=14).of(market.stock),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.histogram > 0.0 and f.adx > p.trend and account.stock.qty == 0.0:
            orders.target(0, 0.95, Reason.UP)
        elif f.histogram < 0.0:
            orders.close(0, Reason.DOWN)
