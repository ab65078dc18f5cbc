# SPDX-License-Identifier: Apache-2.0
"""A verdict in hand: which checks hold, in a DataFrame and in one line."""

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.errors import InputError
from engine.runs.verify.live_window import WindowCheck, as_window
from engine.strategy.lookahead.finding import Leak
from tests.api.conftest import CONFIG


@pytest.fixture(scope="module")
def verified():
    pytest.importorskip("backtrader")
    return engine.verify(CONFIG, period={"end": "2017-12-29"})


def changed(verified, **fields):
    verdict = replace(verified.verification.lone, **fields)
    return engine.VerifyResult(replace(verified.verification, sleeves={"": verdict}))


def test_every_check_is_a_row(verified):
    assert verified.passed
    assert verified.checks["check"].tolist() == ["Engines", "Look-ahead", "Live window"]
    assert verified.checks["holds"].tolist() == [True, True, True]
    assert "fills agree one by one" in verified.checks["found"][0]
    assert len(verified.left_out) > 0
    assert verified.document()["passed"] is True
    assert repr(verified) == "<VerifyResult spread: engines holds, look-ahead holds, live window holds>"


@pytest.mark.parametrize(("fills", "words"), [(1, ("1 fill", "agrees")), (1_500, ("1,500 fills", "agree"))])
def test_one_fill_agrees_and_many_agree(verified, fills, words):
    made = changed(verified, engines=replace(verified.verification.lone.engines, fills=fills))
    found = made.checks["found"][0]
    assert found.startswith(f"your run: {words[0]} compared; ")
    assert f"; {' '.join(words)} one by one in time, symbol, quantity and price; " in found


def test_a_check_that_fails_is_told_first(verified):
    leak = Leak("z", 10, 20, 0.5, 0.75)
    failed = changed(verified, look_ahead=replace(verified.verification.lone.look_ahead, leak=leak))
    assert not failed.passed
    assert failed.checks["holds"].tolist() == [True, False, True]
    assert "look-ahead FAILS" in repr(failed)
    assert "Look-ahead: " in failed._repr_html_().partition("<table")[0]


def test_a_check_that_was_not_made_is_no_check_that_holds(verified):
    window = WindowCheck(window=600, wanted=600, rows=0)
    untried = changed(verified, engines=None, not_compared="backtrader is not installed", missing=True, window=window)
    assert untried.checks["holds"].tolist() == [None, True, None]
    assert "engines not made" in repr(untried)
    assert "not compared: backtrader is not installed" in untried._repr_html_()
    assert len(untried.left_out) == 0


def test_of_sleeves_each_has_its_checks(verified):
    two = replace(verified.verification, sleeves={"a": verified.verification.lone, "b": verified.verification.lone})
    both = engine.VerifyResult(two)
    assert both.checks["sleeve"].tolist() == ["a"] * 3 + ["b"] * 3
    assert set(both.left_out["sleeve"]) == {"a", "b"}


def test_it_is_said_whether_it_is_the_run_itself_that_was_compared(verified):
    assert "your run: " in verified.checks["found"][0]
    engines = replace(verified.verification.lone.engines, your_run=False, taken_out=("margin",))
    other = changed(verified, engines=engines)
    assert "not your run" in repr(other)
    assert other.checks["found"][0].startswith(f"not your run: {engines.fills:,} fills compared without margin; ")


@pytest.mark.parametrize("window", [0, 1, -5, "foo", 2.5, True, np.int64(1)])
def test_a_window_is_a_number_of_bars_or_all(window):
    with pytest.raises(InputError) as caught:
        engine.verify(CONFIG, window=window)
    assert (caught.value.problems[0].path, caught.value.problems[0].allowed) == ("window", "2 or more, or all")


def test_a_window_of_numpy_is_a_number():
    assert as_window(np.int64(300), "window") == 300
    assert type(as_window(np.int64(300), "window")) is int
