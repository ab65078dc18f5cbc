# SPDX-License-Identifier: Apache-2.0
"""Series that are published now and then and carried forward in between, such as short interest twice a month.

A publication shows as a change of the value. One that repeats the figure before it cannot be told from carrying
that forward and does not count; with the digits that such figures have this is rare. Where a series went stale (NaN)
its history begins anew, as everywhere.
"""

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.own import indicator
from engine.indicators.parameter import Lag


@indicator(warm_up=lambda n: n, source="definition")
def published_change(x: FloatArray, n: Lag = 1) -> FloatArray:
    """Change of x over its last n publications, in the unit of x: the value that stands less the one n figures ago.

    NaN until n new figures have followed the first one known.
    """
    fresh = np.concatenate(([True], x[1:] != x[:-1]))
    figures = x[fresh]
    latest = np.cumsum(fresh) - 1  # which figure stands at each row
    out = np.full(len(x), np.nan)
    known = latest >= n
    out[known] = x[known] - figures[latest[known] - n]
    return out


@indicator(warm_up=lambda n: n, source="definition")
def published_rising(x: FloatArray, n: Lag = 1) -> FloatArray:
    """1 where the figure that stands is above the one n publications ago, else 0; NaN as in published_change."""
    risen = published_change(x, n)
    return np.where(np.isnan(risen), np.nan, risen > 0)
