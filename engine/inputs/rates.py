# SPDX-License-Identifier: Apache-2.0
"""Series that are read as rates a year: a value that none can have is refused, with what was probably meant.

Per cent taken for fractions makes a rate a hundred times what it is, and 3 % a year into tripling each year.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.market.panel import Market
from engine.model.fields import LEAST_RATE, MOST_RATE, MOST_VOLATILITY
from engine.model.run import RunConfig

LEAST_VOLATILITY = 0.02
"""Of half of the bars at least. The VIX has never closed below 9: 0.09."""


def check_rates(market: Market, config: RunConfig, names: Iterable[str | float]) -> None:
    """Refuse the bound series of `names` that are no rates a year on any of the market's bars; a number is none.

    Raises DataError with the first bar of each.
    """
    problems = []
    for name in dict.fromkeys(names):
        if not isinstance(name, str) or name not in market.series:
            continue
        values: FloatArray = getattr(market, name)
        wrong = np.flatnonzero((values > MOST_RATE) | (values < LEAST_RATE))
        if len(wrong):
            problems.append(_no_rate(market, config, name, values, wrong))
    if problems:
        raise DataError(problems)


def check_volatility(market: Market, config: RunConfig, name: str, volatility: FloatArray) -> None:
    """Refuse a series of implied volatilities, (T,) fractions a year, in another unit than said or with a bad value.

    NaN is a bar without a value. Raises DataError.
    """
    known = np.flatnonzero(volatility > 0)
    middle = float(np.median(volatility[known])) if len(known) else LEAST_VOLATILITY
    wild = known[volatility[known] > MOST_VOLATILITY]
    if middle >= LEAST_VOLATILITY and not len(wild):
        return
    unit = unit_of(config, name)
    if middle < LEAST_VOLATILITY:
        found, remedy = f"{middle:.3%} a year on the middle one of its bars", "unit: fraction, where 0.2 is 20 % a year"
    else:
        row = int(wild[0])
        found = f"{volatility[row] * 100:,.6g} % a year on {market.sessions[row]}, and on {len(wild):,} bars in all"
        remedy = "unit: level, where 20 is 20 % a year" if unit == "fraction" else "a file without the bad value"
    raise DataError(
        Problem(
            f"series {name} ({market.series[name]}) prices options as an implied volatility and is none as {unit}",
            path=f"series.{name}.unit",
            found=found,
            allowed=f"up to {MOST_VOLATILITY:.0%} a year: {remedy}",
        )
    )


def unit_of(config: RunConfig, name: str) -> str:
    """What the configuration says of the values of a bound series."""
    bound = config.series[name]
    return "level" if isinstance(bound, str) else bound.unit


def _no_rate(market: Market, config: RunConfig, name: str, values: FloatArray, wrong: NDArray[np.int64]) -> Problem:
    row = int(wrong[0])
    share = len(wrong) / int(np.isfinite(values).sum())
    if unit_of(config, name) != "percent" and share > 0.05:
        remedy = f"unit: percent, where {values[row]:g} is {values[row]:g} % a year"
    else:
        remedy = "the column that holds the rate, or a file without the bad value"
    return Problem(
        f"series {name} ({market.series[name]}) is read as a rate a year and is none",
        path=f"series.{name}",
        found=f"{values[row] * 100:,.6g} % a year on {market.sessions[row]}, and on {len(wrong):,} bars in all",
        allowed=f"{LEAST_RATE:.0%} to {MOST_RATE:.0%} a year: {remedy}",
    )
