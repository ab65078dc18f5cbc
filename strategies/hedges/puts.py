# SPDX-License-Identifier: Apache-2.0
"""Puts bought, and lower ones sold where it is a spread: strikes, sizes, and the premium that a month may cost.

Written for on_bar: the rules of `vix_hedge_puts` say when, these say how many of which.
"""

import math
from enum import IntEnum
from typing import Any

from engine.strategy import PUT
from strategies.hedges.words import Reason

BOUGHT, SOLD = 0, 1  # positions in `options`
LEAST_DELTA = 0.01
"""A put that moves less than this is sized as if it moved so much: no ratio needs endless contracts."""


class SizeBy(IntEnum):
    COVERAGE = 0
    DELTA = 1


def premium_paid(account: Any) -> float:
    """Dollars paid for the puts that are held, less what the sold ones brought in."""
    paid = account.bought.qty * account.bought.avg_price + account.sold.qty * account.sold.avg_price
    return account.multiplier * paid


def replace(close: float, shares: float, due: int, f: Any, p: Any, s: Any, account: Any, orders: Any) -> bool:
    """Buy puts at today's strikes, in place of those held where there are any; whether orders were sent.

    No roll leaves fewer puts than are held and asked for: those that cannot be replaced stay until they expire. What
    the old ones fetch now pays for the new ones before the budget does.
    """
    bought = account.bought
    sold = account.sold
    strike = listed(close * (1.0 - p.below), p.strike_step)
    lower = min(listed(close * (1.0 - p.below - p.width), p.strike_step), strike - p.strike_step)
    lower = lower if p.width > 0.0 else 0.0
    move = -orders.option_delta(BOUGHT, PUT, strike, f.expiry)
    s.rest = p.retry
    s.looked = due
    if is_pointless(due, strike, move, p, bought):
        return False
    cost = orders.option_quote(BOUGHT, 1.0, PUT, strike, f.expiry)
    if lower > 0.0:
        cost -= orders.option_quote(SOLD, -1.0, PUT, lower, f.expiry)
        move += orders.option_delta(SOLD, PUT, lower, f.expiry)
    wanted = contracts_for(shares, move, p, account.multiplier)
    fetched = account.multiplier * proceeds(bought, sold, orders)
    count = min(wanted, affordable(account.multiplier * cost, fetched, p, s, account.equity))
    deny(wanted - count, s)
    if count < 1.0 or count < min(wanted, bought.qty):
        if bought.qty == 0.0 and wanted >= 1.0:
            s.missing = wanted
            s.why = 0
        return False
    why = reason_now(s.why, due)
    if due > 0:
        orders.close_option(SOLD, why)
        orders.close_option(BOUGHT, why)
    buy(count, wanted, strike, lower, f.expiry, why, s, orders)
    s.before = fetched
    s.asked = count
    s.rest = 0
    return True


def adjust(shares: float, p: Any, s: Any, account: Any, orders: Any) -> None:
    """Buy more of the puts that are held, or sell some, to the hedge ratio."""
    bought = account.bought
    sold = account.sold
    wanted = contracts_for(shares, sold.delta - bought.delta, p, account.multiplier)  # an empty slot's delta is 0
    change = float(math.trunc(wanted - bought.qty))
    why = reason_now(s.why, 0)
    count = 0.0
    if change < 0.0:
        kept = bought.qty + change
        if -sold.qty > kept:
            orders.option(SOLD, -sold.qty - kept, PUT, sold.strike, sold.expiry, why)
        orders.option(BOUGHT, change, PUT, bought.strike, bought.expiry, why)
    elif change > 0.0:
        cost = orders.option_quote(BOUGHT, 1.0, PUT, bought.strike, float(bought.expiry))
        if sold.qty < 0.0:
            cost -= orders.option_quote(SOLD, -1.0, PUT, sold.strike, float(sold.expiry))
        count = min(change, affordable(account.multiplier * cost, 0.0, p, s, account.equity))
        deny(change - count, s)
    s.missing = max(0.0, change)
    s.why = 0
    if count >= 1.0:
        s.before = premium_paid(account)
        s.asked = bought.qty + count
        buy(count, change, bought.strike, sold.strike, float(bought.expiry), why, s, orders)


def buy(count: float, wanted: float, strike: float, lower: float, expiry: float, why: int, s: Any, orders: Any) -> None:
    """Send the order for puts, and for as many sold under them where there is a lower strike."""
    reason = why if count == wanted else Reason.BUDGET.value
    orders.option(BOUGHT, count, PUT, strike, expiry, reason)
    if lower > 0.0:
        orders.option(SOLD, -count, PUT, lower, expiry, reason)
    s.pending = 1
    s.missing = wanted - count
    s.why = 0


def may_take_apart(account: Any) -> bool:
    """Whether the sold puts can be bought back before the bought ones go, which then lend nothing: all is their value.

    Twice the maintenance margin is about what an order is measured against. Where that leaves too little the buy-back
    might be refused while the sale fills, and the puts sold would stand alone.
    """
    return account.sold.qty == 0.0 or account.bought.value <= account.equity - 2.0 * account.maintenance


def listed(price: float, step: float) -> float:
    """The listed strike nearest to a price."""
    return max(step, step * float(math.floor(price / step + 0.5)))


def is_pointless(due: int, strike: float, move: float, p: Any, bought: Any) -> bool:
    """Whether a roll by delta would lead to no better strike, or to puts that are due again."""
    if due == Reason.ROLL_DEEP:
        return strike >= bought.strike or move > p.delta_high
    if due == Reason.ROLL_FAR:
        return strike <= bought.strike or move < p.delta_low
    return False


def contracts_for(shares: float, move: float, p: Any, multiplier: float) -> float:
    """Whole contracts for so many shares; move is what one share's option moves for a fall of one."""
    each = max(move, LEAST_DELTA) if p.size_by == SizeBy.DELTA else 1.0
    return float(math.floor(shares / (multiplier * each)))


def proceeds(bought: Any, sold: Any, orders: Any) -> float:
    """What the puts held would fetch at this close, a share of each contract, those sold bought back."""
    worth = 0.0
    if bought.qty > 0.0:
        worth += bought.qty * orders.option_quote(BOUGHT, -1.0, PUT, bought.strike, float(bought.expiry))
    if sold.qty < 0.0:
        worth += sold.qty * orders.option_quote(SOLD, 1.0, PUT, sold.strike, float(sold.expiry))
    return worth


def affordable(cost: float, fetched: float, p: Any, s: Any, equity: float) -> float:
    """Contracts that the rest of the month's budget pays, and what a roll fetches; none where cost, one's, is NaN."""
    if math.isnan(cost):
        return 0.0
    if cost <= 0.0:
        return math.inf
    return max(0.0, float(math.floor((p.budget * equity - s.spent + fetched) / cost)))


def deny(contracts: float, s: Any) -> None:
    """Remember what the budget has refused; it is asked again in the next month, or for another hedge ratio."""
    if contracts > 0.0:
        s.refused += contracts if s.why > 0 or s.denied == 0 else 0.0
        s.denied = 1


def reason_now(why: int, due: int) -> int:
    """The change of regime that has not been carried out, else the roll, else that something was missing."""
    if why > 0:
        return why
    return due if due > 0 else Reason.HEDGE_AGAIN.value
