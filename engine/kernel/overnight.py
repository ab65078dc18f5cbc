# SPDX-License-Identifier: Apache-2.0
"""Step 1 of a bar's life: what happens between two sessions, at the old quantities and the old terms."""

import math

from engine.kernel.book import end_order
from engine.kernel.codes import Cause, EntryKind, Moment, OrderKind, OrderStatus
from engine.kernel.costs import stepped
from engine.kernel.ledger import post
from engine.kernel.netting import net_quantity, same_side, stands
from engine.kernel.option_life import split_options
from engine.kernel.sleeves import share_borrow, share_interest
from engine.kernel.steps import in_steps, whole
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import TIERS, Bar, Book, CostInputs, Entry, Rows, Terms

DAY_COUNT = 360.0
"""Borrow fees and interest accrue by calendar days over a 360-day year, as the broker does."""

RATIO_ROUNDING = 1e-9
"""How far a number of shares may be from a multiple of the step by the rounding of a ratio alone, as a part of it."""

COLLATERAL = 1.02
"""A borrowed share is secured by 102 % of its close, rounded up to the next dollar."""


@every_bar
def overnight(
    book: Book, terms: Terms, entries: Rows[Entry], bar: Bar, benchmark: float, cost_inputs: Rows[CostInputs]
) -> None:
    """Borrow fees and interest for the calendar days passed, then splits and dividends of the new session.

    benchmark is the annual rate of the session that ended.
    """
    book.moment = Moment.NIGHT
    years = bar.days / DAY_COUNT
    short_value = 0.0
    for role in range(len(book.asset)):
        shares = net_quantity(book, role) if stands(book, role) else 0.0
        if shares < 0.0:
            short_value -= shares * book.asset[role].close
            charge_borrow(book, terms, entries, role, shares, cost_inputs[book.t - 1].lot[role], years)
    accrue_interest(book, terms, entries, short_value, benchmark, years)
    for role in range(len(book.asset)):
        asset = bar.asset[role]
        if asset.split != 1.0:
            apply_split(book, entries, role, asset.split)
        if asset.dividend != 0.0 and book.rules.pay_dividends == 1 and book.asset[role].qty != 0.0:
            amount = book.asset[role].qty * asset.dividend
            post(book, entries, EntryKind.DIVIDEND, role, 0.0, asset.dividend, amount, 0.0, 0, 0)
            if amount < 0.0:
                book.costs -= amount
            if book.rules.withholding > 0.0:
                withhold(book, entries, role, asset.dividend)
    book.moment = Moment.CLOSE


@two_modes
def withhold(book: Book, entries: Rows[Entry], role: int, dividend: float) -> None:
    """Take the tax off a dividend per share that has been received; what shorts pay in lieu they pay whole.

    Of a symbol that sleeves hold on both sides the broker sees the net: its tax falls on the longs by their shares.
    """
    held, net = book.asset[role].qty, net_quantity(book, role)
    if held > 0.0 and net > 0.0:
        taxed = held * (net / same_side(book, role, net))
        tax = taxed * dividend * book.rules.withholding
        post(book, entries, EntryKind.WITHHOLDING, role, 0.0, dividend, -tax, 0.0, 0, 0)
        book.costs += tax


@every_bar
def charge_borrow(
    book: Book, terms: Terms, entries: Rows[Entry], role: int, shares: float, lot: float, years: float
) -> None:
    """Charge ceil(1.02 * close) * shares * rate * days / 360, on the close before; shares is the net short, below 0.

    The close and the shares are those of the day: close / lot and shares * lot of the bars.

    Source: the broker's pages on short sales.
    """
    close = book.asset[role].close
    if lot != 1.0:  # a division that the next cash waits for: 2.7 ns of every night with a short
        close = close / lot
        shares = shares * lot
    collateral = math.ceil(COLLATERAL * close)
    fee = collateral * -shares * terms.asset[role].borrow * years
    if fee != 0.0:
        if len(book.sleeve) == 1:
            post(book, entries, EntryKind.BORROW, role, 0.0, float(collateral), -fee, 0.0, 0, 0)
        else:
            share_borrow(book, entries, role, float(collateral), fee)
        book.costs += fee


