# SPDX-License-Identifier: Apache-2.0
"""A fund held at a constant volatility: its weight is the target over what it realised, mended once a month."""

from engine.indicators import realised_vol
from engine.strategy import ReasonCode, ReasonKind, Strategy, lookback, param


class Reason(ReasonCode):
    SIZE = 1, "the month ended away from the weight that the volatility asks for", ReasonKind.REBALANCE


class VolatilityTarget(Strategy):
    """Less of what shakes, at most `most` times the equity."""

    roles = ("fund",)

    class Params:
        volatility: float = param(0.1, low=0.01, high=1, unit="a year", doc="volatility to hold")
        window: int = lookback(60, low=2, doc="bars in which it is measured")
        most: float = param(1.5, low=0, high=2, unit="times equity", doc="largest weight")
        band: float = param(0.1, low=0, high=1, doc="distance from the weight that is left alone")

    Reason = Reason

    def features(self, market, p):
        return {"volatility": realised_vol(market.fund.close, p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.month_last and f.volatility > 0.0:
            weight = min(p.volatility / f.volatility, p.most)
            if abs(weight - account.fund.value / account.equity) > p.band:
                orders.target(0, weight, Reason.SIZE)
