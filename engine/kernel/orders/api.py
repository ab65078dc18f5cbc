# SPDX-License-Identifier: Apache-2.0
"""`orders`, as on_bar sees it: what a strategy may say. Everything works from the next bar on.

`role` is the role's position in `Strategy.roles`; quantities are signed shares (+ buys), cut toward zero to whole
steps, those of a share by default; prices are in the account's currency; `reason` is one of the strategy's Reason
codes; `day=1` ends an order with its session, 0 keeps it until cancelled. Methods that submit return the order's id, 0
when there was nothing to do (a target already met, less than a step).
"""

import math

from engine.kernel.book import (
    cancel_role,
    end_order,
    find_slot,
    is_absent,
    kernel_role,
    option_role,
    refuse,
    submit,
)
from engine.kernel.codes import Cause, OrderKind, OrderStatus, RunCode
from engine.kernel.option_book import close_contract, is_slot, submit_option, whole_contracts
from engine.kernel.option_price import quote
from engine.kernel.order_kinds import trail_level
from engine.kernel.orders import exits  # noqa: F401  its methods belong to `orders` too
from engine.kernel.orders.links import attach, oco, option_among
from engine.kernel.orders.method import ORDER_API, order_method
from engine.kernel.orders.weights import aim, shares_worth
from engine.kernel.steps import note_cut
from engine.kernel.two_modes import two_modes
from engine.records import Book

__all__ = ["ORDER_API"]


