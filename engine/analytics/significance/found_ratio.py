# SPDX-License-Identifier: Apache-2.0
"""The Sharpe ratio of a run as it was found, with what its own error depends on: what every page judges a run by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.analytics.facts import Facts
from engine.analytics.metrics.performance import excess_returns, judged, session_ratio, skew
from engine.analytics.metrics.performance import kurtosis as excess_kurtosis
from engine.analytics.metrics.registry import Undefined
from engine.analytics.significance.sharpe_ratio import deflated_sharpe, minimum_track_record, probabilistic_sharpe
from engine.arrays import FloatArray

FEWEST = 60
"""Sessions below which neither moments nor blocks of returns say anything of a probability."""


@dataclass(frozen=True)
class FoundRatio:
    """A Sharpe ratio and the shape of the returns that it was found in.

    All of it is of one series, the sessions' returns in excess of the benchmark rate: the one of the metric `sharpe`,
    and of Bailey and Lopez de Prado (2012), whose skew and kurtosis are those of the returns that the ratio is of. The
    metrics `skew` and `kurtosis` are of the account's plain returns, and differ where the rate moves.

    ratio           mean / standard deviation (n - 1) of one session, not of a year
    sessions        so many returns
    skew, kurtosis  population moments; of a normal distribution 0 and 3
    per_year        sessions with a bar in a year
    """

    ratio: float
    sessions: int
    skew: float
    kurtosis: float
    per_year: float

    @property
    def sharpe(self) -> float:
        """The ratio a year: the metric `sharpe`."""
        return self.ratio * math.sqrt(self.per_year)

    @property
    def probabilistic(self) -> float:
        """Probability, 0 to 1, that the true ratio is above 0, were this the only try; NaN of fewer than FEWEST."""
        if self.sessions < FEWEST:
            return math.nan
        return probabilistic_sharpe(self.ratio, 0.0, self.sessions, self.skew, self.kurtosis)

    @property
    def needed(self) -> float:
        """Sessions after which this ratio would be above 0 with probability SURE; inf where it is not above."""
        return minimum_track_record(self.ratio, 0.0, self.skew, self.kurtosis)

    def deflated(self, tries: int, deviation: float) -> float:
        """Probability, 0 to 1, that the true ratio is above what luck gives the best of `tries`.

        deviation  standard deviation of the ratios over the tries, a year
        Of one try it is `probabilistic`; NaN of fewer than FEWEST sessions.
        """
        if self.sessions < FEWEST:
            return math.nan
        spread = deviation / math.sqrt(self.per_year)
        return deflated_sharpe(self.ratio, tries, spread, self.sessions, self.skew, self.kurtosis)


def found_ratio(facts: Facts) -> FoundRatio:
    """The ratio of a run; NaN, and all that follows from it, where the metric `sharpe` or the moments are undefined."""
    try:
        judged(facts.returns, facts.fills)
        return ratio_over_cash(excess_returns(facts.returns, facts.rates, facts.per_year), facts.per_year)
    except Undefined:
        return FoundRatio(math.nan, len(facts.returns), math.nan, math.nan, facts.per_year)


def ratio_over_cash(excess: FloatArray, per_year: float) -> FoundRatio:
    """The ratio of (S,) returns in excess of the benchmark rate. Undefined of fewer than 3, and where none moves."""
    return FoundRatio(session_ratio(excess), len(excess), skew(excess), excess_kurtosis(excess) + 3.0, per_year)
