# SPDX-License-Identifier: Apache-2.0
"""Metrics against what the run is compared with: a role, a series or nothing, as `benchmark` in the YAML says.

The benchmark is not the risk-free rate, which is `costs.benchmark`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.performance import (
    ROOT_YEAR,
    STILL,
    a_year,
    calendar_returns,
    deviation,
    enough,
    excess_returns,
)
from engine.analytics.metrics.registry import Undefined, metric
from engine.analytics.sessions import Dates
from engine.arrays import FloatArray

FEWEST_MONTHS = 3
"""Months on one side from which a capture ratio says anything."""

STAIRS = 2 / 3
"""Share of sessions without a new value from which a benchmark is one of weeks or months. Of weekly values four fifths
have none; of what markets quote at most 64 % of a year of real bars, a bill fund that earned nothing."""

GAPS = 1 / 8
"""Share of sessions without a new value from which it is asked, by its moves on the others, whether values are missing.
"""

TICKS = 3.5
"""Where a price stands still for want of a whole cent, its other moves are a few cents: their median is at most twice
the tenth part of them, in every year of real bars. Of moves of any size, which missing values leave, it is five times
that."""

MONTH = 20
"""Sessions from which it can be told."""


def stairs(benchmark: FloatArray) -> tuple[int, int] | None:
    """(sessions that have the value of the close before, sessions) of a benchmark without a value of each session.

    None where it has one, where it never moves, and of fewer than a month. benchmark: (S,) returns, NaN where there is
    none.
    """
    known = benchmark[~np.isnan(benchmark)]
    moves = np.abs(known[known != 0.0])
    still = len(known) - len(moves)
    if len(known) < MONTH or not len(moves):
        return None
    apart = still >= STAIRS * len(known)
    missing = still >= GAPS * len(known) and np.median(moves) > TICKS * np.quantile(moves, 0.1)
    return (still, len(known)) if apart or missing else None


def compared(returns: FloatArray, benchmark: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(S - 1,) returns of the run and of its benchmark; the first session has no close of the benchmark before it."""
    if np.all(np.isnan(benchmark)):
        raise Undefined("the run is compared with nothing: no benchmark, or one without a value in the run")
    if found := stairs(benchmark):
        raise Undefined(f"the benchmark has the value of the close before on {found[0]:,} of {found[1]:,} sessions")
    own, other = enough(returns, 2)[1:], benchmark[1:]
    known = ~np.isnan(other)
    return own[known], enough(other[known], 2, "sessions after the first")


def market_line(
    returns: FloatArray, rates: FloatArray, benchmark: FloatArray, per_year: float
) -> tuple[float, float, float]:
    """Ordinary least squares of daily excess returns on the benchmark's: (daily alpha, beta, correlation)."""
    compared(returns, benchmark)
    known = np.flatnonzero(~np.isnan(benchmark[1:])) + 1
    own = excess_returns(returns, rates, per_year)[known]
    other = benchmark[known] - rates[known] / per_year
    scale = deviation(other)
    covariance = float(np.mean((own - own.mean()) * (other - other.mean())))
    beta = covariance / float(np.mean((other - other.mean()) ** 2))
    own_scale = float(np.std(own, ddof=1))
    ratio = (len(own) - 1) / len(own)
    correlation = covariance / (own_scale * scale * ratio) if own_scale >= STILL else np.nan
    return float(own.mean() - beta * other.mean()), beta, correlation


@metric(
    "alpha",
    "Alpha to the benchmark",
    group="market",
    unit="fraction a year",
    better="high",
    formula="intercept of daily excess returns regressed on the benchmark's daily excess total returns (OLS)",
    annualised="x 252; of weekly bars 52, of monthly ones 12",
)
def alpha(returns: FloatArray, rates: FloatArray, benchmark: FloatArray, per_year: float) -> float:
    """Jensen's alpha to the benchmark, annualised without compounding."""
    return market_line(returns, rates, benchmark, per_year)[0] * per_year


@metric(
    "beta",
    "Beta to the benchmark",
    group="market",
    unit="ratio",
    formula="slope of daily excess returns regressed on the benchmark's daily excess total returns (OLS)",
)
def beta(returns: FloatArray, rates: FloatArray, benchmark: FloatArray, per_year: float) -> float:
    """Beta to the benchmark."""
    return market_line(returns, rates, benchmark, per_year)[1]


@metric(
    "correlation",
    "Correlation to the benchmark",
    group="market",
    unit="ratio",
    formula="Pearson correlation of daily excess returns with the benchmark's",
)
def correlation(returns: FloatArray, rates: FloatArray, benchmark: FloatArray, per_year: float) -> float:
    """Correlation to the benchmark."""
    value = market_line(returns, rates, benchmark, per_year)[2]
    if np.isnan(value):
        raise Undefined("the returns do not vary")
    return value


@metric(
    "tracking_error",
    "Tracking error",
    group="market",
    unit="fraction a year",
    formula="standard deviation (n - 1) of daily returns less the benchmark's",
    annualised=ROOT_YEAR,
)
def tracking_error(returns: FloatArray, benchmark: FloatArray, per_year: float) -> float:
    """How far the run strays from its benchmark."""
    own, other = compared(returns, benchmark)
    return float(np.std(own - other, ddof=1) * np.sqrt(a_year(per_year)))


@metric(
    "information_ratio",
    "Information ratio",
    group="market",
    unit="ratio",
    better="high",
    formula="mean / standard deviation (n - 1) of daily returns less the benchmark's",
    annualised=ROOT_YEAR,
)
def information_ratio(returns: FloatArray, benchmark: FloatArray, per_year: float) -> float:
    """Return over the benchmark for each unit of tracking error."""
    own, other = compared(returns, benchmark)
    return float(np.mean(own - other) / deviation(own - other) * np.sqrt(a_year(per_year)))


@metric(
    "up_capture",
    "Upside capture",
    group="market",
    unit="fraction",
    better="high",
    formula="geometric mean return of the months in which the benchmark rose / the benchmark's own in them",
)
def up_capture(returns: FloatArray, benchmark: FloatArray, dates: Dates) -> float:
    """Part of the benchmark's rising months that the run took; Morningstar's definition, by calendar months."""
    return _capture(returns, benchmark, dates, lambda other: other > 0, "rose")


@metric(
    "down_capture",
    "Downside capture",
    group="market",
    unit="fraction",
    better="low",
    formula="geometric mean return of the months in which the benchmark fell / the benchmark's own in them",
)
def down_capture(returns: FloatArray, benchmark: FloatArray, dates: Dates) -> float:
    """Part of the benchmark's falling months that the run took; below 0 it gained while the benchmark fell."""
    return _capture(returns, benchmark, dates, lambda other: other < 0, "fell")


def _capture(
    returns: FloatArray, benchmark: FloatArray, dates: Dates, side: Callable[[FloatArray], NDArray[np.bool_]], verb: str
) -> float:
    compared(returns, benchmark)
    own = calendar_returns(returns, dates, "M")[1]
    other = calendar_returns(np.nan_to_num(benchmark), dates, "M")[1]
    months = side(other)
    if np.count_nonzero(months) < FEWEST_MONTHS:
        raise Undefined(f"needs at least {FEWEST_MONTHS} months in which the benchmark {verb}")
    return _mean_growth(own[months]) / _mean_growth(other[months])


def _mean_growth(monthly: FloatArray) -> float:
    """Geometric mean of simple returns, a fraction a month."""
    return float(np.exp(np.mean(np.log1p(monthly))) - 1)
