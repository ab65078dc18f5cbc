# SPDX-License-Identifier: Apache-2.0
"""What happens to an option contract without an order: expiry and the splits of its underlying."""

from engine.kernel.codes import EngineReason, EntryKind, OrderKind
from engine.kernel.ledger import post
from engine.kernel.option_marks import empty_slot
from engine.kernel.options import intrinsic
from engine.kernel.two_modes import two_modes
from engine.records import OPTION_SLOTS, Bar, Book, Entry, Rows


@two_modes
def expire_options(book: Book, entries: Rows[Entry], bar: Bar) -> None:
    """At a session's close: contracts whose expiry has come are settled in cash at their intrinsic value.

    An expiry that is no session is settled at the close of the session before.
    """
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty != 0.0 and contract.expiry <= book.settles:
            price = intrinsic(contract.right, bar.asset[contract.role].close, contract.strike)
            amount = contract.qty * book.multiplier * price
            post(
                book, entries, EntryKind.OPTION_EXPIRY, len(book.asset) + slot, -contract.qty, price, amount,
                0.0, contract.order, EngineReason.EXPIRY,
            )  # fmt: skip
            empty_slot(contract)


@two_modes
def split_options(book: Book, entries: Rows[Entry], role: int, ratio: float) -> None:
    """`ratio` new shares for one old: more contracts at a lower strike, held and ordered; the value stays the same.

    Fractions of a contract may be left by an odd ratio: they stand for the odd deliverable that a clearing house sets.
    """
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty != 0.0 and contract.role == role:
            contract.strike = contract.strike / ratio
            contract.price = contract.price / ratio
            contract.avg_price = contract.avg_price / ratio
            more = contract.qty * ratio - contract.qty
            own = len(book.asset) + slot
            post(book, entries, EntryKind.SPLIT, own, more, contract.price, 0.0, 0.0, contract.order, 0)
    for at in range(book.orders):
        order = book.order[at]
        if order.kind == OrderKind.OPTION and book.contract[order.role - len(book.asset)].role == role:
            order.qty = order.qty * ratio
            order.asked = order.asked * ratio
            order.strike = order.strike / ratio
