# SPDX-License-Identifier: Apache-2.0
"""An exit in which its entry lies ends each position as soon as it is opened: refused, or parameters get bounds."""

import pytest

from engine.config.loader import config_from_dict
from engine.errors import ConfigError
from engine.strategy.params import declared_params

BASE = {"name": "t", "strategy": "rules", "roles": {"x": "SPY"}}


def ready(params=None, **rules):
    return config_from_dict({**BASE, "rules": {"size": {"weight": 0.5}, "params": params or {}, **rules}})


@pytest.mark.parametrize(
    ("enter", "exit_"),
    [
        ("rsi(x, 2) < 80", "rsi(x, 2) > 70"),
        ("rsi(x, 2) < 80", "70 < rsi(x, 2)"),
        ("80 >= rsi(x, 2) and x.close > 5", "x.close < 4 or rsi(x,2) >= 70"),
        ("x.close > 10", "x.close < 20"),
        ("x.close - 3 > -2", "x.close-3 <= -1"),
        ("x.close > 50 and x.close > 55", "x.close < 60"),
        ("x.close > 50 and x.close > 101", "x.close < 60 or x.close < 110"),
    ],
)
def test_numbers_that_overlap_are_refused(enter, exit_):
    with pytest.raises(ConfigError, match=r"rules.exit: the entry lies inside this exit"):
        ready(enter=enter, exit=exit_)


@pytest.mark.parametrize(
    ("enter", "exit_"),
    [
        ("rsi(x, 2) < 10", "rsi(x, 2) > 70"),
        ("rsi(x, 2) < 70", "rsi(x, 2) > 70"),
        ("rsi(x, 2) < 80", "rsi(x, 3) > 70"),
        ("rsi(x, 2) < 80", "rsi(x, 2) > 70 and x.close > 5"),
        ("rsi(x, 2) < 80 or x.close > 5", "rsi(x, 2) > 70"),
        ("x.close > 20", "x.close < 10"),
        ("x.close > 20", "x.close > 30"),
        ("x.close > 50 and x.close > 101", "x.close < 60"),
        ("x.close < 101 and 50 > x.close", "x.close > 60 or x.close > 50"),
    ],
)
def test_what_does_not_overlap_or_may_be_meant_is_not(enter, exit_):
    ready(enter=enter, exit=exit_)


@pytest.mark.parametrize(
    ("enter", "exit_", "got"),
    [
        ("rsi(x, 2) < a", "rsi(x, 2) > b", {"b": ("a", None, None)}),
        ("rsi(x, 2) > b", "rsi(x, 2) < a", {"b": ("a", None, None)}),
        ("roc(x, 2) < -b", "roc(x, 2) > -a", {"b": ("a", None, None)}),
        ("rsi(x, 2) < a", "rsi(x, 2) > 50", {"a": ("", None, 50.0)}),
        ("rsi(x, 2) > b", "rsi(x, 2) < 15", {"b": ("", 15.0, None)}),
        ("rsi(x, 2) < 15", "rsi(x, 2) > b", {"b": ("", 15.0, None)}),
        ("roc(x, 2) < -b", "roc(x, 2) >= -5", {"b": ("", 5.0, None)}),
        ("roc(x, 2) > -b", "roc(x, 2) < -50", {"b": ("", None, 50.0)}),
        ("rsi(x, 2) > 5 and rsi(x, 2) > b", "rsi(x, 2) < 15", {"b": ("", 15.0, None)}),
        ("rsi(x, 2) > 5 and rsi(x, 2) > 30", "rsi(x, 2) < b", {"b": ("", None, 30.0)}),
    ],
)
def test_parameters_get_the_bounds_that_keep_them_apart(enter, exit_, got):
    made = declared_params(ready({"a": 10.0, "b": 20.0}, enter=enter, exit=exit_).strategy.Params)
    for name, bounds in got.items():
        assert (made[name].not_below, made[name].low, made[name].high) == bounds
    assert sum(bool(one.not_below or one.low is not None or one.high is not None) for one in made.values()) == 1


def test_a_parameter_beside_a_number_that_keeps_the_entry_out_is_free():
    made = ready({"a": 10.0}, enter="rsi(x, 2) > a and rsi(x, 2) > 30", exit="rsi(x, 2) < 15").strategy.Params
    assert (declared_params(made)["a"].low, declared_params(made)["a"].not_below) == (None, "")


def test_a_bound_that_is_tighter_stays():
    params = {"a": {"default": 10.0, "high": 40.0}}
    assert declared_params(ready(params, enter="rsi(x, 2) < a", exit="rsi(x, 2) > 50").strategy.Params)["a"].high == 40


@pytest.mark.parametrize(
    ("enter", "exit_", "where", "allowed"),
    [
        ("rsi(x, 2) < b", "rsi(x, 2) > a", "a", "at least b"),
        ("rsi(x, 2) < b", "rsi(x, 2) > 15", "b", "at most 15"),
    ],
)
def test_a_default_that_overlaps_is_refused(enter, exit_, where, allowed):
    with pytest.raises(ConfigError, match=rf"rules.params.{where}: with this default the entry lies .*{allowed}"):
        ready({"a": 10.0, "b": 20.0}, enter=enter, exit=exit_)


def test_sides_are_judged_by_themselves():
    rules = {"enter": {"long": "rsi(x, 2) < 10", "short": "rsi(x, 2) > 90"}}
    ready(**rules, exit={"long": "rsi(x, 2) > 50", "short": "rsi(x, 2) < 50"})
    with pytest.raises(ConfigError, match=r"rules.exit.short: the entry lies inside this exit"):
        ready(**rules, exit={"long": "rsi(x, 2) > 50", "short": "rsi(x, 2) < 95"})


def test_what_is_given_later_is_held_to_it():
    rules = {"params": {"a": 10.0, "b": 70.0}, "enter": "rsi(x, 2) < a", "exit": "rsi(x, 2) > b"}
    with pytest.raises(ConfigError, match=r"params.a: above b: the two contradict each other"):
        config_from_dict({**BASE, "rules": {"size": {"weight": 0.5}, **rules}, "params": {"a": 80.0}})
