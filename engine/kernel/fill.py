# SPDX-License-Identifier: Apache-2.0
"""One execution: how much, at what price, at what cost, and what it does to the order's relatives."""

import math
from typing import Any

from engine.kernel.book import end_order, is_forced, whole
from engine.kernel.codes import Cause, EntryKind, OrderKind, OrderStatus
from engine.kernel.costs import order_commission, order_fees, slippage_fraction
from engine.kernel.ledger import post
from engine.kernel.linked_orders import end_protection, follow_fill, is_idle
from engine.kernel.margin import refusal
from engine.kernel.netting import filled_shares
from engine.kernel.two_modes import two_modes


@two_modes
def execute(
    book: Any, rules: Any, terms: Any, entries: Any, bar: Any, slot: int, reference: float, slips: bool, moment: int
) -> None:
    """Fill the order in `slot` at the reference price, as far as volume, position and margin allow.

    slips: the order takes liquidity and pays slippage; a triggered stop-limit never pays more than its limit.
    moment: when in the bar, a Moment, which is what its children are told.
    """
    order = book.order[slot]
    role = order.role
    qty = fillable(book, rules, bar, order)
    if qty == 0.0:
        return
    price = reference
    if slips:
        fraction = slippage_fraction(terms, role, abs(qty), bar.asset[role].volume)
        price = reference * (1.0 + fraction) if qty > 0.0 else reference * max(0.0, 1.0 - fraction)
        if order.kind == OrderKind.STOP_LIMIT:
            price = min(price, order.limit) if qty > 0.0 else max(price, order.limit)
    if not is_forced(order):
        cause = refusal(book, rules, terms, role, qty, price)
        if cause != Cause.NONE:
            end_order(book, order, OrderStatus.REJECTED, cause)
            return
    fill_order(book, rules, terms, entries, slot, qty, price, abs(price - reference) * abs(qty), moment)


@two_modes
def fill_order(
    book: Any, rules: Any, terms: Any, entries: Any, slot: int, qty: float, price: float, slippage: float, moment: int
) -> None:
    """What `qty` signed shares filled at `price` change: the ledger, the order, its relatives, what it protected."""
    order = book.order[slot]
    role = order.role
    before = book.asset[role].qty
    settle(book, rules, terms, entries, order, qty, price, slippage)
    if order.qty == 0.0:
        end_order(book, order, OrderStatus.FILLED, Cause.NONE)
    follow_fill(book, slot, qty, price, moment)
    if before != 0.0 and before * book.asset[role].qty <= 0.0:
        end_protection(book, role, before)


@two_modes
def fillable(book: Any, rules: Any, bar: Any, order: Any) -> float:
    """Signed shares that can fill now: within the participation cap, and for a child within what it protects."""
    if is_idle(book, order):
        return 0.0
    qty = abs(order.qty)
    if order.parent != 0:
        qty = min(qty, abs(book.asset[order.role].qty))
    volume = bar.asset[order.role].volume
    if math.isfinite(rules.participation) and math.isfinite(volume):
        room = max(0.0, rules.participation * volume - filled_shares(book, order.role))
        qty = min(qty, whole(book, room))
    return qty if order.qty > 0.0 else -qty


@two_modes
def settle(
    book: Any, rules: Any, terms: Any, entries: Any, order: Any, qty: float, price: float, slippage: float
) -> None:
    """Post the fill, its commission and its fees; costs are those of the whole order so far, less what it has paid."""
    role = order.role
    holding = book.asset[role]
    held = holding.qty
    kind = EntryKind.LIQUIDATION if is_forced(order) else EntryKind.FILL
    post(book, rules, entries, kind, role, qty, price, -qty * price, slippage, order.id, order.reason)
    now = held + qty
    if now == 0.0:
        holding.avg_price = 0.0
    elif held * now <= 0.0:
        holding.avg_price = price
    elif abs(now) > abs(held):
        holding.avg_price = (holding.avg_price * held + price * qty) / now

    before = max(0.0, book.month_shares - abs(order.filled))
    paid, paid_fees = 0.0, 0.0
    if order.filled != 0.0:
        shares, value = abs(order.filled), abs(order.filled_value)
        paid = order_commission(terms, before, shares, value)
        paid_fees = order_fees(terms, paid, shares, value, qty < 0.0)
    order.qty -= qty
    order.filled += qty
    order.filled_value += qty * price
    shares, value = abs(order.filled), abs(order.filled_value)
    commission = order_commission(terms, before, shares, value)
    fees = order_fees(terms, commission, shares, value, qty < 0.0)
    commission, fees = commission - paid, fees - paid_fees
    if commission != 0.0:
        post(book, rules, entries, EntryKind.COMMISSION, role, 0.0, price, -commission, 0.0, order.id, order.reason)
    if fees != 0.0:
        post(book, rules, entries, EntryKind.FEE, role, 0.0, price, -fees, 0.0, order.id, order.reason)
    holding.filled += abs(qty)
    book.month_shares += abs(qty)
    book.traded += abs(qty) * price
    book.costs += commission + fees + slippage
    book.fills += 1
