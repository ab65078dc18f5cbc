# SPDX-License-Identifier: Apache-2.0
"""Forced selling of small caps that the volatility indices do not show: the ratio of the two ETFs does.

Books that hedged stock with short index positions must cut when small caps fall much harder than large ones: they are
suddenly too long. In late July 2007 they were, while implied volatility said little. docs/strategies/fund_replica.md
has the idea and every firing on real bars.
"""

import math
from typing import Annotated

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.own import indicator
from engine.indicators.parameter import Bounds, Lag, Window
from engine.indicators.returns import momentum, shock
from engine.indicators.series import change, lagged
from engine.indicators.statistics import rolling_std

Sigmas = Annotated[float, Bounds(0.01, 20)]
"""A positive number of standard deviations."""

IDEA = "crowded books in July 2007; the definition is ours"


@indicator(warm_up=lambda k, n: k + n, source=IDEA, prices=True)
def relative_fall(
    small: FloatArray, large: FloatArray, k: Lag = 10, n: Window = 252, floor: Sigmas = 0.5
) -> FloatArray:
    """How many times as hard as `large` `small` fell in k bars: 3 is three times as hard, negative is a rise.

    -momentum(small, k) / max(-momentum(large, k), floor * sigma * sqrt(k)), where sigma is the sample standard
    deviation of the n one-bar log returns of `large` that ended before those k bars. The floor keeps a large leg
    that stood still, or rose, from making any fall of the small one look endless. NaN where sigma is 0.
    """
    level = np.log(large)
    sigma = lagged(rolling_std(change(level), n), k)
    least = floor * math.sqrt(k) * np.where(sigma > 0, sigma, np.nan)
    return -momentum(small, k) / np.maximum(-change(level, k), least)


@indicator(warm_up=lambda k, n: k + n, source=IDEA, prices=True)
def deleveraging(
    small: FloatArray,
    large: FloatArray,
    volatility: FloatArray,
    k: Lag = 10,
    n: Window = 252,
    times: Annotated[float, Bounds(1, 100)] = 2.5,
    floor: Sigmas = 0.5,
    spread: Sigmas = 1.5,
    calm: Annotated[float, Bounds(-20, 20)] = 1.0,
) -> FloatArray:
    """1 where small caps fell `times` as hard as large ones while a volatility index stayed quiet, else 0.

    All three must hold over the last k bars:
    relative_fall(small, large, k, n, floor) >= times;  shock(small / large, k, n) <= -spread, so that the gap is
    wide by the pair's own measure;  shock(volatility, k, n) <= calm, a rise of at most `calm` of the index's sigmas.

    volatility is VIX or RVX in points; to ask both, multiply the answers. NaN where one of the three is undefined.
    """
    fall = relative_fall(small, large, k, n, floor)
    gap, fear = shock(small / large, k, n), shock(volatility, k, n)
    fires = (fall >= times) & (gap <= -spread) & (fear <= calm)
    return np.where(np.isnan(fall + gap + fear), np.nan, fires)
