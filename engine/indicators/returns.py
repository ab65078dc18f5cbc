# SPDX-License-Identifier: Apache-2.0
"""Returns of prices and what is measured in them: momentum, volatility, shocks, drawdown.

Prices in; a price that is not positive counts as missing. Volatilities are fractions a year.
"""

import math
from typing import Annotated

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.libraries.talib_native import native
from engine.indicators.own import indicator
from engine.indicators.parameter import Bounds, Lag, Window
from engine.indicators.series import change, lagged
from engine.indicators.statistics import rolling_std

PerYear = Annotated[float, Bounds(1)]
"""Bars a year, for annualising."""

BLOCK = 256


@indicator(warm_up=lambda: 0, source="definition", prices=True)
def log_ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """ln(numerator / denominator), such as small over large: its change is the difference of the log returns."""
    return np.log(numerator) - np.log(denominator)


@indicator(warm_up=lambda n: n, source="definition", prices=True)
def momentum(x: FloatArray, n: Lag) -> FloatArray:
    """Log return over the last n bars, ln(x_t / x_(t-n)), a fraction."""
    return change(np.log(x), n)


@indicator(warm_up=lambda n: n, source="sample standard deviation of log returns", prices=True)
def realised_vol(x: FloatArray, n: Window, per_year: PerYear = 252.0) -> FloatArray:
    """Volatility of the last n log returns, a fraction a year: sample standard deviation times sqrt(per_year)."""
    return rolling_std(change(np.log(x)), n) * math.sqrt(per_year)


@indicator(warm_up=lambda n: n, source="RiskMetrics Technical Document (1996), section 5.2", prices=True)
def ewma_vol(
    x: FloatArray,
    decay: Annotated[float, Bounds(0.001, 0.9999)] = 0.94,
    n: Lag = 20,  # noqa: ARG001  (the warm-up: the decorator blanks the rows before it)
    per_year: PerYear = 252.0,
) -> FloatArray:
    """Exponentially weighted volatility of log returns, a fraction a year; the first value comes after n returns.

    variance_t = sum decay^i r_(t-i)^2 / sum decay^i over all returns so far. The division makes a guess at the
    first variance unnecessary; it is 1 / (1 - decay) after some hundred bars. The mean return is taken as zero.
    """
    squares = np.diff(np.log(x)) ** 2
    variance = _decayed_sum(squares, decay) / _decayed_count(len(squares), decay)
    return np.concatenate(([np.nan], np.sqrt(variance * per_year)))


def _decayed_sum(x: FloatArray, decay: float) -> FloatArray:
    """s_t = x_t + decay * s_(t-1), s_(-1) = 0, in blocks: bar by bar within them, all blocks at a time."""
    blocks = -(-len(x) // BLOCK)
    padded = np.zeros(blocks * BLOCK)
    padded[: len(x)] = x
    steps = np.ascontiguousarray(padded.reshape(blocks, BLOCK).T)  # row i: bar i of every block
    for bar in range(1, BLOCK):
        steps[bar] += decay * steps[bar - 1]
    carried = np.zeros(blocks)
    through = decay**BLOCK
    for block, end in enumerate(steps[-1, :-1].tolist(), start=1):
        carried[block] = end + through * carried[block - 1]
    steps += np.array([decay ** (bar + 1) for bar in range(BLOCK)])[:, None] * carried
    return np.ascontiguousarray(steps.T).reshape(-1)[: len(x)]


def _decayed_count(rows: int, decay: float) -> FloatArray:
    """1 + decay + decay^2 + ... for 1, 2, ... rows."""
    count = np.full(rows, 1.0 / (1.0 - decay))
    settled = min(rows, math.ceil(math.log(1e-17) / math.log(decay)))  # from here on the powers no longer show
    count[:settled] *= 1.0 - np.cumprod(np.full(settled, decay))
    return count


@indicator(warm_up=lambda k, n: k + n, source="return over the volatility known before it", prices=True)
def shock(x: FloatArray, k: Lag = 15, n: Window = 252) -> FloatArray:
    """The return of the last k bars in standard deviations: momentum(x, k) / (sigma * sqrt(k)).

    sigma is the sample standard deviation of the n one-bar log returns that ended before those k bars began: a
    shock must not dilute itself by raising the volatility that it is measured in. -2.5 is a fall of 2.5 sigma.
    x is a price, or a price ratio for the relative performance of two legs. NaN when sigma is 0.
    """
    level = np.log(x)
    sigma = lagged(rolling_std(change(level), n), k)
    return change(level, k) / (np.where(sigma > 0, sigma, np.nan) * math.sqrt(k))


@indicator(warm_up=lambda n: n - 1, source="definition", prices=True)
def drawdown(x: FloatArray, n: Window) -> FloatArray:
    """How far x lies below its high of the last n bars, a fraction: 0 at the high, -0.1 ten per cent below it."""
    peak = native().MAX(x, n)
    return x / peak - 1.0  # type: ignore[no-any-return]
