# SPDX-License-Identifier: Apache-2.0
"""The Turtles' second system: 55-day breakouts in units of equal risk, up to four, one stop for all, out at 20 days."""

from engine.indicators import atr, donchian_lowerband, donchian_upperband
from engine.strategy import ReasonCode, ReasonKind, Strategy, lookback, param


class Reason(ReasonCode):
    BREAKOUT = 1, "a new extreme of 55 days", ReasonKind.ENTRY
    ADD = 2, "half an ATR in favour of the last unit", ReasonKind.ENTRY
    LEAVE = 3, "two ATR against the last unit, or the other extreme of 20 days", ReasonKind.STOP
    STOP = 4, "two ATR against the unit, on the bar that bought it", ReasonKind.STOP


class Turtle(Strategy):
    """Everything rests in the market: entries, additions and the exit are stop orders sent anew at each close."""

    roles = ("stock",)

    class Params:
        enter: int = lookback(55, low=2, doc="days of the breakout")
        leave: int = lookback(20, low=2, doc="days of the exit")
        risk: float = param(0.005, low=0.0001, high=0.1, doc="equity lost if the price moves one ATR, a unit")
        units: int = param(4, low=1, high=10, doc="most units")

    class State:
        held: float = 0.0  # shares at the close before
        cost: float = 0.0  # what they cost
        last: float = 0.0  # price of the last unit
        units: int = 0

    Reason = Reason

    def features(self, market, p):
        high, low, close = market.stock.high, market.stock.low, market.stock.close
        return {
            "n": atr(high, low, close, 20),
            "top": donchian_upperband(high, low, p.enter),
            "floor": donchian_lowerband(high, low, p.enter),
            "leave_long": donchian_lowerband(high, low, p.leave),
            "leave_short": donchian_upperband(high, low, p.leave),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.n != f.n or f.top != f.top:  # not enough history yet
            return
        count(account.stock, s)
        orders.cancel_all(0)
        n = f.n / bar.stock.factor
        unit = p.risk * account.equity / n
        if s.units == 0:
            rise = enter(orders, unit, f.top / bar.stock.factor, n, Reason.BREAKOUT)
            fall = enter(orders, -unit, f.floor / bar.stock.factor, n, Reason.BREAKOUT)
            orders.oco(rise, fall)
        elif s.held > 0.0:
            leave = max(s.last - 2.0 * n, f.leave_long / bar.stock.factor)
            orders.reduce_only(orders.stop(0, -s.held, leave, Reason.LEAVE))
            if s.units < p.units:
                enter(orders, unit, s.last + 0.5 * n, n, Reason.ADD)
        else:
            leave = min(s.last + 2.0 * n, f.leave_short / bar.stock.factor)
            orders.reduce_only(orders.stop(0, -s.held, leave, Reason.LEAVE))
            if s.units < p.units:
                enter(orders, -unit, s.last - 0.5 * n, n, Reason.ADD)


def enter(orders, qty, price, n, reason):
    """A unit at a breakout, with the stop that guards it on its first day."""
    entry = orders.stop(0, qty, price, reason)
    orders.stop_loss(entry, 2.0 * n, Reason.STOP)
    return entry


def count(stock, s):
    """What the bar has filled: its price is the change of cost over the change of shares."""
    cost = stock.qty * stock.avg_price
    if stock.qty == 0.0:
        s.units = 0
    elif s.held * stock.qty <= 0.0 or abs(stock.qty) > abs(s.held):
        begun = s.held * stock.qty <= 0.0
        s.last = stock.avg_price if begun else (cost - s.cost) / (stock.qty - s.held)
        s.units = 1 if begun else s.units + 1
    s.held = stock.qty
    s.cost = cost
