# SPDX-License-Identifier: Apache-2.0
"""Flags for the bar at which one series crosses another, or a level."""

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.own import indicator


@indicator(warm_up=lambda: 1, source="definition")
def cross_up(a: FloatArray | float, b: FloatArray | float) -> FloatArray:
    """1 on the bar where a is above b and was not above it one bar before, else 0.

    Both in the same unit; either may be one number.
    """
    assert isinstance(a, np.ndarray)
    assert isinstance(b, np.ndarray)
    above = a > b
    return _onset(above)


@indicator(warm_up=lambda: 1, source="definition")
def cross_down(a: FloatArray | float, b: FloatArray | float) -> FloatArray:
    """1 on the bar where a is below b and was not below it one bar before, else 0.

    Both in the same unit; either may be one number.
    """
    assert isinstance(a, np.ndarray)
    assert isinstance(b, np.ndarray)
    return _onset(a < b)


def _onset(flag: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> FloatArray:
    begins = np.zeros(len(flag))
    begins[1:] = flag[1:] & ~flag[:-1]
    return begins
