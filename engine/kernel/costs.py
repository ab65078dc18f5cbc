# SPDX-License-Identifier: Apache-2.0
"""What a trade costs under the broker's terms in force. Money in account currency, costs >= 0."""

import math

from engine.kernel.two_modes import two_modes
from engine.records import TIERS, Book, CostInputs, Rows, Terms


@two_modes
def stepped(rates: Rows[float], upto: Rows[float], start: float, stop: float) -> float:
    """What the part from `start` to `stop` costs when step i charges rates[i] below upto[i], below 0 the first."""
    total = 0.0
    low = -math.inf
    for i in range(TIERS):
        high = upto[i]
        part = min(stop, high) - max(start, low)
        if part > 0.0:
            total += part * rates[i]
        if stop <= high:
            break
        low = high
    return total


@two_modes
def traded_before(month_shares: float, filled: float) -> float:
    """Shares that were traded in a month before an order which has filled `filled` (>= 0).

    Below zero where parts of the order filled in an earlier month: they count in no step of this one. Less than a
    share below zero is the rounding of fractional shares.
    """
    before = month_shares - filled
    return before if before <= -1.0 else max(0.0, before)


@two_modes
def order_commission(terms: Terms, month_shares: float, shares: float, value: float) -> float:
    """Broker's commission on an order that has filled `shares` worth `value` in all (both >= 0).

    min(max(stepped per-share rate, minimum), maximum * value) + notional * value; `month_shares` were traded
    this month before the order, as `traded_before` has them. Source: the broker's published schedule, configs/costs.
    """
    if shares <= 0.0:
        return 0.0
    commission = stepped(terms.per_share, terms.shares_upto, month_shares, month_shares + shares)
    commission = min(max(commission, terms.minimum), terms.maximum * value)
    return commission + terms.notional * value


@two_modes
def order_fees(terms: Terms, commission: float, shares: float, value: float, selling: bool) -> float:
    """Clearing and regulatory fees on the same order: per share, pass-through, and on sales SEC and TAF."""
    fees = shares * terms.clearing + commission * terms.pass_through
    if selling:
        fees += value * terms.sell_notional + min(shares * terms.sell_share, terms.sell_share_cap)
    return fees


@two_modes
def slippage_fraction(terms: Terms, role: int, before: float, shares: float, impact: float) -> float:
    """What `shares` more of an order that has filled `before` pay beyond the reference, a fraction of the price >= 0.

    half_spread + impact * sqrt(shares) for an order that fills at once. One that fills in parts pays the same in all:
    each part what it adds to impact * filled^1.5. `impact` is the CostInputs' of the bar: the square-root law, with
    the daily volatility and volume of its session inside (engine.inputs.liquidity).
    """
    half_spread = terms.asset[role].half_spread
    if impact == 0.0:  # two roots and a division for nothing: 15 ns of a fill
        return half_spread
    after = before + shares
    added = after * math.sqrt(after)
    if before != 0.0:
        added -= before * math.sqrt(before)
    return half_spread + impact * added / shares


@two_modes
def open_cost_inputs(book: Book, inputs: CostInputs) -> None:
    """Before orders meet a bar: what is known of the liquidity of its session, and of its shares."""
    for role in range(len(book.asset)):
        book.asset[role].impact = inputs.impact[role]
        book.asset[role].lot = inputs.lot[role]
