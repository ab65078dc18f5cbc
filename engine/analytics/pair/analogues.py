# SPDX-License-Identifier: Apache-2.0
"""The days in history that were closest to a move that somebody asks about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray

COUNT = 20
"""Days that are looked for."""


def closest(moved: FloatArray, size: float, sessions: int, count: int = COUNT) -> NDArray[np.int64]:
    """Rows, ascending, at which the move over the last `sessions`, (T,), was closest to `size`; NaN is never close.

    No two of the stretches share a session, so that one event is not taken for many; of equally close ones the
    earliest is taken. Fewer than `count` where history has no more.
    """
    order = np.argsort(np.abs(moved - size), kind="stable")
    free = np.isfinite(moved)
    taken: list[int] = []
    for row in order.tolist():
        if len(taken) == count:
            break
        if free[row]:
            taken.append(row)
            free[max(0, row - sessions + 1) : row + sessions] = False
    return np.array(sorted(taken), np.int64)
