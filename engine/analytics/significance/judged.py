# SPDX-License-Identifier: Apache-2.0
"""A run judged: its Sharpe ratio against chance, and an interval for each of its headline figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.performance import deviation, enough, excess_returns, judged, skew
from engine.analytics.performance import kurtosis as excess_kurtosis
from engine.analytics.registry import Undefined
from engine.analytics.significance.intervals import HEADLINES, Daily, Intervals, intervals
from engine.analytics.significance.sharpe_ratio import SURE, minimum_track_record, probabilistic_sharpe
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.notice import Notice, loud, note

FEWEST = 60
"""Sessions below which neither moments nor blocks say anything."""

DRAWS = 1_000


@dataclass(frozen=True)
class Significance:
    """What the returns of a run say about its Sharpe ratio, over the benchmark's rate.

    first, last    sessions; `sessions` of them have a return
    ratio          Sharpe ratio of one session, not of a year; sharpe  the metric, a year
    skew, kurtosis of the excess returns; of a normal distribution 0 and 3
    probabilistic  probability that the true ratio is above 0, were this the only try
    needed         sessions after which this ratio would be above 0 with probability SURE; inf where it is not above
    seed           of the intervals' draws, the run's own
    """

    first: str
    last: str
    sessions: int
    per_year: float
    ratio: float
    sharpe: float
    skew: float
    kurtosis: float
    probabilistic: float
    needed: float
    intervals: Intervals
    seed: int
    notices: tuple[Notice, ...]


def judge(result: RunRecord, analysis: Analysis, draws: int = DRAWS) -> Significance:
    """Judge a run. Raises InputError where there is nothing to judge: no fill, no movement, ruin, too few sessions."""
    run = daily(analysis)
    excess = excess_returns(run.returns, run.rates, run.per_year)
    ratio = float(np.mean(excess)) / deviation(excess)
    third, fourth = skew(excess), excess_kurtosis(excess) + 3.0
    sure = probabilistic_sharpe(ratio, 0.0, len(excess), third, fourth)
    needed = minimum_track_record(ratio, 0.0, third, fourth)
    dates, seed = analysis.sessions.dates, result.config.seed
    return Significance(
        str(dates[0]), str(dates[-1]), len(excess), run.per_year, ratio, ratio * math.sqrt(run.per_year), third, fourth,
        sure, needed, intervals(run, HEADLINES, draws, seed), seed, _said(analysis, sure),
    )  # fmt: skip


def daily(analysis: Analysis) -> Daily:
    """The returns of a run that can be judged. Raises InputError for one that cannot, with the reason."""
    sessions, facts = analysis.sessions, analysis.facts
    run = Daily(
        sessions.returns, sessions.rates, sessions.benchmark, sessions.dates, facts.years, facts.per_year, facts.fills
    )
    try:
        enough(judged(run.returns, run.fills), FEWEST)
        deviation(excess_returns(run.returns, run.rates, run.per_year))
    except Undefined as reason:
        problem = Problem(
            "no statistics of this run",
            found=str(reason),
            allowed=f"a run that traded, lived and has {FEWEST} sessions",
        )
        raise InputError(problem) from reason
    return run


def _said(analysis: Analysis, sure: float) -> tuple[Notice, ...]:
    said = []
    if not sure >= SURE:
        said.append(loud("The Sharpe ratio may be none: the run is too short for its size, or it lost."))
    if len(analysis.drawdown) != len(analysis.sessions):
        said.append(note("Drawdowns here are those of session closes, and smaller than the metric of every bar."))
    return tuple(said)
