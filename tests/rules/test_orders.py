# SPDX-License-Identifier: Apache-2.0
"""What rules send, on bars written by hand: which fill, at which price, for which reason."""

import numpy as np
import pytest

from tests.rules.desk import fills, flat, run
from tests.rules.stage import HEAD, problems


def test_entry_exit_and_the_side_that_comes_first(tmp_path):
    """Decided at a close, filled at the next open; an entry on the other side turns the position in one order."""
    rules = """
enter: {long: x.close > 110, short: x.close < 90}
exit: {long: x.close < 100, short: x.close > 100}
size: {shares: 10}"""
    result = run(tmp_path, rules, x=flat(100, 111, 112, 99, 98, 111, 113, 80, 81, 101, 100))
    assert fills(result) == [
        (2, "X", 10.0, 112.0, "enter_long"),
        (4, "X", -10.0, 98.0, "exit_long"),
        (6, "X", 10.0, 113.0, "enter_long"),
        (8, "X", -20.0, 81.0, "enter_short"),
        (10, "X", 10.0, 100.0, "exit_short"),
    ]


def test_hold_counts_from_the_bar_of_the_fill(tmp_path):
    rules = "enter: x.close == 111\nsize: {shares: 10}\nhold: 2"
    result = run(tmp_path, rules, x=flat(100, 111, 105, 106, 107, 108))
    assert fills(result) == [(2, "X", 10.0, 105.0, "enter_long"), (4, "X", -10.0, 107.0, "held")]


def test_an_order_that_waits_for_volume_is_no_position_that_was_closed(tmp_path):
    """Nothing trades on two days: the order of the second one fills on the fifth, and the exit knows of it."""
    rules = "enter: x.close == 100\nexit: x.close < 95\nsize: {shares: 10}"
    bars = [*flat(99, 100), *[(101, 101, 101, 101, 1, 0)] * 2, *flat(102, 101, 94, 93, 93)]
    assert fills(run(tmp_path, rules, "fills.participation=0.1", x=bars)) == [
        (4, "X", 10.0, 102.0, "enter_long"),
        (7, "X", -10.0, 93.0, "exit_long"),
    ]


def test_what_is_held_is_counted_from_a_fill_that_came_late(tmp_path):
    """Filled on the fifth day, held at its close and the next one, sold at the open after that."""
    bars = [*flat(99, 100), *[(101, 101, 101, 101, 1, 0)] * 2, *flat(102, 101, 94, 93, 93)]
    rules = "enter: x.close == 100\nsize: {shares: 10}\nhold: 2"
    assert fills(run(tmp_path, rules, "fills.participation=0.1", x=bars)) == [
        (4, "X", 10.0, 102.0, "enter_long"),
        (6, "X", -10.0, 94.0, "held"),
    ]


def test_bars_is_the_same_count(tmp_path):
    rules = "enter: x.close == 111\nexit: bars >= 3 and x.close > 100\nsize: {shares: 10}"
    result = run(tmp_path, rules, x=flat(100, 111, 105, 106, 107, 108, 109))
    assert fills(result)[1] == (5, "X", -10.0, 108.0, "exit_long")


def test_a_stop_stands_at_its_fraction_of_the_fill_in_the_bar_of_the_fill(tmp_path):
    """Decided at 100, filled at 110: the stop is at 104.5, not at 95, and the entry's own bar touches it."""
    rules = """
enter: {long: x.close == 100, short: x.close == 50}
size: {shares: 10}
stop: {fraction: 0.05}
target: {fraction: 0.1}"""
    bars = [*flat(90, 100), (110, 112, 104, 108), *flat(108, 50), (48, 49, 47, 48), (49, 51, 48, 50.5), *flat(50.5)]
    assert fills(run(tmp_path, rules, x=bars)) == [
        (2, "X", 10.0, 110.0, "enter_long"),
        (2, "X", -10.0, 104.5, "stop"),
        (5, "X", -10.0, 48.0, "enter_short"),
        (6, "X", 10.0, 50.4, "stop"),
    ]


