# SPDX-License-Identifier: Apache-2.0
"""Volume against its own past: how much it has dried up, and whether a new low came on less of it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.arrays import FloatArray
from engine.indicators.libraries.talib_native import native
from engine.indicators.own import indicator
from engine.indicators.parameter import Lag, Window
from engine.indicators.series import lagged

GATHERED = 1 << 20
"""Most values looked at together: bounds the memory of long windows."""


@indicator(warm_up=lambda n: n, source="definition")
def relative_volume(volume: FloatArray, n: Window = 50) -> FloatArray:
    """Volume over the median of the n bars before it, a multiple: 1 is usual, 0.5 is half dried up.

    The bar itself is no part of the median, so a spike does not dilute itself. In an even window the median is the
    lower of the two middle values. NaN where the median is 0.
    """
    usual = lagged(native().PERCENTILE(volume, n, 50.0), 1)
    return volume / np.where(usual > 0, usual, np.nan)


@indicator(warm_up=lambda n, apart: n + apart - 1, source="definition, after R. D. Wyckoff's test of a low")
def quiet_new_low(low: FloatArray, volume: FloatArray, n: Window = 20, apart: Lag = 5) -> FloatArray:
    """1 on a new low that trades less volume than the bar of the last low did, else 0.

    The last low is the lowest of the n bars that ended `apart` bars ago (the latest of equal ones): with apart at 1
    the days of one slide are compared with each other, with 5 a new low is compared with one of a week ago or more.
    New means below every low since the first of those n bars.
    """
    new = low < lagged(native().MIN(low, n + apart - 1), 1)
    rows = np.flatnonzero(new)
    quiet = np.zeros(len(low))
    windows = sliding_window_view(low, n)
    step = max(1, GATHERED // n)
    for first in range(0, len(rows), step):
        some = rows[first : first + step]
        back = np.argmin(windows[some - apart - n + 1, ::-1], axis=1)  # bars from the window's end to the latest low
        quiet[some] = volume[some] < volume[some - apart - back]
    return quiet
