# SPDX-License-Identifier: Apache-2.0
"""FUND: the monthly returns of a hedge fund whose book is known, so that a replica can be held against the truth.

It is what is said of such funds: long small and cheap, short large growth, the rest in bills, some alpha. In a
month its return is

    bill + sum of WEIGHTS * (total return - bill) + ALPHA + noise

with the book set back to its weights at the end of every month.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.sample.bars import Columns
from engine.market.sample.streams import sessions, stream

WEIGHTS: Mapping[str, float] = {"KRE": 0.15, "IWM": 0.20, "XLE": 0.10, "QQQ": -0.15}
"""The book, as fractions of the fund: KRE stands for small value, QQQ for large growth, XLE for emerging markets."""

ALPHA = 0.0006
"""A month: about a quarter of what the fund earns above bills under most seeds."""

NOISE = 0.003
"""Standard deviation a month of what neither the factors nor the alpha explain."""


def fund_returns(seed: int, funds: Mapping[str, Columns], tbill: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Rows of the last session of each month from the second on, and the fund's return of that month in per cent.

    funds has the columns of every symbol in WEIGHTS, (T,) each; tbill (T,) is per cent a year. Two decimals, as
    such indices are published.
    """
    ends = month_ends()
    bill = _bill(tbill, ends)
    excess = np.zeros(len(bill))
    for symbol, weight in WEIGHTS.items():
        excess += weight * (_month_returns(funds[symbol], ends) - bill)
    noise = NOISE * stream(seed, "hedge fund").standard_normal(len(bill))
    return ends[1:], np.round(100.0 * (bill + excess + ALPHA + noise), 2)


def month_ends() -> NDArray[np.int64]:
    """Rows of the last session of each month."""
    months = sessions().astype("M8[D]").astype("M8[M]")
    return np.flatnonzero(np.concatenate([months[1:] != months[:-1], [True]]))


def _bill(tbill: FloatArray, ends: NDArray[np.int64]) -> FloatArray:
    """What the bill pays from month end to month end: each session's rate for the calendar days to the next one."""
    accrued = np.cumsum(np.concatenate([[0.0], tbill[:-1] / 100.0 * np.diff(sessions()) / 365.0]))
    return np.diff(accrued[ends])


def _month_returns(fund: Columns, ends: NDArray[np.int64]) -> FloatArray:
    before = np.concatenate([fund["close"][:1], fund["close"][:-1]])
    worth = np.cumprod((fund["close"] + fund["dividend"]) / before)
    return worth[ends[1:]] / worth[ends[:-1]] - 1.0
