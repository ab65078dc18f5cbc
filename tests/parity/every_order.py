# SPDX-License-Identifier: Apache-2.0
"""A strategy that sends one kind of order after the other, far more often than any sane one would."""

from enum import IntEnum

import numpy as np

from engine.indicators import atr, momentum
from engine.strategy import ReasonCode, Strategy, param

LARGE, SMALL = 0, 1


class Kind(IntEnum):
    MARKET = 0
    LIMIT = 1
    STOP = 2
    STOP_LIMIT = 3
    TRAIL = 4
    TRAIL_PERCENT = 5
    TRAIL_ATR = 6
    MARKET_ON_CLOSE = 7
    TARGETS = 8
    ONE_CANCELS_OTHER = 9
    DAY_LIMIT = 10
    MOVED_STOP = 11
    PROTECTED = 12
    CANCELLED = 13
    BRACKET = 14
    MARKET_ON_OPEN = 15
    FROM_FILL = 16
    TRAILING_STOP = 17


class Reason(ReasonCode):
    IN = 1, "the turn of the dice"
    OUT = 2, "the other turn"


class EveryOrder(Strategy):
    """Buys and sells one leg in the way that `kind` names, whatever the market does."""

    roles = ("large", "small")

    class Params:
        kind: Kind = param(Kind.MARKET, doc="what is sent")
        size: float = param(700.0, low=1, unit="shares", doc="how much")
        width: float = param(0.7, low=0.01, unit="ATR", doc="how far from the close")

    class State:
        first: int = 0
        second: int = 0
        wait: int = 0

    Reason = Reason

    def features(self, market, p):
        small, large = market.small, market.large
        return {
            "atr": atr(small.high, small.low, small.close, 14),
            "up": np.sign(momentum(np.log(large.close / small.close), 5)),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.atr != f.atr or f.up != f.up:
            return
        close, gap = bar.small.close, p.width * f.atr
        held = account.small.qty
        s.wait -= 1
        if p.kind == Kind.TARGETS:
            orders.target(LARGE, 0.4 * f.up, Reason.IN)
            orders.target_quantity(SMALL, round(-f.up * p.size), Reason.IN)
            return
        if p.kind == Kind.MOVED_STOP and orders.working(s.first):
            orders.move(s.first, close - gap if held > 0.0 else close + gap)
            return
        patience = 0 if p.kind == Kind.CANCELLED else -4
        if rests(p.kind) and orders.working(s.first) and s.wait < patience:
            orders.cancel(s.first)
            return
        if opens_with_exits(p.kind) and held != 0.0:
            return
        if s.wait > 0 or orders.working(s.first) or orders.working(s.second):
            return
        s.wait = 3
        side = -1.0 if held > 0.0 else 1.0
        qty = side * p.size if held == 0.0 else -held
        s.first, s.second = 0, 0
        if p.kind == Kind.MARKET or (held == 0.0 and enters_at_market(p.kind)):
            orders.market(SMALL, qty * f.up if held == 0.0 else qty, Reason.IN)
        elif p.kind == Kind.MARKET_ON_OPEN:
            s.first = orders.market_on_open(SMALL, qty, Reason.IN)
        elif p.kind == Kind.MARKET_ON_CLOSE:
            s.first = orders.market_on_close(SMALL, qty, Reason.IN)
        elif p.kind == Kind.LIMIT or p.kind == Kind.CANCELLED:
            s.first = orders.limit(SMALL, qty, close - side * gap, Reason.IN)
        elif p.kind == Kind.DAY_LIMIT:
            s.first = orders.limit(SMALL, qty, close - side * gap, Reason.IN, day=1)
        elif p.kind == Kind.STOP or p.kind == Kind.MOVED_STOP:
            s.first = orders.stop(SMALL, qty, close + side * gap, Reason.OUT)
        elif p.kind == Kind.STOP_LIMIT:
            s.first = orders.stop_limit(SMALL, qty, close + side * gap, close + side * gap * 1.1, Reason.OUT)
        elif p.kind == Kind.TRAIL:
            s.first = orders.trail(SMALL, qty, gap * 2.0, Reason.OUT)
        elif p.kind == Kind.TRAIL_PERCENT:
            s.first = orders.trail_percent(SMALL, qty, 0.04, Reason.OUT)
        elif p.kind == Kind.TRAIL_ATR:
            s.first = orders.trail_atr(SMALL, qty, 2.5, f.atr, Reason.OUT)
        elif p.kind == Kind.ONE_CANCELS_OTHER:
            s.first = orders.stop(SMALL, qty, close + side * gap, Reason.OUT)
            s.second = orders.limit(SMALL, qty, close - side * gap, Reason.OUT)
            orders.oco(s.first, s.second)
        elif p.kind == Kind.PROTECTED:
            s.first = orders.reduce_only(orders.stop(SMALL, 2.0 * qty, close + side * gap, Reason.OUT))
            orders.market(SMALL, side * 10.0, Reason.IN)
        elif p.kind == Kind.BRACKET:
            s.first = orders.bracket(SMALL, qty, close - side * 3.0 * gap, close + side * 3.0 * gap, Reason.IN)
        elif p.kind == Kind.FROM_FILL:
            entry = orders.market(SMALL, qty, Reason.IN)
            s.first = orders.stop_loss(entry, 12.0 * gap, Reason.OUT)
            s.second = orders.take_profit_percent(entry, 0.06, Reason.OUT)
            orders.oco(s.first, s.second)
        elif p.kind == Kind.TRAILING_STOP:
            entry = orders.market(SMALL, qty, Reason.IN)
            if side > 0.0:
                s.first = orders.trailing_stop(entry, 3.0 * gap, Reason.OUT)
            else:
                s.first = orders.trailing_stop_percent(entry, 0.03, Reason.OUT)


def opens_with_exits(kind):
    """Whether the kind is an entry whose exits are sent with it."""
    return kind == Kind.BRACKET or kind == Kind.FROM_FILL or kind == Kind.TRAILING_STOP


def rests(kind):
    """Whether the kind may wait for ever, and is cancelled after a while."""
    return kind == Kind.CANCELLED or kind == Kind.LIMIT or kind == Kind.STOP or kind == Kind.STOP_LIMIT


def enters_at_market(kind):
    """Whether the kind is a way out, for a position that a market order opens."""
    return (
        kind == Kind.TRAIL
        or kind == Kind.TRAIL_PERCENT
        or kind == Kind.TRAIL_ATR
        or kind == Kind.ONE_CANCELS_OTHER
        or kind == Kind.MOVED_STOP
        or kind == Kind.PROTECTED
    )
