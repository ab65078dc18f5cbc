# SPDX-License-Identifier: Apache-2.0
"""How options are priced, for strategies that have option slots."""

from typing import Annotated, Literal

from pydantic import Field

from engine.model.fields import (
    Fraction,
    NonNegative,
    PerShare,
    PerYear,
    Positive,
    Role,
    Section,
    SpreadPerYear,
    Unit,
    VolatilityPerYear,
)

VOLATILITY_INDEX = {"SPY": "vix", "QQQ": "vxn", "IWM": "rvx"}
"""The series that is the implied volatility of a symbol's options."""

VOLATILITY_INDICES = ("vix", "vxn", "rvx")
"""All of them; vix stands in for the others."""


class OptionSpread(Section):
    """Half the bid-ask spread of an option is the largest of these three."""

    premium: Annotated[Fraction, Unit("fraction of the premium")] = 0.02
    """Part of the modelled price."""
    vega: Annotated[float, Field(ge=0, le=0.2), PerYear] = 0.005
    """Move of the volatility that it is worth: 0.005 is half a volatility point."""
    least: Annotated[NonNegative, PerShare] = 0.01
    """At least this."""


class Options(Section):
    """Option prices are modelled, never quoted: Black-Scholes-Merton at an implied volatility taken from an index."""

    volatility: Role | VolatilityPerYear | None = None
    """Implied volatility at the money: the name of a bound series, or a number.

    null: the underlying's own index where it is bound (rvx for IWM, vix for SPY, vxn for QQQ), else vix times the
    underlying's realised volatility over that of the first role. A series in points (unit: level) is divided by 100.
    """
    scale: Literal["realised"] | Positive | None = None
    """Factor on a series: a number, or realised for the ratio of realised volatilities. null: 1, but realised for a
    vix that stands in for another index."""
    window: Annotated[int, Field(ge=21, le=1000), Unit("sessions")] = 63
    """Look-back of the realised volatilities; 21 sessions are the fewest that count."""
    skew: Annotated[float, Field(ge=-2, le=2)] = 0.5
    """iv(K) = iv x max(floor, 1 - skew x ln(K / S) / sqrt(max(years, 1/12))); 0: one volatility for all strikes."""
    floor: Annotated[float, Field(gt=0, le=1), Unit("fraction of the volatility at the money")] = 0.5
    """Least volatility that the skew leaves a strike."""
    dividend_yield: SpreadPerYear = 0.013
    """Of every underlying, continuous."""
    spread: OptionSpread = OptionSpread.model_construct()
    """What buying costs above and selling below the modelled price."""
    commission: Annotated[NonNegative, Unit("dollars a contract")] = 0.65
    """Broker's commission."""
    minimum: Annotated[NonNegative, Unit("dollars an order")] = 1.00
    """Least commission."""
    multiplier: Annotated[int, Field(ge=1), Unit("shares a contract")] = 100
    """What one contract is an option on."""
