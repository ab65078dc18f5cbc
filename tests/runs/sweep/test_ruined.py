# SPDX-License-Identifier: Apache-2.0
"""An account whose equity is gone has no ratio: a return on what is not positive is none, however high it reads."""

import math
from functools import cache

import numpy as np
import pytest

import engine
from engine import param
from engine.api.sweep import configured
from engine.kernel.codes import RunCode
from engine.report.sweep.document import notices
from engine.runs.chance.again import _ratios
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.figures import MANY, OBJECTIVES, kept_dtype, ruined
from engine.runs.sweep.findings import conclude
from engine.runs.sweep.grid import axis, grid_of
from engine.runs.sweep.profiles import median, profile, worth_of


class Gamble(engine.Strategy):
    """All in on one side of the market, for good."""

    roles = ("fund",)

    class Params:
        leverage: float = param(1.0, low=-50, high=50, doc="times equity")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, p.leverage)


ASKED = {
    "strategy": Gamble,
    "roles": {"fund": "SPY"},
    "period": {"start": "2008-01-02", "end": "2009-12-31"},
    "account": {"margin": {"kind": "none"}},
    "fills": {"participation": None},
}
LEVERAGES = [0.5, 1.0, -5.0, -20.0]


@cache
def swept_whole(*leverages):
    grid = grid_of({"leverage": leverages})
    bench, numbers = Bench(grid, configured(None, ASKED)), range(grid.size)
    return conclude(bench, numbers, bench.figures(numbers, MANY), [OBJECTIVES["reward_to_variability"]], 1, 0)


@pytest.fixture(scope="module")
def swept():
    return engine.sweep(None, {"leverage": LEVERAGES}, **ASKED)


def test_a_ruined_account_has_no_ratio_as_its_backtest_has_none(swept):
    whole = engine.sweep(None, {"leverage": LEVERAGES}, metrics=["sharpe", "total_return", "max_drawdown"], **ASKED)
    gone = whole["sharpe"].isna()
    assert gone.tolist() == [False, False, True, True]
    assert (whole["max_drawdown"][gone] >= 1.0).all()
    for name in ("mean", "deviation", "reward_to_variability"):
        assert (swept[name].isna() == gone).all(), name
    assert swept["total_return"].to_numpy() == pytest.approx(whole["total_return"].to_numpy())
    assert (swept["error"] == "").all()


def test_who_chooses_blindly_may_be_ruined():
    """Of five three are ruined: the median is one of them, not the lower of the two that are left."""
    found = swept_whole(0.5, 1.0, -5.0, -20.0, -30.0)
    assert np.isneginf(found.worth).tolist() == [False, False, True, True, True]
    assert found.middle.values == {"leverage": -5.0}
    assert math.isnan(found.middle.analysis.metrics["sharpe"])
    assert np.isnan(found.profiles[0].median).tolist() == [False, False, True, True, True]
    said = next(one.text for one in notices(found) if "ruined the account" in one.text)
    assert said.startswith("3 combinations of 5 ruined")
    assert "worse than any; overfitting, the reality check and the paths leave it out and flatter." in said


@pytest.mark.parametrize(("leverages", "beside"), [((-5.0, 0.5), True), ((-5.0, 0.5, 0.6), False)])
def test_ruin_beside_the_best_is_told(leverages, beside):
    found = swept_whole(*leverages)
    assert found.best.place == len(leverages) - 1
    assert any("One lies beside the best." in one.text for one in notices(found)) is beside


def test_quantiles_of_worths():
    """Ruined, ruined, none, 1, 3, 5: the median of the five that count is 1, their tenth percentile is a ruin."""
    worth = worth_of(np.array([math.nan, math.nan, math.nan, 1.0, 3.0, 5.0]), np.arange(6) < 2)
    found = profile(axis("leverage", [1.0]), np.zeros(6, np.int64), worth)
    assert (found.low[0], found.median[0], found.high[0]) == pytest.approx((math.nan, 1.0, 4.2), nan_ok=True)
    assert median(worth) == 1.0
    assert math.isnan(median(worth[:4]))
    assert math.isnan(median(worth[2:3]))


def test_what_was_ruined_is_never_chosen():
    asked = {**ASKED, "period": {"start": "2008-01-02", "end": "2009-06-30"}}
    walked = engine.walk_forward(None, {"leverage": [-20.0, -10.0, 0.5]}, train="9m", test="3m", **asked)
    assert walked.folds["leverage"].tolist() == [0.5] * len(walked.folds)
    assert any("2 combinations of 3 ruined the account" in one for one in walked.notices)


def test_an_account_that_is_gone_earns_nothing():
    """All of the choices are ruinous: what a debt does in the tests after is no return."""
    asked = {**ASKED, "period": {"start": "2008-01-02", "end": "2009-12-31"}}
    walked = engine.walk_forward(None, {"leverage": [-20.0, -15.0]}, train="6m", test="3m", **asked)
    equity = walked.result.equity
    first = next(at for at, fold in enumerate(walked.folds["test_last"]) if (equity[:fold] <= 0.0).any())
    earned = walked.folds["account_return"]
    assert first < len(earned) - 1
    assert earned.notna().tolist() == [at <= first for at in range(len(earned))]


def test_ruin_is_a_drawdown_of_all():
    figures = np.zeros(4, kept_dtype(16))
    figures["max_drawdown"] = [0.999, 1.0, 1.7, 1.2]
    figures["error"] = [RunCode.OK, RunCode.OK, RunCode.OK, RunCode.CONTRADICTION]
    assert ruined(figures).tolist() == [False, True, True, False]


def test_among_chances_a_ruined_one_is_worse_than_any():
    table = np.zeros(4, kept_dtype(1))
    table["fills"] = [3, 3, 0, 3]
    table["max_drawdown"] = [0.5, 1.5, 0.0, 0.0]
    table["reward_to_variability"] = [0.4, math.nan, math.nan, math.nan]
    table["error"] = [RunCode.OK, RunCode.OK, RunCode.OK, RunCode.CONTRADICTION]
    assert _ratios(table).tolist() == [0.4, -math.inf, 0.0, math.inf]