def test_a_target_ends_the_stop(tmp_path):
    rules = "enter: x.close == 100\nsize: {shares: 10}\nstop: {fraction: 0.05}\ntarget: {fraction: 0.1}"
    bars = [*flat(90, 100), (110, 122, 109, 120), (110, 111, 100, 105), *flat(105)]
    result = run(tmp_path, rules, x=bars)
    assert fills(result) == [(2, "X", 10.0, 110.0, "enter_long"), (2, "X", -10.0, 121.0, "target")]
    entry, stop, target = result.orders["group"].tolist()
    assert stop == target != 0 == entry  # one cancels the other at a broker too


@pytest.mark.parametrize(
    "stop", [f"{{{how}{more}}}" for how in ("fraction: 0.05", "atr: 1, window: 2") for more in ("", ", trailing: true")]
)
def test_the_stop_of_a_position_that_was_turned_leaves_nothing(stop, tmp_path):
    """The order that turns is for twice the position; its stop is for what is held."""
    rules = f"enter: {{long: x.close == 100, short: x.close == 90}}\nsize: {{shares: 10}}\nstop: {stop}"
    bars = [
        *[(96, 97, 95, 96)] * 4,
        (96, 100, 96, 100),
        (100, 101, 99.5, 100),
        (99, 99, 90, 90),
        (90, 91, 89, 90),
        (92, 120, 92, 110),
    ]
    result = run(tmp_path, rules, x=[*bars, *flat(110, 110)])
    assert sum(one[2] for one in fills(result)) == 0.0
    assert [one[4] for one in fills(result)][-2:] == ["enter_short", "stop"]
    assert fills(result)[-1][2] == 10.0


def test_an_atr_stop_is_in_prices_as_traded_after_a_split(tmp_path):
    """The range is 2 in continuous prices; after two for one it is 1 as traded: the stop is 1 below the fill at 51."""
    rules = "enter: x.close == 102\nsize: {shares: 10}\nstop: {atr: 1, window: 2}"
    before = [(100, 101, 99, 100)] * 6
    bars = [
        *before,
        (50, 50.5, 49.5, 50, 2),
        (50, 50.5, 49.5, 50),
        (50.5, 51, 50, 51),
        (51, 51.2, 50.5, 51),
        (51, 51, 49, 49.5),
    ]
    found = fills(run(tmp_path, rules, x=[*bars, *flat(49.5)]))
    assert found == [(9, "X", 10.0, 51.0, "enter_long"), (10, "X", -10.0, pytest.approx(51 - 1.0), "stop")]


def test_the_stop_of_a_short_is_in_prices_as_traded_too(tmp_path):
    """The same split: the stop is 1 above the fill at 49."""
    rules = "enter: {short: x.close == 98}\nsize: {shares: 10}\nstop: {atr: 1, window: 2}"
    bars = [
        *[(100, 101, 99, 100)] * 6,
        (50, 50.5, 49.5, 50, 2),
        (50, 50.5, 49.5, 50),
        (49.5, 50, 49, 49),
        (49, 49.5, 48.8, 49),
        (49, 51, 49, 50.5),
    ]
    found = fills(run(tmp_path, rules, x=[*bars, *flat(50.5)]))
    assert found == [(9, "X", -10.0, 49.0, "enter_short"), (10, "X", 10.0, pytest.approx(49 + 1.0), "stop")]


def test_a_distance_of_more_than_the_price_stops_a_short_and_is_no_target_of_it(tmp_path):
    """Thirty ranges of 2 from a fill at 50: 110 is a price, 10 below nothing is none."""
    far = "{atr: 30, window: 2}"
    rules = f"enter: {{short: x.close == 50}}\nsize: {{shares: 10}}\nstop: {far}\ntarget: {far}"
    bars = [*[(51, 52, 50, 51)] * 4, (51, 52, 50, 50), (50, 51, 49, 50), (50, 115, 50, 100), *flat(100)]
    result = run(tmp_path, rules, x=bars)
    assert fills(result) == [(5, "X", -10.0, 50.0, "enter_short"), (6, "X", 10.0, 110.0, "stop")]
    assert len(result.orders) == 2


