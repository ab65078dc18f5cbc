# SPDX-License-Identifier: Apache-2.0
"""How two lines move together: correlation with its interval, beta both ways, the ratio, correlation over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.analytics.pair.levels import YEARS, rank
from engine.analytics.pair.sides import Pair, flat
from engine.arrays import FloatArray

DRAWS, SEED = 1000, 7
"""Of every bootstrap: the same figures from the same input."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its 95 % interval; all NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Together:
    """The last `window` sessions of two lines.

    levels, changes  correlations; first_on_second is the slope of the first line's changes on the second's
    block            mean length of a bootstrap block, sessions
    """

    levels: Estimate
    changes: Estimate
    first_on_second: Estimate
    second_on_first: Estimate
    block: int


@dataclass(frozen=True)
class Ratio:
    """First over second at the last session.

    z      its logarithm less the mean of the window's, over their deviation; NaN where it does not move
    ranks  over YEARS, as those of a line
    """

    last: float
    z: float
    ranks: tuple[float, ...]


def correlation(x: FloatArray, y: FloatArray) -> float:
    """Pearson's; NaN where one of the two does not move."""
    a, b = x - x.mean(), y - y.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float("nan") if flat(x) or flat(y) or scale == 0 else float(np.clip((a @ b) / scale, -1, 1))


def together(pair: Pair, window: int) -> Together:
    """Correlations with a stationary bootstrap's percentile interval (Politis and Romano 1994), slopes with HAC errors.

    The mean block is the square root of the window, at least 5 sessions.
    """
    first, second = (side.changes[-window:] for side in pair.sides)
    block = max(5, round(window**0.5))
    return Together(
        levels=_interval(pair.first.level[-window:], pair.second.level[-window:], block),
        changes=_interval(first, second, block),
        first_on_second=slope(first, second),
        second_on_first=slope(second, first),
        block=block,
    )


def slope(y: FloatArray, x: FloatArray) -> Estimate:
    """Ordinary least squares of y on x and a constant, its interval with Newey and West's errors (1987)."""
    import statsmodels.api as sm

    if flat(x) or flat(y):
        return Estimate(float("nan"), float("nan"), float("nan"))
    lags = newey_west_lags(len(x))
    fitted = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    low, high = fitted.conf_int(1 - CONFIDENCE)[1]
    return Estimate(float(fitted.params[1]), float(low), float(high))


def newey_west_lags(count: int, overlap: int = 1) -> int:
    """Lags of the errors: 4 (T / 100)^(2/9), Newey and West (1994); twice the overlap where changes share sessions."""
    return max(int(4 * (count / 100) ** (2 / 9)), 2 * (overlap - 1))


def ratio(pair: Pair, window: int) -> Ratio | None:
    """First over second; None where a level is not above 0."""
    if not all((side.level > 0).all() for side in pair.sides):
        return None
    values = pair.first.level / pair.second.level
    logs = np.log(values[-window:])
    still = flat(logs)
    return Ratio(
        last=float(values[-1]),
        z=float("nan") if still else float((logs[-1] - logs.mean()) / logs.std(ddof=1)),
        ranks=tuple(rank(values if n is None else values[-n:], n or len(values)) for n in YEARS),
    )


def rolling_correlation(pair: Pair, window: int) -> FloatArray:
    """(T,) correlation of the last `window` changes at each close; NaN before there are as many, or where none moves.

    Each value is made of its own window alone, so that later values change nothing, not even in the last bit.
    """
    found = np.full(len(pair.sessions), np.nan)
    if len(found) <= window:
        return found
    x, y = (sliding_window_view(side.changes, window) for side in pair.sides)
    a, b = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    moving = (np.ptp(x, axis=1) > 0) & (np.ptp(y, axis=1) > 0) & (scale > 0)
    found[window:][moving] = np.clip((a * b).sum(axis=1)[moving] / scale[moving], -1, 1)
    return found


def _interval(x: FloatArray, y: FloatArray, block: int) -> Estimate:
    from arch.bootstrap import StationaryBootstrap

    value = correlation(x, y)
    if np.isnan(value):
        return Estimate(value, value, value)

    def drawn_anew(a: FloatArray, b: FloatArray) -> FloatArray:
        return np.array([correlation(a, b)])

    drawn = StationaryBootstrap(block, x, y, seed=SEED).apply(drawn_anew, DRAWS)[:, 0]
    edge = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(drawn, [edge, 100 - edge])
    return Estimate(value, float(low), float(high))
