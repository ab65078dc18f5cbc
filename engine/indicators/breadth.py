# SPDX-License-Identifier: Apache-2.0
"""Breadth: how many of several instruments are weak."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators.own import indicator
from engine.indicators.parameter import Window
from engine.indicators.series import equally_long
from engine.indicators.sharing import shared
from engine.indicators.statistics import rolling_mean


@indicator(warm_up=lambda n: n - 1, source="definition")
def below_mean(x: FloatArray, n: Window) -> FloatArray:
    """1 where x is below its mean of the last n values, else 0."""
    return (x < rolling_mean(x, n)).astype(np.float64)


@shared
def share_below_mean(closes: Sequence[FloatArray], n: int) -> FloatArray:
    """Share of the series that are below their mean of the last n values, (T,), 0 to 1.

    At each row only the series that have a value count: one that is missing, or has no n values yet, is left out of
    the numerator and of the denominator. NaN where none has a value. Not in the registry: there a missing value ends
    the history, here it is the subject. Raises StrategyError for no series at all and for unequal lengths.
    """
    if not closes:
        raise StrategyError(Problem("needs at least one series", path="share_below_mean.closes"))
    columns = equally_long({str(place): x for place, x in enumerate(closes)}, frozenset(), "share_below_mean")
    below = np.array([below_mean(x, n) for x in columns])
    known = np.isfinite(below).sum(axis=0)
    share: FloatArray = np.nansum(below, axis=0) / np.where(known > 0, known, np.nan)
    return share
