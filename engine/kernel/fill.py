# SPDX-License-Identifier: Apache-2.0
"""One execution: how much, at what price, at what cost, and what it does to the order's relatives."""

import math

from engine.kernel.book import end_order, is_forced
from engine.kernel.codes import Cause, EngineReason, EntryKind, MarginKind, OrderKind, OrderStatus
from engine.kernel.costs import order_commission, order_fees, slippage_fraction, traded_before
from engine.kernel.ledger import post
from engine.kernel.linked_orders import end_protection, follow_fill, is_idle
from engine.kernel.margin import refusal
from engine.kernel.netting import filled_shares, net_quantity
from engine.kernel.steps import in_steps, whole
from engine.kernel.two_modes import two_modes
from engine.records import Bar, Book, Entry, Order, Rows, Terms

HALVINGS = 64
"""Steps of a search for the part of an order that cash pays: more than a float has digits."""


@two_modes
def execute(
    book: Book, terms: Terms, entries: Rows[Entry], bar: Bar, slot: int, reference: float, slips: bool, moment: int
) -> None:
    """Fill the order in `slot` at the reference price, as far as volume, position and margin allow.

    slips: the order takes liquidity and pays slippage; a triggered stop-limit never pays more than its limit.
    moment: when in the bar, a Moment, which is what its children are told.
    """
    order = book.order[slot]
    role = order.role
    qty = fillable(book, bar, order)
    if qty == 0.0:
        return
    price = dealt_at(book, terms, order, qty, reference, slips)
    paid = qty
    if not is_forced(order):
        cause = refusal(book, terms, role, qty, price)
        if cause == Cause.NONE and book.rules.margin == MarginKind.CASH:
            paid = payable(book, terms, order, qty, reference, slips)
            cause = Cause.CASH_ACCOUNT if paid == 0.0 else Cause.NONE
        if cause != Cause.NONE:
            end_order(book, order, OrderStatus.REJECTED, cause)
            return
        if paid != qty:
            price = dealt_at(book, terms, order, paid, reference, slips)
    fill_order(book, terms, entries, slot, paid, price, abs(price - reference) * abs(paid), moment)
    if paid != qty:
        end_order(book, order, OrderStatus.CANCELLED, Cause.CASH_ACCOUNT)


@two_modes
def dealt_at(book: Book, terms: Terms, order: Order, qty: float, reference: float, slips: bool) -> float:
    """The price of `qty` signed shares of the order: the reference, with slippage where it `slips`."""
    if not slips:
        return reference
    fraction = slippage_fraction(terms, order.role, abs(order.filled), abs(qty), book.asset[order.role].impact)
    price = reference * (1.0 + fraction) if qty > 0.0 else reference * max(0.0, 1.0 - fraction)
    if order.kind == OrderKind.STOP_LIMIT:
        price = min(price, order.limit) if qty > 0.0 else max(price, order.limit)
    return price


@two_modes
def payable(book: Book, terms: Terms, order: Order, qty: float, reference: float, slips: bool) -> float:
    """The largest part of `qty` signed shares that a cash account's cash pays with all costs; of a sale all or none.

    What a purchase takes grows with its shares: the search halves what is left between a part that is paid and one
    that is not.
    """
    if cash_after(book, terms, order, qty, dealt_at(book, terms, order, qty, reference, slips)) >= 0.0:
        return qty
    low, high = 0.0, max(0.0, qty)
    for _ in range(HALVINGS):
        middle = whole(book, 0.5 * (low + high))
        if middle <= low or middle >= high:
            break
        if cash_after(book, terms, order, middle, dealt_at(book, terms, order, middle, reference, slips)) >= 0.0:
            low = middle
        else:
            high = middle
    return low


@two_modes
def cash_after(book: Book, terms: Terms, order: Order, qty: float, price: float) -> float:
    """The account's cash after a fill and its costs, added up as the ledger does it, to the last bit."""
    commission, fees = fill_costs(book, terms, order, qty, price)
    return book.cash - qty * price - commission - fees


@two_modes
def fill_order(
    book: Book,
    terms: Terms,
    entries: Rows[Entry],
    slot: int,
    qty: float,
    price: float,
    slippage: float,
    moment: int,
) -> None:
    """What `qty` signed shares filled at `price` change: the ledger, the order, its relatives, what it protected."""
    order = book.order[slot]
    role = order.role
    before = book.asset[role].qty
    settle(book, terms, entries, order, qty, price, slippage)
    if order.qty == 0.0:
        end_order(book, order, OrderStatus.FILLED, Cause.NONE)
    follow_fill(book, slot, qty, price, moment)
    if before != 0.0 and before * book.asset[role].qty <= 0.0:
        end_protection(book, role, before)


