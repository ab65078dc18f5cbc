# SPDX-License-Identifier: Apache-2.0
"""What is kept of each run of a sweep: the kernel's outcome, and the ratio by which runs are compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.performance import STILL
from engine.arrays import FloatArray
from engine.inputs.prepared import Prepared
from engine.kernel.codes import RunCode
from engine.records import OUTCOME

FIGURES = np.dtype([*OUTCOME.descr[:-1], ("reward_to_variability", "f8"), OUTCOME.descr[-1]])
"""Fields of `engine.records.OUTCOME`, and `reward_to_variability` a year."""

COUNTS = ("fills", "margin_calls")

MANY, FEW = 64, 16
"""Stretches of the bars of which each run's sums are kept: MANY of at most MOST_SETS runs, else FEW."""

MOST_SETS = 4_096


def stretches_of(sets: int) -> int:
    """Stretches that are kept of each run of a sweep of so many."""
    return MANY if sets <= MOST_SETS else FEW


@cache
def kept_dtype(stretches: int) -> np.dtype[Any]:
    """FIGURES, and the sums of a run's returns over the rate of cash, of their squares, and the bars, by stretch.

    first, last  sessions, days since 1970: runs over other sessions have no stretch in common
    """
    sums = [(name, "f8", (stretches,)) for name in ("total", "squares")]
    return np.dtype([*FIGURES.descr, ("first", "i8"), ("last", "i8"), ("bars", "i8"), *sums])


@cache
def tried_dtype(stretches: int) -> np.dtype[Any]:
    """The number of a combination, then `kept_dtype`: what a sweep keeps of it."""
    return np.dtype([("combination", "i8"), *kept_dtype(stretches).descr])


@dataclass(frozen=True)
class Objective:
    """A figure that runs are ordered by: its name, its words, the head of its column, whether more of it is better."""

    name: str
    words: str
    short: str
    more: bool = True

    def score(self, figures: NDArray[Any]) -> FloatArray:
        """(N,) what is to be as large as can be, a ratio or a fraction as the figure is; NaN of runs that have none."""
        values = figures[self.name].astype(float)
        values[figures["error"] != RunCode.OK] = math.nan
        return values if self.more else -values


OBJECTIVES = {
    one.name: one
    for one in (
        Objective("reward_to_variability", "reward to variability", "ratio"),
        Objective("total_return", "total return", "return"),
        Objective("max_drawdown", "maximum drawdown", "drawdown", more=False),
    )
}


def scores_of(figures: NDArray[Any], objectives: Sequence[Objective]) -> FloatArray:
    """(N, K) `Objective.score` of K objectives, each in its own unit."""
    return np.stack([one.score(figures) for one in objectives], axis=1)


def figures_of(prepared: Prepared, outcomes: NDArray[Any], stretches: NDArray[Any]) -> NDArray[Any]:
    """(N,) `kept_dtype` of (N,) outcomes and (N, C) STRETCH of one prepared run.

    reward_to_variability: the mean return of a bar less the mean of costs.benchmark for a bar, over the standard
    deviation (n - 1) of the bars' returns, times the root of the bars in a year: Sharpe, "Mutual Fund Performance",
    Journal of Business 39 (1966). Unlike the metric `sharpe` it takes the rate's own movement out of the deviation, and
    counts bars, not sessions. NaN without a fill, where nothing moves, of uneven bars and of a ruined account: a return
    on equity that is not positive is no return, so mean and deviation are NaN there too.
    """
    found = np.zeros(len(outcomes), kept_dtype(stretches.shape[1]))
    for name in outcomes.dtype.names or ():
        found[name] = outcomes[name]
    a_year = prepared.market.bars_per_year
    found["first"], found["last"] = prepared.market.bars["session"][[0, -1]].tolist()
    found["bars"] = len(prepared.market)
    cash = np.broadcast_to(prepared.benchmark / a_year, len(prepared.market))  # a constant rate is one number
    found["total"], found["squares"] = over_cash(stretches, cash)
    excess = outcomes["mean"] - float(np.mean(prepared.benchmark)) / a_year
    gone = ruined(found)
    found["mean"][gone] = found["deviation"][gone] = math.nan
    moved = (outcomes["fills"] > 0) & (outcomes["deviation"] > STILL) & ~gone
    with np.errstate(all="ignore"):
        ratio = excess / outcomes["deviation"] * math.sqrt(a_year)
    found["reward_to_variability"] = np.where(moved, ratio, math.nan)
    return found


def ruined(figures: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,) whether equity was not positive at some bar's close: all of a peak was lost, or more."""
    gone: NDArray[np.bool_] = (figures["error"] == RunCode.OK) & (figures["max_drawdown"] >= 1.0)
    return gone


def left_out(sets: int, stretches: int) -> NDArray[Any]:
    """(N,) `kept_dtype` of sets that contradict themselves."""
    found = np.zeros(sets, kept_dtype(stretches))
    found["error"] = RunCode.CONTRADICTION
    return found


def ratios_run(figures: NDArray[Any], free: int) -> tuple[list[float], int]:
    """The ratios a year of what was run at all, NaN where it has none, and how many of them are among the `free` first.

    Sets that contradict themselves are no trials.
    """
    run = figures["error"] != RunCode.CONTRADICTION
    return figures["reward_to_variability"][run].tolist(), int(run[:free].sum())


def over_cash(stretches: NDArray[Any], cash: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, C) sums and sums of squares of simple returns less the mean cash rate of their stretch; cash: (T,) a bar."""
    bounds = stretch_bounds(len(cash), stretches.shape[1])
    bars = np.diff(bounds)
    paid = np.diff(np.append(0.0, np.cumsum(cash))[bounds])
    rate = np.divide(paid, bars, out=np.zeros(len(bars)), where=bars > 0)
    total = stretches["total"] - paid
    return total, stretches["squares"] - 2.0 * rate * stretches["total"] + rate * paid


def stretch_bounds(bars: int, stretches: int) -> NDArray[np.int64]:
    """(C + 1,) first bars of the stretches, and the number of bars: as the kernel cuts them."""
    return bars * np.arange(stretches + 1, dtype=np.int64) // stretches


def stopped_by(code: int) -> str:
    """Why a run stopped before its end; "" where it did not."""
    return "" if code == RunCode.OK else RunCode(code).name.lower().replace("_", " ")
