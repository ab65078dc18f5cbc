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
