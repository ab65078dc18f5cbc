# SPDX-License-Identifier: Apache-2.0
"""The Return Structure: how much of a fund's return is its own, who is admitted, and the weights that follow.

    RS = alpha / (alpha + |beta return|)

of returns that are averaged first: 1 for pure alpha, 0 for pure market. Where the averaged alpha is negative there is
no rating: the ratio would be negative or above 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.hedgefunds.panel import STILL
from engine.hedgefunds.regression import Split

AVERAGED, AVERAGED_FEWEST = 6, 3
"""Months over which alpha and beta returns are averaged, and the least of them that a young fund must have."""

YEAR = 12
"""Months of the year whose alpha must be positive."""


@dataclass(frozen=True)
class Rating:
    """What is known of (T, N) funds once a month was reported; NaN where there is nothing.

    alpha, beta_return  averaged over AVERAGED months
    rs                  the Return Structure
    year_alpha          alpha of the last year
    admitted            whether a portfolio may hold the fund in the next month
    """

    alpha: FloatArray
    beta_return: FloatArray
    rs: FloatArray
    year_alpha: FloatArray
    admitted: NDArray[np.bool_]


def rate(split: Split, year: Split, known: NDArray[np.bool_], live: NDArray[np.bool_]) -> Rating:
    """Rate funds from their split by month, and from that over a year.

    known, live (T, N): only a month that a fund reported has figures, only a member of the index is admitted.
    """
    alpha, beta_return = (np.where(known, averaged(one), np.nan) for one in (split.alpha, split.beta_return))
    year_alpha = np.where(known, year.alpha, np.nan)
    rs = return_structure(alpha, beta_return)
    admitted = live & (year_alpha > STILL) & (alpha > STILL) & np.isfinite(rs)
    return Rating(alpha, beta_return, rs, year_alpha, admitted)


def averaged(values: FloatArray) -> FloatArray:
    """(T, N) mean over the last AVERAGED months of what is known; NaN with fewer than AVERAGED_FEWEST."""
    made = np.full_like(values, np.nan)
    for row in range(len(values)):
        part = values[max(0, row - AVERAGED + 1) : row + 1]
        known = np.isfinite(part)
        enough = known.sum(axis=0) >= AVERAGED_FEWEST
        made[row, enough] = np.where(known, part, 0.0)[:, enough].sum(axis=0) / known.sum(axis=0)[enough]
    return made


def return_structure(alpha: FloatArray, beta_return: FloatArray) -> FloatArray:
    """RS of averaged returns, any shape; NaN where alpha is negative or unknown, or both are zero.

    What is not told from zero, STILL either way, is zero: a fund that is a part of its market has RS 0.
    """
    own = np.where(np.abs(alpha) <= STILL, 0.0, alpha)
    whole = own + np.abs(beta_return)
    ratio = np.divide(own, whole, out=np.full_like(own, np.nan), where=whole > STILL)
    return np.where(own >= 0.0, ratio, np.nan)


def shares(scores: FloatArray, chosen: NDArray[np.bool_]) -> FloatArray:
    """(T, N) each chosen fund's score over their sum, a row at a time; a row with none chosen is all zero: cash."""
    made = np.zeros_like(scores)
    for row in np.flatnonzero(chosen.any(axis=1)).tolist():
        places = chosen[row]
        made[row, places] = scores[row, places] / math.fsum(scores[row, places].tolist())
    return made
