# SPDX-License-Identifier: Apache-2.0
"""The bull's counter-trend long as a call spread: a call bought, a higher one of the same expiry sold.

What it can lose is the premium paid, so it has no stop order. A strategy that trades it has the option slots bought and
sold, in this order.
"""

import math
from typing import Any

from engine.strategy import CALL
from strategies.agents.bull import Bull, wants_bounce
from strategies.agents.orders import Reason, is_idle

BOUGHT, SOLD = 0, 1  # positions in `options`


def trade_spread(small: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
    """One bar of the spread: hold or leave it, close what an order that was refused has left of it, or open one."""
    if s.bull_stage == Bull.BOUNCE:
        hold_spread(f, p, s, account, orders)
        return
    if account.bought.qty != 0.0 or account.sold.qty != 0.0:
        close_spread(account, orders, Reason.BULL_LEG)
        return
    if wants_bounce(small.close * small.factor, f, p, s) and is_idle(s.bull, s.bull_order, orders):
        open_spread(small.close, f, p, s, account, orders)


def open_spread(close: float, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
    """Both calls at the next open: as many as the premium buys at what they cost now. The bought one fills first."""
    low = lower_strike(close, p)
    high = upper_strike(close, low, p)
    price = orders.option_quote(BOUGHT, 1.0, CALL, low, f.expiry)
    debit = price - orders.option_quote(SOLD, -1.0, CALL, high, f.expiry)
    if not debit > 0.0:  # NaN where the volatility is not known
        return
    contracts = math.floor(p.bull_size * account.equity / (account.multiplier * debit))
    if contracts < 1 or not is_payable(price, contracts, account):
        s.too_dear += 1
        return
    s.bull_stage = Bull.BOUNCE
    s.bull_age = 0
    orders.option(BOUGHT, contracts, CALL, low, f.expiry, Reason.BULL_BOUNCE)
    orders.option(SOLD, -contracts, CALL, high, f.expiry, Reason.BULL_BOUNCE)


def is_payable(price: float, contracts: float, account: Any) -> bool:
    """Whether one leg could be bought without the other, at twice its price, from the equity that shares leave.

    A leg that could not might be refused for its margin while the other one fills.
    """
    return 2.0 * price * contracts * account.multiplier <= account.equity - abs(account.small.value)


def lower_strike(close: float, p: Any) -> float:
    """Of the bought call: the listed strike nearest to what `strike` asks for, at least the lowest there is."""
    return max(1.0, float(round(close * (1.0 + p.strike) / p.strike_step))) * p.strike_step


def upper_strike(close: float, low: float, p: Any) -> float:
    """Of the sold call: the listed strike nearest to `width` above the bought one, at least the next."""
    return low + max(1.0, float(round(close * p.width / p.strike_step))) * p.strike_step


def hold_spread(f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
    """Leave when a leg is missing, the bounce has come or time is up. Of a spread that has expired nothing is left."""
    s.bull_age += 1
    if account.bought.qty == 0.0 or account.bought.qty + account.sold.qty != 0.0:
        leave_spread(p, s, account, orders, Reason.BULL_LEG)
    elif f.rsi >= p.bull_done:
        leave_spread(p, s, account, orders, Reason.BULL_DONE)
    elif s.bull_age >= p.bull_hold:
        leave_spread(p, s, account, orders, Reason.BULL_TIME)


def leave_spread(p: Any, s: Any, account: Any, orders: Any, reason: int) -> None:
    """Close the spread and stay out for a while."""
    close_spread(account, orders, reason)
    s.bull_stage = Bull.OUT
    s.bull_wait = p.pause


def close_spread(account: Any, orders: Any, reason: int) -> None:
    """Close both legs at the next open; the bought call stays as long as the sold one may, which it covers."""
    orders.close_option(SOLD, reason)
    if account.sold.qty == 0.0 or is_payable(account.sold.price, -account.sold.qty, account):
        orders.close_option(BOUGHT, reason)
