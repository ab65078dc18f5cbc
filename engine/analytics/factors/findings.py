# SPDX-License-Identifier: Apache-2.0
"""What a regression on factors found. Fractions; the report words them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.notice import Notice

LEVEL = 0.95
"""Confidence of intervals."""


@dataclass(frozen=True)
class Loading:
    """One factor: regression coefficient, its Newey-West standard error and t, and its share of the variance."""

    name: str
    loading: float
    error: float
    t: float
    share: float


@dataclass(frozen=True)
class FactorFit:
    """One regression. alpha, its error and interval are fractions a year, not compounded.

    shares of the factors and 1 - r2, what no factor explains, add up to 1
    """

    name: str
    periods: int
    alpha: float
    alpha_error: float
    alpha_t: float
    interval: tuple[float, float]
    loadings: tuple[Loading, ...]
    r2: float


@dataclass(frozen=True)
class FactorAttribution:
    """The run on the factors of `file`, then each sleeve by itself.

    rate  what was taken off the returns: "rf" of the file, or the run's own benchmark rate
    lags  of Newey and West, the same for all
    """

    file: str
    period: str
    first: str
    last: str
    rate: str
    lags: int
    fits: tuple[FactorFit, ...]
    notices: tuple[Notice, ...]
