# SPDX-License-Identifier: Apache-2.0
"""Rules that can be read and do not mean what they say: the long side that sells, the condition that never holds."""

import pytest

from engine.errors import ConfigError
from tests.rules.desk import fills, flat, run

LINE = 11
"""Line of the file in which the rules begin."""


@pytest.mark.parametrize(
    ("size", "column", "path", "found"),
    [
        ("{weight: -1}", 18, "weight", "-1"),
        ("{shares: -10}", 18, "shares", "-10"),
        ("{weight: {x: -0.5}}", 22, "weight.x", "-0.5"),
        ("{volatility: -0.1}", 22, "volatility", "-0.1"),
        ("{volatility: 0.1, most: -2}", 33, "most", "-2"),
    ],
)
def test_a_role_alone_has_a_size_above_zero(size, column, path, found, tmp_path):
    with pytest.raises(ConfigError) as told:
        run(tmp_path, f"size: {size}\nenter: x.close > 100", x=flat(100, 101))
    (said,) = (str(one) for one in told.value.problems)
    place = f"trial.yaml:{LINE}:{column}: rules.size.{path}"
    assert f"{place}: a size is above 0 where a role is alone; found {found};" in said


@pytest.mark.parametrize("size", ["weight: x.close / 100 - 1.5", "shares: x.close - 150", "weight: w * -0.5 + 0.25"])
def test_nothing_is_opened_while_a_computed_size_is_below_zero(size, tmp_path):
    """Closes of 101 and 120 leave each size below 0, 160 above it; 1 * -0.5 + 0.25 is never above."""
    rules = f"params: {{w: 1.0}}\nsize: {{{size}}}\nenter: x.close > 100"
    found = fills(run(tmp_path, rules, x=flat(100, 101, 120, 160, 160, 160)))
    assert [(one[0], one[2] > 0) for one in found] == ([] if "w" in size.partition(":")[2] else [(4, True)])


def test_legs_held_together_keep_their_signs(tmp_path):
    rules = "size: {shares: {x: 10, y: -10}}\nenter: x.close > 100"
    assert [one[1:3] for one in fills(run(tmp_path, rules, x=flat(100, 101, 101), y=flat(5, 5, 5)))] == [
        ("X", 10.0),
        ("Y", -10.0),
    ]


@pytest.mark.parametrize(
    ("rules", "column", "path"),
    [
        ("enter: false", 10, "enter"),
        ("enter: not true", 10, "enter"),
        ('enter: {short: "false and x.close > 0"}', 19, "enter.short"),
        ("enter: {x: {long: false}}", 21, "enter.x.long"),
        ("when: false\n  enter: x.close > 1", 9, "when"),
    ],
)
def test_a_condition_that_never_holds_is_refused_where_it_stands(rules, column, path, tmp_path):
    with pytest.raises(ConfigError) as told:
        run(tmp_path, rules.replace("\n  ", "\n"), x=flat(100, 101))
    (said,) = (str(one) for one in told.value.problems)
    assert f"trial.yaml:{LINE}:{column}: rules.{path}: this never holds, so nothing would be traded" in said


def test_an_exit_that_never_holds_is_no_exit(tmp_path):
    rules = "enter: x.close > 100\nexit: false\nsize: {shares: 10}"
    assert fills(run(tmp_path, rules, x=flat(100, 101, 101, 90))) == [(2, "X", 10.0, 101.0, "enter_long")]


@pytest.mark.parametrize(("at", "bars"), [("next_open", (2, 3)), ("next_close", (2, 3)), ("this_close", (1, 2))])
def test_hold_is_as_long_wherever_orders_fill(at, bars, tmp_path):
    """One bar from fill to fill: `hold: 1` cannot be shorter, for a fill at a close leaves nothing of its own bar."""
    rules = "enter: x.close == 111\nsize: {shares: 10}\nhold: 1"
    result = run(tmp_path, rules, f"fills.at={at}", x=flat(100, 111, 105, 106, 107))
    assert [one[0] for one in fills(result)] == list(bars)
