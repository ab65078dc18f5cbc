# SPDX-License-Identifier: Apache-2.0
"""`orders`, as on_bar sees it: what a strategy may say. Everything works from the next bar on.

`role` is the role's position in `Strategy.roles`; quantities are signed shares (+ buys), cut toward zero to whole
steps, those of a share by default; prices are in the account's currency; `reason` is one of the strategy's Reason
codes; `day=1` ends an order with its session, 0 keeps it until cancelled. Methods that submit return the order's id, 0
when there was nothing to do (a target already met, less than a step).
"""

import math
from collections.abc import Callable
from typing import Any

from engine.kernel.book import (
    POSITION,
    cancel_role,
    end_order,
    find_slot,
    kernel_role,
    option_role,
    submit,
    trail_level,
    whole,
)
from engine.kernel.codes import Cause, OrderKind, OrderStatus, RunCode
from engine.kernel.linked_orders import child_shares
from engine.kernel.option_book import close_contract, is_slot, submit_option, whole_contracts
from engine.kernel.option_price import quote
from engine.kernel.two_modes import TWO_MODES, F
from engine.records import Book

ORDER_API: dict[str, Callable[..., Any]] = {}
"""Every method of `orders` by name; the first argument of each function is the book itself."""


def _method(function: F) -> F:
    TWO_MODES.append(function)
    ORDER_API[function.__name__] = function
    return function


