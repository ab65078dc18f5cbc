# SPDX-License-Identifier: Apache-2.0
"""Exponential averages that cross, long and short, each trade in a bracket: the example of event-driven engines."""

from engine.indicators import atr, cross_down, cross_up, ema
from engine.strategy import ReasonCode, ReasonKind, Strategy, lookback, param


class Reason(ReasonCode):
    UP = 1, "the fast average crossed above the slow one", ReasonKind.ENTRY
    DOWN = 2, "the fast average crossed below the slow one", ReasonKind.ENTRY


class CrossBracket(Strategy):
    """Flat or in one bracket: stop and profit are multiples of the ATR from the fill."""

    roles = ("stock",)

    class Params:
        fast: int = lookback(10, low=1, doc="bars of the fast average")
        slow: int = lookback(20, low=2, doc="bars of the slow average")
        stop: float = param(3.0, low=0.1, unit="ATR", doc="distance of the stop")
        profit: float = param(2.0, low=0.1, unit="ATR", doc="distance of the profit")

    Reason = Reason

    def features(self, market, p):
        stock = market.stock
        fast, slow = ema(stock.close, p.fast), ema(stock.close, p.slow)
        return {
            "up": cross_up(fast, slow),
            "down": cross_down(fast, slow),
            "atr": atr(stock.high, stock.low, stock.close, 20),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.stock.qty != 0.0 or (f.up != 1.0 and f.down != 1.0):
            return
        average_range = f.atr / bar.stock.factor
        shares = 0.9 * account.equity / bar.stock.close
        reason = Reason.UP if f.up == 1.0 else Reason.DOWN
        qty = shares if f.up == 1.0 else -shares
        orders.bracket_distance(0, qty, p.stop * average_range, p.profit * average_range, reason)