def test_roles_stand_alone_where_enter_is_by_role(tmp_path):
    rules = """
enter: {x: x.close > 110, y: {short: x.close > 110}}
exit: {x: x.close < 110, y: y.close > 60}
size: {shares: {x: 10, y: 20}}"""
    result = run(tmp_path, rules, x=flat(100, 111, 112, 112, 100, 100), y=flat(50, 50, 51, 52, 61, 62))
    assert fills(result) == [
        (2, "X", 10.0, 112.0, "x_enter_long"),
        (2, "Y", -20.0, 51.0, "y_enter_short"),
        (5, "X", -10.0, 100.0, "x_exit_long"),
        (5, "Y", 20.0, 62.0, "y_exit_short"),
    ]


def test_when_keeps_entries_and_exits_to_its_days(tmp_path):
    """The 15th is the last session of its week, as are the 22nd and the 29th; the condition holds from the 12th on."""
    rules = "enter: x.close > 100\nexit: x.close < 100\nwhen: week_last\nsize: {shares: 10}"
    closes = flat(*[100] * 6, *[101] * 5, *[99] * 10)
    assert [one[0] for one in fills(run(tmp_path, rules, x=closes))] == [10, 14]


def test_the_calendar_in_a_condition(tmp_path):
    """Wednesdays: the 6th, 13th, 20th and 27th of January are bars 2, 7, 11 and 16."""
    rules = "enter: weekday == 2 and not month_last\nexit: weekday == 4\nsize: {shares: 10}"
    assert [one[0] for one in fills(run(tmp_path, rules, x=flat(*[100] * 20)))] == [3, 5, 8, 10, 12, 14, 17, 19]


def test_weights_are_of_equity_at_the_close_that_decides(tmp_path):
    rules = (
        "enter: {long: x.close == 100, short: x.close == 99}\nexit: x.close == 105\nsize: {weight: {x: 0.5, y: -0.25}}"
    )
    result = run(tmp_path, rules, x=flat(98, 100, 110, 105, 99, 99), y=flat(50, 50, 40, 40, 40, 40))
    assert [one[:4] for one in fills(result)] == [
        (2, "X", 500.0, 110.0),
        (2, "Y", -500.0, 40.0),
        (4, "X", -500.0, 99.0),
        (4, "Y", 500.0, 40.0),
        (5, "X", pytest.approx(-0.5 * 94_500 / 99, abs=0.01), 99.0),
        (5, "Y", pytest.approx(0.25 * 94_500 / 40, abs=0.01), 40.0),
    ]


def test_a_position_is_rebalanced_beyond_its_band(tmp_path):
    """500 shares are half the equity at 100, 0.631 of it at 171, 0.672 at 205: 0.65 is the band's end."""
    rules = "enter: x.close == 100\nsize: {weight: 0.5, rebalance: true, band: 0.15}"
    found = fills(run(tmp_path, rules, x=flat(95, 100, 100, 119, 143, 171, 205, 204, 203)))
    assert [(one[0], one[4]) for one in found] == [(2, "enter_long"), (7, "rebalance")]
    assert found[1][2] == pytest.approx(0.5 * (50_000 + 500 * 205) / 205 - 500, abs=0.01)


def test_a_short_is_rebalanced_to_its_own_side(tmp_path):
    """500 shares are half the equity at 100, 0.364 of it at 80 and 0.333 at 75: 0.35 is the band's end."""
    rules = "enter: {short: x.close == 100}\nsize: {weight: 0.5, rebalance: true, band: 0.15}"
    found = fills(run(tmp_path, rules, x=flat(105, 100, 100, 90, 80, 75, 74, 74)))
    assert [(one[0], one[2], one[4]) for one in found] == [(2, -500.0, "enter_short"), (6, -250.0, "rebalance")]


