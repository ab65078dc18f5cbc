# SPDX-License-Identifier: Apache-2.0
"""The bull: small longs against the bounces of a sell-off, and a longer one where a broken level is won back."""

from enum import IntEnum
from typing import Any

from strategies.agents.orders import CHEAPEST, SMALL, Reason, is_idle, renew


class Bull(IntEnum):
    """Stages of the bull."""

    OUT = 0
    BOUNCE = 1
    REVERSAL = 2


def wants_bounce(close: float, f: Any, p: Any, s: Any) -> bool:
    """Whether a sell-off is oversold and makes its new low on less volume."""
    sell_off = close < f.slow and f.rsi < p.oversold
    return sell_off and f.quiet_low == 1.0 and p.bull_size > 0.0 and s.bull_wait == 0


def wants_long(p: Any, s: Any, orders: Any) -> bool:
    """Whether the bull holds nothing and is to come back."""
    return p.reversal_size > 0.0 and s.bull_stage == Bull.OUT and is_idle(s.bull, s.bull_order, orders)


def open_bull(small: Any, f: Any, s: Any, equity: float, orders: Any, weight: float, stage: int, reason: int) -> None:
    """A long of `weight` at the next open."""
    s.bull_stage = stage
    s.bull_age = 0
    s.bull_best = small.high * small.factor
    s.bull_level = small.close * small.factor - f.bull_range
    s.bull_protection = 0
    s.bull_order = orders.market(SMALL, weight * equity / small.close, reason)


def hold_bull(high: float, f: Any, p: Any, s: Any, orders: Any) -> None:
    """Ratchet the stop; leave when the bounce has come or time is up."""
    s.bull_age += 1
    s.bull_best = max(s.bull_best, high)
    s.bull_level = max(s.bull_level, s.bull_best - f.bull_range)
    bounce = s.bull_stage == Bull.BOUNCE
    if is_idle(s.bull, s.bull_order, orders):
        leave_bull(p, s, orders, Reason.BULL_STOP)
    elif bounce and f.rsi >= p.bull_done:
        leave_bull(p, s, orders, Reason.BULL_DONE)
    elif s.bull_age >= (p.bull_hold if bounce else p.reversal_hold):
        leave_bull(p, s, orders, Reason.BULL_TIME)


def leave_bull(p: Any, s: Any, orders: Any, reason: int) -> None:
    """Sell all, with everything that works for the bull."""
    orders.cancel(s.bull_order)
    orders.cancel(s.bull_protection)
    s.bull_order = orders.market(SMALL, -s.bull, reason)
    s.bull_stage = Bull.OUT
    s.bull_wait = p.pause


def protect_bull(small: Any, s: Any, orders: Any) -> None:
    """Keep one stop order for what the bull holds or is about to."""
    if s.bull_stage != Bull.OUT:
        qty = -(s.bull + orders.quantity(s.bull_order))
        price = max(CHEAPEST, s.bull_level / small.factor)
        s.bull_protection = renew(orders, s.bull_protection, SMALL, qty, price, Reason.BULL_STOP)


def bull_working(s: Any, orders: Any) -> float:
    """Signed shares that the bull's orders have still to fill."""
    return orders.quantity(s.bull_order) + orders.quantity(s.bull_protection)
