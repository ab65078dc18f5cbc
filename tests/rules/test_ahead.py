# SPDX-License-Identifier: Apache-2.0
"""Levels of lagged values in signals: those of the next close, which the bars up to now say exactly."""

import pytest

from engine.config.loader import load_config
from engine.runs.signals.run import signals
from tests.rules.desk import fills, flat, run

BARS = [(100, 110, 90, 100), (100, 130, 95, 104), (104, 106, 80, 105)]
"""Lowest low of two bars: 80 at the last close, 90 at the one before; highest low 95 at both."""


def told(folder, rules, bars):
    """(does, of, level, now, when) of each condition at the last bar."""
    run(folder, f"{rules}\nsize: {{shares: 10}}", x=bars)
    decision = signals(load_config(folder / "trial.yaml")).lone
    assert decision is not None
    return [(one.does, one.of, one.at, one.now, one.when) for one in decision.conditions]


@pytest.mark.parametrize(
    ("level", "at"),
    [
        ("lag(lowest(x.low, 2), 1)", 80.0),
        ("lag(lowest(x.low, 2), 2)", 90.0),
        ("lag(x.low, 3)", 90.0),
        ("0.25 * lag(x.low, 1) + 0.25 * lag(x.close, 2)", 46.0),
        ("highest(lag(x.low, 1), 2)", 95.0),
        ("prior", 80.0),
    ],
)
def test_a_lagged_level_is_that_of_the_next_close(level, at, tmp_path):
    rules = f"features: {{prior: 'lag(x.low, 1)'}}\nenter: x.close < {level}"
    (one,) = told(tmp_path, rules, BARS)
    assert one == ("enters long", "X", at, 105.0, f"{level} at the next close")


def test_the_level_is_the_one_that_the_next_close_is_measured_by(tmp_path):
    """Signals say 106, the high of the last bar: 106 enters nothing, 106.01 does."""
    rules = "enter: x.close > lag(x.high, 1)"
    (one,) = told(tmp_path, rules, BARS)
    assert one[2] == 106.0
    for close, found in ((106.0, []), (106.01, [4])):
        result = run(tmp_path, f"{rules}\nsize: {{shares: 10}}", x=[*BARS, *flat(close, 50)])
        assert [fill[0] for fill in fills(result)] == found


@pytest.mark.parametrize(
    "level", ["lag(x.low, n)", "0.5 * x.low + 0.5 * lag(x.low, 1)", "larger(x.open, lag(x.low, 2))"]
)
def test_a_level_that_the_next_bar_has_a_say_in_is_left_out(level, tmp_path):
    assert told(tmp_path, f"params: {{n: 1}}\nenter: x.close < {level}", BARS) == []


def test_a_lagged_value_is_that_of_the_next_close(tmp_path):
    (one,) = told(tmp_path, "enter: lag(x.close, 1) > 200", BARS)
    assert one == ("enters long", "lag(x.close, 1)", 200.0, 105.0, "lag(x.close, 1) at the next close")


def test_what_moves_with_the_next_close_is_told_as_it_is(tmp_path):
    """105 less 100 two bars ago, against a number: the level is exact, the value is the one of now."""
    (one,) = told(tmp_path, "enter: x.close - lag(x.close, 2) > 7", BARS)
    assert one == ("enters long", "x.close - lag(x.close, 2)", 7.0, 5.0, "")


def test_an_exit_that_never_holds_is_not_told(tmp_path):
    rules = "enter: x.close > 100\nexit: false and x.close > 1000"
    assert told(tmp_path, rules, BARS) == []
