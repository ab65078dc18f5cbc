# SPDX-License-Identifier: Apache-2.0
"""A series of monthly returns over all its months: mean, volatility, and what the market explains of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL

MONTHS = 12.0
LEAST = 24
"""Months below which a regression over the whole says nothing."""


@dataclass(frozen=True)
class Whole:
    """Of the months in which all that is needed is known; means and deviations a year, fractions, not compounded.

    mean, volatility  of the returns
    alpha, t          intercept of least squares on the market, and over its standard error (Newey and West)
    beta              sensitivity, summed over lags
    share             alpha over mean: the part of the return that the market does not explain
    memory            first autocorrelation; what smoothed prices show
    """

    months: int
    mean: float
    volatility: float
    alpha: float
    t: float
    beta: float
    share: float
    memory: float


def measure(returns: FloatArray, regressors: FloatArray, off: FloatArray) -> Whole:
    """Measure (T,) returns against (T, K) regressors; `off` (T,) is taken off the returns before the regression.

    NaN where there are fewer than LEAST months, and where one side does not move. Newey-West errors with Bartlett
    weights to 4 (N / 100)^(2/9) months.
    """
    rows = np.isfinite(returns) & np.isfinite(off) & np.isfinite(regressors).all(axis=1)
    own, count = returns[rows], int(rows.sum())
    if count < 2:
        return Whole(count, *[np.nan] * 7)
    mean, volatility = MONTHS * float(own.mean()), float(np.sqrt(MONTHS) * own.std(ddof=1))
    design = np.column_stack([np.ones(count), regressors[rows]])
    if count < LEAST or not volatility > STILL or np.linalg.matrix_rank(design) < design.shape[1]:
        return Whole(count, mean, volatility, *[np.nan] * 5)
    from statsmodels.regression.linear_model import OLS

    lags = int(4.0 * (count / 100.0) ** (2.0 / 9.0))
    fitted = OLS(own - off[rows], design).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    alpha = MONTHS * float(fitted.params[0])
    memory = float(np.corrcoef(own[1:], own[:-1])[0, 1])
    share = alpha / mean if mean else np.nan
    return Whole(
        count, mean, volatility, alpha, float(fitted.tvalues[0]), float(fitted.params[1:].sum()), share, memory
    )
