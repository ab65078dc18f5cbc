# SPDX-License-Identifier: Apache-2.0
"""Indicators turned round: the next close at which one has a given value, all closes before it known.

Each takes the whole series up to now and gives one number, NaN where there is too little history or no such close.
"""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import FloatArray


def next_at_zscore(x: FloatArray, n: int, z: float) -> float:
    """The next value of x, in the same unit, at which `zscore(x, n)` is z standard deviations.

    With m and S the mean and the sum of squares about it of the last n - 1 values, a value d above m has
    z^2 = d^2 a^2 (n - 1) / (S + a d^2), a = (n - 1) / n: solved for d. No value is further than (n - 1) / sqrt(n) away.
    """
    known = np.asarray(x, np.float64)[-(n - 1) :]
    if len(known) < n - 1 or not np.isfinite(known).all():
        return math.nan
    mean, a = float(known.mean()), (n - 1) / n
    squares = float(((known - mean) ** 2).sum())
    room = a * a * (n - 1) - z * z * a
    return mean + math.copysign(math.sqrt(z * z * squares / room), z) if room > 0.0 else math.nan


def next_at_shock(x: FloatArray, k: int, n: int, value: float) -> float:
    """The next price x at which `shock(x, k, n)` is `value`: sigma ended k bars before and is known."""
    prices = np.asarray(x, np.float64)
    level = np.log(prices[-(n + k) :][: n + 1])  # ends at the bar from which the next k bars are counted
    if len(prices) < n + k or not np.isfinite(level).all():
        return math.nan
    sigma = float(np.std(np.diff(level), ddof=1))
    return float(prices[-k]) * math.exp(value * sigma * math.sqrt(k)) if sigma > 0.0 else math.nan


def next_at_momentum(x: FloatArray, k: int) -> float:
    """The next value of x, in the same unit, at which `momentum(x, k)` is 0."""
    return float(x[-k]) if len(x) >= k else math.nan


def next_at_mean(x: FloatArray, n: int) -> float:
    """The next value of x, in the same unit, at which it is its `rolling_mean(x, n)`: the mean of n - 1 before."""
    return float(np.mean(x[-(n - 1) :])) if n > 1 and len(x) >= n - 1 else math.nan
