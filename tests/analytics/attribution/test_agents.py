# SPDX-License-Identifier: Apache-2.0
"""Agents in one account: by hand on one symbol, and on whole runs of the Double Agent to the cent."""

from dataclasses import replace

import numpy as np
import pytest

from engine.analytics.attribution.agents import agent_paths
from engine.kernel.codes import EntryKind, Moment
from engine.records import MARK
from engine.runs.backtest import backtest
from engine.strategy.reasons import ReasonWords
from tests.strategies.shipped import load_shipped

BEAR, BULL, SPREAD, NOBODY = 1, 2, 3, 0
NAMES = {NOBODY: "none", BEAR: "bear_breach", BULL: "bull_bounce", SPREAD: "bearish", -1: "margin_call", -6: "delisted"}


def by_hand(hand, closes, entries, **bars):
    made = hand.bars({"small": closes}, **bars)
    return replace(hand.result(made, entries), reasons={code: ReasonWords(name, "") for code, name in NAMES.items()})


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


def test_the_end_of_a_role_pays_each_holder_of_its_shares(hand):
    """10 a share to 300 long, and from 100 short: the account, which holds 200, gets 2,000."""
    entries = [
        *hand.fill(1, 0, -100, 50, order=1, reason=BEAR),
        *hand.fill(1, 0, 300, 50, order=2, reason=BULL),
        (3, EntryKind.DELISTING, 0, -200.0, 10.0, 2000.0, 0.0, 0, -6),
    ]
    assert pnl(by_hand(hand, [50.0, 50.0, 49.0, np.nan], entries)) == {
        "bear": [0, 0, 100, 4000], "bull": [0, 0, -300, -12_000], "rest": [0, 0, 0, 0],
    }  # fmt: skip


@pytest.mark.parametrize("strategy", ["double_agent:DoubleAgent", "double_agent:DoubleAgentFund", "double_agent_calls"])
def test_the_agents_of_a_run_add_up_to_the_account(strategy):
    result = backtest(load_shipped(strategy, "sample"))
    paths = agent_paths(result, ("bear", "bull"))
    profit = result.points["equity"] - result.config.account.cash
    np.testing.assert_allclose(sum(path.pnl for path in paths), profit, atol=0.005)
    held, legs = np.zeros((len(profit), len(result.legs))), result.ledger[result.ledger["role"] >= 0]
    np.add.at(held, (legs["t"], legs["role"]), legs["qty"])
    np.testing.assert_allclose(sum(path.positions for path in paths), np.cumsum(held, axis=0), atol=1e-6)
    net = sum(path.exposure for path in paths) * result.points["equity"]
    np.testing.assert_allclose(net, result.net, atol=0.005)
    bear, bull, rest = paths
    assert np.count_nonzero(bear.exposure) > 500
    assert np.count_nonzero(bull.exposure) > 200
    assert (bull.positions[:, : len(result.market.roles)] >= 0).all()
    assert not rest.positions.any()
    assert (bear.positions >= 0).all() if strategy.endswith("Fund") else (bear.positions <= 0).all()


def test_the_spreads_of_a_run_are_the_bulls():
    result = backtest(load_shipped("double_agent_calls", "sample"))
    bear, bull, _ = agent_paths(result, ("bear", "bull"))
    assert not bear.positions[:, 1:].any()
    assert np.count_nonzero(bull.positions[:, 1]) == np.count_nonzero(bull.positions[:, 2]) > 200


