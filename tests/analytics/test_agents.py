# SPDX-License-Identifier: Apache-2.0
"""Agents in one account: by hand on one symbol, and on whole runs of the Double Agent to the cent."""

from dataclasses import replace

import numpy as np
import pytest

from engine.analytics.agents import agent_paths
from engine.backends.backtest import backtest
from engine.sim.codes import EntryKind
from tests.strategies.shipped import load_shipped

BEAR, BULL, SPREAD, NOBODY = 1, 2, 3, 0
REASONS = {
    NOBODY: ("none", ""),
    BEAR: ("bear_breach", ""),
    BULL: ("bull_bounce", ""),
    SPREAD: ("bearish", ""),
    -1: ("margin_call", ""),
}


def by_hand(hand, closes, entries, **bars):
    made = hand.bars({"small": closes}, **bars)
    return replace(hand.result(made, entries), reasons=REASONS)


def pnl(result):
    return {path.name: path.pnl.tolist() for path in agent_paths(result, ("bear", "bull"))}


def test_each_agent_has_the_fills_and_charges_of_its_own_orders(hand):
    """The bear sells 300 at 50, the bull buys 100 at 48; both trades close at 45."""
    entries = [
        *hand.fill(1, 0, -300, 50, order=1, reason=BEAR, commission=3.0),
        *hand.fill(2, 0, 100, 48, order=2, reason=BULL, commission=1.0),
        *hand.fill(3, 0, 300, 45, order=3, reason=BEAR),
        *hand.fill(3, 0, -100, 45, order=4, reason=BULL),
    ]
    result = by_hand(hand, [50.0, 50.0, 48.0, 45.0], entries)
    bear, bull, rest = agent_paths(result, ("bear", "bull"))
    assert bear.positions[:, 0].tolist() == [0, -300, -300, 0]
    assert bull.positions[:, 0].tolist() == [0, 0, 100, 0]
    assert bear.pnl.tolist() == [0, -3, 597, 1497]
    assert bull.pnl.tolist() == [0, 0, -1, -301]
    assert rest.pnl.tolist() == [0, 0, 0, 0]
    assert bear.exposure[1] == pytest.approx(-15_000 / 9_997)


def test_a_name_must_be_the_whole_first_word(hand):
    result = by_hand(hand, [50.0, 50.0, 51.0], hand.fill(1, 0, 10, 50, order=1, reason=SPREAD))
    assert pnl(result) == {"bear": [0, 0, 0], "bull": [0, 0, 0], "rest": [0, 0, 10]}


def test_opposite_shares_pay_each_other_what_the_net_position_does_not(hand):
    """Short 300 and long 100: the account pays 200 dividends in lieu, the bear 300 and the bull receives 100."""
    entries = [
        *hand.fill(1, 0, -300, 50, order=1, reason=BEAR),
        *hand.fill(1, 0, 100, 50, order=2, reason=BULL),
        *hand.charge(2, EntryKind.DIVIDEND, 0, -200.0),
        *hand.charge(2, EntryKind.BORROW, 0, -2.0),
        *hand.charge(2, EntryKind.INTEREST, -1, 7.0),
    ]
    assert pnl(by_hand(hand, [50.0, 50.0, 50.0], entries)) == {
        "bear": [0, 0, -303], "bull": [0, 0, 101], "rest": [0, 0, 7],
    }  # fmt: skip


def test_a_split_converts_the_shares_of_each(hand):
    entries = [
        *hand.fill(1, 0, -300, 50, order=1, reason=BEAR),
        *hand.fill(1, 0, 100, 50, order=2, reason=BULL),
        (2, EntryKind.SPLIT, 0, -200.0, 25.0, 0.0, 0.0, 0, 0),
    ]
    result = by_hand(hand, [50.0, 50.0, 24.0], entries, splits={"small": {2: 2.0}})
    bear, bull, _ = agent_paths(result, ("bear", "bull"))
    assert (bear.positions[2, 0], bull.positions[2, 0]) == (-600, 200)
    assert (bear.pnl[2], bull.pnl[2]) == (600, -200)


def test_who_still_holds_when_the_broker_has_closed_all_hands_over_at_its_price(hand):
    entries = [
        *hand.fill(1, 0, -300, 50, order=1, reason=BEAR),
        *hand.fill(1, 0, 100, 50, order=2, reason=BULL),
        *hand.fill(2, 0, 200, 60, order=3, reason=-1, kind=EntryKind.LIQUIDATION),
    ]
    result = by_hand(hand, [50.0, 50.0, 61.0, 99.0], entries)
    assert pnl(result) == {
        "bear": [0, 0, -3000, -3000], "bull": [0, 0, 1000, 1000], "rest": [0, 0, 0, 0],
    }  # fmt: skip


@pytest.mark.parametrize("strategy", ["double_agent:DoubleAgent", "double_agent:DoubleAgentFund"])
def test_the_agents_of_a_run_add_up_to_the_account(strategy):
    result = backtest(load_shipped(strategy, "sample"))
    paths = agent_paths(result, ("bear", "bull"))
    profit = result.points["equity"] - result.config.account.cash
    np.testing.assert_allclose(sum(path.pnl for path in paths), profit, atol=0.005)
    held = np.cumsum(np.bincount(result.ledger["t"], result.ledger["qty"], len(profit)))
    np.testing.assert_allclose(sum(path.positions.sum(axis=1) for path in paths), held, atol=1e-6)
    bear, bull, rest = paths
    assert np.count_nonzero(bear.exposure) > 500
    assert np.count_nonzero(bull.exposure) > 200
    assert (bull.positions >= 0).all()
    assert not rest.positions.any()
    assert (bear.positions <= 0).all() if strategy.endswith("DoubleAgent") else (bear.positions >= 0).all()
