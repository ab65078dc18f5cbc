# SPDX-License-Identifier: Apache-2.0
"""An option order filled at the model's price and half its spread, or refused with its cause."""

from engine.kernel.book import end_order, is_forced
from engine.kernel.codes import Cause, EntryKind, FillAt, MarginKind, OrderStatus
from engine.kernel.fill import average_price, post_trade
from engine.kernel.margin import add_shares, cash_refusal, margin_refusal
from engine.kernel.option_book import holds, reduces
from engine.kernel.option_margin import options_margin, options_value
from engine.kernel.option_marks import empty_slot
from engine.kernel.option_price import dealt, mark_contract, years_left
from engine.kernel.two_modes import two_modes
from engine.records import Book, Entry, Order, Rows, Terms


@two_modes
def work_option(book: Book, terms: Terms, entries: Rows[Entry], at: int, moment: int, reducing: bool) -> None:
    """Fill the option order in place `at` if this moment of the bar, a FillAt, is its own and this pass is.

    First what reduces a position, then all the rest, also what reduces one that this bar has opened.
    """
    order = book.order[at]
    due = moment == FillAt.NEXT_OPEN if is_forced(order) else moment == book.rules.fill_at
    if order.status == OrderStatus.WORKING and due and (reduces(book, order) or not reducing):
        execute_option(book, terms, entries, at)


@two_modes
def execute_option(book: Book, terms: Terms, entries: Rows[Entry], at: int) -> None:
    """Fill the whole order at the modelled price and half the spread, or refuse it with its cause."""
    order = book.order[at]
    slot = order.role - len(book.asset)
    contract = book.contract[slot]
    held = contract.qty
    cause = contract_refusal(book, order)
    if cause == Cause.NONE:
        price = price_order(book, order)
        if not is_forced(order):
            cause = account_refusal(book, terms, slot, order.qty, price)
        if cause == Cause.NONE:
            settle_option(book, entries, order, slot, price)
        elif held == 0.0:
            empty_slot(contract)
    if cause != Cause.NONE:
        end_order(book, order, OrderStatus.REJECTED, cause)


@two_modes
def contract_refusal(book: Book, order: Order) -> int:
    """Why the contract cannot be traded now, as a Cause; what reduces a position always can."""
    contract = book.contract[order.role - len(book.asset)]
    if reduces(book, order):
        return Cause.NONE
    if contract.qty != 0.0 and not holds(contract, order):
        return Cause.SLOT_TAKEN
    if years_left(book, order.expiry) <= 0.0:
        return Cause.CONTRACT_EXPIRED
    return Cause.NONE if book.asset[contract.role].volatility > 0.0 else Cause.NO_VOLATILITY


@two_modes
def price_order(book: Book, order: Order) -> float:
    """Write the order's contract and its mark now into its slot, still without a position; returns the fill price."""
    contract = book.contract[order.role - len(book.asset)]
    contract.right = order.right
    contract.strike = order.strike
    contract.expiry = order.expiry
    mark_contract(book, contract)
    spot = book.asset[contract.role].close
    return dealt(book, order.qty, contract.strike, contract.expiry, spot, contract.volatility, contract.price)


@two_modes
def account_refusal(book: Book, terms: Terms, slot: int, qty: float, price: float) -> int:
    """Why the account cannot carry `qty` more of the contract in the slot, bought at `price`, as a Cause.

    A cash account writes no option and pays in full. A fill that lowers the requirement is always allowed.
    """
    if book.rules.margin == MarginKind.NONE:
        return Cause.NONE
    contract = book.contract[slot]
    paid = qty * book.multiplier * price
    if book.rules.margin == MarginKind.CASH:
        left = book.cash - paid - option_commission(book, qty)
        return Cause.CASH_ACCOUNT if left < 0.0 else cash_refusal(contract.qty, qty)
    equity = book.cash - paid + options_value(book) + qty * book.multiplier * contract.price
    before = options_margin(book, -1, 0.0)
    needed = options_margin(book, slot, qty)
    equity, before, needed = add_shares(book, terms, -1, 0.0, 0.0, equity, before, needed)
    return margin_refusal(equity, before, needed)


@two_modes
def option_commission(book: Book, qty: float) -> float:
    """What an order for `qty` contracts pays the broker: so much a contract, at least the order's minimum."""
    return max(book.rules.option_minimum, book.rules.option_commission * abs(qty))


@two_modes
def settle_option(book: Book, entries: Rows[Entry], order: Order, slot: int, price: float) -> None:
    """Post the fill of the whole order and its commission: so much a contract, at least the order's minimum."""
    contract = book.contract[slot]
    held, qty = contract.qty, order.qty
    now = held + qty
    if held * now <= 0.0:
        contract.order = order.id
    contract.avg_price = average_price(contract.avg_price, held, qty, price)
    slippage = abs(price - contract.price) * abs(qty * book.multiplier)
    commission = option_commission(book, qty)
    post_trade(book, entries, order, EntryKind.OPTION_FILL, qty, book.multiplier, price, slippage, commission, 0.0)
    contract.value = now * book.multiplier * contract.price
    if now == 0.0:
        empty_slot(contract)
    end_order(book, order, OrderStatus.FILLED, Cause.NONE)
