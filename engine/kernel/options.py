# SPDX-License-Identifier: Apache-2.0
"""European options on a share that pays a continuous dividend yield: price, delta and vega, in two modes.

Black and Scholes, The Pricing of Options and Corporate Liabilities, 1973; Merton, Theory of Rational Option Pricing,
1973; the formulas as in Hull, Options, Futures, and Other Derivatives, chapters 17 and 19. Everything is a share's:
a contract is `multiplier` of them. right is 1 for a call and -1 for a put; years are calendar days / 365; rate, yield
and volatility are fractions a year, continuously compounded. With no time or no volatility left an option is worth
what its forward is in the money by, discounted.

exp, log, sqrt and erfc are the C library's in both modes, so both give the same bits (tested).
"""

import math

from engine.kernel.two_modes import two_modes

ROOT_HALF = math.sqrt(0.5)
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)

DAYS_A_YEAR = 365.0

SHORTEST_SKEW = 1.0 / 12.0
"""Years; the skew of options with less left is that of a month."""


@two_modes
def normal(x: float) -> float:
    """Distribution function of the standard normal."""
    return 0.5 * math.erfc(-x * ROOT_HALF)


@two_modes
def density(x: float) -> float:
    """Density of the standard normal."""
    return DENSITY * math.exp(-0.5 * x * x)


@two_modes
def intrinsic(right: int, spot: float, strike: float) -> float:
    """What exercising is worth now, >= 0."""
    return max(0.0, right * (spot - strike))


@two_modes
def skewed(at_money: float, skew: float, floor: float, spot: float, strike: float, years: float) -> float:
    """Implied volatility of a strike: at_money * max(floor, 1 - skew * ln(K / S) / sqrt(max(T, 1/12))).

    A straight line in standardised log-moneyness: with skew > 0 low strikes cost more volatility than high ones.
    """
    if skew == 0.0:
        return at_money
    slope = skew / math.sqrt(max(years, SHORTEST_SKEW))
    return at_money * max(floor, 1.0 - slope * math.log(strike / spot))


@two_modes
def first_distance(
    spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> float:
    """d1 of the formula; d2 is d1 - volatility * sqrt(years). Needs years and volatility above 0."""
    drift = rate - dividend_yield + 0.5 * volatility * volatility
    return (math.log(spot / strike) + drift * years) / (volatility * math.sqrt(years))


@two_modes
def price_and_delta(
    right: int, spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> tuple[float, float]:
    """(price, delta): price >= 0; delta is the change of price for a move of one in the spot."""
    kept = 1.0 if dividend_yield == 0.0 else math.exp(-dividend_yield * years)
    owed = strike * math.exp(-rate * years)
    if years <= 0.0 or volatility <= 0.0:
        inside = right * (spot * kept - owed)
        return (inside, right * kept) if inside > 0.0 else (0.0, 0.0)
    d1 = first_distance(spot, strike, years, rate, dividend_yield, volatility)
    delta = right * kept * normal(right * d1)
    price = spot * delta - right * owed * normal(right * (d1 - volatility * math.sqrt(years)))
    return max(0.0, price), delta


@two_modes
def vega(spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float) -> float:
    """Change of price for a move of 1.00 (a hundred points) in the volatility; 0 with no time or volatility."""
    if years <= 0.0 or volatility <= 0.0:
        return 0.0
    d1 = first_distance(spot, strike, years, rate, dividend_yield, volatility)
    return spot * math.exp(-dividend_yield * years) * density(d1) * math.sqrt(years)
