# SPDX-License-Identifier: Apache-2.0
"""A run's ratio among the ratios that chance makes: a p-value by rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray


@dataclass(frozen=True)
class Chance:
    """A run among runs of the same kind in which what it lives on is not there.

    own      ratio a year of the run, its mean return over cash to its deviation
    drawn    (N,) the same of the others; 0 of one that did not trade: it neither gained nor lost. inf of one that a
             mistake in its orders stopped, which counts as better than any, -inf of one that ruined its account
    p        probability of a ratio as high as the run's where there is nothing to be found, above 0 and up to 1
    idle     how many did not trade;  stopped  how many a mistake stopped
    fills    mean number of fills of the others;  own_fills  of the run
    """

    own: float
    drawn: FloatArray
    p: float
    idle: int
    stopped: int
    fills: float
    own_fills: int

    @property
    def as_high(self) -> int:
        """How many of the others are as high as the run."""
        return int(np.count_nonzero(self.drawn >= self.own))

    @property
    def median(self) -> float:
        """The ratio that half of the others are above."""
        return float(np.median(self.drawn))

    @property
    def high(self) -> float:
        """The ratio that one in twenty of the others is above."""
        return float(np.quantile(self.drawn, 0.95, method="higher"))


def p_of_rank(own: float, drawn: FloatArray) -> float:
    """(1 + the number of `drawn` that are as high as `own`) / (1 + N).

    The run itself is one of the N + 1 that are alike where there is nothing to be found, so p is never 0: Phipson and
    Smyth, "Permutation P-values Should Never Be Zero", Statistical Applications in Genetics and Molecular Biology 9
    (2010); Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 4.2.
    """
    return float((1 + np.count_nonzero(drawn >= own)) / (1 + len(drawn)))
