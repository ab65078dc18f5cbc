# SPDX-License-Identifier: Apache-2.0
"""Alpha and beta returns: the mean return of a window is the intercept plus beta times the market's mean.

Ordinary least squares in a rolling window of calendar months (statsmodels' RollingOLS). A month without a return of the
fund or of the market is left out of the window; with fewer than FEWEST months there is no estimate. With lags of the
market as further regressors (Asness, Krail, Liew: Do hedge funds hedge?, 2001) beta is their sum and the beta return
is the sum of each beta times its own mean: what a stale price catches up with belongs to the market.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL

WINDOW, FEWEST = 12, 6
"""Months of a window, and the least of them that a young fund must have."""


@dataclass(frozen=True)
class Split:
    """Of (T, N) returns, each from the window that ends with the month; NaN where there is no estimate.

    alpha        intercept, the fund's mean return a month that the market does not explain
    beta         sensitivity, the sum over lags
    beta_return  what the betas made of the market's mean returns: mean of the window = alpha + beta_return
    fit          R squared of the window; NaN for a fund that does not move
    """

    alpha: FloatArray
    beta: FloatArray
    beta_return: FloatArray
    fit: FloatArray


def rolling_split(returns: FloatArray, market: FloatArray, window: int = WINDOW, lags: int = 0) -> Split:
    """Split returns (T, N) by the market (T,); row t depends on rows 0..t alone.

    No estimate for a month in which the market's return is unknown, nor where the market stood still.
    """
    regressors = lagged(market, lags)
    columns = [_one(column, regressors, window) for column in returns.T]
    alpha, beta, beta_return, fit = (np.array([one[part] for one in columns]).T for part in range(4))
    return Split(alpha, beta, beta_return, fit)


def lagged(market: FloatArray, lags: int) -> FloatArray:
    """(T, 1 + lags) the market's return and those of the months before, NaN where there are none."""
    made = np.full((len(market), 1 + lags), np.nan)
    for lag in range(1 + lags):
        made[lag:, lag] = market[: len(market) - lag]
    return made


def least_months(window: int, lags: int) -> int:
    """Months that a window must have: FEWEST, all of a shorter window, and two more than there are coefficients."""
    return min(window, max(FEWEST, lags + 4))


def _one(returns: FloatArray, regressors: FloatArray, window: int) -> tuple[FloatArray, ...]:
    from statsmodels.regression.rolling import RollingOLS

    count, kinds = regressors.shape
    made = tuple(np.full(count, np.nan) for _ in range(4))
    alpha, beta, beta_return, fit = made
    known = np.isfinite(returns) & np.isfinite(regressors).all(axis=1)
    fewest = least_months(window, kinds - 1)
    if known.sum() < fewest or count < fewest:
        return made
    design = np.column_stack([np.ones(count), regressors])
    fitted = RollingOLS(
        np.where(known, returns, np.nan), design, window=min(window, count), min_nobs=fewest, missing="drop",
        expanding=True,
    ).fit(params_only=True)  # fmt: skip
    params = np.asarray(fitted.params, np.float64)
    for row in np.flatnonzero(np.isfinite(params).all(axis=1) & np.isfinite(regressors[:, 0])).tolist():
        used = np.flatnonzero(known[max(0, row - window + 1) : row + 1]) + max(0, row - window + 1)
        seen = regressors[used]
        if len(used) < fewest or np.linalg.matrix_rank(design[used]) <= kinds:
            continue
        alpha[row], beta[row] = params[row, 0], params[row, 1:].sum()
        beta_return[row] = float(params[row, 1:] @ seen.mean(axis=0))
        fit[row] = _fit(returns[used], seen @ params[row, 1:])
    return made


def _fit(returns: FloatArray, explained: FloatArray) -> float:
    total = float(np.var(returns))
    return float(np.var(explained)) / total if total > STILL**2 else np.nan
