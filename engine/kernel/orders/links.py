# SPDX-License-Identifier: Apache-2.0
"""The part of `orders` that binds orders to each other and to a position."""

from engine.kernel.book import POSITION, find_slot, refuse
from engine.kernel.codes import OrderKind, OrderStatus, RunCode
from engine.kernel.linked_orders import child_shares
from engine.kernel.orders.method import order_method
from engine.kernel.two_modes import two_modes
from engine.records import Book


@order_method
def attach(orders: Book, child: int, parent: int) -> int:
    """Let `child` sleep until `parent` fills, work for its part of the fill, and end with the position. Returns child.

    A child of half its parent's size works for half of what fills. A parent that is not in the book leaves the child
    a protective order for the position held. A child of another role stops the run, and so does one that is above its
    parent: it would wait for itself.
    """
    slot = find_slot(orders, child)
    above = find_slot(orders, parent)
    if slot < 0 or option_among(orders, slot, above):
        return child if slot < 0 else 0
    order = orders.order[slot]
    if above >= 0:
        if orders.order[above].role != order.role:
            theirs = orders.order[above].role - orders.role_shift
            return refuse(orders, RunCode.OTHER_ROLE, order.role - orders.role_shift, theirs)
        if is_above(orders, child, parent):
            return refuse(orders, RunCode.OWN_CHILD, order.role - orders.role_shift, child)
    order.parent = parent if parent > 0 else POSITION
    if above >= 0:
        shares = child_shares(orders, order, orders.order[above], orders.order[above].filled)
        if shares == 0.0:
            order.status = OrderStatus.HELD
        else:
            order.qty = shares if order.asked > 0.0 else -shares
    return child


@two_modes
def is_above(orders: Book, one: int, other: int) -> bool:
    """Whether order `one` is `other`, or must fill before it does."""
    at = other
    for _ in range(orders.orders + 1):
        if at == one:
            return True
        slot = find_slot(orders, at)
        if slot < 0:
            return False
        at = orders.order[slot].parent
    return False


@order_method
def reduce_only(orders: Book, order_id: int) -> int:
    """Let an order only shrink the position: it fills no more than is held and ends when nothing is. Returns the id."""
    slot = find_slot(orders, order_id)
    if slot < 0 or option_among(orders, slot, slot):
        return 0
    if orders.order[slot].parent == 0:  # a child may only reduce as it is
        orders.order[slot].parent = POSITION
    return order_id


@order_method
def oco(orders: Book, first: int, second: int) -> int:
    """One cancels other. Groups grow by chaining. Returns the group.

    Of the same role, what one fills is taken off the other, which ends when nothing is left; of another role, any
    fill ends the other.
    """
    one = find_slot(orders, first)
    two = find_slot(orders, second)
    if one < 0 or two < 0 or option_among(orders, one, two):
        return 0
    group = orders.order[one].group
    joined = orders.order[two].group
    if group == 0:
        group = joined if joined != 0 else first
    for slot in range(orders.orders):
        if joined != 0 and orders.order[slot].group == joined:
            orders.order[slot].group = group
    orders.order[one].group = group
    orders.order[two].group = group
    return group


@two_modes
def option_among(orders: Book, one: int, two: int) -> bool:
    """Whether one of two places in the book holds an option order, which has no relatives and no price: an error."""
    for slot in (one, two):
        if slot >= 0 and orders.order[slot].kind == OrderKind.OPTION:
            refuse(orders, RunCode.NOT_FOR_OPTIONS, -1, slot)
            return True
    return False
