# SPDX-License-Identifier: Apache-2.0
"""The account: what it holds, the orders that work in it, and its sleeves."""

from functools import cache
from typing import Any

import numpy as np

from engine.records.layout import F8, I4, I8, Rows, dtype_of, fields_of
from engine.records.terms import Rules

LIVE_ORDERS = 64
"""Most orders one account can have working at a time, where nothing else is said."""

PLACES = 2
"""Places of the book for each order that may work: what a decision takes back stays in its place until the next bar."""

OPTION_SLOTS = 4
"""Most option contracts one account can hold at a time, one a slot."""


class Holding:
    """The position in one role."""

    qty: F8
    avg_price: F8  # average entry price of the open position; 0 when flat
    close: F8  # the mark; 0 while the role has no price
    value: F8  # qty * close, signed
    filled: F8  # shares traded in this bar, unsigned, for the participation cap
    stood: F8  # the symbol's shares when market orders had their turn, signed: which of them reduce a position
    volatility: F8  # implied volatility at the money, a year; 0 before the first, NaN while it is not known
    impact: F8  # these two are the CostInputs of the last bar in which an order could fill
    lot: F8


class Contract:
    """One option slot of the account: empty, or one contract."""

    qty: F8  # signed contracts
    strike: F8
    price: F8  # the modelled mark, a share
    value: F8  # qty * multiplier * price, signed
    delta: F8  # of one option on one share: from -1 to 1
    avg_price: F8  # average entry price of the open position, a share
    volatility: F8  # that the mark was modelled with, skew inside
    at_money: F8  # last known volatility at the money of the underlying
    expiry: I8  # session at whose close it is settled
    right: I8  # 1 call, -1 put; 0 while the slot is empty
    role: I8  # the underlying
    order: I8  # that opened it


class Order:
    """One order, working or ended."""

    id: I8  # 1, 2, 3 ... in order of submission; 0 means none
    role: I4  # number of roles + slot for an OPTION
    kind: I4  # OrderKind
    tif: I4  # TimeInForce
    status: I4  # OrderStatus
    reason: I4  # the strategy's reason code; negative codes are the engine's own
    cause: I4  # why it ended, Cause
    triggered: I4  # 1 once the stop of a stop-limit has been touched
    entry_bar: I4  # 1 while a child works inside the bar that filled its parent; else as kernel/linked_orders.py has it
    qty: F8  # what is still to fill, signed
    asked: F8  # what was asked for, signed; of a child that sleeps, less what its siblings have filled
    filled: F8  # signed
    filled_value: F8  # sum of filled quantity * price, signed
    limit: F8  # NaN where the kind has none
    stop: F8  # the trigger; a trailing stop ratchets it
    trail: F8  # distance in price, or a fraction for TRAIL_PERCENT
    away: F8  # of an exit measured from its entry's fill: signed distance from that price, and
    part: F8  # signed fraction of it; both 0 where the price stands as it is
    strike: F8  # this and the next two are the contract of an OPTION, 0 for shares
    expiry: I4  # session at whose close it is settled
    right: I4  # 1 call, -1 put
    parent: I8  # order that must fill before this one works; -1: the position it may only reduce; 0: none
    group: I8  # one-cancels-other group; 0 is none
    born: I8  # row of the decision
    ended: I8  # row in which it left the book; -1 while it works


class Sleeve:
    """One strategy's part of the account. An account of one strategy has one sleeve, which nothing reads."""

    cash: F8
    equity: F8
    gross: F8
    net: F8
    maintenance: F8  # of its own positions, as if they stood alone
    peak: F8  # highest equity at a close so far; a transfer scales it
    last_peak: F8  # the same before the bar at hand
    weight: F8  # of the account's capital
    role_shift: I8  # its first role
    option_shift: I8
    roles: I8
    first_slot: I8
    slots: I8
    ruined: I8  # 1 once its equity is gone, until a transfer; its orders are refused


