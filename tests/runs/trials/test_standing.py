# SPDX-License-Identifier: Apache-2.0
"""What so many trials leave of a ratio: of a backtest, a sweep and a search that were counted, by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analytics.significance.sharpe_ratio import deflated_sharpe, expected_best
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


def analysed(sharpe):
    metrics = {"sharpe": sharpe, "skew": -0.5, "kurtosis": 2.0}
    return SimpleNamespace(metrics=metrics, facts=SimpleNamespace(per_year=252.0), sessions=range(500))


def test_every_combination_is_a_try_and_the_deviation_is_that_of_all_ratios():
    """Of the search the first two ratios alone were drawn; the other three lie where those did well."""
    store.add(FAMILY, trial_of("a", "backtest", "n", [0.4]))
    store.add(FAMILY, trial_of("b", "sweep", "n", [0.1, math.nan, 0.9, -0.3]))
    store.add(FAMILY, trial_of("c", "search", "n", [0.2, 0.6, 1.4, 1.5, 1.5], free=2))
    found, root = standing_of(RESULT, analysed(1.5)), math.sqrt(252)
    spread = float(np.std([0.4, 0.1, 0.9, -0.3, 0.2, 0.6], ddof=1))
    assert (found.backtests, found.sweeps, found.tried, found.searched) == (1, 2, 10, 5)
    assert found.expected == pytest.approx(expected_best(10, spread), rel=1e-12)
    theirs = deflated_sharpe(1.5 / root, 10, spread / root, 500, -0.5, 5.0)
    assert found.deflated == pytest.approx(theirs, rel=1e-12)
    assert 0.05 < theirs < 0.95


def test_a_run_without_a_ratio_or_on_its_own_is_judged_by_nothing_else():
    assert math.isnan(standing_of(RESULT, analysed(None)).deflated)
    alone = standing_of(RESULT, analysed(1.5))
    assert (alone.tried, alone.expected, alone.since) == (0, 0.0, "")
    assert alone.deflated == deflated_sharpe(1.5 / math.sqrt(252), 1, 0.0, 500, -0.5, 5.0)
