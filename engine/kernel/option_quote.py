# SPDX-License-Identifier: Apache-2.0
"""What a contract would cost now: the model's price and half the spread, before an order is sent."""

import math
from typing import Any

from engine.kernel.option_book import is_contract
from engine.kernel.option_marks import years_left
from engine.kernel.options import price_and_delta, skewed, vega
from engine.kernel.two_modes import two_modes

OPTION_TERMS = (
    "multiplier", "option_skew", "option_floor", "option_yield", "option_spread", "option_vega", "option_least",
)  # fmt: skip
"""Fields of the rules that the book repeats, because a decision has the book alone."""


@two_modes
def half_spread(
    terms: Any, spot: float, strike: float, years: float, rate: float, volatility: float, middle: float
) -> float:
    """Half the bid-ask spread, dollars a share; terms are the rules or the book.

    The largest of a part of the premium, a move of the volatility and a least amount.
    """
    moved = terms.option_vega * vega(spot, strike, years, rate, terms.option_yield, volatility)
    return max(terms.option_spread * middle, moved, terms.option_least)


@two_modes
def quote(book: Any, slot: int, right: int, strike: float, expiry: float) -> Any:
    """(price, delta, half the spread) of a contract on the slot's underlying at this close, a share.

    NaN where its volatility is not known or no time is left: an order would be rejected. A slot or contract that does
    not exist stops the run, as an order for it does.
    """
    if not is_contract(book, slot, right, strike, expiry):
        return math.nan, math.nan, math.nan
    underlying = book.asset[book.contract[slot].role - book.role_shift]
    at_money = underlying.volatility
    years = years_left(book, int(expiry))
    if not at_money > 0.0 or years <= 0.0:
        return math.nan, math.nan, math.nan
    spot = underlying.close
    volatility = skewed(at_money, book.option_skew, book.option_floor, spot, strike, years)
    middle, delta = price_and_delta(right, spot, strike, years, book.option_rate, book.option_yield, volatility)
    return middle, delta, half_spread(book, spot, strike, years, book.option_rate, volatility, middle)
