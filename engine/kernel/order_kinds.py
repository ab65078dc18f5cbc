# SPDX-License-Identifier: Apache-2.0
"""What the kinds of orders need and take: a price, any price, a trigger that follows."""

import math

from engine.kernel.codes import OrderKind
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import Order


@two_modes
def priceless(kind: int, limit: float, stop: float) -> bool:
    """Whether an order lacks a price that its kind needs: it would wait forever without a word."""
    if kind == OrderKind.LIMIT:
        return math.isnan(limit)
    if kind == OrderKind.STOP:
        return math.isnan(stop)
    return kind == OrderKind.STOP_LIMIT and (math.isnan(limit) or math.isnan(stop))


@every_bar
def becomes_market(order: Order) -> bool:
    """Whether the order is a market order once it is triggered."""
    return order.kind == OrderKind.STOP or order.kind == OrderKind.TRAIL or order.kind == OrderKind.TRAIL_PERCENT


@every_bar
def is_market(order: Order) -> bool:
    """Whether the order takes any price: a market order, or what volume has left of a triggered stop."""
    return order.kind == OrderKind.MARKET or (order.triggered == 1 and becomes_market(order))


@every_bar
def takes_any_price(order: Order) -> bool:
    """Whether the order trades whatever the price: a market order, at an open or a close too."""
    at_auction = order.kind == OrderKind.MARKET_ON_OPEN or order.kind == OrderKind.MARKET_ON_CLOSE
    return at_auction or is_market(order)


@two_modes
def exit_level(price: float, away: float, part: float) -> float:
    """Price of an exit `away` in price and `part` as a fraction, both signed, from an entry at `price`."""
    return price * (1.0 + part) + away


@every_bar
def trail_level(order: Order, price: float) -> float:
    """Trigger of a trailing stop whose best price so far is `price`: below it for a sale, above it for a purchase."""
    distance = order.trail
    if order.kind == OrderKind.TRAIL_PERCENT:
        distance = order.trail * price
    return price - distance if order.asked < 0.0 else price + distance


@two_modes
def measure(child: Order, parent: Order) -> None:
    """Put an exit where it belongs by what its entry has paid on average so far."""
    paid = parent.filled_value / parent.filled
    if child.kind == OrderKind.LIMIT:
        child.limit = exit_level(paid, child.away, child.part)
    elif child.kind == OrderKind.STOP:
        child.stop = exit_level(paid, child.away, child.part)
    else:
        child.stop = trail_level(child, paid)
