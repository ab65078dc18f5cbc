# SPDX-License-Identifier: Apache-2.0
"""What signals and the note tell of rules before it comes: the close at which `hold` ends, the stop that is near."""

import datetime as dt

import pytest

from engine.config.loader import load_config
from engine.report.note.document import document as note_document
from engine.report.signals.document import document
from engine.report.signals.levels import condition_words
from engine.runs.note import note
from engine.runs.signals.run import signals
from tests.rules.desk import DAYS, fills, flat, run

HELD = "enter: x.close == 111\nsize: {shares: 10}\nhold: 2"
BARS = flat(100, 111, 105, 106, 107, 108)
"""Decided in bar 1, filled in bar 2; bar 3 closes it, and it is sold in bar 4."""


def at(folder, row):
    return signals(load_config(folder / "trial.yaml"), dt.date.fromisoformat(DAYS[row]))


def held_words(folder, row):
    shown = document(at(folder, row), 0)
    return [condition_words(one) for one in shown["conditions"] if one["unit"] == "closes"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (0, []),
        (1, ["exits in 2 closes: held for 2 bars"]),
        (2, ["exits at the next close: held for 2 bars"]),
        (3, []),  # it has decided
        (4, []),
    ],
)
def test_the_close_at_which_hold_ends(row, words, tmp_path):
    result = run(tmp_path, HELD, x=BARS)
    assert fills(result)[1] == (4, "X", -10.0, 107.0, "held")
    assert held_words(tmp_path, row) == words


def test_hold_of_a_parameter_and_by_role(tmp_path):
    rules = "params: {days: 3}\nenter: {x: x.close == 111}\nsize: {shares: 10}\nhold: days"
    run(tmp_path, rules, x=BARS)
    assert held_words(tmp_path, 3) == ["exits x at the next close: held for days bars"]


def test_where_orders_fill_at_the_close_that_decides(tmp_path):
    """Filled in bar 1: bar 2 is the first that counts, bar 3 the second."""
    result = run(tmp_path, HELD, "fills.at=this_close", x=BARS)
    assert [one[0] for one in fills(result)] == [1, 3]
    assert held_words(tmp_path, 1) == ["exits in 2 closes: held for 2 bars"]


@pytest.mark.parametrize(
    ("one", "other", "above"),
    [
        ("110 < x.close", "x.close > 110", True),
        ("110 <= x.close", "x.close >= 110", True),
        ("90 > x.close", "x.close < 90", False),
        ("90 >= x.close", "x.close <= 90", False),
    ],
)
def test_a_price_on_the_right_is_told_as_one_on_the_left(one, other, above, tmp_path):
    told = []
    for text in (one, other):
        run(tmp_path, f"enter: {text}\nsize: {{shares: 10}}", x=flat(100, 100, 100))
        told.append(document(at(tmp_path, 2), 0)["conditions"])
    assert told[0] == told[1] != []
    assert [condition["above"] for condition in told[0]] == [above]


def near(folder, row, within=0.02):
    found = note([folder / "trial.yaml"], dt.date.fromisoformat(DAYS[row]))
    (one,) = note_document(found, within)["strategies"]
    return [(round(each["distance"], 4), each["words"]) for each in one["near"]]


def test_the_note_says_when_hold_ends(tmp_path):
    run(tmp_path, HELD, x=BARS)
    assert near(tmp_path, 2) == [(0.0, "exits at the next close: held for 2 bars")]
    assert near(tmp_path, 1) == []


STOPPED = "enter: x.close == 111\nsize: {shares: 10}\nstop: {fraction: 0.05}\ntarget: {fraction: 0.2}"


@pytest.mark.parametrize(
    ("close", "words"),
    [
        (107.0, [(0.0145, "stop, sell 10: X 105.45, 1.4 % below the close")]),
        (107.7, []),  # 2.1 %
        (131.0, [(0.0168, "target, sell 10: X 133.20, 1.7 % above the close")]),
    ],
)
def test_the_note_lists_orders_of_rules_that_are_near(close, words, tmp_path):
    """Filled at 111: the stop stands at 105.45, the target at 133.20."""
    run(tmp_path, STOPPED, x=[*flat(100, 111, 111), (close, close, close, close)])
    assert near(tmp_path, 3) == words


def test_signals_of_rules_have_no_table_of_levels(tmp_path):
    run(tmp_path, STOPPED, x=[*flat(100, 111, 111, 107)])
    shown = document(at(tmp_path, 3), 0)
    assert shown["levels"] == []
    assert [(one["type"], *one["prices"].values()) for one in shown["working"]] == [
        ("stop", pytest.approx(105.45)),
        ("limit", pytest.approx(133.2)),
    ]
