# SPDX-License-Identifier: Apache-2.0
"""What a run is held to: its own rules, and the broker's terms by date."""

from typing import Any

import numpy as np

from engine.records.layout import F8, I8, Rows, dtype_of

TIERS = 5
"""Most steps of a commission or interest schedule."""


class Rules:
    """The rules of one run; they stand in its book, because a decision has the book alone."""

    fill_at: I8  # FillAt
    step: F8  # quantities are multiples of step / a_share: 1 / 1 for whole shares, 1 / 1,000,000 for millionths,
    a_share: F8  # both whole, so that a multiple is the float nearest to what its decimals say
    intrabar: I8  # Intrabar
    limit_through: I8  # 1: a limit needs the price to trade through it
    late_children: I8  # 1: children work from the bar after their parent's fill, as a second engine has them
    margin: I8  # MarginKind
    liquidation: I8  # Liquidation
    cushion: F8  # a forced sale restores maintenance * (1 + cushion)
    participation: F8  # most of a bar's volume one role may trade; inf is no cap
    pay_dividends: I8
    withholding: F8  # part of a dividend received that a tax takes
    recording: I8  # 1: write ledger, orders and equity path; 0: outcome only (sweeps)
    cash: F8  # opening deposit
    options: I8  # 1: the strategy has option slots, and the option inputs have a row a bar
    bar_days: F8  # length of a bar, days: from an open to its close
    option_skew: F8
    option_floor: F8  # least volatility, as a part of that at the money
    option_yield: F8  # dividends a year
    option_spread: F8  # half the bid-ask spread is the largest of: this part of the premium,
    option_vega: F8  # this move of the volatility,
    option_least: F8  # and this, dollars a share
    option_commission: F8  # a contract
    option_minimum: F8  # an order
    rebalance: I8  # months from one transfer between sleeves to the next; 0 is never


class AssetTerms:
    """The broker's terms of one role."""

    half_spread: F8  # fraction of the price
    borrow: F8  # a year, on the collateral value
    shortable: F8  # 1 or 0
    initial_long: F8
    initial_short: F8
    maintenance_long: F8
    maintenance_short: F8
    floor_high: F8  # dollars a share: short maintenance at $5 or more is at least this
    floor_low: F8  # the same below $5


class Terms:
    """One row of the broker's terms, in force from `session` until the next row's."""

    session: I8
    month: I8  # year * 12 + month: tiered commissions count shares by the month
    per_share: Rows[F8]
    shares_upto: Rows[F8]  # monthly shares where each step ends; the last is inf
    minimum: F8  # per order, broker commission
    maximum: F8  # fraction of trade value
    notional: F8  # fraction of trade value, added to the per-share commission
    clearing: F8  # per share, both sides
    pass_through: F8  # fraction of the commission
    sell_notional: F8  # SEC section 31
    sell_share: F8  # FINRA TAF
    sell_share_cap: F8  # most TAF a trade pays; inf is no cap
    debit_spread: Rows[F8]  # a year, added to the benchmark
    debit_upto: Rows[F8]  # dollars where each step ends; the last is inf
    credit_spread: F8  # a year, taken off the benchmark
    credit_exempt: F8  # first dollars that earn nothing
    rebate_spread: Rows[F8]  # a year, taken off the benchmark for short proceeds; inf: this part earns nothing
    rebate_upto: Rows[F8]  # dollars where each step ends; the last is inf
    over_benchmark: F8  # 1, or 0 where all of these rates stand by themselves
    asset: Rows[AssetTerms]


RULES = dtype_of(Rules)

STEPS = dict.fromkeys(("per_share", "shares_upto", "debit_spread", "debit_upto", "rebate_spread", "rebate_upto"), TIERS)
"""Lengths of the schedules."""


def terms_dtype(roles: int) -> np.dtype[Any]:
    """Records of Terms for so many roles."""
    return dtype_of(Terms, asset=roles, **STEPS)
