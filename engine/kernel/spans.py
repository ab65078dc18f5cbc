# SPDX-License-Identifier: Apache-2.0
"""Roles that begin later than others or end earlier: no price before, none after, and nothing held then.

A price that is not there is NaN in the bars that an author sees and 0 in the account's marks: 0 shares of it are worth
0. `Book.spans` is long in a run that has such roles; of all others compiled code keeps nothing of this.
"""

import math

from engine.kernel.book import cancel_ended_role, clear_ended, force_order
from engine.kernel.codes import EngineReason, EntryKind, Moment
from engine.kernel.fill import fill_order
from engine.kernel.ledger import post
from engine.kernel.two_modes import two_modes
from engine.records import Bar, Book, Entry, Order, Rows, Terms


def end_roles(book: Book, terms: Terms, entries: Rows[Entry], log: Rows[Order], bar: Bar) -> None:
    """`close_roles` in a run that has such roles; compiled, the loop of any other run has nothing in its place."""
    if len(book.spans) > 1:
        close_roles(book, terms, entries, log, bar)


@two_modes
def close_roles(book: Book, terms: Terms, entries: Rows[Entry], log: Rows[Order], bar: Bar) -> None:
    """Before the first bar without a role: its orders end, and what is held of it is paid for as `book.pays` declares.

    Without a declaration it is closed at its last close. Nothing is paid for the night, and nothing for liquidity:
    commission and fees are those of an order. What a holder of a delisted share gets is not in its bars.
    """
    book.moment = Moment.NIGHT
    for role in range(len(book.asset)):
        holding = book.asset[role]
        price = holding.close
        if price == 0.0 or not math.isnan(bar.asset[role].close):
            continue
        cancel_ended_role(book, role)
        clear_ended(book, log)
        held, place, paid = holding.qty, book.orders, book.pays[role]
        if held != 0.0 and not math.isnan(paid):
            post(
                book, entries, EntryKind.DELISTING, role, -held, paid, held * paid, 0.0, 0, EngineReason.DELISTED
            )  # fmt: skip
            holding.avg_price = 0.0
        elif held != 0.0:
            force_order(book, role, -held, EngineReason.ROLE_ENDED)
            if book.orders == place:  # no place: the run stops at this bar's decision
                return
            fill_order(book, terms, entries, place, -held, price, 0.0, Moment.NIGHT)
        holding.close = 0.0
        holding.value = 0.0
        clear_ended(book, log)
    book.moment = Moment.CLOSE