class TestOptions:
    """Two slots of calls on `small`, a contract is 100 shares; marks are given close by close."""

    def run(self, hand, closes, entries, marks):
        result = by_hand(hand, closes, ())
        told = [(*entry, Moment.CLOSE) for entry in entries]
        ledger = np.array([*result.ledger.tolist(), *told], result.ledger.dtype)
        table = np.zeros(len(marks), MARK)
        for row, (t, slot, price, delta) in enumerate(marks):
            table[row]["t"], table[row]["slot"], table[row]["price"], table[row]["delta"] = t, slot, price, delta
        return replace(result, ledger=ledger, options={"bought": "small", "sold": "small"}, marks=table)

    def spread(self, hand, reason=BULL):
        """5 contracts bought at 3 and sold at 1, the day after 200 shares were sold short at 50."""
        kind = EntryKind.OPTION_FILL
        return [
            *hand.fill(1, 0, -200, 50, order=1, reason=BEAR),
            (2, kind, 1, 5.0, 3.0, -1500.0, 0.0, 2, reason),
            (2, EntryKind.COMMISSION, 1, 0.0, 3.0, -3.25, 0.0, 2, reason),
            (2, kind, 2, -5.0, 1.0, 500.0, 0.0, 3, reason),
        ]

    MARKS = ((2, 0, 2.9, 0.5), (2, 1, 1.1, 0.3), (3, 0, 4.0, 0.6), (3, 1, 1.5, 0.4))

    def test_contracts_count_for_who_bought_them(self, hand):
        result = self.run(hand, [50.0, 50.0, 49.0, 52.0], self.spread(hand), self.MARKS)
        bear, bull, rest = agent_paths(result, ("bear", "bull"))
        assert bull.positions.tolist() == [[0, 0, 0], [0, 0, 0], [0, 5, -5], [0, 5, -5]]
        assert not bear.positions[:, 1:].any()
        assert not rest.positions.any()
        assert bear.pnl.tolist() == [0, 0, 200, -400]
        assert bull.pnl[2:].tolist() == pytest.approx([500 * 1.8 - 1003.25, 500 * 2.5 - 1003.25])

    def test_their_exposure_is_that_of_the_shares_they_move_like(self, hand):
        result = self.run(hand, [50.0, 50.0, 49.0, 52.0], self.spread(hand), self.MARKS)
        _, bull, _ = agent_paths(result, ("bear", "bull"))
        assert bull.exposure[2] == pytest.approx(500 * 0.2 * 49 / 10_000)
        assert bull.exposure[3] == pytest.approx(500 * 0.2 * 52 / 10_000)

    def test_an_expiry_pays_the_holder_though_no_order_of_his_caused_it(self, hand):
        """At 52 calls of 50 and 51 are settled: 500 x 2 received, 500 x 1 paid."""
        settled = [
            (3, EntryKind.OPTION_EXPIRY, 1, -5.0, 2.0, 1000.0, 0.0, 2, -3),
            (3, EntryKind.OPTION_EXPIRY, 2, 5.0, 1.0, -500.0, 0.0, 3, -3),
        ]
        result = self.run(hand, [50.0, 50.0, 49.0, 52.0], [*self.spread(hand), *settled], self.MARKS[:2])
        _, bull, rest = agent_paths(result, ("bear", "bull"))
        assert bull.positions[3].tolist() == [0, 0, 0]
        assert (bull.pnl[3], rest.pnl[3]) == (pytest.approx(500 - 1003.25), 0.0)

    def test_who_still_holds_when_the_broker_has_closed_all_hands_over_at_its_price(self, hand):
        forced = [
            (3, EntryKind.OPTION_FILL, 1, -5.0, 3.5, 1750.0, 0.0, 4, -1),
            (3, EntryKind.OPTION_FILL, 2, 5.0, 2.0, -1000.0, 0.0, 5, -1),
        ]
        result = self.run(hand, [50.0, 50.0, 49.0, 52.0], [*self.spread(hand), *forced], self.MARKS[:2])
        _, bull, rest = agent_paths(result, ("bear", "bull"))
        assert not bull.positions[3].any()
        assert (bull.pnl[3], rest.pnl[3]) == (pytest.approx(750 - 1003.25), 0.0)

    def test_a_split_converts_contracts(self, hand):
        entries = [
            *self.spread(hand)[1:],
            (3, EntryKind.SPLIT, 1, 5.0, 1.45, 0.0, 0.0, 2, 0),
            (3, EntryKind.SPLIT, 2, -5.0, 0.55, 0.0, 0.0, 3, 0),
        ]
        result = self.run(
            hand, [50.0, 50.0, 49.0, 24.5], entries, (*self.MARKS[:2], (3, 0, 1.45, 0.5), (3, 1, 0.55, 0.3))
        )
        _, bull, _ = agent_paths(result, ("bear", "bull"))
        assert bull.positions[3].tolist() == [0, 10, -10]
        assert bull.pnl[3] == pytest.approx(bull.pnl[2])
