# SPDX-License-Identifier: Apache-2.0
"""An option order filled at the model's price and half its spread, or refused with its cause."""

from typing import Any

from engine.kernel.book import end_order, is_forced
from engine.kernel.codes import Cause, EntryKind, FillAt, MarginKind, OrderStatus
from engine.kernel.ledger import post
from engine.kernel.margin import initial
from engine.kernel.netting import net_quantity, stands
from engine.kernel.option_book import holds, reduces
from engine.kernel.option_margin import options_margin, options_value
from engine.kernel.option_marks import empty_slot, years_left
from engine.kernel.option_quote import half_spread
from engine.kernel.options import price_and_delta, skewed
from engine.kernel.two_modes import two_modes


@two_modes
def work_option(book: Any, rules: Any, terms: Any, entries: Any, at: int, moment: int, reducing: bool) -> None:
    """Fill the option order in place `at` if this moment of the bar, a FillAt, is its own and this pass is.

    First what reduces a position, then all the rest, also what reduces one that this bar has opened.
    """
    order = book.order[at]
    due = moment == FillAt.NEXT_OPEN if is_forced(order) else moment == rules.fill_at
    if order.status == OrderStatus.WORKING and due and (reduces(book, order) or not reducing):
        execute_option(book, rules, terms, entries, at)


@two_modes
def execute_option(book: Any, rules: Any, terms: Any, entries: Any, at: int) -> None:
    """Fill the whole order at the modelled price and half the spread, or refuse it with its cause."""
    order = book.order[at]
    slot = order.role - len(book.asset)
    contract = book.contract[slot]
    held = contract.qty
    cause = contract_refusal(book, order)
    if cause == Cause.NONE:
        price = price_order(book, rules, order)
        if not is_forced(order):
            cause = account_refusal(book, rules, terms, slot, order.qty, price)
        if cause == Cause.NONE:
            settle_option(book, rules, entries, order, slot, price)
        elif held == 0.0:
            empty_slot(contract)
    if cause != Cause.NONE:
        end_order(book, order, OrderStatus.REJECTED, cause)


@two_modes
def contract_refusal(book: Any, order: Any) -> int:
    """Why the contract cannot be traded now, as a Cause; what reduces a position always can."""
    contract = book.contract[order.role - len(book.asset)]
    if reduces(book, order):
        return Cause.NONE
    if contract.qty != 0.0 and not holds(contract, order):
        return Cause.SLOT_TAKEN
    if years_left(book, int(order.stop)) <= 0.0:
        return Cause.CONTRACT_EXPIRED
    return Cause.NONE if book.asset[contract.role].volatility > 0.0 else Cause.NO_VOLATILITY


@two_modes
def price_order(book: Any, rules: Any, order: Any) -> float:
    """Write the order's contract and its mark now into its slot, still without a position; returns the fill price.

    Nothing sells below 0.
    """
    contract = book.contract[order.role - len(book.asset)]
    underlying = book.asset[contract.role]
    if underlying.volatility > 0.0:
        contract.at_money = underlying.volatility
    contract.right = int(order.trail)
    contract.strike = order.limit
    contract.expiry = int(order.stop)
    spot = underlying.close
    strike = contract.strike
    years = years_left(book, contract.expiry)
    volatility = skewed(contract.at_money, rules.option_skew, rules.option_floor, spot, strike, years)
    middle, delta = price_and_delta(
        contract.right, spot, strike, years, book.option_rate, rules.option_yield, volatility
    )
    contract.price = middle
    contract.delta = delta
    contract.volatility = volatility
    contract.value = contract.qty * rules.multiplier * middle
    half = half_spread(rules, spot, strike, years, book.option_rate, volatility, middle)
    return middle + half if order.qty > 0.0 else max(0.0, middle - half)


@two_modes
def account_refusal(book: Any, rules: Any, terms: Any, slot: int, qty: float, price: float) -> int:
    """Why the account cannot carry `qty` more of the contract in the slot, bought at `price`, as a Cause.

    A cash account writes no option and pays in full. A fill that lowers the requirement is always allowed.
    """
    if rules.margin == MarginKind.NONE:
        return Cause.NONE
    contract = book.contract[slot]
    held = contract.qty
    after = held + qty
    paid = qty * rules.multiplier * price
    if rules.margin == MarginKind.CASH:
        refused = (after < 0.0 and after < held) or (qty > 0.0 and book.cash < paid)
        return Cause.CASH_ACCOUNT if refused else Cause.NONE
    before = options_margin(book, rules, -1, 0.0)
    needed = options_margin(book, rules, slot, qty)
    equity = book.cash - paid + options_value(book) + qty * rules.multiplier * contract.price
    for role in range(len(book.asset)):
        if not stands(book, role):
            continue
        held_shares, close = net_quantity(book, role), book.asset[role].close
        equity += held_shares * close
        shares = initial(terms, role, held_shares, close)
        before += shares
        needed += shares
    return Cause.INITIAL_MARGIN if needed > equity and needed > before else Cause.NONE


@two_modes
def settle_option(book: Any, rules: Any, entries: Any, order: Any, slot: int, price: float) -> None:
    """Post the fill of the whole order and its commission: so much a contract, at least the order's minimum."""
    contract = book.contract[slot]
    held, qty = contract.qty, order.qty
    now = held + qty
    shares = qty * rules.multiplier
    slippage = abs(price - contract.price) * abs(shares)
    if held * now <= 0.0:
        contract.order = order.id
    post(
        book,
        rules,
        entries,
        EntryKind.OPTION_FILL,
        len(book.asset) + slot,
        qty,
        price,
        -shares * price,
        slippage,
        order.id,
        order.reason,
    )
    commission = max(rules.option_minimum, rules.option_commission * abs(qty))
    if commission != 0.0:
        post(
            book,
            rules,
            entries,
            EntryKind.COMMISSION,
            len(book.asset) + slot,
            0.0,
            price,
            -commission,
            0.0,
            order.id,
            order.reason,
        )
    if held * now <= 0.0:
        contract.avg_price = price
    elif abs(now) > abs(held):
        contract.avg_price = (contract.avg_price * held + price * qty) / now
    contract.value = now * rules.multiplier * contract.price
    if now == 0.0:
        empty_slot(contract)
    order.qty = 0.0
    order.filled += qty
    order.filled_value += qty * price
    end_order(book, order, OrderStatus.FILLED, Cause.NONE)
    book.traded += abs(shares) * price
    book.costs += commission + slippage
    book.fills += 1
