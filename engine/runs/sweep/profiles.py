# SPDX-License-Identifier: Apache-2.0
"""Where scores lie by the values of a setting. A ruined account has no ratio, and is worse than all that have one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.runs.sweep.grid import Axis, alike


@dataclass(frozen=True)
class Profile:
    """What the score does along one axis: (V,) by value over all combinations that have it.

    NaN where none has one, and where the quantile is a ruined account.
    """

    axis: Axis
    low: FloatArray
    median: FloatArray
    high: FloatArray


def profile(axis: Axis, places: NDArray[np.int64], worth: FloatArray) -> Profile:
    """10 %, median and 90 % of (N,) worths, in their own unit, by their places on an axis."""
    made = np.full((3, len(axis.values)), math.nan)
    for rows in alike(places[:, None]):
        known = worth[rows][~np.isnan(worth[rows])]
        if len(known):
            with np.errstate(invalid="ignore"):  # between a ruined account and another lies nothing
                made[:, places[rows[0]]] = np.quantile(known, (0.1, 0.5, 0.9))
    return Profile(axis, *np.where(np.isfinite(made), made, math.nan))


def median(worth: FloatArray) -> float:
    """The median of what has a worth, in its own unit; NaN where nothing has, and where it is a ruined account."""
    known = worth[~np.isnan(worth)]
    middle = float(np.median(known)) if len(known) else math.nan
    return middle if math.isfinite(middle) else math.nan


def worth_of(score: FloatArray, gone: NDArray[np.bool_]) -> FloatArray:
    """(N,) scores, more is better, in their own unit: -inf where the account was ruined and there is none."""
    worth: FloatArray = np.where(gone & np.isnan(score), -np.inf, score)
    return worth
