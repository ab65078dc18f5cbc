# SPDX-License-Identifier: Apache-2.0
"""An account whose equity is gone has no ratio: a return on what is not positive is none, however high it reads."""

import math

import numpy as np
import pytest

import engine
from engine import param
from engine.kernel.codes import RunCode
from engine.runs.chance.again import _ratios
from engine.runs.sweep.figures import kept_dtype, ruined


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