@two_modes
def fillable(book: Book, bar: Bar, order: Order) -> float:
    """Signed shares that can fill now: within the participation cap, and for a child within what it protects.

    A cash account is short of nothing, so a ruined sleeve sells no more than the sum of the sleeves: what another is
    short against it waits until that one has bought it back. A ruined account closes both.
    """
    if is_idle(book, order):
        return 0.0
    qty = abs(order.qty)
    if order.parent != 0:
        qty = min(qty, abs(book.asset[order.role].qty))
    sleeves = len(book.sleeve) > 1 and book.rules.margin == MarginKind.CASH
    if sleeves and order.reason == EngineReason.RUINED and order.qty < 0.0 and book.ruined == 0:
        qty = min(qty, max(0.0, net_quantity(book, order.role)))
    volume = bar.asset[order.role].volume
    if math.isfinite(book.rules.participation) and math.isfinite(volume):
        room = max(0.0, book.rules.participation * volume - filled_shares(book, order.role))
        qty = min(qty, whole(book, room))
    return qty if order.qty > 0.0 else -qty


@two_modes
def settle(
    book: Book, terms: Terms, entries: Rows[Entry], order: Order, qty: float, price: float, slippage: float
) -> None:
    """Post the fill, its commission and its fees; costs are those of the whole order so far, less what it has paid."""
    holding = book.asset[order.role]
    forced = is_forced(order) and order.reason != EngineReason.ROLE_ENDED
    kind = EntryKind.LIQUIDATION if forced else EntryKind.FILL
    commission, fees = fill_costs(book, terms, order, qty, price)
    holding.avg_price = average_price(holding.avg_price, holding.qty, qty, price)
    post_trade(book, entries, order, kind, qty, 1.0, price, slippage, commission, fees)
    order.qty = in_steps(book, order.qty)
    if holding.qty == 0.0:
        holding.avg_price = 0.0
    holding.filled += abs(qty)
    book.month_shares += abs(qty) * holding.lot


@two_modes
def fill_costs(book: Book, terms: Terms, order: Order, qty: float, price: float) -> tuple[float, float]:
    """(commission, fees) that `qty` signed shares more at `price` add to the order's; they count shares as traded."""
    lot = book.asset[order.role].lot
    before = traded_before(book.month_shares, abs(order.filled) * lot)
    paid, paid_fees = 0.0, 0.0
    if order.filled != 0.0:
        shares, value = abs(order.filled) * lot, abs(order.filled_value)
        paid = order_commission(terms, before, shares, value)
        paid_fees = order_fees(terms, paid, shares, value, qty < 0.0)
    shares, value = abs(order.filled + qty) * lot, abs(order.filled_value + qty * price)
    commission = order_commission(terms, before, shares, value)
    fees = order_fees(terms, commission, shares, value, qty < 0.0)
    return commission - paid, fees - paid_fees


@two_modes
def average_price(average: float, held: float, qty: float, price: float) -> float:
    """Average entry price of a position of `held` after `qty` more at `price`; 0 when flat."""
    now = held + qty
    if now == 0.0:
        return 0.0
    if held * now <= 0.0:
        return price
    return (average * held + price * qty) / now if abs(now) > abs(held) else average


@two_modes
def post_trade(
    book: Book, entries: Rows[Entry], order: Order, kind: int, qty: float, size: float, price: float,
    slippage: float, commission: float, fees: float,
) -> None:  # fmt: skip
    """Post a fill of `qty` units of `size` shares, its commission and fees; the order and the account count it."""
    role, number, reason = order.role, order.id, order.reason
    shares = qty * size
    post(book, entries, kind, role, qty, price, -shares * price, slippage, number, reason)
    if commission != 0.0:
        post(book, entries, EntryKind.COMMISSION, role, 0.0, price, -commission, 0.0, number, reason)
    if fees != 0.0:
        post(book, entries, EntryKind.FEE, role, 0.0, price, -fees, 0.0, number, reason)
    order.qty -= qty
    order.filled += qty
    order.filled_value += qty * price
    book.traded += abs(shares) * price
    book.costs += commission + fees + slippage
    book.fills += 1
