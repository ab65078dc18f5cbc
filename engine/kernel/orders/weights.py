# SPDX-License-Identifier: Apache-2.0
"""What of `orders` concerns all roles at once: a row of weights, the best of them, and the orders that lead there."""

import math

from engine.kernel.book import is_absent, kernel_role, refuse, replace_working, submit
from engine.kernel.codes import OrderKind, RunCode
from engine.kernel.orders.method import order_method
from engine.kernel.steps import note_cut, whole
from engine.kernel.two_modes import two_modes
from engine.records import Book


@order_method
def weigh(orders: Book, role: int, weight: float) -> int:
    """Note a role's weight for `targets`, signed, or its score for `top`; NaN is none. Returns 0.

    It sends nothing. What is noted holds for this bar, until `targets` has been called: the next bar begins without. A
    role without a price has no weight.
    """
    if kernel_role(orders, role) < 0:
        return refuse(orders, RunCode.BAD_ROLE, role, role)
    orders.weighed[role] = math.nan if is_absent(orders, role) else weight  # type: ignore[index]  # numbers can be set
    orders.noted[role] = orders.t  # type: ignore[index]
    return 0


@two_modes
def noted(orders: Book, role: int) -> float:
    """What was noted of a role in this bar; NaN for nothing."""
    return orders.weighed[role] if orders.noted[role] == orders.t else math.nan


@order_method
def top(orders: Book, count: int, weight: float) -> int:
    """Give `weight` to each of the `count` roles with the highest scores, none to others. Returns how many.

    Of equal scores the first role's is higher; a role without a score is never among them.
    """
    last = math.inf  # the lowest score taken so far, and its role
    place = -1
    found = 0
    for _ in range(min(count, len(orders.weighed))):
        best = -1
        for role in range(len(orders.weighed)):
            score = noted(orders, role)
            if (score < last or (score == last and role > place)) and (best < 0 or score > noted(orders, best)):
                best = role
        if best < 0:
            break
        last = noted(orders, best)
        place = best
        found += 1
    for role in range(len(orders.weighed)):
        score = noted(orders, role)
        kept = found > 0 and (score > last or (score == last and role <= place))
        orders.weighed[role] = weight if kept else math.nan  # type: ignore[index]
        orders.noted[role] = orders.t  # type: ignore[index]
    return found


@order_method
def targets(orders: Book, reason: int = 0) -> int:
    """Hold every role at its noted weight as `target` does, the others at nothing. Returns the orders sent.

    What makes a position smaller is sent before what makes one larger, so that sales pay for purchases.
    """
    sent = 0
    for larger in (0, 1):
        for role in range(len(orders.weighed)):
            weight = noted(orders, role)
            held = orders.asset[role].qty
            qty = 0.0 if math.isnan(weight) else shares_worth(orders, role, weight)
            grows = (qty - held) * held > 0.0 or held == 0.0
            if grows == (larger == 1) and aim(orders, role, qty, reason) > 0:
                sent += 1
    for role in range(len(orders.weighed)):
        orders.weighed[role] = math.nan  # type: ignore[index]
    return sent


@two_modes
def shares_worth(orders: Book, role: int, weight: float) -> float:
    """Signed shares that are `weight` of equity at this close; NaN of a role without a price, but 0 for nothing."""
    if is_absent(orders, role):
        return 0.0 if weight == 0.0 else math.nan
    return weight * orders.equity / orders.asset[role].close


@two_modes
def aim(orders: Book, role: int, qty: float, reason: int) -> int:
    """Send what is missing to `qty` shares, in the place of what works at any price; returns as `submit` does."""
    known = kernel_role(orders, role)
    if known < 0:
        return refuse(orders, RunCode.BAD_ROLE, role, role)
    replace_working(orders, known)
    missing = whole(orders, qty) - orders.asset[role].qty
    if missing == 0.0 and qty != 0.0 and orders.asset[role].qty == 0.0:
        note_cut(orders, known, qty)
    return submit(orders, role, OrderKind.MARKET, missing, math.nan, math.nan, math.nan, 0, reason)
