# SPDX-License-Identifier: Apache-2.0
"""What stands behind a result: how many trials there were, and what is left of its Sharpe ratio after them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.analytics.analysis import Analysis
from engine.analytics.significance.found_ratio import FEWEST, FoundRatio, found_ratio
from engine.analytics.significance.sharpe_ratio import expected_best
from engine.config.canonical import config_hash
from engine.engines.run_record import RunRecord
from engine.model.run import RunConfig
from engine.runs.trials import store
from engine.runs.trials.family import Family, family_of
from engine.runs.trials.store import Record, Trial, trial_of


@dataclass(frozen=True)
class Standing:
    """Trials of a family, and a run's Sharpe ratio against the best that so many would have by chance.

    tried     backtests and combinations of sweeps, each once, but for a setting that is in several of them
    searched  those among them that a search tried: what it finds is more than so many independent ones would
    since     when the first was counted, a date; "" for none
    expected  Sharpe ratio a year of the best of so many without merit; 0 of a single one
    deflated  probability that the run's true ratio is above that; NaN where the run has no ratio, or fewer than
              FEWEST sessions
    ratio     the run's Sharpe ratio of a session; NaN where it has none
    sessions  so many returns it has
    problem   why the trial could not be counted or the count not be read; the rest is then as if it were the only one
    """

    family: Family
    backtests: int
    sweeps: int
    tried: int
    searched: int
    since: str
    expected: float
    deflated: float
    problem: str = ""
    ratio: float = math.nan
    sessions: int = 0


def count_run(result: RunRecord, analysis: Analysis, source_hash: str) -> Standing:
    """Count a backtest, and say what stands behind it; the same configuration, data and source are one trial.

    Never raises for the count: what keeps it from being made is the `problem`.
    """
    key = key_of("backtest", config_hash(result.config), source_hash, result.market.fingerprint)
    trial = trial_of(key, "backtest", result.config.name, _telling([ratio_of(analysis)], _sessions(analysis)))
    family = family_of(result.config, result.market.symbols)
    return _standing(family, lambda: store.add(family, trial), analysis)


def count_sweep(
    config: RunConfig, best: RunRecord, analysis: Analysis, ratios: Sequence[float], key: str, free: int | None = None
) -> Standing:
    """The same of a sweep of `config`: every combination counts; ratios a year, NaN where one has none.

    free  as `trial_of` has it: fewer than there are ratios of a search
    """
    kind = "sweep" if free in {None, len(ratios)} else "search"
    trial = trial_of(key, kind, config.name, _telling(ratios, _sessions(analysis)), free)
    family = family_of(config, best.market.symbols)
    return _standing(family, lambda: store.add(family, trial), analysis)


def key_of(*parts: str) -> str:
    """A name for everything that makes a trial another one."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def count_combinations(
    config: RunConfig, symbols: Mapping[str, str], key: str, ratios: Sequence[float], free: int, sessions: int
) -> str:
    """Count combinations by their ratios a year; returns why they could not be counted, "" where they were.

    free      as `trial_of` has it: fewer than there are ratios of a search
    sessions  so many returns each of them has
    """
    kind = "sweep" if free == len(ratios) else "search"
    try:
        store.add(family_of(config, symbols), trial_of(key, kind, config.name, _telling(ratios, sessions), free))
    except store.Uncounted as error:
        return str(error)
    return ""


def standing_of(result: RunRecord, analysis: Analysis) -> Standing:
    """What stands behind a finished run; nothing is counted."""
    family = family_of(result.config, result.market.symbols)
    return _standing(family, lambda: store.read(family), analysis)


def ratio_of(analysis: Analysis) -> float:
    """The run's Sharpe ratio a year; NaN where it has none."""
    value = analysis.metrics["sharpe"]
    return float(value) if isinstance(value, int | float) else math.nan


def _telling(ratios: Sequence[float], sessions: int) -> Sequence[float]:
    """`ratios`, NaN of runs of fewer than FEWEST sessions: of three, chance alone takes a ratio a year 9 from 0.

    Such a trial counts; with its ratio the deviation would be many times that of runs of years.
    """
    return ratios if sessions >= FEWEST else [math.nan] * len(ratios)


def _sessions(analysis: Analysis) -> int:
    return len(analysis.facts.returns)


def deviation_of(trials: Sequence[Trial]) -> float:
    """Standard deviation (n - 1) of the ratios of all trials together, a year; 0 of fewer than two.

    A backtest counts with its Sharpe ratio, a combination of a sweep with its reward to variability, all that is known
    of it: `engine.runs.sweep.findings.luck_of` says how near the two are.
    """
    known = [one for one in trials if one.ratios]
    count = sum(one.ratios for one in known)
    if count < 2:
        return 0.0
    mean = math.fsum(one.ratios * one.mean for one in known) / count
    between = math.fsum(one.ratios * (one.mean - mean) ** 2 for one in known)
    return math.sqrt((between + math.fsum(one.spread for one in known)) / (count - 1))


def _deviation(trials: Sequence[Trial], own: FoundRatio) -> float:
    """`deviation_of`; of fewer than two ratios that of chance, over as many sessions as the run has."""
    if sum(one.ratios for one in trials) < 2 <= sum(one.tried for one in trials) and own.sessions:
        return math.sqrt(own.per_year / own.sessions)
    return deviation_of(trials)


def _standing(family: Family, kept: Callable[[], Record], analysis: Analysis) -> Standing:
    problem, record = "", Record(family, "", (), ())
    try:
        record = kept()
    except store.Uncounted as error:
        problem = str(error)
    tried = sum(one.tried for one in record.trials)
    searched = sum(one.tried for one in record.trials if one.kind == "search")
    kinds = [one.kind for one in record.trials]
    own = found_ratio(analysis.facts)
    deviation = _deviation(record.trials, own)
    deflated = own.deflated(max(tried, 1), deviation)
    return Standing(
        family, kinds.count("backtest"), len(kinds) - kinds.count("backtest"), tried, searched, record.since[:10],
        expected_best(tried, deviation), deflated, problem, own.ratio, own.sessions,
    )  # fmt: skip
