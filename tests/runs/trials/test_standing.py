# SPDX-License-Identifier: Apache-2.0
"""What so many trials leave of a ratio: of a backtest, a sweep and a search that were counted, by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from engine.analytics.significance.sharpe_ratio import deflated_sharpe, expected_best
from engine.report.run.trials_words import trials_notice
from engine.runs.trials import standing, store
from engine.runs.trials.family import Family
from engine.runs.trials.standing import standing_of
from engine.runs.trials.store import trial_of

FAMILY = Family("spread_trade", "large SPY, small IWM", "csv")
RESULT = SimpleNamespace(config=None, market=SimpleNamespace(symbols={}))


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("TANDEM_TRIALS", str(tmp_path / "trials.sqlite"))
    monkeypatch.setattr(standing, "family_of", lambda *_: FAMILY)


RATES = np.where(np.arange(500) < 400, 0.01, 0.3)
"""A year, so far apart that the account's plain returns have another shape than those over cash."""

RETURNS = np.random.default_rng(5).normal(0.0009, 0.006, 500)
OVER_CASH = RETURNS - RATES / 252
RATIO = OVER_CASH.mean() / OVER_CASH.std(ddof=1)
SHAPE = (500, stats.skew(OVER_CASH), stats.kurtosis(OVER_CASH, fisher=False))


def analysed(fills=1):
    return SimpleNamespace(facts=SimpleNamespace(returns=RETURNS, rates=RATES, per_year=252.0, fills=fills))


def test_every_combination_is_a_try_and_the_deviation_is_that_of_all_ratios():
    """Of the search the first two ratios alone were drawn; the other three lie where those did well."""
    store.add(FAMILY, trial_of("a", "backtest", "n", [0.4]))
    store.add(FAMILY, trial_of("b", "sweep", "n", [0.1, math.nan, 0.9, -0.3]))
    store.add(FAMILY, trial_of("c", "search", "n", [0.2, 0.6, 1.4, 1.5, 1.5], free=2))
    found, root = standing_of(RESULT, analysed()), math.sqrt(252)
    spread = float(np.std([0.4, 0.1, 0.9, -0.3, 0.2, 0.6], ddof=1))
    assert (found.backtests, found.sweeps, found.tried, found.searched) == (1, 2, 10, 5)
    assert found.expected == pytest.approx(expected_best(10, spread), rel=1e-12)
    theirs = deflated_sharpe(RATIO, 10, spread / root, *SHAPE)
    assert found.deflated == pytest.approx(theirs, rel=1e-9)
    assert 0.05 < theirs < 0.95


def test_a_run_without_a_ratio_or_on_its_own_is_judged_by_nothing_else():
    assert math.isnan(standing_of(RESULT, analysed(fills=0)).deflated)
    alone = standing_of(RESULT, analysed())
    assert (alone.tried, alone.expected, alone.since) == (0, 0.0, "")
    assert alone.deflated == pytest.approx(deflated_sharpe(RATIO, 1, 0.0, *SHAPE), rel=1e-9)


@pytest.mark.parametrize(
    ("returns", "fills", "said"),
    [
        (RETURNS[:59], 1, "59 returns of this one are too few for a probability that its Sharpe ratio is no luck"),
        (RETURNS[:2], 1, "2 returns of this one are too few"),
        (RETURNS, 0, "this one has no Sharpe ratio"),
    ],
)
def test_why_there_is_no_probability_is_said(returns, fills, said):
    store.add(FAMILY, trial_of("a", "backtest", "n", [0.4]))
    facts = SimpleNamespace(returns=returns, rates=RATES[: len(returns)], per_year=252.0, fills=fills)
    found = standing_of(RESULT, SimpleNamespace(facts=facts))
    assert math.isnan(found.deflated)
    assert said in trials_notice(found).text


def test_sixty_returns_have_a_probability():
    facts = SimpleNamespace(returns=RETURNS[:60], rates=RATES[:60], per_year=252.0, fills=1)
    assert 0.0 < standing_of(RESULT, SimpleNamespace(facts=facts)).deflated < 1.0


def test_a_run_of_a_few_sessions_counts_without_its_ratio(monkeypatch):
    """Five sessions at -6 a year are chance: beside ratios of 0.1 and 0.5 they would make the best of four 3.3."""
    for number, (ratio, sessions) in enumerate([(-6.0, 5), (9.0, 59), (0.1, 60), (0.5, 500)]):
        told = SimpleNamespace(facts=analysed().facts, metrics={"sharpe": ratio})
        told.facts.returns, told.facts.rates = RETURNS[:sessions], RATES[:sessions]
        run = SimpleNamespace(config=SimpleNamespace(name="n"), market=SimpleNamespace(symbols={}, fingerprint=""))
        monkeypatch.setattr(standing, "config_hash", lambda _, number=number: str(number))
        found = standing.count_run(run, told, "")
    assert found.tried == 4
    assert found.expected == pytest.approx(expected_best(4, float(np.std([0.1, 0.5], ddof=1))), rel=1e-12)


@pytest.mark.parametrize("sessions", [5, 59, 60])
def test_combinations_over_a_few_sessions_count_without_theirs(sessions):
    assert standing.count_combinations(SimpleNamespace(name="n"), {}, "a", [-6.0, 2.0, 9.0], 3, sessions) == ""
    found = standing_of(RESULT, analysed())
    spread = float(np.std([-6.0, 2.0, 9.0], ddof=1)) if sessions >= 60 else math.sqrt(252 / 500)
    assert found.tried == 3
    assert found.expected == pytest.approx(expected_best(3, spread), rel=1e-12)
    assert found.deflated == pytest.approx(deflated_sharpe(RATIO, 3, spread / math.sqrt(252), *SHAPE), rel=1e-9)


@pytest.mark.parametrize("sessions", [59, 60])
def test_a_sweep_over_a_few_sessions_counts_without_its_ratios(sessions):
    facts = SimpleNamespace(returns=RETURNS[:sessions], rates=RATES[:sessions], per_year=252.0, fills=1)
    ratios = [-6.0, 2.0, 9.0]
    found = standing.count_sweep(SimpleNamespace(name="n"), RESULT, SimpleNamespace(facts=facts), ratios, "a")
    spread = float(np.std(ratios, ddof=1)) if sessions >= 60 else math.sqrt(252 / sessions)
    assert (found.tried, found.expected) == (3, pytest.approx(expected_best(3, spread), rel=1e-12))


def test_the_deviation_of_chance_is_what_series_without_merit_have():
    """The ratio a year of 500 normal returns of mean 0, 4,000 times."""
    drawn = np.random.default_rng(1).normal(0.0, 0.006, (4_000, 500))
    ratios = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1) * math.sqrt(252)
    store.add(FAMILY, trial_of("a", "sweep", "n", [math.nan, math.nan]))
    told = standing_of(RESULT, analysed()).expected / expected_best(2, 1.0)
    assert told == pytest.approx(float(ratios.std()), rel=0.05)
