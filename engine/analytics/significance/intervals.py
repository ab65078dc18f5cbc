# SPDX-License-Identifier: Apache-2.0
"""Intervals of a run's figures by the stationary block bootstrap.

Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical Association 89 (1994); the mean
length of a block is that of Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap",
Econometric Reviews 23 (2004), corrected by Patton, Politis and White (2009). Both are those of the library `arch`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.of_run import definitions
from engine.analytics.metrics.performance import STILL
from engine.analytics.metrics.registry import Metric, Undefined
from engine.analytics.sessions import Dates
from engine.arrays import FloatArray

LEVEL = 0.95
"""Confidence of an interval: what lies between its quantiles."""

DEFINED = 0.95
"""Share of the draws in which a figure must be defined for its interval to be."""

HEADLINES = (
    "cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar", "worst_15_sessions", "worst_month", "alpha",
    "beta",
)  # fmt: skip
"""Metrics that have an interval: those of the summary that are made of returns."""


@dataclass(frozen=True)
class Daily:
    """S returns as metrics read them, in the run's own order or in another; fields as in `Facts`.

    Every drawdown is one of session closes: bars within a session are not drawn apart.
    """

    returns: FloatArray
    rates: FloatArray
    benchmark: FloatArray
    dates: Dates
    years: float
    per_year: float
    fills: int

    @property
    def nav(self) -> FloatArray:
        """(S + 1,) value of one unit, from 1."""
        return np.append(1.0, np.cumprod(1.0 + self.returns))

    @property
    def bar_nav(self) -> FloatArray:
        """The same: a bar is a session."""
        return self.nav

    @property
    def session_index(self) -> NDArray[np.int64]:
        """(S,) each session's own number."""
        return np.arange(len(self.returns))

    def drawn(self, rows: NDArray[np.int64]) -> Daily:
        """The returns of these sessions, each with its rate and benchmark, on the run's dates."""
        drawn = {name: getattr(self, name)[rows] for name in ("returns", "rates", "benchmark")}
        return replace(self, **drawn)

    def figures(self, names: Sequence[str]) -> FloatArray:
        """(K,) metrics by name; NaN where one is undefined."""
        known = {entry.name: entry for entry in definitions()}
        return np.array([_figure(self, known[name]) for name in names])


@dataclass(frozen=True)
class Interval:
    """A metric with what its draws lie between, in the metric's unit; NaN where the metric or most draws have none.

    value  of the session closes: of intraday bars a drawdown is smaller than the metric, which looks at every bar
    """

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Intervals:
    """Every interval, the mean length of a block in sessions, and how many draws there were."""

    level: float
    block: float
    draws: int
    of: tuple[Interval, ...]


def intervals(run: Daily, names: Sequence[str], draws: int, seed: int) -> Intervals:
    """Percentile intervals of metrics: their quantiles over `draws` series of sessions drawn in blocks.

    A draw takes whole sessions: return, rate and benchmark of a day stay together, neighbours stay neighbours within
    a block. The same run and seed give the same intervals.
    """
    from arch.bootstrap import StationaryBootstrap

    block = block_length(run.returns)
    length: Any = block  # the library takes fractions of a session, its types do not
    sample = StationaryBootstrap(length, np.arange(len(run.returns)), seed=seed)
    found = np.asarray(sample.apply(lambda rows: run.drawn(rows).figures(names), draws), np.float64)
    own = run.figures(names)
    return Intervals(LEVEL, block, draws, tuple(_interval(*one) for one in zip(names, own, found.T, strict=True)))


def block_length(returns: FloatArray) -> float:
    """Mean length of a block in sessions, between 1 and a quarter of all; 1 where the returns do not move."""
    from arch.bootstrap import optimal_block_length

    if float(np.std(returns)) < STILL:
        return 1.0
    found = float(optimal_block_length(returns)["stationary"].iloc[0])
    return min(max(1.0, found if math.isfinite(found) else 1.0), max(1.0, len(returns) / 4.0))


def _interval(name: str, value: float, draws: FloatArray) -> Interval:
    known = draws[np.isfinite(draws)]
    if not math.isfinite(value) or len(known) < DEFINED * len(draws):
        return Interval(name, value, math.nan, math.nan)
    low, high = np.quantile(known, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Interval(name, value, float(low), float(high))


def _figure(run: Daily, entry: Metric) -> float:
    try:
        return float(entry.of(run))  # type: ignore[arg-type]
    except Undefined:
        return math.nan