@order_method
def market(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy (+) or sell (-) at the run's fill price: the next open by default."""
    return submit(orders, role, OrderKind.MARKET, qty, math.nan, math.nan, math.nan, 0, reason)


@order_method
def market_on_open(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy or sell shares at the open of the next session, wherever market orders fill."""
    return submit(orders, role, OrderKind.MARKET_ON_OPEN, qty, math.nan, math.nan, math.nan, 0, reason)


@order_method
def market_on_close(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Buy or sell shares at the close of the session being worked."""
    return submit(orders, role, OrderKind.MARKET_ON_CLOSE, qty, math.nan, math.nan, math.nan, 0, reason)


@order_method
def limit(orders: Book, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
    """Buy at `price` or lower, sell at `price` or higher."""
    return submit(orders, role, OrderKind.LIMIT, qty, price, math.nan, math.nan, day, reason)


@order_method
def stop(orders: Book, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
    """Become a market order when the price touches `price`: from below for a purchase, from above for a sale."""
    return submit(orders, role, OrderKind.STOP, qty, math.nan, price, math.nan, day, reason)


@order_method
def stop_limit(
    orders: Book, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0, day: int = 0
) -> int:
    """Become a limit order at `limit_price` when the price touches `stop_price`."""
    return submit(orders, role, OrderKind.STOP_LIMIT, qty, limit_price, stop_price, math.nan, day, reason)


@order_method
def trail(orders: Book, role: int, qty: float, distance: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `distance`, and never moves back."""
    return trailing(orders, role, OrderKind.TRAIL, qty, distance, day, reason)


@order_method
def trail_percent(orders: Book, role: int, qty: float, fraction: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `fraction` of it (0.05 is five per cent)."""
    return trailing(orders, role, OrderKind.TRAIL_PERCENT, qty, fraction, day, reason)


@order_method
def trail_atr(orders: Book, role: int, qty: float, multiple: float, atr: float, reason: int = 0, day: int = 0) -> int:
    """A stop that follows the best price at `multiple` times `atr`, the average true range now, in price."""
    distance = multiple * atr if atr > 0.0 else atr  # two numbers below 0 are no distance
    return trailing(orders, role, OrderKind.TRAIL, qty, distance, day, reason)


@order_method
def target_quantity(orders: Book, role: int, qty: float, reason: int = 0) -> int:
    """Hold `qty` shares, signed. Replaces the role's orders that will trade at any price.

    Those are market orders, orders for the close, and what volume has left of a triggered stop. Limits, stops that
    wait and sleeping children stay.
    """
    return aim(orders, role, qty, reason)


@order_method
def target(orders: Book, role: int, weight: float, reason: int = 0) -> int:
    """Hold `weight` of equity (signed, 0.5 is half long), sized now at the close; replaces like target_quantity."""
    if kernel_role(orders, role) < 0:
        return refuse(orders, RunCode.BAD_ROLE, role, role)
    return target_quantity(orders, role, shares_worth(orders, role, weight), reason)


@order_method
def close(orders: Book, role: int, reason: int = 0) -> int:
    """Hold nothing of the role; its other working orders are cancelled too."""
    known = kernel_role(orders, role)
    if known < 0:
        return refuse(orders, RunCode.BAD_ROLE, role, role)
    cancel_role(orders, known)
    return market(orders, role, -orders.asset[role].qty, reason)


@order_method
def bracket(orders: Book, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0) -> int:
    """Shares at market with two children, a stop and a limit, of which one cancels the other. Returns the entry's id.

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


@order_method
def option(orders: Book, slot: int, contracts: float, right: int, strike: float, expiry: float, reason: int = 0) -> int:
    """Buy (+) or sell (-) whole contracts in an option slot, at the run's fill price of the model.

    slot is the position in `Strategy.options`, right CALL or PUT, expiry the session at whose close it is settled
    (days since 1970-01-01, as bar.session). While the slot holds another contract the order is rejected when it
    would fill: close first, then open; both can be said on the same bar.
    """
    if reason < 0:
        return refuse(orders, RunCode.BAD_REASON, -1, 0.0)
    kept = whole_contracts(contracts)
    if kept == 0.0 and contracts != 0.0 and is_slot(orders, slot):
        note_cut(orders, option_role(orders, slot), contracts)
    return submit_option(orders, slot, kept, right, strike, expiry, reason)


@order_method
def close_option(orders: Book, slot: int, reason: int = 0) -> int:
    """Hold nothing in the option slot; its working orders are cancelled."""
    if not is_slot(orders, slot):
        return refuse(orders, RunCode.BAD_SLOT, -1, slot)
    if reason < 0:
        return refuse(orders, RunCode.BAD_REASON, -1, 0.0)
    cancel_role(orders, option_role(orders, slot))
    return close_contract(orders, slot, -orders.contract[slot].qty, reason)


@order_method
def option_quote(orders: Book, slot: int, contracts: float, right: int, strike: float, expiry: float) -> float:
    """What an order for `contracts` of this contract would fill at if it filled at this close, a share.

    The model's price plus half the spread for a purchase (+), minus it for a sale (-); NaN where an order would be
    rejected because the volatility is not known or nothing is left of the contract.
    """
    price, _ = quote(orders, slot, contracts, right, strike, expiry)
    return price


@order_method
def option_delta(orders: Book, slot: int, right: int, strike: float, expiry: float) -> float:
    """Delta of one share's option at this close; NaN where `option_quote` has no price."""
    _, delta = quote(orders, slot, 0.0, right, strike, expiry)
    return delta


@order_method
def move(orders: Book, order_id: int, price: float) -> int:
    """Set the trigger of a stop, or the price of a limit, for the bars to come. Returns the id, 0 if it is not live."""
    slot = find_slot(orders, order_id)
    if slot < 0 or option_among(orders, slot, slot):
        return 0
    order = orders.order[slot]
    if not math.isfinite(price):
        return refuse(orders, RunCode.BAD_NUMBER, order.role - orders.role_shift, price)
    if price <= 0.0:
        return refuse(orders, RunCode.BAD_PRICE, order.role - orders.role_shift, price)
    if order.kind == OrderKind.LIMIT or (order.kind == OrderKind.STOP_LIMIT and order.triggered == 1):
        order.limit = price
    else:
        order.stop = price
    order.away = 0.0  # from here on the price stands
    order.part = 0.0
    return order_id


@order_method
def cancel(orders: Book, order_id: int) -> int:
    """Cancel one order. Returns its id, 0 if it was not live."""
    slot = find_slot(orders, order_id)
    if slot < 0 or orders.order[slot].reason < 0:
        return 0
    end_order(orders, orders.order[slot], OrderStatus.CANCELLED, Cause.BY_STRATEGY)
    return order_id


@order_method
def cancel_all(orders: Book, role: int) -> int:
    """Cancel every live order of the role. Returns 0."""
    cancel_role(orders, kernel_role(orders, role))
    return 0


@order_method
def working(orders: Book, order_id: int) -> bool:
    """Whether the order is still in the book, working or asleep."""
    return find_slot(orders, order_id) >= 0


@order_method
def quantity(orders: Book, order_id: int) -> float:
    """Signed shares that the order still has to fill; 0 when it is not live."""
    slot = find_slot(orders, order_id)
    return orders.order[slot].qty if slot >= 0 else 0.0


@two_modes
def trailing(orders: Book, role: int, kind: int, qty: float, distance: float, day: int, reason: int) -> int:
    """Send a stop that follows the price, its first level measured from this close."""
    if kernel_role(orders, role) >= 0 and is_absent(orders, role):
        return submit(orders, role, kind, qty, math.nan, math.nan, distance, day, reason)
    if not math.isfinite(distance):
        return refuse(orders, RunCode.BAD_NUMBER, role, distance)
    if kind == OrderKind.TRAIL_PERCENT and not 0.0 < distance < 1.0:
        return refuse(orders, RunCode.BAD_FRACTION, role, distance)
    if kernel_role(orders, role) >= 0 and (distance <= 0.0 or (qty < 0.0 and distance >= orders.asset[role].close)):
        return refuse(orders, RunCode.BAD_DISTANCE, role, distance)
    order_id = submit(orders, role, kind, qty, math.nan, math.nan, distance, day, reason)
    slot = find_slot(orders, order_id)
    if slot >= 0:
        order = orders.order[slot]
        order.stop = trail_level(order, orders.asset[role].close)
    return order_id
