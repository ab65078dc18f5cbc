# SPDX-License-Identifier: Apache-2.0
"""Opening-range breakout: the first half hour's range, traded once a day either way, flat at the close."""

from engine.strategy import ReasonCode, ReasonKind, Strategy, param


class Reason(ReasonCode):
    UP = 1, "above the opening range", ReasonKind.ENTRY
    DOWN = 2, "below the opening range", ReasonKind.ENTRY
    STOP = 3, "one range against the entry", ReasonKind.STOP
    DAY = 4, "the day is over", ReasonKind.EXIT


class OpeningRange(Strategy):
    """A stop order at each end of the range, of which one cancels the other."""

    roles = ("stock",)

    class Params:
        minutes: int = param(30, low=1, high=200, unit="minutes", doc="length of the opening range")
        weight: float = param(0.9, low=0, high=2, unit="times equity", doc="size of the trade")

    class State:
        high: float = 0.0
        low: float = 0.0

    Reason = Reason

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        stock = bar.stock
        if bar.minute <= p.minutes:
            first = bar.session_bar == 0
            s.high = stock.high if first else max(s.high, stock.high)
            s.low = stock.low if first else min(s.low, stock.low)
        if bar.minute == p.minutes and s.high > s.low:
            shares = p.weight * account.equity / stock.close
            up = enter(orders, shares, s.high, s.high - s.low, Reason.UP)
            down = enter(orders, -shares, s.low, s.high - s.low, Reason.DOWN)
            orders.oco(up, down)


def enter(orders, shares, edge, risk, reason):
    """A stop order for today, with what ends its position: a stop, or the close."""
    entry = orders.stop(0, shares, edge, reason, 1)
    orders.stop_loss(entry, risk, Reason.STOP)
    orders.attach(orders.market_on_close(0, -shares, Reason.DAY), entry)
    return entry
