# SPDX-License-Identifier: Apache-2.0
"""The equal-weight index: who is in it month by month, its return, its level.

A fund is in the index from the month after its first reported return (that return was made before anybody could
have followed the fund), in every month that it reports in time while it is eligible. A month that it does not report,
or reports late, it is out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.hedgefunds.panel import Panel

BASE = 100.0


@dataclass(frozen=True)
class Index:
    """live (T, N) membership; returns (T,) the arithmetic mean over members, NaN in a month without any.

    level  (T,) from `base` at the end of the month before the first return; NaN before that month
    """

    live: NDArray[np.bool_]
    returns: FloatArray
    level: FloatArray
    base: float

    @property
    def first(self) -> int:
        """Row of the first month with a return; T where there is none."""
        known = np.flatnonzero(np.isfinite(self.returns))
        return int(known[0]) if len(known) else len(self.returns)

    def changes(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places of the funds that enter in a month, and of those that are in no more."""
        before = self.live[row - 1] if row else np.zeros(self.live.shape[1], np.bool_)
        return np.flatnonzero(self.live[row] & ~before), np.flatnonzero(before & ~self.live[row])


def membership(panel: Panel, skip: int = 1) -> NDArray[np.bool_]:
    """(T, N) whether a fund is in the index; its first `skip` reported months do not count."""
    reported = np.cumsum(panel.known, axis=0)
    return np.asarray(panel.known & (reported > skip) & panel.eligible)


def equal_weight(panel: Panel, base: float = BASE, skip: int = 1) -> Index:
    """The index of a panel. The mean is rounded once (fsum), so that the order of the columns changes no bit of it."""
    live = membership(panel, skip)
    returns = np.full(len(panel.months), np.nan)
    for row in np.flatnonzero(live.any(axis=1)).tolist():
        returns[row] = math.fsum(panel.returns[row, live[row]].tolist()) / int(live[row].sum())
    return Index(live, returns, levels(returns, base), base)


def levels(returns: FloatArray, base: float = BASE) -> FloatArray:
    """(T,) `base` compounded from the first known return on; NaN before it, and from a gap on."""
    made = np.full(len(returns), np.nan)
    known = np.flatnonzero(np.isfinite(returns))
    if len(known):
        made[known[0] :] = base * np.cumprod(1.0 + returns[known[0] :])
    return made
