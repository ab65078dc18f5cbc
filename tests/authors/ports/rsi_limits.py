# SPDX-License-Identifier: Apache-2.0
"""RSI(2) bought below the market: a limit of one day, a stop from the fill, out above a short average."""

from engine.indicators import rolling_mean, rsi
from engine.strategy import ReasonCode, Strategy, lookback, param


class Reason(ReasonCode):
    DIP = 1, "two days of falling above the long average"
    STOP = 2, "the dip became a fall"
    BOUNCE = 3, "the close is above the short average"


class RsiLimits(Strategy):
    """Wait for a little more than the dip has given already."""

    roles = ("stock",)

    class Params:
        low: float = param(10.0, low=0, high=100, doc="RSI below which a dip is bought")
        below: float = param(0.005, low=0, high=0.2, doc="how far under the close the limit waits, a fraction")
        stop: float = param(0.05, low=0.001, high=0.5, doc="loss from the fill that ends it, a fraction")
        long: int = lookback(200, low=2, doc="bars of the long average")

    Reason = Reason

    def features(self, market, p):
        close = market.stock.close
        return {"rsi": rsi(close, 2), "long": rolling_mean(close, p.long), "short": rolling_mean(close, 5)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        close = bar.stock.close * bar.stock.factor
        if account.stock.qty != 0.0:
            if close > f.short:
                orders.close(0, Reason.BOUNCE)
        elif f.rsi < p.low and close > f.long:
            price = bar.stock.close * (1.0 - p.below)
            entry = orders.limit(0, 0.95 * account.equity / price, price, Reason.DIP, 1)
            orders.stop_loss_percent(entry, p.stop, Reason.STOP)
