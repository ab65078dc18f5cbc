# SPDX-License-Identifier: Apache-2.0
"""The part of `orders` that leaves a position: exits measured from the price at which the entry fills.

An exit sleeps as a child of its entry and wakes in the bar of the fill, a distance or a fraction from what the entry
has paid on average, slippage included. Until then its price is measured from the entry's own limit or trigger, of a
market order from the close of the decision.
"""

import math

from engine.kernel.book import is_live, is_own, refuse, submit
from engine.kernel.codes import OrderKind, RunCode
from engine.kernel.order_kinds import exit_level, measure
from engine.kernel.orders.links import attach, oco, option_among
from engine.kernel.orders.method import order_method
from engine.kernel.two_modes import two_modes
from engine.records import Book, Order


@order_method
def stop_loss(orders: Book, entry: int, distance: float, reason: int = 0) -> int:
    """A stop for what `entry` fills, `distance` in price on the losing side of its fill price. Returns its id.

    It is sent with its entry, in the same decision or while the entry waits; 0 where the entry is 0 or was refused.
    """
    return leave(orders, entry, OrderKind.STOP, distance, 0.0, reason)


@order_method
def stop_loss_percent(orders: Book, entry: int, fraction: float, reason: int = 0) -> int:
    """The same stop at `fraction` of the fill price (0.05 is five per cent)."""
    return leave(orders, entry, OrderKind.STOP, 0.0, fraction, reason)


@order_method
def take_profit(orders: Book, entry: int, distance: float, reason: int = 0) -> int:
    """A limit for what `entry` fills, `distance` in price on the winning side of its fill price. Returns its id."""
    return leave(orders, entry, OrderKind.LIMIT, distance, 0.0, reason)


@order_method
def take_profit_percent(orders: Book, entry: int, fraction: float, reason: int = 0) -> int:
    """The same limit at `fraction` of the fill price."""
    return leave(orders, entry, OrderKind.LIMIT, 0.0, fraction, reason)


@order_method
def trailing_stop(orders: Book, entry: int, distance: float, reason: int = 0) -> int:
    """A stop for what `entry` fills, `distance` from its fill, then from the best price since. Returns its id.

    It is in force in the bar of the fill, follows at the end of each bar as `trail` does, and never moves back.
    """
    return leave(orders, entry, OrderKind.TRAIL, distance, 0.0, reason)


@order_method
def trailing_stop_percent(orders: Book, entry: int, fraction: float, reason: int = 0) -> int:
    """The same stop at `fraction` of the best price since the fill (0.05 is five per cent)."""
    return leave(orders, entry, OrderKind.TRAIL_PERCENT, 0.0, fraction, reason)


@order_method
def bracket_distance(
    orders: Book, role: int, qty: float, stop_distance: float, limit_distance: float, reason: int = 0
) -> int:
    """Shares at market with a stop and a limit at distances in price from the fill. Returns the entry's id.

    One of the two cancels the other. They wake with what the entry fills, work in the same bar, and end with the
    position.
    """
    entry = submit(orders, role, OrderKind.MARKET, qty, math.nan, math.nan, math.nan, 0, reason)
    loss = leave(orders, entry, OrderKind.STOP, stop_distance, 0.0, reason)
    gain = leave(orders, entry, OrderKind.LIMIT, limit_distance, 0.0, reason)
    oco(orders, loss, gain)
    return entry


@order_method
def bracket_percent(
    orders: Book, role: int, qty: float, stop_fraction: float, limit_fraction: float, reason: int = 0
) -> int:
    """The same bracket at fractions of the fill price (0.05 is five per cent)."""
    entry = submit(orders, role, OrderKind.MARKET, qty, math.nan, math.nan, math.nan, 0, reason)
    loss = leave(orders, entry, OrderKind.STOP, 0.0, stop_fraction, reason)
    gain = leave(orders, entry, OrderKind.LIMIT, 0.0, limit_fraction, reason)
    oco(orders, loss, gain)
    return entry


@two_modes
def leave(orders: Book, entry: int, kind: int, distance: float, fraction: float, reason: int) -> int:
    """Send a child of `entry` for all of it; distance or fraction is 0, the other above 0. A trailing one keeps it."""
    slot = entry_slot(orders, entry)
    if slot < 0 or option_among(orders, slot, slot):
        return 0
    parent = orders.order[slot]
    role = parent.role - orders.role_shift
    below = (parent.asked > 0.0) == (kind != OrderKind.LIMIT)
    price = expected(orders, parent)
    if not math.isfinite(distance) or not math.isfinite(fraction):
        return refuse(orders, RunCode.BAD_NUMBER, role, distance + fraction)
    bounded = below or kind == OrderKind.TRAIL_PERCENT
    if distance + fraction <= 0.0 or (bounded and fraction >= 1.0) or (below and distance >= price):
        return refuse(orders, RunCode.BAD_EXIT, role, distance + fraction)
    away = -distance if below else distance
    part = -fraction if below else fraction
    level = exit_level(price, away, part)
    limit = level if kind == OrderKind.LIMIT else math.nan
    stop = math.nan if kind == OrderKind.LIMIT else level
    follows = kind == OrderKind.TRAIL or kind == OrderKind.TRAIL_PERCENT
    trail = distance + fraction if follows else math.nan
    made = submit(orders, role, kind, -parent.asked, limit, stop, trail, 0, reason)
    if made > 0:
        child = orders.order[orders.orders - 1]
        if not follows:
            child.away = away
            child.part = part
        attach(orders, made, entry)
        if parent.filled != 0.0:
            measure(child, parent)
    return made


@two_modes
def entry_slot(orders: Book, entry: int) -> int:
    """Place of a live entry; -1 for none, and for one that this decision saw end; an older one stops the run."""
    if entry == 0:
        return -1
    for slot in range(orders.orders):
        order = orders.order[slot]
        if order.id == entry and is_own(orders, order):
            return slot if is_live(order) else -1
    refuse(orders, RunCode.NO_ENTRY, -1, entry)
    return -1


@two_modes
def expected(orders: Book, parent: Order) -> float:
    """What an entry is expected to fill at: its limit, its trigger, else this close."""
    if math.isfinite(parent.limit):
        return parent.limit
    if math.isfinite(parent.stop):
        return parent.stop
    return orders.asset[parent.role - orders.role_shift].close
