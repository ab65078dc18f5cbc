# SPDX-License-Identifier: Apache-2.0
"""Arithmetic bar by bar in which what is not defined is missing: NaN, never an infinity, which would trade.

Rules in YAML compute with these. Each takes series of one length, numbers among them, and gives (T,) float64.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.indicators.series import lagged

Operand = FloatArray | float


def divide(x: Operand, y: Operand) -> FloatArray:
    """X / y, a ratio in the unit of x over that of y; NaN where y is 0."""
    with np.errstate(all="ignore"):
        return _finite(np.true_divide(x, y))


def log(x: FloatArray) -> FloatArray:
    """The natural logarithm, with no unit; NaN where x is 0 or less."""
    with np.errstate(all="ignore"):
        return _finite(np.log(x))


def exp(x: FloatArray) -> FloatArray:
    """E to the power of x, with no unit; NaN where that is too large for a number."""
    with np.errstate(all="ignore"):
        return _finite(np.exp(x))


def sqrt(x: FloatArray) -> FloatArray:
    """The square root, with no unit; NaN where x is below 0."""
    with np.errstate(all="ignore"):
        return _finite(np.sqrt(x))


def absolute(x: FloatArray) -> FloatArray:
    """X without its sign, in the same unit."""
    return np.abs(x)


def larger(x: Operand, y: Operand) -> FloatArray:
    """The larger of two numbers of a bar, in the same unit; NaN where one is missing."""
    return np.asarray(np.maximum(x, y))


def smaller(x: Operand, y: Operand) -> FloatArray:
    """The smaller of two numbers of a bar, in the same unit; NaN where one is missing."""
    return np.asarray(np.minimum(x, y))


def lag(x: FloatArray, n: int) -> FloatArray:
    """What x was n bars ago, in the unit of x; NaN in the first n bars. Raises ValueError for n below 0, which is
    the future.
    """  # noqa: D205
    if n < 0:
        raise ValueError(f"lag looks back: {n} bars ago is the future")
    return lagged(x, n)


def _finite(x: FloatArray) -> FloatArray:
    return np.where(np.isfinite(x), x, np.nan)
