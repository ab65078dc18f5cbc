# SPDX-License-Identifier: Apache-2.0
"""What rules do where the broker refuses an order or takes it back: what is held then is left, and by no other rule."""

import pytest

from engine.kernel.codes import OrderStatus
from tests.rules.desk import fills, flat, run

REG_T = "account.margin.kind=reg_t"
CASH = ("account.margin.kind=cash",)
NO_SHARES = (REG_T, "costs.borrow={default: [{rate: 0, available: false}]}")
NO_X = (REG_T, "costs.borrow={default: [{rate: 0}], X: [{rate: 0, available: false}]}")

CALLED = flat(99, 100, 100, 118, 110, 112, 113)
"""A short of 1.9 times equity from 100 is called at 118: 290,000 - 1,900 x 118 is less than 0.3 x 1,900 x 118."""

TURNED = "enter: {long: x.close == 100, short: x.close == 90}\nsize: {shares: 10}"


def moments(result):
    """(bar, symbol, price, reason) of each fill; how much a margin call cuts is the engine's."""
    return [(one[0], one[1], one[3], one[4]) for one in fills(result)]


def left(result):
    """What is held at the end, by symbol."""
    held = {}
    for _, symbol, shares, _, _ in fills(result):
        held[symbol] = round(held.get(symbol, 0.0) + shares, 2)
    return held


@pytest.mark.parametrize(
    "rules",
    [
        "exit: x.close > 117",  # holds at the close of the call alone: refused there, and never again
        "hold: 2",
        "stop: {fraction: 0.2}",  # at 120: the call cancels it
        "stop: {fraction: 0.2, trailing: true}",
        "stop: {fraction: 0.2}\ntarget: {fraction: 0.2}",
        "target: {fraction: 0.2}",
    ],
    ids=["exit", "hold", "stop", "trailing", "both", "target"],
)
def test_a_margin_call_leaves_nothing_that_no_rule_looks_after(rules, tmp_path):
    """Cut at the open after the call, what is left of it at the open after that."""
    held = f"enter: {{short: x.close == 100}}\nsize: {{weight: 1.9}}\n{rules}"
    result = run(tmp_path, held, REG_T, x=CALLED)
    assert moments(result) == [(2, "X", 100.0, "enter_short"), (4, "X", 110.0, "margin_call"), (5, "X", 112.0, "left")]
    assert left(result) == {"X": 0.0}
    sent = result.orders[result.orders["reason"] == result.orders["reason"].max()]
    assert sent["status"].tolist() == [OrderStatus.FILLED], "while a margin call is at work every order is refused"


def test_a_position_that_nothing_guarded_is_held_on_after_a_call(tmp_path):
    """The exit is still to come, and comes."""
    rules = "enter: {short: x.close == 100}\nexit: x.close == 112\nsize: {weight: 1.9}"
    result = run(tmp_path, rules, REG_T, x=CALLED)
    assert moments(result)[1:] == [(4, "X", 110.0, "margin_call"), (6, "X", 113.0, "exit_short")]


@pytest.mark.parametrize("setting", [NO_SHARES, CASH], ids=["shares", "cash"])
@pytest.mark.parametrize("stop", ["", "\nstop: {fraction: 0.5}"], ids=["alone", "with a stop"])
def test_a_turn_that_is_refused_is_a_way_out(setting, stop, tmp_path):
    """There is nothing to borrow, or the account is one of cash: the next close sells the long."""
    result = run(tmp_path, TURNED + stop, *setting, x=flat(99, 100, 101, 90, 91, 92, 92, 100, 103))
    assert fills(result) == [
        (2, "X", 10.0, 101.0, "enter_long"),
        (5, "X", -10.0, 92.0, "left"),
        (8, "X", 10.0, 103.0, "enter_long"),
    ]


def test_a_condition_that_still_holds_does_not_keep_what_it_cannot_turn(tmp_path):
    """Refused at each open: the long would be held for as long as its opposite is wanted."""
    rules = "enter: {long: x.close >= 100, short: x.close <= 90}\nsize: {shares: 10}"
    result = run(tmp_path, rules, *NO_SHARES, x=flat(99, 100, 101, 90, 89, 88, 87, 86))
    assert fills(result) == [(2, "X", 10.0, 101.0, "enter_long"), (5, "X", -10.0, 88.0, "left")]


def test_a_leg_that_could_not_be_turned_takes_the_other_one_with_it(tmp_path):
    """Long X and short Y; X cannot be shorted, and Y has been bought: both would be long."""
    rules = "enter: {long: x.close == 100, short: x.close == 90}\nsize: {weight: {x: 0.5, y: -0.25}}"
    result = run(tmp_path, rules, *NO_X, x=flat(99, 100, 100, 90, 90, 95, 95), y=flat(*[50] * 7))
    assert moments(result)[2:] == [(4, "Y", 50.0, "enter_short"), (5, "X", 95.0, "left"), (5, "Y", 50.0, "left")]
    assert left(result) == {"X": 0.0, "Y": 0.0}


def test_a_turn_while_an_exit_still_sells_is_held(tmp_path):
    """30 shares a bar: 20 of the long are left as the short is wanted, which is not left over of the exit."""
    rules = "enter: {long: x.close == 100, short: x.close == 90}\nexit: x.close == 95\nsize: {shares: 80}"
    thin = [(close, close, close, close, 1, 300) for close in (94, 90, 91, 92, 93, 92, 91, 93)]
    result = run(tmp_path, rules, "fills.participation=0.1", x=[*flat(99, 100, 101, 95), *thin])
    reasons = ["enter_long", "exit_long", "exit_long", *["enter_short"] * 4]
    assert [(one[2], one[4]) for one in fills(result)] == list(
        zip([80, -30, -30, -30, -30, -30, -10], reasons, strict=True)
    )
    assert left(result) == {"X": -80.0}


def test_a_weight_that_changes_its_sign_is_no_refusal(tmp_path):
    """The size is that of the entry: what it would be now closes nothing."""
    rules = """
features: {beta: 95 - y.close}
enter: {long: x.close == 100, short: x.close == 1}
exit: x.close == 103
size: {weight: {x: 0.5, y: 0.01 * beta}}"""
    result = run(tmp_path, rules, x=flat(99, 100, 100, 101, 102, 103, 104), y=flat(90, 90, 90, 99, 99, 99, 99))
    assert [one[0] for one in fills(result)] == [2, 2, 6, 6]


def test_an_entry_waits_until_an_exit_has_sold_everything(tmp_path):
    """A tenth of 300 shares a bar: a stop of the next entry would guard what it buys, and not the rest of the last."""
    rules = "enter: x.close == 100\nexit: x.close < 95\nsize: {shares: 80}\nstop: {fraction: 0.5}"
    thin = [(close, close, close, close, 1, 300) for close in (94, 93, 100, 100, 101, 100, 102, 103, 104)]
    result = run(tmp_path, rules, "fills.participation=0.1", x=[*flat(99, 100, 101), *thin])
    assert fills(result) == [
        (2, "X", 80.0, 101.0, "enter_long"),
        (4, "X", -30.0, 93.0, "exit_long"),
        (5, "X", -30.0, 100.0, "exit_long"),
        (6, "X", -20.0, 100.0, "exit_long"),
        (7, "X", 30.0, 101.0, "enter_long"),
        (8, "X", 30.0, 100.0, "enter_long"),
        (9, "X", 20.0, 102.0, "enter_long"),
    ]
    assert result.orders["qty"].tolist()[-1] == -80.0
