# SPDX-License-Identifier: Apache-2.0
"""How much of a fund's return its replica does not earn, out of sample: the alpha share, with its standard error.

In each month the replica holds weights that were known before the month began, and pays no costs. Then

    alpha = fund - replica,   share = mean(alpha) / mean(fund - bill)

summed over months, not compounded. `of_total` is the same with the fund's whole return below the line, bills included:
the smaller figure, and the one that a fund's investor sees. Where the fund earned little above bills the share is a
ratio of two small numbers; its error says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.strategy.interpretation import Replica

DEFAULT = Replica()

MONTHS = 12.0
FEWEST = 12
"""Months below which there is no figure."""


@dataclass(frozen=True, slots=True)
class AlphaShare:
    """Means and deviations a year, fractions; NaN where they are undefined, all of them below FEWEST months.

    fund, replica      mean return above the bill
    alpha              fund - replica; alpha_error its standard error
    share, of_total    of the return above the bill, of the whole return; *_error their standard errors
    correlation        of the two monthly returns above the bill
    tracking           standard deviation of alpha
    """

    months: int
    fund: float
    replica: float
    alpha: float
    alpha_error: float
    share: float
    share_error: float
    of_total: float
    of_total_error: float
    correlation: float
    tracking: float


def published_months(
    features: Mapping[str, Any] | NDArray[Any], names: Replica = DEFAULT
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(fund, replica, bill), each (N,): the out-of-sample months of a run, as they were published.

    features are those of the run: `RunRecord.features` or the columns of features.parquet; names says which they are.
    """
    rows = published_rows(features, names)
    fund, replica, bill = (
        np.asarray(features[name], np.float64)[rows] for name in (names.fund, names.replica, names.bill)
    )
    return fund, replica, bill


def published_rows(features: Mapping[str, Any] | NDArray[Any], names: Replica = DEFAULT) -> NDArray[np.int64]:
    """(N,) rows on which a month was published whose three returns are known."""
    columns = [np.asarray(features[name], np.float64) for name in (names.fund, names.replica, names.bill)]
    news = np.asarray(features[names.published]) == 1.0
    return np.flatnonzero(news & np.isfinite(columns).all(axis=0))


def alpha_share(fund: FloatArray, replica: FloatArray, bill: FloatArray) -> AlphaShare:
    """The alpha share of monthly returns, fractions, each (N,) and finite; bills are in all three.

    Standard errors hold under autocorrelation and changing variance (Newey and West 1987, Bartlett weights to
    4 (N / 100)^(2/9) months), those of shares by the delta method.
    """
    count = len(fund)
    if count < FEWEST:
        return AlphaShare(count, *[np.nan] * 10)
    alpha, above = fund - replica, fund - bill
    share, share_error = _ratio(alpha, above)
    of_total, of_total_error = _ratio(alpha, fund)
    moved = above.std() > 0.0 and (replica - bill).std() > 0.0
    return AlphaShare(
        months=count,
        fund=MONTHS * float(above.mean()),
        replica=MONTHS * float((replica - bill).mean()),
        alpha=MONTHS * float(alpha.mean()),
        alpha_error=MONTHS * mean_error(alpha),
        share=share,
        share_error=share_error,
        of_total=of_total,
        of_total_error=of_total_error,
        correlation=float(np.corrcoef(above, replica - bill)[0, 1]) if moved else np.nan,
        tracking=float(np.sqrt(MONTHS) * alpha.std(ddof=1)),
    )


def mean_error(values: FloatArray) -> float:
    """Standard error of the mean of (N,) values that may be correlated in time (Newey and West)."""
    count, away = len(values), values - values.mean()
    lags = int(4.0 * (count / 100.0) ** (2.0 / 9.0))
    variance = float(away @ away)
    for lag in range(1, min(lags, count - 1) + 1):
        variance += 2.0 * (1.0 - lag / (lags + 1.0)) * float(away[lag:] @ away[:-lag])
    return float(np.sqrt(max(variance, 0.0))) / count


def _ratio(above: FloatArray, below: FloatArray) -> tuple[float, float]:
    """mean(above) / mean(below) and its standard error by the delta method."""
    base = float(below.mean())
    if base == 0.0:
        return np.nan, np.nan
    ratio = float(above.mean()) / base
    return ratio, mean_error(above - ratio * below) / abs(base)
