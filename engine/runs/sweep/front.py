# SPDX-License-Identifier: Apache-2.0
"""Of several objectives there is no one best: the Pareto front, the combinations that no other beats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray


def by_score(scores: FloatArray) -> NDArray[np.int64]:
    """(N,) rows of (N, K) scores, the highest first score first; equal ones by the next score, then by their row.

    Scores are in their own units. Rows without a first score (NaN) come last.
    """
    worth = np.where(np.isnan(scores), -np.inf, scores)
    order: NDArray[np.int64] = np.lexsort(tuple(-column for column in worth.T[::-1]))
    return order


def front_of(scores: FloatArray) -> NDArray[np.int64]:
    """Rows of (N, K) scores, more is better, to which no row is equal or better in all and better in one.

    Scores are in their own units. In the order of `by_score`. Of rows with the same scores the first stands for all;
    rows with a NaN count nowhere.
    """
    left = by_score(scores)
    left = left[np.isfinite(scores[left]).all(axis=1)]
    found: list[int] = []
    while len(left):  # what stands first is beaten by nothing that is left
        found.append(int(left[0]))
        left = left[(scores[left] > scores[left[0]]).any(axis=1)]
    return np.array(found, np.int64)
