# SPDX-License-Identifier: Apache-2.0
"""A run judged: its Sharpe ratio against chance, and an interval for each of its headline figures."""

from __future__ import annotations

from dataclasses import dataclass

from engine.analytics.analysis import Analysis
from engine.analytics.metrics.performance import deviation, enough, excess_returns, judged
from engine.analytics.metrics.registry import Undefined
from engine.analytics.significance.found_ratio import FEWEST, FoundRatio, found_ratio
from engine.analytics.significance.intervals import HEADLINES, Daily, Intervals, intervals
from engine.analytics.significance.sharpe_ratio import SURE
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.notice import Notice, loud, note

DRAWS = 1_000


@dataclass(frozen=True)
class Significance:
    """What the returns of a run say about its Sharpe ratio, over the benchmark's rate.

    first, last  sessions
    ratio        as it was found, how sure it is and how long a record would make it so
    seed         of the intervals' draws, the run's own
    """

    first: str
    last: str
    ratio: FoundRatio
    intervals: Intervals
    seed: int
    notices: tuple[Notice, ...]


def judge(result: RunRecord, analysis: Analysis, draws: int = DRAWS) -> Significance:
    """Judge a run. Raises InputError where there is nothing to judge: no fill, no movement, ruin, too few sessions."""
    run, ratio = daily(analysis), found_ratio(analysis.facts)
    dates, seed = analysis.sessions.dates, result.config.seed
    found = intervals(run, HEADLINES, draws, seed)
    return Significance(str(dates[0]), str(dates[-1]), ratio, found, seed, _said(analysis, ratio.probabilistic))


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
