# SPDX-License-Identifier: Apache-2.0
"""A setting that does nothing, and a best that never trades, are said before what chance makes of them."""

import math
from functools import cache

import numpy as np
import pytest

import engine
from engine import param
from engine.api.sweep import configured
from engine.report.sweep import charts
from engine.report.sweep.document import notices
from engine.report.sweep.page import render
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.figures import MANY, OBJECTIVES
from engine.runs.sweep.findings import conclude
from engine.runs.sweep.grid import axis, drawn, grid_of
from engine.runs.sweep.profiles import Profile


class Once(engine.Strategy):
    """In the market from the first bar on, at a weight; a second number is read by nobody."""

    roles = ("fund",)

    class Params:
        weight: float = param(0.5, low=-50, high=50, doc="of equity")
        dead: float = param(0.0, doc="nothing")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0 and p.weight != 0.0:
            orders.target(0, p.weight)


ASKED = {
    "strategy": Once,
    "roles": {"fund": "SPY"},
    "period": {"start": "2008-01-02", "end": "2008-12-31"},
    "account": {"margin": {"kind": "none"}},
    "fills": {"participation": None},
}


@cache
def swept(weights, dead=(0.0,), objective="reward_to_variability", tries=100):
    grid = grid_of({"weight": weights, "dead": dead})
    bench, numbers = Bench(grid, configured(None, ASKED)), drawn(grid, tries, 0)
    return conclude(bench, numbers, bench.figures(numbers, MANY), [OBJECTIVES[objective]], 1, 0)


def said(found, words):
    return [one.text for one in notices(found) if words in one.text and one.level == "loud"]


def test_a_setting_that_makes_no_difference_is_named():
    (text,) = said(swept((0.5, 0.6), (1.0, 2.0, 3.0)), "makes no difference")
    assert text.startswith("dead makes no difference")
    assert "Its 3 values count as tries" in text


def test_both_where_neither_does_anything_and_none_of_those_that_do():
    assert len(said(swept((0.5,), (1.0, 2.0)), "makes no difference")) == 1
    assert said(swept((0.5, 0.6)), "makes no difference") == []


def test_of_a_draw_and_of_what_never_traded_nobody_knows():
    assert said(swept((0.5, 0.6), (1.0, 2.0, 3.0), tries=5), "makes no difference") == []
    assert said(swept((0.0,), (1.0, 2.0)), "makes no difference") == []


@pytest.mark.parametrize(
    ("objective", "words"),
    [("total_return", "a total return of "), ("max_drawdown", "a maximum drawdown of 0.0 % is what cash has")],
)
def test_a_best_that_never_trades_is_called_cash(objective, words):
    """Who is short of a market that rises loses, and has a drawdown."""
    found = swept((-0.6, -0.5, 0.0), objective=objective)
    assert found.best.place == 2
    (text,) = said(found, "never trades")
    assert words in text


def test_a_best_that_trades_is_not():
    assert said(swept((0.0, 0.5, 0.6)), "never trades") == []
    assert said(swept((-0.2, 0.0, 0.5), objective="total_return"), "never trades") == []
    assert said(swept((0.0,), (1.0, 2.0), objective="total_return"), "never trades") == []  # none of them does


def test_where_most_are_ruined_at_every_value_there_is_no_chart():
    found = swept((0.5, -20.0, -30.0), (1.0, 2.0))
    assert [charts.any_median(one) for one in found.profiles] == [True, False]
    page = render(found)
    assert 'id="chart-axis-0"' in page
    assert 'id="chart-axis-1"' not in page


def test_a_band_stands_where_it_has_both_edges():
    one = Profile(axis("weight", [1.0, 2.0, 3.0]), *np.array([[math.nan, 0.1, 0.2], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]))
    low, high, middle = charts.profile_chart(swept((0.5, 0.6)), one)["data"]
    assert (low["x"], high["x"], middle["x"]) == ([2.0, 3.0], [2.0, 3.0], [1.0, 2.0, 3.0])


def test_the_axis_of_a_few_combinations_has_no_halves():
    assert charts.scores_chart(swept((0.5, 0.6)))["layout"]["yaxis"]["dtick"] == 1
