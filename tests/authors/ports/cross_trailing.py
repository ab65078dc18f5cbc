# SPDX-License-Identifier: Apache-2.0
"""Averages that cross, with a trailing stop: the first example of vectorised engines, the stop in the market."""

from engine.indicators import cross_down, cross_up, rolling_mean
from engine.strategy import ReasonCode, Strategy, lookback, param


class Reason(ReasonCode):
    UP = 1, "the fast average crossed above the slow one"
    DOWN = 2, "the fast average crossed below the slow one"
    TRAIL = 3, "the price fell from its best"


class CrossTrailing(Strategy):
    """In on a cross up; out on a cross down, or by the trailing stop, and then not in again before the next cross."""

    roles = ("stock",)

    class Params:
        fast: int = lookback(10, low=1, doc="bars of the fast average")
        slow: int = lookback(50, low=2, doc="bars of the slow average")
        trail: float = param(0.06, low=0.001, high=0.9, doc="fall from the best price that ends it, a fraction")

    Reason = Reason

    def features(self, market, p):
        fast, slow = rolling_mean(market.stock.close, p.fast), rolling_mean(market.stock.close, p.slow)
        return {"up": cross_up(fast, slow), "down": cross_down(fast, slow)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.up == 1.0 and account.stock.qty == 0.0:
            entry = orders.target(0, 0.95, Reason.UP)
            orders.attach(orders.trail_percent(0, -orders.quantity(entry), p.trail, Reason.TRAIL), entry)
        elif f.down == 1.0:
            orders.close(0, Reason.DOWN)
