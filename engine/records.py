# SPDX-License-Identifier: Apache-2.0
"""The memory layout that everything shares: one numpy record per row.

A record is read two ways. The author's view names the roles (`bar.small.close`), the kernel's view indexes
them (`bar.asset[1].close`); both describe the same bytes. Times are int64 ns UTC, sessions are days since
1970-01-01 of the exchange's date, quantities are signed shares, money and prices are in the account's
currency, rates and shares of something are fractions (0.01 is one per cent).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

F8, I8, I4, I2 = "f8", "i8", "i4", "i2"

LIVE_ORDERS = 64
"""Most orders one account can have working at a time; one more stops the run with a clear error."""

TIERS = 5
"""Most steps of a commission or interest schedule."""

OPTION_SLOTS = 4
"""Most option contracts one account can hold at a time, one a slot."""

ASSET_BAR = np.dtype(
    [
        ("open", F8),
        ("high", F8),
        ("low", F8),
        ("close", F8),
        ("volume", F8),  # shares; NaN where the source has none
        ("dividend", F8),  # cash per share, on the ex-date's first bar
        ("split", F8),  # new shares per old share, on the first bar at the new price; 1.0 otherwise
        ("factor", F8),  # product of splits so far: price * factor is continuous and causal
    ]
)
"""One role's bar, 64 bytes: one cache line."""

_CLOCK = [
    ("ts", I8),  # close of the bar
    ("session", I4),  # exchange date
    ("days", I2),  # calendar days since the bar before; 0 within a session
    ("last", I2),  # 1 on the last bar of a session
]


def bar_dtype(roles: Sequence[str], series: Sequence[str] = ()) -> np.dtype[Any]:
    """The author's view of a bar: `ts, session, days, last`, one ASSET_BAR a role, one f8 a series."""
    return np.dtype([*_CLOCK, *((role, ASSET_BAR) for role in roles), *((name, F8) for name in series)])


def kernel_bar_dtype(author: np.dtype[Any], roles: int) -> np.dtype[Any]:
    """The kernel's view of the same bytes: roles by index in `asset`; series are not the kernel's business."""
    clock = np.dtype(_CLOCK)
    names = [*(clock.names or ()), "asset"]
    formats: list[Any] = [clock[name] for name in clock.names or ()] + [(ASSET_BAR, (roles,))]
    offsets = [author.fields[name][1] for name in clock.names or ()] + [clock.itemsize]  # type: ignore[index]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": author.itemsize})


HOLDING = np.dtype(
    [
        ("qty", F8),
        ("avg_price", F8),  # average entry price of the open position; 0 when flat
        ("close", F8),  # the mark
        ("value", F8),  # qty * close, signed
        ("filled", F8),  # shares traded in this bar, unsigned, for the participation cap
        ("volatility", F8),  # implied volatility at the money, a year; 0 before the first, NaN while it is not known
    ]
)

CONTRACT = np.dtype(
    [
        ("qty", F8),  # signed contracts
        ("strike", F8),
        ("price", F8),  # the modelled mark, a share
        ("value", F8),  # qty * multiplier * price, signed
        ("delta", F8),  # of one option on one share: from -1 to 1
        ("avg_price", F8),  # average entry price of the open position, a share
        ("volatility", F8),  # that the mark was modelled with, skew inside
        ("at_money", F8),  # last known volatility at the money of the underlying
        ("expiry", I8),  # session at whose close it is settled
        ("right", I8),  # 1 call, -1 put; 0 while the slot is empty
        ("role", I8),  # the underlying
        ("order", I8),  # that opened it
    ]
)
"""One option slot of the account: empty, or one contract."""

ORDER = np.dtype(
    [
        ("id", I8),  # 1, 2, 3 ... in order of submission; 0 means none
        ("role", I4),  # number of roles + slot for an OPTION
        ("kind", I4),  # OrderKind
        ("tif", I4),  # TimeInForce
        ("status", I4),  # OrderStatus
        ("reason", I4),  # the strategy's reason code; negative codes are the engine's own
        ("cause", I4),  # why it ended, Cause
        ("triggered", I4),  # 1 once the stop of a stop-limit has been touched
        ("entry_bar", I4),  # 1 while a child works inside the bar that filled its parent
        ("qty", F8),  # what is still to fill, signed
        ("asked", F8),  # what was asked for, signed
        ("filled", F8),  # signed
        ("filled_value", F8),  # sum of filled quantity * price, signed
        ("limit", F8),  # NaN where the kind has none; the strike of an OPTION
        ("stop", F8),  # the trigger; a trailing stop ratchets it; the expiry of an OPTION, a session
        ("trail", F8),  # distance in price, or a fraction for TRAIL_PERCENT; the right of an OPTION, 1 call, -1 put
        ("parent", I8),  # order that must fill before this one works; -1: the position it may only reduce; 0: none
        ("group", I8),  # one-cancels-other group; 0 is none
        ("born", I8),  # row of the decision
        ("ended", I8),  # row in which it left the book; -1 while it works
    ]
)

