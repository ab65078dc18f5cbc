# SPDX-License-Identifier: Apache-2.0
"""Returns-based replication: the book of tradable factors whose returns come closest to a fund's.

W. F. Sharpe: Asset allocation, management style and performance measurement (1992), with short positions and a cap on
gross exposure in place of weights that add up to one; what the factors do not take is in bills, so that everything is
measured in excess of them. J. Hasanhodzic, A. W. Lo: Can hedge-fund returns be replicated? The linear case (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import RunError
from engine.indicators.months import Rows

DECIMALS = 4
"""Of a weight: a hundredth of a per cent of equity. The solver's last digits may differ from machine to machine."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The fit of one window: `weights` (K,) of the factors, `alpha` a month, `r2` in the window (NaN: a still fund)."""

    weights: FloatArray
    alpha: float
    r2: float


@dataclass(frozen=True, slots=True)
class WalkForward:
    """A fit after every month, from that month and those before it. Row j is NaN where there is none.

    weights (M, K);  alpha, r2 (M,)
    """

    weights: FloatArray
    alpha: FloatArray
    r2: FloatArray


def fit(fund: FloatArray, factors: FloatArray, gross_cap: float, ridge: float) -> Fit:
    """Least squares of fund (N,) on factors (N, K), both returns in excess of the bill, with an intercept.

    Minimises mean((y - X w)^2) + ridge * v * |w|^2 over w with sum |w| <= gross_cap; y and X have their means taken
    out, v is the factors' mean variance, so ridge has no unit. Weights are rounded to DECIMALS.
    """
    centred, target = factors - factors.mean(axis=0), fund - fund.mean()
    covariance = centred.T @ centred / len(fund)
    scale = float(np.trace(covariance)) / covariance.shape[0]
    if not scale > 0.0:
        return Fit(np.zeros(factors.shape[1]), float(fund.mean()), np.nan)
    curvature = covariance / scale + ridge * np.eye(covariance.shape[0])
    slope = centred.T @ target / len(fund) / scale
    weights = np.round(_bounded_minimum(curvature, slope, gross_cap), DECIMALS) + 0.0  # no -0
    rest = target - centred @ weights
    variance = float(target @ target)
    r2 = 1.0 - float(rest @ rest) / variance if variance > 0.0 else np.nan
    return Fit(weights, float(fund.mean() - factors.mean(axis=0) @ weights), r2)


def walk_forward(
    fund: FloatArray, factors: FloatArray, window: int, gaps: int, gross_cap: float, ridge: float
) -> WalkForward:
    """Fit after each of M months on the last `window` months in which all of fund (M,) and factors (M, K) are known.

    Up to `gaps` months without a return may lie within a window or behind its last month; beyond that there is no
    fit. Row j depends on rows 0..j alone.
    """
    months, count = factors.shape
    found = WalkForward(np.full((months, count), np.nan), np.full(months, np.nan), np.full(months, np.nan))
    known = np.flatnonzero(np.isfinite(fund) & np.isfinite(factors).all(axis=1))
    for month in range(window - 1, months):
        used = known[: np.searchsorted(known, month, side="right")][-window:]
        if len(used) < window or month - used[0] >= window + gaps:
            continue
        best = fit(fund[used], factors[used], gross_cap, ridge)
        found.weights[month], found.alpha[month], found.r2[month] = best.weights, best.alpha, best.r2
    return found


def out_of_sample(weights: FloatArray, factors: FloatArray, published: Rows, ends: Rows) -> FloatArray:
    """(M,) what the replica would have made above bills in each month, with the weights known before it began.

    weights, factors (M, K): row j is of month j; published (M,) is the bar on which weights[j] are known, ends (M,)
    each month's last bar. NaN while there are no weights. No trading costs.
    """
    made = np.full(len(ends), np.nan)
    latest = np.searchsorted(published, ends[:-1], side="right") - 1
    has = np.flatnonzero(latest >= 0)
    made[has + 1] = (weights[latest[has]] * factors[has + 1]).sum(axis=1)
    return made


def _bounded_minimum(curvature: FloatArray, slope: FloatArray, gross_cap: float) -> FloatArray:
    """The w (K,) that minimises w'Qw / 2 - s'w with sum |w| <= gross_cap: a quadratic program."""
    import clarabel
    from scipy import sparse

    count = len(slope)  # the program is in w and in u >= |w|
    one, none = np.eye(count), np.zeros((count, count))
    quadratic = np.triu(np.block([[curvature, none], [none, none]]))
    limits = np.block([[one, -one], [-one, -one], [np.zeros(count), np.ones(count)]])
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix(quadratic),
        np.concatenate([-slope, np.zeros(count)]),
        sparse.csc_matrix(limits),
        np.append(np.zeros(2 * count), gross_cap),
        [clarabel.NonnegativeConeT(2 * count + 1)],
        _settings(),
    ).solve()
    if solution.status not in (clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved):
        raise RunError(f"the replica's weights could not be solved for: {solution.status}")
    return np.array(solution.x[:count])


def _settings() -> Any:
    """One thread, and an optimum known to far less than a rounding step of the weights."""
    import clarabel

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.direct_solve_method = "qdldl"
    settings.tol_gap_abs = settings.tol_gap_rel = 1e-12
    settings.reduced_tol_gap_abs = settings.reduced_tol_gap_rel = 1e-10
    return settings