class Book:
    """The whole account as the kernel sees it: cash, marks, holdings by index, working orders."""

    cash: F8
    equity: F8
    gross: F8
    net: F8
    maintenance: F8
    peak: F8  # highest equity at a close so far
    last_equity: F8
    month_shares: F8  # shares traded this month
    traded: F8  # notional so far
    costs: F8  # all that was paid so far, nothing netted
    return_sum: F8  # the next five only in sweeps, where no path is kept
    return_squares: F8
    equity_sum: F8
    max_drawdown: F8
    trough: F8  # lowest equity at a close since the peak
    option_rate: F8  # benchmark a year, and
    option_days: F8  # days to the session's close: what options are priced with; kept in runs with option slots
    multiplier: F8  # shares a contract
    session: I8  # of the bar being worked, likewise
    settles: I8  # last day whose expiries this session's close settles
    contracts: I8  # option slots that are not empty
    marks: I8  # rows of option marks written
    frozen: I8  # 1 from a margin call to the next open: the strategy's orders are refused
    t: I8  # row being worked
    moment: I8  # what of the bar is being worked, a Moment; its close while nothing is
    terms: I8  # row of the terms in force
    month: I8
    orders: I8  # orders in the book
    ended: I8  # of which finished and waiting to move to the log
    next_id: I8
    entries: I8  # rows of the ledger written
    closed: I8  # rows of the order log written
    fills: I8
    margin_calls: I8
    ruined: I8  # 1 once equity is gone: nothing more is accepted
    error: I8  # RunCode
    error_role: I8  # the strategy's role that an order at fault was for, and
    error_number: F8  # the number at fault
    role_shift: I8  # what the order API adds to a role, and
    option_shift: I8  # to number of roles + slot, to name them to the kernel; 0 but in a sleeve
    deciding: I8  # the sleeve whose on_bar runs
    transfer_period: I8  # of the last transfer between sleeves: months since 1970-01 over the months of a period
    rules: Rules
    asset: Rows[Holding]
    order: Rows[Order]
    contract: Rows[Contract]
    sleeve: Rows[Sleeve]
    twin: Rows[I8]  # the first role of the same symbol
    owner: Rows[I8]  # the sleeve of a role, and of number of roles + slot
    spans: Rows[I8]  # 2 where a role is without a price on some bars, else 1: compiled code knows how many
    pays: Rows[F8]  # by role, what a share pays at its end, NaN where nothing is declared; one of no use without spans
    weighed: Rows[F8]  # by role, what `weigh` noted for `targets`; NaN is nothing
    noted: Rows[I8]  # by role, the row in which it did: what an earlier bar noted is nothing
    cut: Rows[F8]  # as `owner` counts, what was last asked for that is less than a step, and so no order
    cut_at: Rows[I8]  # likewise, the row in which it was; -1 for never


HOLDING, CONTRACT, ORDER, SLEEVE = dtype_of(Holding), dtype_of(Contract), dtype_of(Order), dtype_of(Sleeve)

OWN = ("cash", "equity", "gross", "net", "maintenance", "peak", "ruined", "role_shift", "option_shift")
"""What a sleeve's view of the book takes from its SLEEVE; the rest is the account's."""


@cache
def book_dtype(roles: int, sleeves: int = 1, orders: int = LIVE_ORDERS, spans: bool = False) -> np.dtype[Any]:
    """The record of Book for so many roles and sleeves, and so many orders that may work at a time."""
    return np.dtype(_fields(roles, sleeves, orders, spans))


@cache
def account_dtype(
    roles: tuple[str, ...], options: tuple[str, ...] = (), orders: int = LIVE_ORDERS, spans: bool = False
) -> np.dtype[Any]:
    """The author's view of the same bytes: roles by name (`account.small.qty`), option slots too (`account.put`)."""
    slots = [*options, *(f"_slot{slot}" for slot in range(len(options), OPTION_SLOTS))]
    named = {"asset": [(role, HOLDING) for role in roles], "contract": [(slot, CONTRACT) for slot in slots]}
    return np.dtype([one for field in _fields(len(roles), 1, orders, spans) for one in named.get(field[0], [field])])


def _fields(roles: int, sleeves: int, orders: int, spans: bool) -> list[Any]:
    lengths = {"order": PLACES * orders, "contract": OPTION_SLOTS, "owner": roles + OPTION_SLOTS}
    lengths |= {"cut": roles + OPTION_SLOTS, "cut_at": roles + OPTION_SLOTS}
    lengths |= {"twin": roles, "weighed": roles, "noted": roles}
    lengths |= {"spans": 2 if spans else 1, "pays": roles if spans else 1}
    return fields_of(Book, asset=roles, sleeve=sleeves, **lengths)