ENTRY = np.dtype(
    [
        ("t", I8),  # row of bars
        ("kind", I4),  # EntryKind
        ("role", I4),  # number of roles + slot for an option's; -1 - sleeve where the entry concerns no role
        ("qty", F8),  # signed change of position; contracts of an option
        ("price", F8),
        ("amount", F8),  # signed change of cash
        ("slippage", F8),  # memo, already inside price: cost >= 0 against the reference price
        (
            "order",
            I8,
        ),  # an option's contract is in its order; entries without an order of their own name the opening one
        ("reason", I8),
    ]
)

POINT = np.dtype([("cash", F8), ("equity", F8), ("gross", F8), ("net", F8), ("maintenance", F8)])
"""The account at the close of one bar. gross = sum |value|, net = sum value, maintenance = margin required.

An option counts in gross and net as the shares it moves like: contracts * multiplier * delta * spot.
"""

MARK = np.dtype(
    [
        ("t", I8),
        ("slot", I8),
        ("price", F8),  # a share
        ("delta", F8),
        ("volatility", F8),  # a year, skew inside
    ]
)
"""The modelled price of one open option at the close of one bar."""


def option_input_dtype(roles: int) -> np.dtype[Any]:
    """What pricing options needs beside prices, one row a bar."""
    return np.dtype(
        [
            ("left", F8),  # days from this bar's close to its session's close
            ("volatility", F8, (roles,)),  # implied, at the money, a year; NaN where it is not known
        ]
    )


OUTCOME = np.dtype(
    [
        ("final_equity", F8),
        ("total_return", F8),
        ("mean", F8),  # of the simple returns bar to bar
        ("deviation", F8),  # sample standard deviation of the same
        ("max_drawdown", F8),  # fraction of the peak, >= 0
        ("turnover", F8),  # traded notional / mean equity
        ("costs", F8),  # commissions, fees, slippage, borrow and interest paid, net
        ("fills", I8),
        ("margin_calls", I8),
        ("error", I8),  # RunCode
    ]
)
"""What a sweep keeps of each run; computed inside the kernel."""

RULES = np.dtype(
    [
        ("fill_at", I8),  # FillAt
        ("whole_shares", I8),
        ("intrabar", I8),  # Intrabar
        ("limit_through", I8),  # 1: a limit needs the price to trade through it
        ("margin", I8),  # MarginKind
        ("liquidation", I8),  # Liquidation
        ("cushion", F8),  # a forced sale restores maintenance * (1 + cushion)
        ("participation", F8),  # most of a bar's volume one role may trade; inf is no cap
        ("pay_dividends", I8),
        ("recording", I8),  # 1: write ledger, orders and equity path; 0: outcome only (sweeps)
        ("cash", F8),  # opening deposit
        ("options", I8),  # 1: the strategy has option slots, and the quotes have a row a bar
        ("bar_days", F8),  # length of a bar, days: from an open to its close
        ("multiplier", F8),  # shares a contract
        ("option_skew", F8),
        ("option_floor", F8),  # least volatility, as a part of that at the money
        ("option_yield", F8),  # dividends a year
        ("option_spread", F8),  # half the bid-ask spread is the largest of: this part of the premium,
        ("option_vega", F8),  # this move of the volatility,
        ("option_least", F8),  # and this, dollars a share
        ("option_commission", F8),  # a contract
        ("option_minimum", F8),  # an order
        ("rebalance", I8),  # months from one transfer between sleeves to the next; 0 is never
    ]
)

ASSET_TERMS = np.dtype(
    [
        ("half_spread", F8),  # fraction of the price
        ("impact", F8),  # fraction of the price at 100 % of the bar's volume; grows with the square root
        ("borrow", F8),  # a year, on the collateral value
        ("shortable", F8),  # 1 or 0
        ("initial_long", F8),
        ("initial_short", F8),
        ("maintenance_long", F8),
        ("maintenance_short", F8),
        ("floor_high", F8),  # dollars a share: short maintenance at $5 or more is at least this
        ("floor_low", F8),  # the same below $5
    ]
)


def terms_dtype(roles: int) -> np.dtype[Any]:
    """One row of the broker's terms, in force from `session` until the next row's."""
    return np.dtype(
        [
            ("session", I8),
            ("month", I8),  # year * 12 + month: tiered commissions count shares by the month
            ("per_share", F8, (TIERS,)),
            ("shares_upto", F8, (TIERS,)),  # monthly shares where each step ends; the last is inf
            ("minimum", F8),  # per order, broker commission
            ("maximum", F8),  # fraction of trade value
            ("notional", F8),  # fraction of trade value, added to the per-share commission
            ("clearing", F8),  # per share, both sides
            ("pass_through", F8),  # fraction of the commission
            ("sell_notional", F8),  # SEC section 31
            ("sell_share", F8),  # FINRA TAF
            ("sell_share_cap", F8),  # most TAF a trade pays; inf is no cap
            ("debit_spread", F8, (TIERS,)),  # a year, added to the benchmark
            ("debit_upto", F8, (TIERS,)),  # dollars where each step ends; the last is inf
            ("credit_spread", F8),  # a year, taken off the benchmark
            ("credit_exempt", F8),  # first dollars that earn nothing
            ("rebate_spread", F8),  # a year, taken off the benchmark for short proceeds
            ("pays_rebate", F8),  # 1 or 0
            ("asset", ASSET_TERMS, (roles,)),
        ]
    )


