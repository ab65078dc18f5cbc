# SPDX-License-Identifier: Apache-2.0
"""Combinatorial purged cross-validation of choosing the best of many sets: many histories out of sample, not one.

Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 12. The bars are cut into N groups; for each
way to keep k of them for a test, the set with the best ratio in the others is chosen and used in the k. Each group is
tested C(N - 1, k - 1) times, so the tests make as many paths through all bars, each bar once in each. Around a tested
group training leaves out a stretch of bars on either side: before it so that no trade reaches into the test (purge),
after it so that none comes from there (embargo).

skfolio has a splitter of rows for this; it comes with an optimiser and is fed returns. What is kept of a set here are
sums over stretches, from which its ratios follow, so the splits are told in stretches by the few lines below.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.significance.overfitting import EVEN, ratios_of
from engine.arrays import FloatArray

TESTED = 2
"""Groups of a test: of 16 groups 120 ways, and 15 paths."""


@dataclass(frozen=True)
class PurgedPaths:
    """Ratios of a bar, over cash, of choosing the best where it is not tested.

    paths   (P,) one for each path, from the lowest;  splits  ways to choose the groups of a test
    chosen  how many sets are chosen in any split
    """

    paths: FloatArray
    splits: int
    chosen: int

    @property
    def median(self) -> float:
        return float(np.median(self.paths))

    @property
    def loss(self) -> float:
        """Part of the paths that earn less than cash."""
        return float(np.mean(self.paths < 0.0))


def purged_paths(
    total: FloatArray, squares: FloatArray, bars: NDArray[np.int64], groups: int, tested: int = TESTED, apart: int = 1
) -> PurgedPaths:
    """The paths of choosing the best of N sets, N >= 2, from sums over C stretches of bars, C a multiple of `groups`.

    total, squares  (N, C) sums of the returns over cash, and of their squares;  bars  (C,)
    apart           stretches on either side of what is tested that a choice is not made from
    A set that does not move has a ratio of 0; of equal ratios the first set is chosen.
    """
    splits = splits_of(groups, tested)
    each = len(bars) // groups
    picked = np.array([_best(total, squares, bars, trained(one, groups, each, apart)) for one in splits])
    found = []
    for path in paths_of(splits, groups):
        sums, counted = np.zeros(2), 0
        for group, split in enumerate(path):
            rows = slice(group * each, (group + 1) * each)
            sums += total[picked[split], rows].sum(), squares[picked[split], rows].sum()
            counted += int(bars[rows].sum())
        found.append(float(ratios_of(np.array([[*sums, counted]]), 1)[0, 0]))
    return PurgedPaths(np.sort(found), len(splits), len(np.unique(picked)))


def splits_of(groups: int, tested: int) -> list[tuple[int, ...]]:
    """Every way to choose the tested groups, in the order of the book's figure 12.1."""
    return list(itertools.combinations(range(groups), tested))


def paths_of(splits: list[tuple[int, ...]], groups: int) -> list[list[int]]:
    """For each path the split that tests each group: path p takes a group's p-th test, as in the book's figure 12.2."""
    tests = [[at for at, one in enumerate(splits) if group in one] for group in range(groups)]
    count = math.comb(groups - 1, len(splits[0]) - 1)
    return [[own[path] for own in tests] for path in range(count)]


def trained(split: tuple[int, ...], groups: int, each: int, apart: int = 1) -> NDArray[np.bool_]:
    """(groups * each,) stretches that a choice is made from: not tested, nor among the `apart` on either side."""
    kept = np.ones(groups * each, bool)
    for group in split:
        kept[max(0, group * each - apart) : (group + 1) * each + apart] = False
    return kept


def _best(total: FloatArray, squares: FloatArray, bars: NDArray[np.int64], kept: NDArray[np.bool_]) -> int:
    sums = np.concatenate([total @ kept, squares @ kept, [float(bars @ kept)]])
    ratios = ratios_of(sums[None, :], len(total))[0]
    return int(np.argmax(ratios >= ratios.max() - EVEN))
