# SPDX-License-Identifier: Apache-2.0
"""What a contract is worth under the run's rules: the model's price, and half the spread that a trade pays."""

import math

from engine.kernel.option_book import is_contract
from engine.kernel.options import DAYS_A_YEAR, price_and_delta, skewed, vega
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import Book, Contract


@every_bar
def years_left(book: Book, expiry: int) -> float:
    """From the moment being worked to the close of the expiry session, calendar days / 365; never below 0.

    An expiry before the next session is one of this session.
    """
    last = min(expiry, book.session) if expiry <= book.settles else expiry
    return max(0.0, last - book.session + book.option_days) / DAYS_A_YEAR


@two_modes
def modelled(
    book: Book, right: int, strike: float, expiry: int, spot: float, at_money: float
) -> tuple[float, float, float]:
    """(price, delta, volatility) of one share's option now; the volatility has the skew inside."""
    rules = book.rules
    years = years_left(book, expiry)
    volatility = skewed(at_money, rules.option_skew, rules.option_floor, spot, strike, years)
    price, delta = price_and_delta(right, spot, strike, years, book.option_rate, rules.option_yield, volatility)
    return price, delta, volatility


@two_modes
def dealt(book: Book, qty: float, strike: float, expiry: int, spot: float, volatility: float, middle: float) -> float:
    """What a trade of `qty` fills at: the model's price and half the bid-ask spread; nothing sells below 0.

    Half the spread is the largest of a part of the premium, a move of the volatility and a least amount.
    """
    rules = book.rules
    moved = rules.option_vega * vega(
        spot, strike, years_left(book, expiry), book.option_rate, rules.option_yield, volatility
    )
    half = max(rules.option_spread * middle, moved, rules.option_least)
    return middle + half if qty > 0.0 else max(0.0, middle - half)


@two_modes
def quote(book: Book, slot: int, qty: float, right: int, strike: float, expiry: float) -> tuple[float, float]:
    """(price that `qty` would fill at, delta) of a contract on the slot's underlying at this close, a share.

    NaN where its volatility is not known or no time is left: an order would be rejected. A slot or contract that does
    not exist stops the run, as an order for it does.
    """
    if not is_contract(book, slot, right, strike, expiry):
        return math.nan, math.nan
    underlying = book.asset[book.contract[slot].role - book.role_shift]
    day = int(expiry)
    if not underlying.volatility > 0.0 or years_left(book, day) <= 0.0:
        return math.nan, math.nan
    spot = underlying.close
    middle, delta, volatility = modelled(book, right, strike, day, spot, underlying.volatility)
    return dealt(book, qty, strike, day, spot, volatility, middle), delta


@two_modes
def mark_contract(book: Book, contract: Contract) -> None:
    """Mark a slot's contract at its underlying's mark.

    An underlying whose volatility is not known now leaves its contracts at the last one that was.
    """
    underlying = book.asset[contract.role]
    if underlying.volatility > 0.0:
        contract.at_money = underlying.volatility
    price, delta, volatility = modelled(
        book, contract.right, contract.strike, contract.expiry, underlying.close, contract.at_money
    )
    contract.price = price
    contract.delta = delta
    contract.volatility = volatility
    contract.value = contract.qty * book.multiplier * price
