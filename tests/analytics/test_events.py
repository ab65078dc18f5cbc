# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.kernel.codes import EntryKind


@pytest.fixture(scope="module")
def guarded(hand):
    """30 sessions: long 100 from row 1, halved on the guard's word of row 17, a margin call on row 20 that sells 10."""
    closes = 100.0 + np.arange(30)
    bars = hand.bars({"large": closes, "small": [50.0] * 30})
    entries = [
        *hand.fill(1, 0, 100, 101, order=1),
        *hand.fill(18, 0, -50, 118, order=2, reason=3),
        *hand.fill(21, 0, -10, 121, order=3, reason=-1, kind=EntryKind.LIQUIDATION),
    ]
    orders = [
        {"id": 1, "born": 0, "reason": 1},
        {"id": 2, "born": 17, "reason": 3},
        {"id": 3, "born": 20, "reason": -1},
        {"id": 4, "born": 29, "reason": 3},
        {"id": 5, "born": 29, "reason": 4},
    ]
    return hand.result(bars, entries, orders=orders, cash=20_000.0)


def test_guard_cuts_and_margin_calls_are_events(guarded):
    """By the kind of their reason: the name of order 5 says nothing."""
    assert [(event.stage, event.row) for event in analyse(guarded).events] == [
        ("half", 17), ("margin_call", 20), ("half", 29),
    ]  # fmt: skip


def test_an_event_shows_the_move_before_and_the_exposure_around(guarded):
    cut = analyse(guarded).events[0]
    equity = guarded.points["equity"]
    assert cut.filled_row == 18
    assert cut.ratio_move == pytest.approx(117 / 102 - 1)
    assert cut.gross_before == pytest.approx(100 * 117 / equity[17])
    assert cut.gross_after == pytest.approx(50 * 118 / equity[18])
    assert cut.pnl_after[0] == pytest.approx(equity[23] - equity[18])


def test_what_lies_past_the_end_is_unknown(guarded):
    cut, _, last = analyse(guarded).events
    assert math.isnan(cut.pnl_after[1])
    assert last.filled_row == -1
    assert math.isnan(last.gross_after)
    assert math.isnan(last.pnl_after[0])
