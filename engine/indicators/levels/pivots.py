# SPDX-License-Identifier: Apache-2.0
"""Confirmed swing pivots: a low that `left` bars before and `right` bars after it did not undercut, and its mirror.

A pivot is known `right` bars after it happened and not before. Every output here is written at the bar that confirms
it and later; nothing is ever written at the pivot's own bar.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.indicators.libraries.talib_native import native
from engine.indicators.own import indicator
from engine.indicators.parameter import Lag
from engine.indicators.series import lagged

Swing = Literal["price", "age"]
"""price: of the pivot. age: bars since the pivot's own bar, which is `right` on the bar that confirms it."""

FRACTAL = "swing point as in B. Williams: Trading Chaos (1995), fractal, with free widths"


@indicator(warm_up=lambda left, right: left + right, source=FRACTAL)
def swing_low(low: FloatArray, left: Lag = 10, right: Lag = 10, what: Swing = "price") -> FloatArray:
    """Price or age of the last confirmed swing low: below the `left` lows before it, not above the `right` after it.

    Of equal lows within reach the first is the pivot. NaN before the first pivot is confirmed.
    """
    return _last_swing(low, swing_lows(low, left, right), right, what)


@indicator(warm_up=lambda left, right: left + right, source=FRACTAL)
def swing_high(high: FloatArray, left: Lag = 10, right: Lag = 10, what: Swing = "price") -> FloatArray:
    """Price or age of the last confirmed swing high: above the `left` highs before it, not below the `right` after it.

    Of equal highs within reach the first is the pivot. NaN before the first pivot is confirmed.
    """
    return _last_swing(high, swing_highs(high, left, right), right, what)


def swing_lows(low: FloatArray, left: int, right: int) -> NDArray[np.intp]:
    """Rows of the swing lows of finite, contiguous `low` (prices), ascending; row i is known at row i + right."""
    rows = len(low)
    if rows <= left + right:
        return np.empty(0, dtype=np.intp)
    lowest = native().MIN(low, left + right + 1)[left + right :]
    before = lagged(low if left == 1 else native().MIN(low, left), 1)
    middle = slice(left, rows - right)
    found: NDArray[np.intp] = np.flatnonzero((low[middle] == lowest) & (low[middle] < before[middle])) + left
    return found


def swing_highs(high: FloatArray, left: int, right: int) -> NDArray[np.intp]:
    """Rows of the swing highs of finite, contiguous `high` (prices), ascending; row i is known at row i + right."""
    return swing_lows(-high, left, right)


def _last_swing(extreme: FloatArray, pivots: NDArray[np.intp], right: int, what: Swing) -> FloatArray:
    out = np.full(len(extreme), np.nan)
    if len(pivots) == 0:
        return out
    known = pivots + right
    spans = np.diff(known, append=len(extreme))
    if what == "price":
        out[known[0] :] = np.repeat(extreme[pivots], spans)
    else:
        out[known[0] :] = np.arange(known[0], len(extreme)) - np.repeat(pivots, spans)
    return out
