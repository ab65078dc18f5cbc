# SPDX-License-Identifier: Apache-2.0
"""Stops and targets of a turn guard the position that it opens: worked by hand, 30 shares at 50 turn to 20 short."""

import numpy as np
import pytest

from engine.report.signals.document import document
from engine.runs.backtest import loaded
from engine.runs.signals.account_decision import Holdings
from engine.runs.signals.run import signals
from tests.cases import Case, days, flat

RULE = """\
from engine.strategy import ReasonCode, Strategy


class Rule(Strategy):
    roles = ("x",)

    class State:
        n: int = 0

    class Reason(ReasonCode):
        ENTER = 1, "the entry"
        TURN = 2, "the turn"
        LOSS = 3, "the stop"
        GAIN = 4, "the target"

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.market(0, SIDE * 30, 1)
        if s.n == 1:
            turn = orders.market(0, SIDE * -50, 2)
            loss = orders.stop(0, SIDE * 50, 50.0 + SIDE * 5.0, 3)
            gain = orders.limit(0, SIDE * 50, 50.0 - SIDE * 5.0, 4)
            orders.attach(loss, turn)
            orders.attach(gain, turn)
            orders.oco(loss, gain)
        s.n += 1
"""
DAYS = days("2020-01-21", 5)


@pytest.fixture(params=[1, -1])
def turned(request, tmp_path):
    """The case's side, and the decision of a day of it; the stop at 55 (45) is hit on the fourth day."""
    side = request.param
    case = Case(tmp_path)
    rows = flat(DAYS, 50.0)
    rows[3] = f"{DAYS[3]},50,{56 if side > 0 else 50},{50 if side > 0 else 44},50,1000000,0,1"
    case.write("rule.py", RULE.replace("SIDE", str(side)))
    case.bars(rows)

    def decided(row: int, holdings: Holdings | None = None):
        return signals(loaded(tmp_path / "case.yaml"), np.datetime64(DAYS[row]).item(), holdings)

    return side, decided


def sizes(orders) -> list[tuple[str, float]]:
    return [(one["why"], one["quantity"]) for one in orders]


def test_what_is_sent_with_a_turn_guards_what_it_opens(turned):
    side, decided = turned
    shown = document(decided(1), 0)
    assert sizes(shown["send"]) == [("the turn", side * -50.0), ("the stop", side * 20.0), ("the target", side * 20.0)]
    assert [one["reduce_only"] for one in shown["send"]] == [False, True, True]


def test_what_stands_after_a_turn_guards_what_is_held(turned):
    side, decided = turned
    shown = document(decided(2), 0)
    assert sizes(shown["working"]) == [("the stop", side * 20.0), ("the target", side * 20.0)]
    assert [one["held"] for one in shown["positions"]] == [side * -20.0]


@pytest.mark.parametrize("row", [1, 2])
def test_an_account_of_half_the_size_guards_half(turned, row):
    side, decided = turned
    own = decided(row, Holdings(50_000.0, {})).account
    assert [one.target for one in own.positions] == [side * -10.0]
    assert [(one.why, one.quantity) for one in own.waiting] == [("the stop", side * 10.0), ("the target", side * 10.0)]
    assert [one.dollars for one in own.waiting] == [500.0 + side * 50.0, 500.0 - side * 50.0]


def test_a_stop_that_filled_is_not_taken_back(turned):
    side, decided = turned
    shown = document(decided(3), 0)
    assert [one["held"] for one in shown["positions"]] == [0.0]
    assert sizes(shown["cancel"]) == [("the target", side * 20.0)]
