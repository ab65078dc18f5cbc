# SPDX-License-Identifier: Apache-2.0
"""How many shares an order may be sent with that may only reduce a position.

In the engine such an order never trades beyond the position. The broker knows no such bound: sent with more it opens
another one. How long it may stay there is said by `engine.kernel.outlived`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from engine.kernel.book import is_forced
from engine.kernel.codes import OrderStatus
from engine.kernel.linked_orders import opened
from engine.kernel.order_kinds import takes_any_price
from engine.kernel.outlived import fill_at_open


def sleeps(order: Any) -> bool:
    """Whether the order is a child that waits for its parent's fill."""
    return bool(order.status == OrderStatus.HELD)


def children_guard(book: Any, orders: Iterable[Any], *, ends_session: bool) -> dict[int, float]:
    """Sleeping child -> the signed shares that it guards: no more than its parent opens, 0 where that only closes.

    A parent that first closes the other side opens less than it trades. What fills at the next open at any price fills
    before it; of two that fill at one moment the one that was sent first.
    """
    by_id, found = {one.id: one for one in orders}, {}
    at_open = {one.id for one in fill_at_open(book.rules.fill_at, by_id.values(), ends_session=ends_session)}
    for child in filter(sleeps, by_id.values()):
        parent = by_id[child.parent]
        at_close = takes_any_price(parent) and parent.id not in at_open
        ahead = (one for one in by_id.values() if one.id in at_open or (at_close and takes_any_price(one)))
        first = (one for one in ahead if one.id < parent.id or (one.id in at_open) != (parent.id in at_open))
        stood = book.asset[parent.role].qty - (parent.asked - parent.qty)
        stood += sum(one.qty for one in first if one.role == parent.role and one.parent == 0)
        most = opened(stood, parent.asked) if parent.asked * child.asked < 0.0 else 0.0
        found[child.id] = math.copysign(min(abs(child.asked), most), child.asked)
    return found


def order_shares(book: Any, order: Any, orders: Sequence[Any], at_open: Sequence[Any]) -> float:
    """Signed shares of an order that does not sleep: of one that may only reduce, no more than there can be to reduce.

    That is what is held and what comes to it, without what orders at any price take from it at the next open, before
    it can fill; where there is neither the gate has the word. at_open are those of `orders` that fill there.
    """
    if order.parent == 0 or is_forced(order):  # the sale of a ruined sleeve may enlarge what the account holds
        return float(order.qty)
    coming = sum(one.qty for one in orders if one.role == order.role and one.parent == 0 and one.qty * order.qty < 0.0)
    most = abs(min(0.0, math.copysign(1.0, order.qty) * (book.asset[order.role].qty + coming + _taken(order, at_open))))
    return math.copysign(min(abs(order.qty), most), order.qty) if most > 0.0 else float(order.qty)


def shrink_at_open(orders: Iterable[Any], at_open: Sequence[Any]) -> set[int]:
    """Numbers of the orders that may only reduce, and find less to reduce once those for the next open have filled."""
    return {one.id for one in orders if one.parent != 0 and not is_forced(one) and _taken(one, at_open) != 0.0}


def _taken(order: Any, at_open: Sequence[Any]) -> float:
    """Signed shares that others trade on its side at the next open; 0 where it fills there itself."""
    if any(one.id == order.id for one in at_open):
        return 0.0
    return float(sum(one.qty for one in at_open if one.role == order.role and one.qty * order.qty > 0.0))


def in_all(order: Any, shares: float) -> float:
    """Signed shares that an order which may only reduce will have filled with `shares` more; 0 of every other order."""
    return float(order.filled + shares) if order.parent != 0 and not is_forced(order) else 0.0
