# SPDX-License-Identifier: Apache-2.0
"""How far an order has come, by what the broker has said of it."""

import pytest

from engine.paper.instructions import IntentState
from engine.paper.states import Standing, split_execution, state_of

LIVE, GONE = Standing(ended=False, told=0, filled=0), Standing(ended=True, told=0, filled=0)


@pytest.mark.parametrize(
    ("filled", "orders", "sent", "state"),
    [
        (0, [], False, "intent"),
        (0, [], True, "sent"),
        (0, [LIVE], True, "working"),
        (3, [], True, "working"),  # an execution before any order
        (10, [], True, "filled"),
        (10, [Standing(ended=False, told=0, filled=10)], True, "filled"),  # executions without a status
        (0, [Standing(ended=True, told=10, filled=0)], True, "working"),  # a status without its executions
        (4, [Standing(ended=True, told=4, filled=4)], True, "dead"),  # cancelled after a part
        (4, [Standing(ended=True, told=5, filled=4)], True, "working"),  # one share of it is still owed
        (0, [GONE], True, "dead"),
        (0, [GONE, LIVE], True, "working"),  # forked: one of two lives
        (10, [Standing(ended=True, told=10, filled=10), LIVE], True, "working"),  # the other may fill it again
        (10, [Standing(ended=True, told=10, filled=10), GONE], True, "filled"),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_state(filled, orders, sent, state, side):
    signed = [Standing(one.ended, one.told, side * one.filled) for one in orders]
    assert state_of(side * 10.0, side * filled, signed, sent=sent) is IntentState(state)


@pytest.mark.parametrize(
    ("exec_id", "parts"),
    [
        ("0000e0d5.6571.01.01", ("0000e0d5.6571.01", 1)),
        ("0000e0d5.6571.01.12", ("0000e0d5.6571.01", 12)),
        ("plain", ("plain", 0)),
        ("0000e0d5.6571.x1", ("0000e0d5.6571.x1", 0)),
        (".01", (".01", 0)),
    ],
)
def test_an_execution_has_a_name_for_good_and_a_revision(exec_id, parts):
    assert split_execution(exec_id) == parts