_BOOK_SCALARS = [
    ("cash", F8),
    ("equity", F8),
    ("gross", F8),
    ("net", F8),
    ("maintenance", F8),
    ("peak", F8),  # highest equity at a close so far
    ("last_equity", F8),
    ("month_shares", F8),  # shares traded this month
    ("traded", F8),  # notional so far
    ("costs", F8),
    ("return_sum", F8),  # the next four only in sweeps, where no path is kept
    ("return_squares", F8),
    ("equity_sum", F8),
    ("max_drawdown", F8),
    ("option_rate", F8),  # benchmark a year, and
    ("option_days", F8),  # days to the session's close: what options are priced with; kept in runs with option slots
    ("multiplier", F8),  # this and the next six are those of the rules, for what `orders` quotes
    ("option_skew", F8),
    ("option_floor", F8),
    ("option_yield", F8),
    ("option_spread", F8),
    ("option_vega", F8),
    ("option_least", F8),
    ("session", I8),  # of the bar being worked, likewise
    ("contracts", I8),  # option slots that are not empty
    ("marks", I8),  # rows of option marks written
    ("whole_shares", I8),
    ("frozen", I8),  # 1 from a margin call to the next open: the strategy's orders are refused
    ("t", I8),  # row being worked
    ("terms", I8),  # row of the terms in force
    ("month", I8),
    ("orders", I8),  # orders in the book
    ("ended", I8),  # of which finished and waiting to move to the log
    ("next_id", I8),
    ("entries", I8),  # rows of the ledger written
    ("closed", I8),  # rows of the order log written
    ("fills", I8),
    ("margin_calls", I8),
    ("ruined", I8),  # 1 once equity is gone: nothing more is accepted
    ("error", I8),  # RunCode
    ("role_shift", I8),  # what the order API adds to a role, and
    ("option_shift", I8),  # to number of roles + slot, to name them to the kernel; 0 but in a sleeve
    ("deciding", I8),  # the sleeve whose on_bar runs
    ("transfer_period", I8),  # of the last transfer between sleeves: months since 1970-01 over the months of a period
]

SLEEVE = np.dtype(
    [
        ("cash", F8),
        ("equity", F8),
        ("gross", F8),
        ("net", F8),
        ("maintenance", F8),  # of its own positions, as if they stood alone
        ("peak", F8),  # highest equity at a close so far; a transfer scales it
        ("last_peak", F8),  # the same before the bar at hand
        ("weight", F8),  # of the account's capital
        ("role_shift", I8),  # its first role
        ("option_shift", I8),
        ("roles", I8),
        ("first_slot", I8),
        ("slots", I8),
        ("ruined", I8),  # 1 once its equity is gone, until a transfer; its orders are refused
    ]
)
"""One strategy's part of the account. An account of one strategy has one sleeve, which nothing reads."""

OWN = ("cash", "equity", "gross", "net", "maintenance", "peak", "ruined", "role_shift", "option_shift")
"""What a sleeve's view of the book takes from its SLEEVE; the rest is the account's."""


def book_dtype(roles: int, sleeves: int = 1) -> np.dtype[Any]:
    """The whole account as the kernel sees it: cash, marks, holdings by index, working orders.

    twin: the first role of the same symbol; owner: the sleeve of a role, and of number of roles + slot.
    """
    return np.dtype(
        [
            *_BOOK_SCALARS,
            ("asset", HOLDING, (roles,)),
            ("order", ORDER, (LIVE_ORDERS,)),
            ("contract", CONTRACT, (OPTION_SLOTS,)),
            *_sleeve_fields(roles, sleeves),
        ]
    )


def account_dtype(roles: Sequence[str], options: Sequence[str] = ()) -> np.dtype[Any]:
    """The author's view of the same bytes: roles by name (`account.small.qty`), option slots too (`account.put`)."""
    slots = [*options, *(f"_slot{slot}" for slot in range(len(options), OPTION_SLOTS))]
    return np.dtype(
        [
            *_BOOK_SCALARS,
            *((role, HOLDING) for role in roles),
            ("order", ORDER, (LIVE_ORDERS,)),
            *((slot, CONTRACT) for slot in slots),
            *_sleeve_fields(len(roles), 1),
        ]
    )


def _sleeve_fields(roles: int, sleeves: int) -> list[Any]:
    return [("sleeve", SLEEVE, (sleeves,)), ("twin", I8, (roles,)), ("owner", I8, (roles + OPTION_SLOTS,))]
