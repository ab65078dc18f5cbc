# SPDX-License-Identifier: Apache-2.0
"""What is said of a walk-forward before its account is believed, each where it holds and only there."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from engine.analytics.significance.sharpe_ratio import probabilistic_sharpe
from engine.report.walkforward import document
from engine.runs.sweep.figures import OBJECTIVES
from engine.runs.walkforward.windows import Span


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Neither what the sweep behind it says nor what its run says."""
    monkeypatch.setattr(document, "many_notices", lambda _: [])
    monkeypatch.setattr(document, "idle_axes", lambda _: [])
    monkeypatch.setattr(document, "stopped_notices", lambda _: [])
    monkeypatch.setattr(document, "run_notices", lambda *_: [])


def found(promised=1.0, kept=0.8, rank=0.7, folds=5, complete=True, blind=(), unused=0, lost=0, tested=250):
    days = [Span(np.datetime64(f"20{year}-01-04"), np.datetime64(f"20{year}-12-31")) for year in range(10, 10 + folds)]
    choices = [
        SimpleNamespace(
            window=SimpleNamespace(train=day, tested=tested), promised=math.nan if at in blind else promised
        )
        for at, day in enumerate(days)
    ]
    after = SimpleNamespace(
        objective=OBJECTIVES["reward_to_variability"], many=None, complete=complete, numbers=[1, 2, 3], seed=4
    )
    grid = SimpleNamespace(size=9)
    return SimpleNamespace(
        folds=choices, promised=promised, kept=kept, rank=rank, after=after, grid=grid, stitched=None, analysis=None,
        unused=unused, lost=lost,
    )  # fmt: skip


def said(**given):
    return [(one.level, one.text) for one in document.notices(found(**given))]


def test_a_walk_whose_choices_kept_what_they_promised_says_nothing():
    assert said() == []
    assert said(kept=0.5, rank=0.51) == []
    assert said(promised=-1.0, kept=-2.0) == []  # nothing was promised


def test_only_a_ratio_needs_tests_of_a_month():
    one = found(tested=2)
    assert len(document.notices(one)) == 1
    one.after.objective = OBJECTIVES["total_return"]
    assert document.notices(one) == ()
    assert said(tested=20) == []


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        ({"rank": 0.5}, "loud", "no better than blind ones: on average 50 % of the other combinations did worse"),
        ({"kept": 0.49}, "loud", "a reward to variability of 1.00 where they were made and 0.49 where they were used"),
        ({"blind": (1, 3)}, "loud", "At 2 choices of 5 no combination had a reward to variability"),
        ({"blind": (1, 3)}, "loud", "those from 2011-01-04 on first"),
        ({"unused": 2}, "note", "At 2 choices of 5 what was chosen has no reward to variability where it was used"),
        ({"lost": 1}, "loud", "At 1 choice of 5 what was chosen ruined its account where it was used, run by itself"),
        ({"tested": 19}, "loud", "Tests of 19 sessions: a reward to variability a year of so few is mostly chance"),
        ({"tested": 2, "kept": -8.2}, "loud", "Tests of 2 sessions"),
        ({"folds": 4}, "note", "4 choices alone: their means say little"),
        ({"complete": False}, "note", "3 of 9 combinations, drawn at random (seed 4)"),
    ],
)
def test_each_is_said_with_its_numbers(given, level, words):
    (one,) = said(**given)
    assert one[0] == level
    assert words in one[1]


def test_the_account_is_judged_by_its_returns_over_cash():
    returns, rates = np.random.default_rng(3).normal(0.0009, 0.006, 500), np.where(np.arange(500) < 400, 0.01, 0.3)
    excess = returns - rates / 252
    facts = SimpleNamespace(returns=returns, rates=rates, per_year=252.0, fills=1)
    shape = (len(excess), stats.skew(excess), stats.kurtosis(excess, fisher=False))
    expected = probabilistic_sharpe(excess.mean() / excess.std(ddof=1), 0.0, *shape)
    one = SimpleNamespace(analysis=SimpleNamespace(facts=facts))
    assert document.above_cash(one) == pytest.approx(expected, rel=1e-9)
    facts.fills = 0
    assert math.isnan(document.above_cash(one))


def test_paths_below_the_account_are_counted_strictly():
    analysis = SimpleNamespace(metrics={"sharpe": 1.2})
    one = SimpleNamespace(analysis=analysis, paths=np.array([0.3, 1.2, 1.3, -0.4]))
    assert document.below_account(one) == 0.5
    assert math.isnan(document.below_account(SimpleNamespace(analysis=analysis, paths=np.empty(0))))
