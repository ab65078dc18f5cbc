# SPDX-License-Identifier: Apache-2.0
"""The book of working orders: dense slots in order of submission; what ends moves to the log."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.kernel.codes import Cause, EngineReason, OrderKind, OrderStatus, RunCode, TimeInForce
from engine.kernel.order_kinds import priceless, takes_any_price
from engine.kernel.steps import note_cut, whole
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import ORDER, PLACES, Book, Order, Rows

POSITION = -1
"""Stands for the position itself where an order names its parent: an order that may only reduce it."""

FEW_ORDERS = 8
"""Up to so many orders are gone through one by one, which a processor foresees better than halves."""


@two_modes
def submit(
    book: Book,
    role: int,
    kind: int,
    qty: float,
    limit: float,
    stop: float,
    trail: float,
    day: int,
    reason: int,
) -> int:
    """Put an order in the book; returns its id, or 0 when there is nothing to do or the run must stop.

    qty is signed shares, limit/stop/trail are NaN where the kind has none. Refusals are orders too: they keep
    their id and reach the log with their cause.
    """
    known = kernel_role(book, role)
    if known < 0:
        return refuse(book, RunCode.BAD_ROLE, role, role)
    if is_absent(book, role) and reason >= 0:
        return turn_away(book, known, kind, qty, limit, stop, trail, day, reason)
    if not math.isfinite(qty) or math.isinf(limit) or math.isinf(stop) or priceless(kind, limit, stop):
        return refuse(book, RunCode.BAD_NUMBER, role, qty)
    if limit <= 0.0 or stop <= 0.0:
        return refuse(book, RunCode.BAD_PRICE, role, limit if limit <= 0.0 else stop)
    if day != TimeInForce.GTC and day != TimeInForce.DAY:
        return refuse(book, RunCode.BAD_DAY, role, day)
    if reason < 0:
        return refuse(book, RunCode.BAD_REASON, role, 0.0)
    kept = whole(book, qty)
    if kept == 0.0 and qty != 0.0:
        note_cut(book, known, qty)
    return enter_order(book, known, kind, kept, limit, stop, trail, day, reason)


@every_bar
def known(book: Book, price: float) -> float:
    """The price as a mark: 0 where there is none, so that nothing of it is worth nothing."""
    return 0.0 if len(book.spans) > 1 and math.isnan(price) else price


@two_modes
def is_absent(book: Book, role: int) -> bool:
    """Whether the role has no price on this bar: it has not begun, or has ended. role is the strategy's."""
    return len(book.spans) > 1 and book.asset[role].close == 0.0


@two_modes
def turn_away(
    book: Book, role: int, kind: int, qty: float, limit: float, stop: float, trail: float, day: int, reason: int
) -> int:
    """Log an order on a role without a price as refused; qty is NaN where it was to be sized by a price."""
    made = enter_order(book, role, kind, whole(book, qty), limit, stop, trail, day, reason)
    slot = find_slot(book, made)
    if slot >= 0:
        end_order(book, book.order[slot], OrderStatus.REJECTED, Cause.NO_PRICE)
    return made


@two_modes
def refuse(book: Book, code: int, role: int, number: float) -> int:
    """Stop the run over an order that cannot be meant; the first such order stands. Returns 0, an order's id."""
    if book.error == RunCode.OK:
        book.error = code
        book.error_role = role
        book.error_number = number
    return 0


@two_modes
def kernel_role(book: Book, role: int) -> int:
    """The role as orders and ledger count it: a sleeve's come after those of the sleeves before; -1 where none is."""
    return role + book.role_shift if 0 <= role < len(book.asset) else -1


@two_modes
def option_role(book: Book, slot: int) -> int:
    """What orders and ledger call an option slot: number of roles + slot, in the account as a whole."""
    return len(book.asset) + slot + book.option_shift


@two_modes
def is_own(book: Book, order: Order) -> bool:
    """Whether the order is one of this book: a sleeve has no hand on the orders of another.

    What sees every role and option slot of the account sees them all: there compiled code keeps nothing of the rest.
    """
    whole_account = len(book.asset) + len(book.contract) == len(book.owner)
    return whole_account or book.owner[order.role] == book.deciding


@two_modes
def enter_order(
    book: Book,
    role: int,
    kind: int,
    qty: float,
    limit: float,
    stop: float,
    trail: float,
    day: int,
    reason: int,
) -> int:
    """Put an order whose numbers have been looked at in the book; returns as `submit` does. role is the kernel's."""
    if qty == 0.0:
        return 0
    if reason >= 0 and book.orders - book.ended >= len(book.order) // PLACES:
        return refuse(book, RunCode.BOOK_FULL, -1, qty)
    if book.orders >= len(book.order):
        return refuse(book, RunCode.NO_PLACE, -1, qty)
    order = book.order[book.orders]
    book.orders += 1
    book.next_id += 1
    order.id = book.next_id
    order.role = role
    order.kind = kind
    order.tif = day
    order.status = OrderStatus.WORKING
    order.reason = reason
    order.cause = Cause.NONE
    order.triggered = 0
    order.entry_bar = 0
    order.qty = qty
    order.asked = qty
    order.filled = 0.0
    order.filled_value = 0.0
    order.limit = limit
    order.stop = stop
    order.trail = trail
    order.away = 0.0
    order.part = 0.0
    order.strike = 0.0
    order.expiry = 0
    order.right = 0
    order.parent = 0
    order.group = 0
    order.born = book.t
    order.ended = -1
    if reason >= 0 and book.ruined == 1:
        end_order(book, order, OrderStatus.REJECTED, Cause.ACCOUNT_RUINED)
    elif reason >= 0 and book.frozen == 1:
        end_order(book, order, OrderStatus.REJECTED, Cause.MARGIN_CALL)
    return book.next_id


