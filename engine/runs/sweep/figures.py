# SPDX-License-Identifier: Apache-2.0
"""What is kept of each run of a sweep: the kernel's outcome, and the ratio by which runs are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.performance import STILL
from engine.arrays import FloatArray
from engine.inputs.prepared import Prepared
from engine.kernel.codes import RunCode
from engine.records import OUTCOME

FIGURES = np.dtype([*OUTCOME.descr[:-1], ("reward_to_variability", "f8"), OUTCOME.descr[-1]])
"""Fields of `engine.records.OUTCOME`, and `reward_to_variability` a year."""

COUNTS = ("fills", "margin_calls")


@dataclass(frozen=True)
class Objective:
    """A figure that runs are ordered by: its name, its words, and whether more of it is better."""

    name: str
    words: str
    more: bool = True

    def score(self, figures: NDArray[Any]) -> FloatArray:
        """(N,) what is to be as large as can be, a ratio or a fraction as the figure is; NaN of runs that have none."""
        values = figures[self.name].astype(float)
        values[figures["error"] != RunCode.OK] = math.nan
        return values if self.more else -values


OBJECTIVES = {
    one.name: one
    for one in (
        Objective("reward_to_variability", "reward to variability"),
        Objective("total_return", "total return"),
        Objective("max_drawdown", "maximum drawdown", more=False),
    )
}


def figures_of(prepared: Prepared, outcomes: NDArray[Any]) -> NDArray[Any]:
    """(N,) FIGURES of (N,) outcomes of one prepared run.

    reward_to_variability: the mean return of a bar less the mean of costs.benchmark for a bar, over the standard
    deviation (n - 1) of the bars' returns, times the root of the bars in a year: Sharpe, "Mutual Fund Performance",
    Journal of Business 39 (1966). Unlike the metric `sharpe` it takes the rate's own movement out of the deviation, and
    counts bars, not sessions. NaN without a fill, where nothing moves, and of uneven bars.
    """
    found = np.zeros(len(outcomes), FIGURES)
    for name in outcomes.dtype.names or ():
        found[name] = outcomes[name]
    a_year = prepared.market.bars_per_year
    excess = outcomes["mean"] - float(np.mean(prepared.benchmark)) / a_year
    moved = (outcomes["fills"] > 0) & (outcomes["deviation"] > STILL)
    with np.errstate(all="ignore"):
        ratio = excess / outcomes["deviation"] * math.sqrt(a_year)
    found["reward_to_variability"] = np.where(moved, ratio, math.nan)
    return found


def stopped_by(code: int) -> str:
    """Why a run stopped before its end; "" where it did not."""
    return "" if code == RunCode.OK else RunCode(code).name.lower().replace("_", " ")
