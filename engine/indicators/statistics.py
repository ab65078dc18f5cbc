# SPDX-License-Identifier: Apache-2.0
"""Statistics over a sliding window.

Deviation and correlation come from TA-Lib, which centres them since 0.8.1: a window of 1e9 ± 1 keeps 14 digits and
a spike of 1e15 leaves no trace once it has left. The relative error of a deviation stays under 1e-9 on prices; the
worst found by search is 2e-7, in a window of two almost equal values within a long walk, and 2e-8 from five values on.
"""

from typing import Annotated

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.libraries.talib_native import native
from engine.indicators.own import indicator
from engine.indicators.parameter import LONGEST, Bounds, Lag, Window
from engine.indicators.series import change, lagged

TEXTBOOK = "textbook definition"


@indicator(warm_up=lambda n: n - 1, source=TEXTBOOK)
def rolling_mean(x: FloatArray, n: Lag) -> FloatArray:
    """Mean of the last n values, in the unit of x.

    Each window is the end of one block of n values plus the beginning of the next, so it is made of additions
    alone: no running total that drifts over a million bars, no difference of two large sums. TA-Lib's `sma`
    keeps a running total: eight times as fast, the same to 12 digits on ordinary prices, but a bad tick of 1e15
    leaves an error of 1e-4 for good.
    """
    blocks = -(-len(x) // n)
    padded = np.zeros(blocks * n)
    padded[: len(x)] = x
    rows = padded.reshape(blocks, n)
    total = np.cumsum(rows, axis=1)  # of a block, from its first value on
    rest = np.cumsum(rows[:, ::-1], axis=1)[:, ::-1]  # of a block, down to its last value
    total[1:, :-1] += rest[:-1, 1:]
    total /= n
    return total.reshape(-1)[: len(x)]


@indicator(warm_up=lambda n: n - 1, source=TEXTBOOK)
def rolling_std(x: FloatArray, n: Window) -> FloatArray:
    """Sample standard deviation (n - 1 below) of the last n values, in the unit of x; 0 when they are equal."""
    deviation: FloatArray = native().STDDEV(x, n)
    deviation *= np.sqrt(n / (n - 1))
    return deviation


@indicator(warm_up=lambda n: n - 1, source=TEXTBOOK)
def zscore(x: FloatArray, n: Window) -> FloatArray:
    """How many sample standard deviations x lies above its mean of the last n values; NaN when they are equal."""
    spread = rolling_std(x, n)
    return (x - rolling_mean(x, n)) / np.where(spread > 0, spread, np.nan)


@indicator(warm_up=lambda n: n - 1, source=TEXTBOOK)
def rolling_corr(x: FloatArray, y: FloatArray, n: Window) -> FloatArray:
    """Pearson correlation of the last n pairs, -1 to 1; NaN when x or y did not move."""
    talib = native()
    moved = (talib.STDDEV(x, n) > 0) & (talib.STDDEV(y, n) > 0)
    return np.where(moved, np.clip(talib.CORREL(x, y, n), -1.0, 1.0), np.nan)


@indicator(warm_up=lambda n: n - 1, source=TEXTBOOK)
def rolling_beta(y: FloatArray, x: FloatArray, n: Window) -> FloatArray:
    """Slope of the least-squares line of y on x over the last n pairs, units of y a unit of x; NaN when x did not move.

    It regresses what it is given: pass returns for a market beta, or use `hedge_ratio` on prices.
    """
    talib = native()
    moves = talib.STDDEV(x, n)
    return talib.CORREL(x, y, n) * talib.STDDEV(y, n) / np.where(moves > 0, moves, np.nan)  # type: ignore[no-any-return]


@indicator(warm_up=lambda n: n, source="ordinary least squares of log returns", prices=True)
def hedge_ratio(small: FloatArray, large: FloatArray, n: Window) -> FloatArray:
    """Beta of the small leg to the large one: slope of the last n log returns of `small` on those of `large`.

    Dollars of the large leg that offset one dollar of the small leg. Prices in, a number out; NaN where the large leg
    did not move.
    """
    return rolling_beta(change(np.log(small)), change(np.log(large)), n)


@indicator(warm_up=lambda n, lag: n + lag - 1, source=TEXTBOOK)
def lead_lag_corr(
    leader: FloatArray, follower: FloatArray, n: Window, lag: Annotated[int, Bounds(0, LONGEST)]
) -> FloatArray:
    """Correlation of `follower` with what `leader` was `lag` bars before, over the last n pairs, -1 to 1.

    Only past lags exist: to ask whether the other one leads, swap the series. Pass changes or returns, not levels.
    """
    return rolling_corr(lagged(leader, lag), follower, n)


@indicator(warm_up=lambda n: n, source="L. Connors, C. Alvarez: An Introduction to ConnorsRSI (2012), PercentRank")
def percent_rank(x: FloatArray, n: Window) -> FloatArray:
    """Share of the n values before this one that are below it, 0 to 1. Equal values are not below."""
    rank: FloatArray = native().PERCENTRANK(x, n)
    rank /= 100.0
    return rank