@two_modes
def is_live(order: Order) -> bool:
    """Whether the order can still fill, now or once its parent has."""
    return order.status <= OrderStatus.HELD


@two_modes
def end_order(book: Book, order: Order, status: int, cause: int) -> None:
    """Finish an order; the slot is cleared at the end of the step. One that has ended keeps its first ending."""
    if not is_live(order):
        return
    order.status = status
    order.cause = cause
    order.ended = book.t
    book.ended += 1


@two_modes
def find_slot(book: Book, order_id: int) -> int:
    """Slot of a live order by id, or -1."""
    if book.orders > FEW_ORDERS:
        return own_slot(book, halve_to(book, order_id), order_id)
    for slot in range(book.orders):
        if book.order[slot].id == order_id:
            return own_slot(book, slot, order_id)
    return -1


@two_modes
def own_slot(book: Book, slot: int, order_id: int) -> int:
    """`slot` where the order in it has this id, is live and of this book; -1 where it is another."""
    order = book.order[slot]
    return slot if order.id == order_id and is_live(order) and is_own(book, order) else -1


@two_modes
def halve_to(book: Book, order_id: int) -> int:
    """The last place whose order has this id or an earlier one, 0 where none has: ids rise from place to place."""
    low, high = 0, book.orders
    while high - low > 1:
        middle = (low + high) // 2
        if book.order[middle].id <= order_id:
            low = middle
        else:
            high = middle
    return low


@two_modes
def replace_working(book: Book, role: int) -> None:
    """Cancel the strategy's own orders of one role of the kernel that will trade whatever the price.

    What waits for a price, or sleeps as a child, stays.
    """
    for slot in range(book.orders):
        order = book.order[slot]
        if takes_any_price(order) and order.status == OrderStatus.WORKING and order.role == role and order.reason >= 0:
            end_order(book, order, OrderStatus.CANCELLED, Cause.REPLACED)


@two_modes
def cancel_role(book: Book, role: int) -> None:
    """Cancel the strategy's own live orders of one role of the kernel. Forced orders stay."""
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order) and order.role == role and order.reason >= 0:
            end_order(book, order, OrderStatus.CANCELLED, Cause.BY_STRATEGY)


@two_modes
def cancel_ended_role(book: Book, role: int) -> None:
    """End every live order of a role that has ended, those of a margin call too."""
    for slot in range(book.orders):
        order = book.order[slot]
        if order.role == role:
            end_order(book, order, OrderStatus.CANCELLED, Cause.ROLE_ENDED)


@two_modes
def cancel_everything(book: Book, cause: int) -> None:
    """Cancel every live order, those of an earlier margin call too."""
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order):
            end_order(book, order, OrderStatus.CANCELLED, cause)


@two_modes
def clear_ended(book: Book, log: Rows[Order]) -> None:
    """Move what has ended to the log and close the gaps, keeping the order of submission."""
    kept = 0
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order):
            if kept != slot:
                copy_order(book.order[kept], order)
            kept += 1
        elif book.rules.recording == 1:
            copy_order(log[book.closed], order)
            book.closed += 1
    book.orders = kept
    book.ended = 0


def _copying(dtype: np.dtype[Any]) -> Callable[[Any, Any], None]:
    """A function that copies every field of one record to another, field by field: rows of both modes can do that."""
    lines = [f"    to.{name} = source.{name}" for name in dtype.names or ()]
    made: dict[str, Any] = {"__name__": __name__}
    exec("\n".join(["def copy(to, source):", *lines]), made)  # noqa: S102
    copy: Callable[[Any, Any], None] = made["copy"]
    return two_modes(copy)


copy_order = _copying(ORDER)


@two_modes
def force_order(book: Book, role: int, qty: float, reason: int) -> None:
    """A market order of the engine's own: a liquidation, never refused for margin, never beyond the position."""
    made = enter_order(book, role, OrderKind.MARKET, whole(book, qty), math.nan, math.nan, math.nan, 0, reason)
    slot = find_slot(book, made)
    if slot >= 0:
        book.order[slot].parent = POSITION


@two_modes
def is_forced(order: Order) -> bool:
    """Whether the engine sent the order."""
    return order.reason < EngineReason.NONE
