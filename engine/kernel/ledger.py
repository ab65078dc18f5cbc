# SPDX-License-Identifier: Apache-2.0
"""The one place where cash and positions change."""

import math

from engine.kernel.book import known
from engine.kernel.codes import EntryKind, Moment
from engine.kernel.netting import net_quantity, stands
from engine.kernel.steps import in_steps
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import Bar, Book, Entry, Rows


@every_bar
def post(
    book: Book,
    entries: Rows[Entry],
    kind: int,
    role: int,
    qty: float,
    price: float,
    amount: float,
    slippage: float,
    order: int,
    reason: int,
) -> None:
    """Add `amount` to cash and `qty` to the role's position in whole steps, and write the entry when the run records.

    role is the number of roles + slot for an option's, -1 - sleeve where the entry concerns none (-1 for the only
    sleeve); slippage is a memo that is already inside price.
    """
    book.cash += amount
    if len(book.sleeve) > 1:
        book.sleeve[sleeve_of(book, role)].cash += amount
    if role >= len(book.asset):
        hold(book, role - len(book.asset), qty)
    elif role >= 0 and qty != 0.0:
        book.asset[role].qty = in_steps(book, book.asset[role].qty + qty)
    record(book, entries, kind, role, qty, price, amount, slippage, order, reason)


@every_bar
def record(
    book: Book,
    entries: Rows[Entry],
    kind: int,
    role: int,
    qty: float,
    price: float,
    amount: float,
    slippage: float,
    order: int,
    reason: int,
) -> None:
    """Write the entry of what has been posted, where the run records."""
    if book.rules.recording == 1:
        entry = entries[book.entries]
        entry.t = book.t
        entry.kind = kind
        entry.role = role
        entry.qty = qty
        entry.price = price
        entry.amount = amount
        entry.slippage = slippage
        entry.order = order
        entry.reason = reason
        entry.moment = book.moment
        book.entries += 1


@two_modes
def post_transfer(book: Book, entries: Rows[Entry], sleeve: int, amount: float) -> None:
    """Add `amount` of the account's cash to a sleeve; what others give up is posted likewise, and sums to it."""
    book.sleeve[sleeve].cash += amount
    record(book, entries, EntryKind.TRANSFER, -1 - sleeve, 0.0, math.nan, amount, 0.0, 0, 0)


@two_modes
def sleeve_of(book: Book, role: int) -> int:
    """The sleeve that an entry's role belongs to."""
    return book.owner[role] if role >= 0 else -1 - role


@two_modes
def hold(book: Book, slot: int, qty: float) -> None:
    """Add `qty` contracts to an option slot, and count the slots that are not empty."""
    contract = book.contract[slot]
    held = contract.qty
    contract.qty += qty
    if held == 0.0 and contract.qty != 0.0:
        book.contracts += 1
    elif held != 0.0 and contract.qty == 0.0:
        book.contracts -= 1


@every_bar
def mark(book: Book, bar: Bar) -> None:
    """Value the account at the bar's closes: cash + marked positions = equity; `add_options` adds the contracts.

    gross is that of the symbols: what sleeves hold against each other is not exposed.
    """
    equity = book.cash
    gross = 0.0
    net = 0.0
    for role in range(len(book.asset)):
        holding = book.asset[role]
        close = known(book, bar.asset[role].close)
        value = holding.qty * close
        holding.close = close
        holding.value = value
        equity += value
        net += value
        gross += abs(value)
    if len(book.sleeve) > 1:
        gross = net_gross(book)
    book.equity = equity
    book.gross = gross
    book.net = net
    book.peak = max(book.peak, equity)


@two_modes
def net_gross(book: Book) -> float:
    """Sum of the symbols' net values, unsigned, at the marks."""
    gross = 0.0
    for role in range(len(book.asset)):
        if stands(book, role):
            gross += abs(net_quantity(book, role) * book.asset[role].close)
    return gross


@two_modes
def post_deposit(book: Book, entries: Rows[Entry]) -> None:
    """The opening deposit: the ledger's first entry, or one a sleeve by its weight."""
    book.moment = Moment.NIGHT
    if len(book.sleeve) == 1:
        post(book, entries, EntryKind.DEPOSIT, -1, 0.0, math.nan, book.rules.cash, 0.0, 0, 0)
    else:
        for sleeve in range(len(book.sleeve)):
            part = book.rules.cash * book.sleeve[sleeve].weight
            if sleeve == len(book.sleeve) - 1:
                part = book.rules.cash - book.cash
            post(book, entries, EntryKind.DEPOSIT, -1 - sleeve, 0.0, math.nan, part, 0.0, 0, 0)
    book.moment = Moment.CLOSE
