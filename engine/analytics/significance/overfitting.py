# SPDX-License-Identifier: Apache-2.0
"""The probability of backtest overfitting: how often the best of the past is ordinary where it was not chosen.

Bailey, Borwein, Lopez de Prado and Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance 20
(2017); a working paper of 2015. The bars are cut into groups; for each way to take half of the groups, the set with the
best ratio there is ranked among all sets in the other half (combinatorially symmetric cross-validation).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.performance import STILL
from engine.arrays import FloatArray

GROUPS = 16
"""Of the paper: 12,870 ways to take half of them."""

CELLS = 40_000_000
"""Sets times splits that are looked at; of more sets fewer splits, drawn at random."""

FEWEST_SPLITS = 64

AT_A_TIME = 1 << 20
"""Cells in memory together: a few of these arrays at 8 MB."""

Number = TypeVar("Number", np.float64, np.int64)

EVEN = 1e-9
"""Ratios of a bar that differ by less are equal: sets whose trades are the same differ by rounding."""

FLAT = 1e-12
"""A variance below this part of the mean square is rounding, as of an account that earns the same each bar."""


@dataclass(frozen=True)
class Overfitting:
    """What becomes of the best of half of the bars in the other half.

    probability  that it is no better there than the median set, 0 to 1
    loss         that its ratio there is below 0
    inside       median ratio of a bar of the best, where it was chosen; outside  the same where it was not
    splits       ways to halve that were looked at, each with the halves in both roles, of `of` in all
    """

    sets: int
    probability: float
    loss: float
    inside: float
    outside: float
    splits: int
    of: int

    @property
    def chance(self) -> float:
        """What `probability` is where the choice knows nothing: a half, more of an odd number, whose median counts."""
        return (self.sets + 1) // 2 / self.sets


def overfitting(total: FloatArray, squares: FloatArray, bars: NDArray[np.int64], seed: int) -> Overfitting:
    """The probability of overfitting of N sets, N >= 2, from sums over an even number C of groups of bars.

    total, squares  (N, C) sums of the returns over cash, and of their squares; bars  (C,) each above 0
    seed            of the splits that are drawn, where there are too many

    The ratio is mean over deviation (n - 1); 0 for a set that does not move: it neither gained nor lost. Equal ratios
    share their mean rank outside; inside the first of them is the best.
    """
    sets, groups = total.shape
    halves = _halves(groups)
    kept = _some(halves, max(FEWEST_SPLITS, CELLS // sets), seed)
    sums = np.vstack([total, squares, bars[None, :].astype(float)])
    ranks, inside, outside = [], [], []
    for start in range(0, len(kept), max(1, AT_A_TIME // sets)):
        taken = kept[start : start + max(1, AT_A_TIME // sets)]
        ratios = [ratios_of(half @ sums.T, sets) for half in (taken, 1.0 - taken)]
        for here, there in (ratios, ratios[::-1]):
            best = np.argmax(here >= here.max(axis=1, keepdims=True) - EVEN, axis=1)[:, None]
            its = np.take_along_axis(there, best, 1)
            below, even = (there < its - EVEN).sum(axis=1), (np.abs(there - its) <= EVEN).sum(axis=1)
            ranks.append(below + (even + 1) / 2)
            inside.append(np.take_along_axis(here, best, 1)[:, 0])
            outside.append(its[:, 0])
    rank, within, without = (np.concatenate(one) for one in (ranks, inside, outside))
    return Overfitting(
        sets, float(np.mean(rank <= (sets + 1) / 2)), float(np.mean(without < 0.0)), float(np.median(within)),
        float(np.median(without)), 2 * len(kept), 2 * len(halves),
    )  # fmt: skip


def grouped(values: NDArray[Number], groups: int = GROUPS) -> NDArray[Number]:
    """(..., groups) sums of neighbours along the last axis, whose length is a multiple of `groups`."""
    return np.asarray(values.reshape(*values.shape[:-1], groups, -1).sum(axis=-1), values.dtype)


def _halves(groups: int) -> FloatArray:
    """(H, C) rows of 0 and 1, one for each way to halve the groups: group 0 is in the half that is marked."""
    chosen = list(itertools.combinations(range(1, groups), groups // 2 - 1))
    made = np.zeros((len(chosen), groups))
    made[:, 0] = 1.0
    np.put_along_axis(made, np.array(chosen, np.int64).reshape(len(chosen), -1), 1.0, 1)
    return made


def _some(halves: FloatArray, most: int, seed: int) -> FloatArray:
    if len(halves) <= most:
        return halves
    rows = np.random.default_rng(seed).choice(len(halves), most, replace=False)
    return halves[np.sort(rows)]


def ratios_of(sums: FloatArray, sets: int) -> FloatArray:
    """(H, N) ratios of a bar from (H, 2 N + 1) sums, sums of squares, and bars."""
    total, squares, bars = sums[:, :sets], sums[:, sets:-1], sums[:, -1:]
    mean = total / bars
    variance = (squares - total * mean) / (bars - 1.0)
    moves = moving(variance, squares / bars)
    return np.where(moves, mean / np.sqrt(np.where(moves, variance, 1.0)), 0.0)


def moving(variance: FloatArray, mean_square: FloatArray) -> NDArray[np.bool_]:
    """Whether returns move at all: an account that earns the same each bar has a variance that is rounding."""
    return variance > np.maximum(STILL**2, FLAT * mean_square)
