# SPDX-License-Identifier: Apache-2.0
"""What the account's option contracts are worth: the market they are modelled in, and their marks."""

from typing import Any

from engine.kernel.options import DAYS_A_YEAR, price_and_delta, skewed
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import OPTION_SLOTS


@two_modes
def open_option_inputs(book: Any, rules: Any, bar: Any, quote: Any) -> None:
    """At the open: the clock moves, volatility and rate stay those of the last close."""
    book.session = bar.session
    book.option_days = quote.left + rules.bar_days


@two_modes
def close_option_inputs(book: Any, option_inputs: Any, benchmark: Any) -> None:
    """At the close: the bar's volatilities, rate and time."""
    quote = option_inputs[book.t]
    rate = benchmark[min(book.t, len(benchmark) - 1)]
    book.option_days = quote.left
    book.option_rate = rate
    for role in range(len(book.asset)):
        book.asset[role].volatility = quote.volatility[role]


@every_bar
def years_left(book: Any, expiry: int) -> float:
    """From the moment being worked to the close of the expiry session, calendar days / 365; never below 0."""
    return max(0.0, expiry - book.session + book.option_days) / DAYS_A_YEAR


@two_modes
def mark_options(book: Any, rules: Any) -> Any:
    """Mark every contract at its underlying's mark; returns (value, net, gross), exposures as shares it moves like.

    An underlying whose volatility is not known now leaves its contracts at the last one that was.
    """
    total = 0.0
    net = 0.0
    gross = 0.0
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty == 0.0:
            continue
        underlying = book.asset[contract.role]
        if underlying.volatility > 0.0:
            contract.at_money = underlying.volatility
        spot = underlying.close
        years = years_left(book, contract.expiry)
        volatility = skewed(contract.at_money, rules.option_skew, rules.option_floor, spot, contract.strike, years)
        price, delta = price_and_delta(
            contract.right, spot, contract.strike, years, book.option_rate, rules.option_yield, volatility
        )
        shares = contract.qty * rules.multiplier
        contract.price = price
        contract.delta = delta
        contract.volatility = volatility
        contract.value = shares * price
        total += contract.value
        net += shares * delta * spot
        gross += abs(shares * delta * spot)
    return total, net, gross


@two_modes
def add_options(book: Any, rules: Any, peak: float) -> None:
    """Mark the contracts and add them to an account that `mark` has valued without; peak is the one before."""
    if book.contracts > 0:
        value, net, gross = mark_options(book, rules)
        book.equity += value
        book.net += net
        book.gross += gross
        book.peak = max(peak, book.equity)


@two_modes
def record_marks(book: Any, marks: Any) -> None:
    """Write the marks of this close, one row a contract."""
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty != 0.0:
            row = marks[book.marks]
            row.t = book.t
            row.slot = slot
            row.price = contract.price
            row.delta = contract.delta
            row.volatility = contract.volatility
            book.marks += 1


@two_modes
def empty_slot(contract: Any) -> None:
    """Forget the terms of a contract that is no longer held; the underlying stays."""
    contract.strike = 0.0
    contract.price = 0.0
    contract.value = 0.0
    contract.delta = 0.0
    contract.avg_price = 0.0
    contract.volatility = 0.0
    contract.at_money = 0.0
    contract.expiry = 0
    contract.right = 0
    contract.order = 0
