# SPDX-License-Identifier: Apache-2.0
"""What a fill does to the other orders: siblings shrink, children wake, protection ends with what it protected."""

from engine.kernel.book import end_order, find_slot, is_live
from engine.kernel.codes import Cause, Moment, OrderKind, OrderStatus
from engine.kernel.netting import are_twins
from engine.kernel.order_kinds import measure, trail_level
from engine.kernel.steps import in_steps, whole
from engine.kernel.two_modes import two_modes
from engine.records import Book, Order

TOMORROW = 2
"""`entry_bar` of a child that its parent's fill has woken and that works from the next bar on, by `late_children`."""

AFTER_CLOSE = 3
"""`entry_bar` of a child that a fill at the close has woken: it takes no part in that close."""


@two_modes
def follow_fill(book: Book, filled_slot: int, qty: float, price: float, moment: int) -> None:
    """What a fill of `qty` does to its relatives.

    Siblings of the same symbol shrink, those of another end. Children wake up with their part of the fill, unless they
    were siblings as well and have ended. An entry whose child has traded is over: what it would still buy, nothing
    would protect.
    """
    filled = book.order[filled_slot]
    for slot in range(book.orders):
        order = book.order[slot]
        if slot == filled_slot or not is_live(order):
            continue
        if order.group != 0 and order.group == filled.group:
            if are_twins(book, order.role, filled.role):
                shrink(book, order, abs(qty))
            else:  # shares of one symbol are no measure for those of another
                end_order(book, order, OrderStatus.CANCELLED, Cause.OCO_SIBLING_FILLED)
            if not is_live(order):
                continue
        if order.parent == filled.id:
            wake(book, order, filled, qty, price, moment)
            if filled.qty == 0.0 and is_idle(book, order):  # the entry only closed a position: nothing to protect
                end_order(book, order, OrderStatus.CANCELLED, Cause.POSITION_CLOSED)
        elif order.id == filled.parent:
            end_order(book, order, OrderStatus.CANCELLED, Cause.CHILD_FILLED)


@two_modes
def is_idle(book: Book, order: Order) -> bool:
    """Whether the order may only reduce a position that is not there."""
    return order.parent != 0 and book.asset[order.role].qty * order.qty >= 0.0


@two_modes
def shrink(book: Book, order: Order, shares: float) -> None:
    """Take `shares` off a one-cancels-other sibling; end it when nothing is left."""
    left = in_steps(book, abs(order.qty) - shares)
    if left <= 0.0:
        end_order(book, order, OrderStatus.CANCELLED, Cause.OCO_SIBLING_FILLED)
    else:
        order.qty = left if order.qty > 0.0 else -left
        if order.status == OrderStatus.HELD:  # what it will wake up with
            order.asked = order.qty


@two_modes
def child_shares(book: Book, child: Order, parent: Order, filled: float) -> float:
    """Shares of a child that work once its parent has filled `filled`: its part of them, unsigned."""
    part = abs(child.asked) * abs(filled) / abs(parent.asked)
    return whole(book, min(abs(filled), part))


@two_modes
def wake(book: Book, order: Order, parent: Order, qty: float, price: float, moment: int) -> None:
    """Let a child work for its part of `qty` more of its parent's fill; a trailing child starts from the fill price.

    A parent that first closes another position starts it once more, at the price that opens its own. Inside the bar the
    market stands at the fill price: a stop already beyond it goes there, not at its own level. An exit that is measured
    from the fill moves with the average of what its parent has filled.
    """
    if order.away != 0.0 or order.part != 0.0:
        measure(order, parent)
    before = child_shares(book, order, parent, parent.filled - qty)
    more = in_steps(book, child_shares(book, order, parent, parent.filled) - before)
    if more == 0.0:
        return
    late = book.rules.late_children == 1 and moment != Moment.CLOSE
    starts = (book.asset[order.role].qty - qty) * order.asked >= 0.0  # before this there was nothing to protect
    if order.status == OrderStatus.HELD and order.entry_bar != TOMORROW:
        order.status = OrderStatus.HELD if late else OrderStatus.WORKING
        order.qty = 0.0
        starts = True
    if starts and (order.kind == OrderKind.TRAIL or order.kind == OrderKind.TRAIL_PERCENT):
        order.stop = trail_level(order, price)
    selling = order.asked < 0.0
    order.qty = in_steps(book, order.qty - more if selling else order.qty + more)
    if late:
        if order.status == OrderStatus.HELD:
            order.entry_bar = TOMORROW
        return
    if moment != Moment.OPEN:
        order.entry_bar = AFTER_CLOSE if moment == Moment.CLOSE else 1
    if moment == Moment.RANGE and order.kind != OrderKind.LIMIT:
        order.stop = min(order.stop, price) if selling else max(order.stop, price)


@two_modes
def end_orphans(book: Book) -> None:
    """End the sleeping children of parents that are no more, but for those that have been woken for the next bar."""
    for slot in range(book.orders):
        order = book.order[slot]
        asleep = order.status == OrderStatus.HELD and order.entry_bar != TOMORROW
        if asleep and find_slot(book, order.parent) < 0:
            end_order(book, order, OrderStatus.CANCELLED, Cause.PARENT_ENDED)


@two_modes
def end_protection(book: Book, role: int, before: float) -> None:
    """End what protected a position of `before` that has just been closed or turned round.

    A child whose parent still fills stays: there will be more to protect.
    """
    for slot in range(book.orders):
        order = book.order[slot]
        protected = order.parent != 0 and order.role == role and order.qty * before < 0.0
        if protected and order.status == OrderStatus.WORKING and find_slot(book, order.parent) < 0:
            end_order(book, order, OrderStatus.CANCELLED, Cause.POSITION_CLOSED)


def opened(held: float, qty: float) -> float:
    """Shares of a trade of `qty` that open a position, once the others have closed `held` on the other side; >= 0."""
    return max(0.0, abs(qty) - (abs(held) if held * qty < 0.0 else 0.0))
