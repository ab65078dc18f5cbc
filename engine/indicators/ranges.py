# SPDX-License-Identifier: Apache-2.0
"""True range and its averages, of one instrument or of a price ratio, and distances measured in them."""

from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.libraries.talib_native import native
from engine.indicators.own import indicator
from engine.indicators.parameter import Lag

Averaging = Literal["wilder", "simple"]
"""wilder: recursive, the mean of the first n and then (n - 1) parts old to one part new. simple: mean of the last n."""

WILDER = "J. W. Wilder: New Concepts in Technical Trading Systems (1978)"


@indicator(warm_up=lambda: 1, source=WILDER)
def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Largest of high - low and the distances of high and low from the last close, in the price's unit."""
    return native().TRANGE(high, low, close)  # type: ignore[no-any-return]


@indicator(warm_up=lambda n: n, source=WILDER)
def atr(high: FloatArray, low: FloatArray, close: FloatArray, n: Lag = 14, method: Averaging = "wilder") -> FloatArray:
    """Average of the true range over n bars, in the price's unit.

    The first bar has no last close and is left out, so the first value comes at row n.
    """
    talib = native()
    if method == "wilder":
        return talib.ATR(high, low, close, n)  # type: ignore[no-any-return]
    return talib.SMA(talib.TRANGE(high, low, close), n)  # type: ignore[no-any-return]


@indicator(warm_up=lambda n: n, source=f"{WILDER}, on closes alone", prices=True)
def ratio_atr(numerator: FloatArray, denominator: FloatArray, n: Lag = 14, method: Averaging = "wilder") -> FloatArray:
    """Average true range of the series numerator / denominator, in the ratio's unit.

    Two instruments make their highs and lows at different times, so a ratio has closes only: its true range is
    the distance from close to close.
    """
    ratio = numerator / denominator
    return atr(ratio, ratio, ratio, n, method)


@indicator(warm_up=lambda: 0, source="definition")
def break_depth(close: FloatArray, level: FloatArray, average_range: FloatArray) -> FloatArray:
    """How far the close is below a level, a multiple of the average true range: 1.5 is 1.5 ATR below, negative above.

    Pass `atr(...)` as the range. Pass the level as it stood before the bar (`price_level` does); where there is no
    level there is no depth, NaN, and nothing else is lost.
    """
    return (level - close) / np.where(average_range > 0, average_range, np.nan)
