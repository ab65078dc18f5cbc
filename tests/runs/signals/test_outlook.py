# SPDX-License-Identifier: Apache-2.0
"""Conditions of a strategy in symbols, in prices as traded, and in words."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import engine
from engine.errors import StrategyError
from engine.report.signals.levels import condition_words
from engine.runs.signals.outlook import told_conditions
from engine.strategy import Condition, Strategy
from tests.cases import Case, days, flat


def result():
    features = np.array([(1.5,)], [("z", "f8")])
    return SimpleNamespace(features=features, params={"enter": 2.0}, state={"held": 3})


def market():
    bars = {
        "a": {"close": np.array([60.0]), "factor": np.array([0.5])},
        "b": {"close": np.array([20.0]), "factor": np.array([1.0])},
    }
    return SimpleNamespace(roles=("a", "b"), symbols={"a": "AAA", "b": "BBB"}, bars=bars)


def told(*conditions):
    class Rule(Strategy):
        roles = ("a", "b")

        def conditions(self, market, f, p, s):
            assert (f.z, p.enter, s.held) == (1.5, 2.0, 3)
            return conditions

    return told_conditions(result(), Rule, market())


def test_a_price_is_told_as_traded():
    """28.5 on a scale of half of what is traded is 57 of 60: 5 % below."""
    (one,) = told(Condition("sells", "a", above=False, at=28.5))
    assert (one.of, one.at, one.now, one.distance) == ("AAA", 57.0, 60.0, pytest.approx(-0.05))
    assert condition_words(vars_of(one)) == "sells if AAA closes below 57.00, now 60.00, 5.0 %"


def test_a_ratio_of_two():
    (one,) = told(Condition("sells", "a/b", above=False, at=1.425, when="at the open"))
    assert (one.of, one.at, one.now) == ("AAA/BBB", 2.85, 3.0)
    assert condition_words(vars_of(one)) == "sells if AAA/BBB closes below 2.8500, now 3.0000, 5.0 %; at the open"


def test_another_unit():
    (one,) = told(Condition("buys", "the RSI", above=False, at=30.0, unit="points", now=42.5))
    assert condition_words(vars_of(one)) == "buys if the RSI is below 30.00, now 42.50, 12.50 points"


def test_what_is_beyond_it_already_says_so():
    (one,) = told(Condition("buys", "b", above=False, at=21.0))
    assert condition_words(vars_of(one)) == "buys if BBB closes below 21.00, now 20.00, which holds now"


@pytest.mark.parametrize("at", [float("nan"), 0.0, -1.0])
def test_no_price_is_no_condition(at):
    assert told(Condition("sells", "a", above=False, at=at)) == ()


@pytest.mark.parametrize("wrong", [Condition("sells", "c", False, 1.0), Condition("sells", "a/c", False, 1.0), "sell"])
def test_what_is_no_condition_is_refused(wrong):
    with pytest.raises(StrategyError, match=r"no such role|must give Condition"):
        told(wrong)


RULE = """\
from engine.strategy import Condition, Strategy


class Rule(Strategy):
    roles = ("x",)
    remembers = {"entry": ("went in at {:.2f}", "x"), "on": "it is in", "left": "{} bars to go"}

    class State:
        entry: float = 0.0
        on: bool = False
        left: int = 0
        order: int = 0

    def features(self, market, p):
        return {}

    def conditions(self, market, f, p, s):
        return [Condition("sells", "x", False, 0.9 * market.x.close[-1])]

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if not s.on:
            s.on = True
            s.entry = bar.x.close * bar.x.factor
            s.order = orders.market(0, 100)
"""


def test_signals_have_both_in_words(tmp_path: Path):
    """A split of two for one after the entry at 100: it is told at 50, as the price is traded then."""
    case = Case(tmp_path)
    case.write("rule.py", RULE)
    dates = days("2024-07-01", 4)
    case.bars(
        [
            *flat(dates[:2], 100.0),
            *[row.replace(",0,1", ",0,2") for row in flat(dates[2:3], 50.0)],
            *flat(dates[3:], 50.0),
        ]
    )
    case.write("case.yaml", (tmp_path / "case.yaml").read_text().replace("split_adjusted", "raw"))
    decided = engine.signals(tmp_path / "case.yaml", asof=dates[3])
    document = decided.document()
    assert document["remembers"] == ["went in at 50.00", "it is in"]
    assert document["state"]["order"] == 1
    assert decided.conditions[["of", "at", "now"]].values.tolist() == [["X", 45.0, 50.0]]


def vars_of(one):
    return {name: getattr(one, name) for name in one.__slots__}
