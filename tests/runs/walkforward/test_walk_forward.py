# SPDX-License-Identifier: Apache-2.0
"""A walk-forward against a loop of plain backtests that shares none of its code but the backtest."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from engine.config.loader import load_config
from engine.errors import ConfigError
from engine.model.walkforward import WalkForward
from engine.progress import unwatched
from engine.runs.backtest import backtest
from engine.runs.sweep.grid import grid_of
from engine.runs.walkforward.run import pick, walk_forward

CONFIG = Path(__file__).resolve().parents[3] / "configs" / "spread_sample.yaml"
ENTER, WINDOWS = [0.25, 0.5, 1.0], [20, 40, 60]
RATE = ["series={}", "costs.benchmark=0.03"]
PLAN = ["walkforward.train=1y", "walkforward.test=6m", "walkforward.purge=20"]


def walked(*put, grid=None, start="2016-01-04", end="2018-12-31"):
    own = [f"period.start={start}", f"period.end={end}", *RATE, *put]
    configure = lambda more: load_config(CONFIG, [*own, *more])  # noqa: E731
    return walk_forward(configure(()), grid_of(grid or {"enter": ENTER, "z_window": WINDOWS}), configure, unwatched)


@pytest.fixture(scope="module")
def found():
    return walked(*PLAN)


def ratio(first, last, enter, window):
    """Mean less the rate, over the deviation, a year: by hand from the equity of a run of its own."""
    put = [f"period.start={first}", f"period.end={last}", f"params.enter={enter}", f"params.z_window={window}"]
    result = backtest(CONFIG, [*put, *RATE], glance=False)
    equity = np.concatenate(([1e6], result.points["equity"]))
    returns = equity[1:] / equity[:-1] - 1.0
    excess = returns.mean() - 0.03 / 252
    return excess / returns.std(ddof=1) * math.sqrt(252)


def test_each_choice_is_the_best_of_plain_backtests_over_what_it_is_made_from(found):
    assert len(found.folds) == 4
    sets = list(itertools.product(ENTER, WINDOWS))
    for fold in found.folds[:2]:
        inside = [ratio(*fold.window.train, *one) for one in sets]
        outside = [ratio(*fold.window.test, *one) for one in sets]
        assert fold.inside == pytest.approx(inside, rel=1e-9)
        assert fold.outside == pytest.approx(outside, rel=1e-9)
        best = int(np.argmax(inside))
        assert fold.place == best
        assert (fold.values["enter"], fold.values["z_window"]) == sets[best]
        worse = sum((one < outside[best]) + 0.5 * (one == outside[best]) for one in outside) - 0.5
        assert fold.rank == pytest.approx(worse / 8)


def test_the_account_goes_through_all_tests_once(found):
    """Returns of the tests link to the account's whole return, and each is of its own sessions."""
    equity = found.stitched.points["equity"]
    assert math.prod(1.0 + fold.account for fold in found.folds) == pytest.approx(equity[-1] / 1e6, rel=1e-12)
    sessions = found.stitched.market.bars["session"].astype("M8[D]")
    second = found.folds[1].window.test
    rows = np.flatnonzero((sessions >= second.first) & (sessions <= second.last))
    assert found.folds[1].account == pytest.approx(equity[rows[-1]] / equity[rows[0] - 1] - 1.0, rel=1e-12)
    assert sessions[0] == found.folds[0].window.test.first
    assert str(sessions[-1]) == "2018-12-31"


def test_hindsight_and_own_run_over_the_tests_alone(found):
    for one in (found.after.best, found.after.own):
        assert np.array_equal(one.result.market.bars["session"], found.stitched.market.bars["session"])


