# SPDX-License-Identifier: Apache-2.0
"""The sleeves of an account: their marks, their parts of what belongs to all, and capital moved between them.

Only accounts of several strategies come here. The equities of the sleeves sum to the account's.
"""

import math

from engine.kernel.book import end_order, force_order, is_forced, is_live
from engine.kernel.codes import Cause, EngineReason, EntryKind, OrderStatus
from engine.kernel.ledger import post, post_transfer
from engine.kernel.margin import maintenance
from engine.kernel.netting import are_twins, same_side
from engine.kernel.option_book import close_contract
from engine.kernel.option_margin import options_margin
from engine.kernel.two_modes import two_modes
from engine.records import Book, Entry, Rows, Sleeve, Terms


@two_modes
def mark_sleeves(book: Book, terms: Terms, again: bool) -> None:
    """Value each sleeve at the marks of the account. again: the same close once more, which leaves one peak."""
    for number in range(len(book.sleeve)):
        own = book.sleeve[number]
        equity = own.cash
        gross = 0.0
        net = 0.0
        required = 0.0
        for role in range(own.role_shift, own.role_shift + own.roles):
            holding = book.asset[role]
            equity += holding.value
            net += holding.value
            gross += abs(holding.value)
            required += maintenance(terms, role, holding.qty, holding.close)
        if book.contracts > 0:
            for slot in range(own.first_slot, own.first_slot + own.slots):
                contract = book.contract[slot]
                moves = contract.qty * book.multiplier * contract.delta * book.asset[contract.role].close
                equity += contract.value
                net += moves
                gross += abs(moves)
            required += options_margin(book, -1, 0.0, own.first_slot, own.first_slot + own.slots)
        own.equity = equity
        own.gross = gross
        own.net = net
        own.maintenance = required
        if not again:
            own.last_peak = own.peak
        own.peak = max(own.last_peak, equity)


@two_modes
def close_ruined(book: Book) -> None:
    """Close the sleeves whose equity is gone: what works is cancelled, all they hold is sold at the next open.

    They trade no more until a transfer brings them capital. The account as a whole may be sound.
    """
    for number in range(len(book.sleeve)):
        own = book.sleeve[number]
        if book.ruined == 1:
            own.ruined = 1
        elif own.equity <= 0.0 and own.ruined == 0:
            own.ruined = 1
            for slot in range(book.orders):
                order = book.order[slot]
                if is_live(order) and book.owner[order.role] == number and not is_forced(order):
                    end_order(book, order, OrderStatus.CANCELLED, Cause.ACCOUNT_RUINED)
        if own.ruined == 1 and book.ruined == 0:
            sell_all(book, own)


@two_modes
def sell_all(book: Book, own: Sleeve) -> None:
    """Forced orders for what a sleeve holds, where none works already."""
    for role in range(own.role_shift, own.role_shift + own.roles):
        held = book.asset[role].qty
        if held != 0.0 and not has_forced(book, role):
            force_order(book, role, -held, EngineReason.RUINED)
    for slot in range(own.first_slot, own.first_slot + own.slots):
        held = book.contract[slot].qty
        if held != 0.0 and not has_forced(book, len(book.asset) + slot):
            close_contract(book, slot, -held, EngineReason.RUINED)


@two_modes
def has_forced(book: Book, role: int) -> bool:
    """Whether an order of the engine's works on the role."""
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order) and order.role == role and is_forced(order):
            return True
    return False


@two_modes
def share_borrow(book: Book, entries: Rows[Entry], role: int, collateral: float, fee: float) -> None:
    """Charge the fee on a symbol's net short to the sleeves that are short, by their shares."""
    short = same_side(book, role, -1.0)
    for other in range(len(book.asset)):
        shares = book.asset[other].qty
        if are_twins(book, other, role) and shares < 0.0:
            part = fee * (-shares / short)
            post(book, entries, EntryKind.BORROW, other, 0.0, collateral, -part, 0.0, 0, 0)


@two_modes
def share_interest(book: Book, entries: Rows[Entry], amount: float) -> None:
    """Give each sleeve its part of the account's interest: by equity at the close before, by weight where all is gone.

    A sleeve whose equity is not positive has no part.
    """
    total = 0.0
    for number in range(len(book.sleeve)):
        total += max(0.0, book.sleeve[number].equity)
    for number in range(len(book.sleeve)):
        own = book.sleeve[number]
        part = max(0.0, own.equity) / total if total > 0.0 else own.weight
        post(book, entries, EntryKind.INTEREST, -1 - number, 0.0, math.nan, amount * part, 0.0, 0, 0)


@two_modes
def rebalance(book: Book, terms: Terms, entries: Rows[Entry]) -> None:
    """At the first close of a period bring the sleeves' equities to their weights; the account's cash stays.

    Peaks move with the capital, so that a transfer is no drawdown. Where no equity is left nothing moves.
    """
    if book.rules.rebalance == 0:
        return
    period = terms.month // book.rules.rebalance
    first = book.t == 0
    if period == book.transfer_period and not first:
        return
    book.transfer_period = period
    total = 0.0
    for number in range(len(book.sleeve)):
        total += book.sleeve[number].equity
    if first or total <= 0.0:
        return
    left = 0.0
    for number in range(len(book.sleeve)):
        own = book.sleeve[number]
        amount = own.weight * total - own.equity if number < len(book.sleeve) - 1 else left
        left -= amount
        post_transfer(book, entries, number, amount)
        keep_drawdown(own, amount)


@two_modes
def keep_drawdown(own: Sleeve, amount: float) -> None:
    """Move equity and peak with `amount` more capital: the drawdown stays, or is 0 where there was no equity.

    A sleeve that was ruined may trade again.
    """
    before = own.equity
    own.equity += amount
    scale = own.equity / before if before > 0.0 else 0.0
    own.peak = max(own.equity, own.peak * scale)
    own.last_peak = own.last_peak * scale
    if own.equity > 0.0:
        own.ruined = 0