@_method
def market(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy (+) or sell (-) at the run's fill price: the next open by default."""
    return submit(orders, role, OrderKind.MARKET, qty, math.nan, math.nan, math.nan, 0, reason)


@_method
def market_on_open(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy or sell at the open of the next session, wherever market orders fill."""
    return submit(orders, role, OrderKind.MARKET_ON_OPEN, qty, math.nan, math.nan, math.nan, 0, reason)


@_method
def market_on_close(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy or sell at the close of the session being worked."""
    return submit(orders, role, OrderKind.MARKET_ON_CLOSE, qty, math.nan, math.nan, math.nan, 0, reason)


@_method
def limit(orders: Book, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
    """Buy at `price` or lower, sell at `price` or higher."""
    return submit(orders, role, OrderKind.LIMIT, qty, price, math.nan, math.nan, day, reason)


@_method
def stop(orders: Book, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
    """Become a market order when the price touches `price`: from below for a purchase, from above for a sale."""
    return submit(orders, role, OrderKind.STOP, qty, math.nan, price, math.nan, day, reason)


@_method
def stop_limit(
    orders: Book, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0, day: int = 0
) -> int:
    """Become a limit order at `limit_price` when the price touches `stop_price`."""
    return submit(orders, role, OrderKind.STOP_LIMIT, qty, limit_price, stop_price, math.nan, day, reason)


@_method
def trail(orders: Book, role: int, qty: float, distance: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `distance`, and never moves back."""
    return _trailing(orders, role, OrderKind.TRAIL, qty, distance, day, reason)


@_method
def trail_percent(orders: Book, role: int, qty: float, fraction: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `fraction` of it (0.05 is five per cent)."""
    return _trailing(orders, role, OrderKind.TRAIL_PERCENT, qty, fraction, day, reason)


@_method
def trail_atr(orders: Book, role: int, qty: float, multiple: float, atr: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `multiple` times `atr`, the average true range now, in price."""
    return _trailing(orders, role, OrderKind.TRAIL, qty, multiple * atr, day, reason)


@_method
def target_quantity(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Hold `qty` shares, signed. Replaces the role's market orders still working."""
    cancel_role(orders, kernel_role(orders, role), OrderKind.MARKET, Cause.REPLACED)
    return market(orders, role, whole(orders, qty) - orders.asset[role].qty, reason)


@_method
def target(orders: Book, role: int, weight: float, reason: int = 0) -> int:
    """Hold `weight` of equity (signed, 0.5 is half long), sized now at the close; replaces like target_quantity."""
    return target_quantity(orders, role, weight * orders.equity / orders.asset[role].close, reason)


@_method
def close(orders: Book, role: int, reason: int = 0) -> int:
    """Hold nothing of the role; its other working orders are cancelled too."""
    cancel_role(orders, kernel_role(orders, role), 0, Cause.BY_STRATEGY)
    return market(orders, role, -orders.asset[role].qty, reason)


@_method
def bracket(orders: Book, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0) -> int:
    """A market order with two children, a stop and a limit, of which one cancels the other. Returns the entry's id.

    The children wake with what the entry fills, work in the same bar, and end with the position.
    """
    entry = market(orders, role, qty, reason)
    if entry > 0:
        loss = stop(orders, role, -qty, stop_price, reason)
        gain = limit(orders, role, -qty, limit_price, reason)
        attach(orders, loss, entry)
        attach(orders, gain, entry)
        oco(orders, loss, gain)
    return entry


@_method
def option(orders: Book, slot: int, contracts: float, right: int, strike: float, expiry: float, reason: int = 0) -> int:
    """Buy (+) or sell (-) whole contracts in an option slot, at the run's fill price of the model.

    slot is the position in `Strategy.options`, right CALL or PUT, expiry the session at whose close it is settled
    (days since 1970-01-01, as bar.session). While the slot holds another contract the order is rejected when it
    would fill: close first, then open; both can be said on the same bar.
    """
    return submit_option(orders, slot, whole_contracts(contracts), right, strike, expiry, reason)


@_method
def close_option(orders: Book, slot: int, reason: int = 0) -> int:
    """Hold nothing in the option slot; its working orders are cancelled."""
    if not is_slot(orders, slot):
        orders.error = RunCode.BAD_SLOT
        return 0
    cancel_role(orders, option_role(orders, slot), 0, Cause.BY_STRATEGY)
    return close_contract(orders, slot, -orders.contract[slot].qty, reason)


@_method
def option_quote(orders: Book, slot: int, contracts: float, right: int, strike: float, expiry: float) -> float:
    """What an order for `contracts` of this contract would fill at if it filled at this close, a share.

    The model's price plus half the spread for a purchase (+), minus it for a sale (-); NaN where an order would be
    rejected because the volatility is not known or nothing is left of the contract.
    """
    price, _ = quote(orders, slot, contracts, right, strike, expiry)
    return price


@_method
def option_delta(orders: Book, slot: int, right: int, strike: float, expiry: float) -> float:
    """Delta of one share's option at this close; NaN where `option_quote` has no price."""
    _, delta = quote(orders, slot, 0.0, right, strike, expiry)
    return delta


@_method
def attach(orders: Book, child: int, parent: int) -> int:
    """Let `child` sleep until `parent` fills, work for its part of the fill, and end with the position. Returns child.

    A child of half its parent's size works for half of what fills. A parent that is not in the book leaves the child
    a protective order for the position held.
    """
    slot = find_slot(orders, child)
    if _option_among(orders, slot, find_slot(orders, parent)):
        return 0
    if slot >= 0:
        order = orders.order[slot]
        order.parent = parent if parent > 0 else POSITION
        above = find_slot(orders, parent)
        if above >= 0:
            shares = child_shares(orders, order, orders.order[above], orders.order[above].filled)
            if shares == 0.0:
                order.status = OrderStatus.HELD
            else:
                order.qty = shares if order.asked > 0.0 else -shares
    return child


@_method
def reduce_only(orders: Book, order_id: int) -> int:
    """Let an order only shrink the position: it fills no more than is held and ends when nothing is. Returns the id."""
    slot = find_slot(orders, order_id)
    if slot < 0 or _option_among(orders, slot, slot):
        return 0
    if orders.order[slot].parent == 0:  # a child may only reduce as it is
        orders.order[slot].parent = POSITION
    return order_id


@_method
def oco(orders: Book, first: int, second: int) -> int:
    """One cancels other: what one fills is taken off the other. Groups grow by chaining. Returns the group."""
    one = find_slot(orders, first)
    two = find_slot(orders, second)
    if one < 0 or two < 0 or _option_among(orders, one, two):
        return 0
    group = orders.order[one].group
    joined = orders.order[two].group
    if group == 0:
        group = joined if joined != 0 else first
    for slot in range(orders.orders):
        if joined != 0 and orders.order[slot].group == joined:
            orders.order[slot].group = group
    orders.order[one].group = group
    orders.order[two].group = group
    return group


@_method
def move(orders: Book, order_id: int, price: float) -> int:
    """Set the trigger of a stop, or the price of a limit, for the bars to come. Returns the id, 0 if it is not live."""
    slot = find_slot(orders, order_id)
    if slot < 0 or _option_among(orders, slot, slot):
        return 0
    if not math.isfinite(price):
        orders.error = RunCode.BAD_NUMBER
        return 0
    order = orders.order[slot]
    if order.kind == OrderKind.LIMIT or (order.kind == OrderKind.STOP_LIMIT and order.triggered == 1):
        order.limit = price
    else:
        order.stop = price
    return order_id


@_method
def cancel(orders: Book, order_id: int) -> int:
    """Cancel one order. Returns its id, 0 if it was not live."""
    slot = find_slot(orders, order_id)
    if slot < 0 or orders.order[slot].reason < 0:
        return 0
    end_order(orders, orders.order[slot], OrderStatus.CANCELLED, Cause.BY_STRATEGY)
    return order_id


@_method
def cancel_all(orders: Book, role: int) -> int:
    """Cancel every live order of the role. Returns 0."""
    cancel_role(orders, kernel_role(orders, role), 0, Cause.BY_STRATEGY)
    return 0


@_method
def working(orders: Book, order_id: int) -> bool:
    """Whether the order is still in the book, working or asleep."""
    return find_slot(orders, order_id) >= 0


@_method
def quantity(orders: Book, order_id: int) -> float:
    """Signed shares that the order still has to fill; 0 when it is not live."""
    slot = find_slot(orders, order_id)
    return orders.order[slot].qty if slot >= 0 else 0.0


def _option_among(orders: Book, one: int, two: int) -> bool:
    """Whether one of two places in the book holds an option order, which has no relatives and no price: an error."""
    for slot in (one, two):
        if slot >= 0 and orders.order[slot].kind == OrderKind.OPTION:
            orders.error = RunCode.NOT_FOR_OPTIONS
            return True
    return False


TWO_MODES.append(_option_among)


def _trailing(orders: Book, role: int, kind: int, qty: float, distance: float, day: int, reason: int) -> int:
    if not math.isfinite(distance):
        orders.error = RunCode.BAD_NUMBER
        return 0
    order_id = submit(orders, role, kind, qty, math.nan, math.nan, distance, day, reason)
    slot = find_slot(orders, order_id)
    if slot >= 0:
        order = orders.order[slot]
        order.stop = trail_level(order, orders.asset[role].close)
    return order_id


TWO_MODES.append(_trailing)