@every_bar
def accrue_interest(
    book: Book, terms: Terms, entries: Rows[Entry], short_value: float, benchmark: float, years: float
) -> None:
    """Interest on free cash: the proceeds of shorts are collateral, so they neither earn as cash nor pay for longs.

    free = cash - market value of shorts. Below zero it pays benchmark + spread by steps of the debt; above, what
    exceeds the exempt dollars earns benchmark - spread; neither ever changes sign. The proceeds earn the rebate.
    """
    free = book.cash - short_value
    base = benchmark * terms.over_benchmark
    if free < 0.0:
        debt = -free
        amount = -max(0.0, stepped(terms.debit_spread, terms.debit_upto, 0.0, debt) + debt * base) * years
    else:  # the next cash waits for this one: what does not need it is worked out beside it
        amount = max(0.0, free - terms.credit_exempt) * (max(0.0, base - terms.credit_spread) * years)
    if short_value > 0.0:
        amount += rebate(terms, short_value, base) * years
    if amount != 0.0:
        if len(book.sleeve) == 1:
            post(book, entries, EntryKind.INTEREST, -1, 0.0, math.nan, amount, 0.0, 0, 0)
        else:
            share_interest(book, entries, amount)
        if amount < 0.0:
            book.costs -= amount


@two_modes
def rebate(terms: Terms, proceeds: float, base: float) -> float:
    """What the proceeds of shorts earn a year, >= 0: each step of them the benchmark rate `base` less its spread."""
    total = 0.0
    low = 0.0
    for step in range(TIERS):
        high = terms.rebate_upto[step]
        total += (min(proceeds, high) - low) * max(0.0, base - terms.rebate_spread[step])
        if proceeds <= high:
            break
        low = high
    return total


@two_modes
def apply_split(book: Book, entries: Rows[Entry], role: int, ratio: float) -> None:
    """`ratio` new shares for one old: quantity up, price down; a fraction of a share is paid out in cash."""
    holding = book.asset[role]
    holding.close = holding.close / ratio
    holding.avg_price = holding.avg_price / ratio
    if holding.qty != 0.0:
        exact = holding.qty * ratio
        kept = split_shares(book, holding.qty, ratio)
        in_lieu = (exact - kept) * holding.close
        post(book, entries, EntryKind.SPLIT, role, kept - holding.qty, holding.close, in_lieu, 0.0, 0, 0)
    for slot in range(book.orders):
        order = book.order[slot]
        if order.role == role:
            order.qty = split_shares(book, order.qty, ratio)
            order.asked = split_shares(book, order.asked, ratio)
            order.filled = order.filled * ratio
            order.limit = order.limit / ratio
            order.stop = order.stop / ratio
            order.away = order.away / ratio
            if order.kind != OrderKind.TRAIL_PERCENT:
                order.trail = order.trail / ratio
            if order.qty == 0.0:
                end_order(book, order, OrderStatus.CANCELLED, Cause.LESS_THAN_A_SHARE)
    if book.rules.options == 1:
        split_options(book, entries, role, ratio)


@two_modes
def split_shares(book: Book, qty: float, ratio: float) -> float:
    """`qty` shares after a split, cut to whole steps, those of a share where the run trades whole shares.

    A ratio such as 1/49 is no exact float: what lies within a billionth of a whole number of steps is that number.
    """
    exact = qty * ratio
    nearest = in_steps(book, exact)
    steps = abs(nearest) * book.rules.a_share / book.rules.step
    off = abs(exact - nearest) * book.rules.a_share / book.rules.step
    return nearest if off <= RATIO_ROUNDING * max(1.0, steps) else whole(book, exact)
