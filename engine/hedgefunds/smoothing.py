# SPDX-License-Identifier: Apache-2.0
"""Returns as they would be without smoothed prices: Geltner's correction, by what was known at the time.

    true(t) = (reported(t) - rho x reported(t - 1)) / (1 - rho)

with rho the first autocorrelation (D. Geltner: Smoothing in appraisal-based returns, 1991).
"""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL

LEAST = 24
"""Months in a row of pairs that an autocorrelation must have; before, nothing is corrected."""

MOST = 0.8
"""Largest rho that is taken off: beyond it the correction is mostly noise."""


def unsmoothed(returns: FloatArray) -> FloatArray:
    """(T, N) unsmoothed returns; NaN where the month is, the reported return where there is no month before.

    rho of row t is that of rows 0..t alone, between 0 (a fund that does not smooth) and MOST.
    """
    made = returns.copy()
    rho = autocorrelation(returns)
    before = np.vstack([np.full((1, returns.shape[1]), np.nan), returns[:-1]])
    both = np.isfinite(returns) & np.isfinite(before)
    corrected = (returns - rho * np.where(both, before, 0.0)) / (1.0 - rho)
    made[both] = corrected[both]
    return made


def autocorrelation(returns: FloatArray) -> FloatArray:
    """(T, N) first autocorrelation of what is known up to each row, cut to 0..MOST; 0 with fewer than LEAST pairs."""
    made = np.zeros_like(returns)
    for place in range(returns.shape[1]):
        own = returns[:, place]
        pairs = np.flatnonzero(np.isfinite(own[1:]) & np.isfinite(own[:-1]))
        for count in range(LEAST, len(pairs) + 1):
            rows = pairs[:count]
            now, past = own[rows + 1], own[rows]
            moved = now.std() > STILL and past.std() > STILL
            rho = float(np.corrcoef(now, past)[0, 1]) if moved else 0.0
            made[rows[-1] + 1 :, place] = min(max(rho, 0.0), MOST)
    return made