def test_a_size_that_is_a_sum_is_all_on_the_other_side(tmp_path):
    rules = "params: {some: 6.0, more: 4.0}\nenter: {short: x.close == 100}\nsize: {shares: some + more}"
    assert fills(run(tmp_path, rules, x=flat(99, 100, 101, 101)))[0][:3] == (2, "X", -10.0)


def test_the_volatility_says_the_weight_once_it_is_known(tmp_path):
    """Three returns of ln 1.01 and ln 1/1.01 by turns: nothing is sent before three of them are there."""
    rules = "enter: true\nsize: {volatility: 0.1, window: 3, most: 5}"
    closes = [100.0, 101.0, 100.0, 101.0, 100.0, 101.0]
    result = run(tmp_path, rules, x=flat(*closes))
    volatility = float(result.features["weight"][3]) / 0.1
    assert result.orders["born"].tolist() == [3]
    assert 1 / volatility == pytest.approx(np.std(np.diff(np.log(closes[:4])), ddof=1) * np.sqrt(252))


def test_a_reason_is_the_condition_in_its_own_words(tmp_path):
    rules = "features: {up: x.close   >  110}\nenter: up and not (x.volume == 0)\nexit: x.close<100\nsize: {shares: 10}"
    reasons = run(tmp_path, rules, x=flat(100, 111, 112, 99, 98)).reasons
    assert [tuple(one)[:2] for code, one in sorted(reasons.items()) if code > 0] == [
        ("enter_long", "up and not x.volume == 0"),
        ("exit_long", "x.close < 100"),
        ("left", "left over: an order of these rules was refused or taken back"),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "  stop: {percent: 5}",
            "rules.stop: a per cent is written as a fraction of the fill price: `fraction: 0.05` is 5 %",
        ),
        ("  stop: {fraction: 5}", "rules.stop: a stop is a price of one role, and several are held together"),
        ("  stop: {atr: 2, fraction: 0.1}", "rules.stop: one of atr and fraction says how far from the fill"),
        ("  hold: 0", "rules.hold: hold is out of bounds; found 0; allowed: a whole number from 1 to 1e+06"),
        ("  hold: entry", "rules.hold: hold is a whole number, and entry is not; found 2"),
        ("  whne: week_last", "rules.whne: no such key"),
        (
            "  exit: {long: large.close > sma(large, 20)}",
            "within { } a comma ends an expression: put the whole expression in quotes; found 20)",
        ),
        ("  when: z", "rules.when: a number, where a condition is meant; allowed: a comparison: z > 0"),
    ],
)
def test_keys_that_are_wrong(wrong, said, tmp_path):
    text = (
        HEAD.replace("    trial: TRIAL\n", "")
        .replace("  exit: {long: z >= 0, short: z <= 0}\n", "")
        .replace("2.0}", "2.5}" if "entry" in wrong else "2.0}")
    )
    found = problems(tmp_path, text + wrong + "\n")
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (
            "{weight: 1, shares: 5}",
            "rules.size: one of weight, volatility and shares says the size, not weight and shares",
        ),
        (
            "{weight: 0.5}",
            "several roles: how much of each? size: {weight: {ROLE: ...}}; allowed: large: 0.5; small: -0.5",
        ),
        ("{weight: {large: 0}}", "rules.size.weight.large: nothing would be held; found 0"),
        ("{volatility: 0.1}", "rules.size.volatility: the volatility of several roles is not one number"),
        ("{weight: {large: bars}}", "rules.size.weight.large: known at the decision alone: for enter, exit and when"),
        (
            "{weight: {lrage: 1}}",
            "rules.size.weight.lrage: no such role; found lrage; allowed: large, small; did you mean 'large'?",
        ),
    ],
)
def test_sizes_that_are_wrong(size, said, tmp_path):
    text = HEAD.replace("    trial: TRIAL\n", "").replace("{weight: {large: 0.5, small: -0.5}}", size)
    assert any(said in one for one in problems(tmp_path, text))
