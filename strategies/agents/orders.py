# SPDX-License-Identifier: Apache-2.0
"""What both agents say to the broker: the reasons of their orders, and the words they share."""

from typing import Any

from engine.strategy import ReasonCode, ReasonKind

SMALL = 0  # position of the small caps in `roles`
DUST = 1e-6  # shares
SAME = 1e-14  # of a quantity: two sums of the same shares differ in their last bits
CHEAPEST = 0.01  # a translated price is never less


class Reason(ReasonCode):
    BEAR_BREACH = 1, "bear: a decisive close below the level, the first tier is sold", ReasonKind.ENTRY
    BEAR_TIER_2 = 2, "bear: second tier, on a rebound toward the broken level", ReasonKind.ENTRY
    BEAR_TIER_3 = 3, "bear: third tier, on a rebound toward the broken level", ReasonKind.ENTRY
    BEAR_STOP = 4, "bear: the ATR stop", ReasonKind.STOP
    BEAR_REDUCE = 5, "bear: the fall is tiring, a step is covered", ReasonKind.REBALANCE
    BEAR_TARGET = 6, "bear: the double top's measured move is reached, all is covered", ReasonKind.EXIT
    BEAR_RECLAIMED = 7, "bear: the close is back above the broken level, all is covered", ReasonKind.EXIT
    BULL_BOUNCE = 8, "bull: oversold and a new low on drying volume, a small counter-trend long", ReasonKind.ENTRY
    BULL_REVERSAL = 9, "bull: the broken level is won back, long again", ReasonKind.ENTRY
    BULL_STOP = 10, "bull: the ATR stop", ReasonKind.STOP
    BULL_DONE = 11, "bull: the bounce has come, the long is sold", ReasonKind.EXIT
    BULL_TIME = 12, "bull: the holding limit", ReasonKind.EXIT
    BULL_YIELD = 13, "bull: a level broke, the long makes room for the bear", ReasonKind.EXIT
    BOTH_CLOSED = 14, "an order was refused or the broker closed something: both agents start anew", ReasonKind.EXIT
    BULL_LEG = 15, "bull: a leg of the call spread was refused or is left over, the spread is closed", ReasonKind.EXIT


def is_idle(held: float, order: int, orders: Any) -> bool:
    """Whether an agent holds nothing and nothing is on its way."""
    return abs(held) <= DUST and not orders.working(order)


def renew(orders: Any, order: int, role: int, qty: float, price: float, reason: int) -> int:
    """Move a stop to its new price, in a new order when it has another size."""
    if abs(orders.quantity(order) - qty) <= SAME * abs(qty):
        return orders.move(order, price)
    orders.cancel(order)
    return orders.stop(role, qty, price, reason)
