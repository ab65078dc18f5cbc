# SPDX-License-Identifier: Apache-2.0
"""What a Sharpe ratio is worth after so many bars and so many tries.

Bailey and Lopez de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15 (2012), and "The Deflated Sharpe
Ratio", Journal of Portfolio Management 40 (2014). Ratios here are of one bar, not of a year.
"""

from __future__ import annotations

import math
from statistics import NormalDist

EULER = 0.5772156649015329
"""The Euler-Mascheroni constant."""

SURE = 0.95
"""Probability from which a ratio counts as above another, as in both papers."""

_NORMAL = NormalDist()


def probabilistic_sharpe(ratio: float, over: float, bars: int, skew: float, kurtosis: float) -> float:
    """The probability, 0 to 1, that the true ratio of a bar is above `over`, when `ratio` was found in `bars` returns.

    skew and kurtosis are those of the returns; of a normal distribution 0 and 3. NaN where the ratio's own deviation
    is undefined.
    """
    spread = _spread(ratio, skew, kurtosis)
    if bars < 2 or math.isnan(spread):
        return math.nan
    return _NORMAL.cdf((ratio - over) * math.sqrt((bars - 1) / spread))


def expected_best(tries: int, deviation: float) -> float:
    """The ratio of a bar that the best of `tries` independent tries has when the true ratio of each is 0.

    deviation  standard deviation of the ratios over the tries. 0 of a single try.
    """
    if tries < 2:
        return 0.0
    # The lower tail: of very many tries 1 - 1/N is 1 in double precision, where 1/N is not 0.
    first, second = _NORMAL.inv_cdf(1.0 / tries), _NORMAL.inv_cdf(1.0 / (tries * math.e))
    return -deviation * ((1.0 - EULER) * first + EULER * second)


def minimum_track_record(ratio: float, over: float, skew: float, kurtosis: float, sure: float = SURE) -> float:
    """Returns after which a found `ratio` of a bar is above `over` with probability `sure`; a fraction of one counts.

    1 + (1 - skew ratio + (kurtosis - 1) / 4 ratio^2) (Z(sure) / (ratio - over))^2, Z the normal quantile: Bailey and
    Lopez de Prado (2012), "Minimum track record length". Infinite where the ratio is not above `over`, NaN where
    `probabilistic_sharpe` is.
    """
    spread = _spread(ratio, skew, kurtosis)
    if math.isnan(spread):
        return math.nan
    if not ratio > over:
        return math.inf
    return 1.0 + spread * (_NORMAL.inv_cdf(sure) / (ratio - over)) ** 2


def _spread(ratio: float, skew: float, kurtosis: float) -> float:
    """The variance of a found ratio times the returns less one: Mertens (2002), as in the paper of 2012; or NaN."""
    spread = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio
    return spread if spread > 0.0 else math.nan


def deflated_sharpe(ratio: float, tries: int, deviation: float, bars: int, skew: float, kurtosis: float) -> float:
    """The probability, 0 to 1, that the best of `tries` is better than luck: above what `expected_best` says of them.

    Ratios of a bar, arguments as in the two functions above. NaN where `probabilistic_sharpe` is.
    """
    return probabilistic_sharpe(ratio, expected_best(tries, deviation), bars, skew, kurtosis)