def test_the_paths_are_those_of_plain_backtests_over_the_tests(found):
    """By rows, from the equity of a run of each combination; 20 sessions of purge are three stretches of eight."""
    sets = list(itertools.product(ENTER, WINDOWS))
    period = [f"period.start={found.folds[0].window.test.first}", "period.end=2018-12-31"]
    runs = [
        backtest(CONFIG, [*period, f"params.enter={enter}", f"params.z_window={window}", *RATE], glance=False)
        for enter, window in sets
    ]
    equity = np.array([np.concatenate(([1e6], one.points["equity"])) for one in runs])
    returns = equity[:, 1:] / equity[:, :-1] - 1.0 - 0.03 / 252
    bounds = len(returns[0]) * np.arange(65) // 64
    stretch = np.searchsorted(bounds, np.arange(len(returns[0])), side="right") - 1
    ratio_of = lambda rows, one: returns[one, rows].mean() / returns[one, rows].std(ddof=1)  # noqa: E731
    tests = {group: [] for group in range(16)}
    for split in itertools.combinations(range(16), 2):
        near = np.zeros(64, bool)
        for group in split:
            near[max(0, 4 * group - 3) : 4 * group + 7] = True
        best = max(range(9), key=lambda one, rows=~near[stretch]: ratio_of(rows, one))
        for group in split:
            tests[group].append((best, stretch // 4 == group))
    paths = []
    for path in range(15):
        pieces = [returns[best, rows] for best, rows in (tests[group][path] for group in range(16))]
        joined = np.concatenate(pieces)
        paths.append(joined.mean() / joined.std(ddof=1) * math.sqrt(252))
    assert found.paths == pytest.approx(sorted(paths), rel=1e-6, abs=1e-9)
    assert len(set(found.paths)) > 1


def test_no_plan_is_known_to_the_future(found):
    """Bars after a test change nothing of what was chosen for it, nor of what the account had by its end."""
    shorter = walked(*PLAN, end=str(found.folds[1].window.test.last))
    assert [fold.values for fold in shorter.folds] == [fold.values for fold in found.folds[:2]]
    bars = len(shorter.stitched.points)
    assert np.array_equal(shorter.stitched.points, found.stitched.points[:bars])


class TestPick:
    SPIKE = np.array([0.1, 0.2, 0.9, 0.0, 0.6, 0.5, 0.7])
    GRID = grid_of({"window": [1, 2, 3, 4, 5, 6, 7]})
    RUN = np.zeros(7, np.bool_)

    def test_best_takes_the_spike(self):
        assert pick(self.GRID, WalkForward(), self.SPIKE, self.RUN) == 2

    def test_neighbours_take_the_plateau(self):
        """Means with those one step away: 0.15, 0.4, 0.37, 0.5, 0.37, 0.6, 0.6 by hand; the first of equal ones."""
        assert pick(self.GRID, WalkForward(pick="neighbours"), self.SPIKE, self.RUN) in (5, 6)

    def test_what_has_no_score_is_chosen_last(self):
        score = np.array([math.nan, -3.0, math.nan, -2.0, math.nan, -4.0, math.nan])
        assert pick(self.GRID, WalkForward(), score, self.RUN) == 3
        assert pick(self.GRID, WalkForward(pick="neighbours"), score, self.RUN) == 3
        between = np.array([0.0, 0.9, math.nan, 0.9, 0.3, 0.0, 0.0])  # on a hill, with no score of its own
        assert pick(self.GRID, WalkForward(pick="neighbours"), between, self.RUN) == 3

    def test_without_any_score_the_first_that_does_not_contradict_itself_is_taken(self):
        barred = np.array([True, True, False, True, False, True, True])
        assert pick(self.GRID, WalkForward(), np.full(7, math.nan), barred) == 2


@pytest.mark.parametrize(
    ("grid", "put", "words"),
    [
        ({"costs.slippage.impact": [0.5, 1.0]}, [], "not to be chosen anew"),
        ({"entr": [1, 2]}, [], "entr"),
        ({"z_window": [60, 1_000_000]}, [], "1000000"),
        ({"enter": [1, 2]}, ["walkforward.train=1y", "walkforward.purge=300"], "too little to choose from"),
        (
            {"enter": [1, 2, 3]},
            ["walkforward.train=1y", "sweep.tries=2", "walkforward.pick=neighbours"],
            "neighbours are not all tried",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(grid, put, words):
    with pytest.raises(Exception, match=words) as caught:
        walked(*put, grid=grid)
    assert caught.type.__name__ in ("ConfigError", "StrategyError")


def test_a_portfolio_is_refused():
    configure = lambda put: load_config(CONFIG.with_name("portfolio_sample.yaml"), list(put))  # noqa: E731
    with pytest.raises(ConfigError, match="one strategy"):
        walk_forward(configure(()), grid_of({"enter": [1.0]}), configure, unwatched)
