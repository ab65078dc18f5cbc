# SPDX-License-Identifier: Apache-2.0
"""The rules of the Double Agent's bull one by one, and what each agent holds, on rows worked out by hand."""

import pytest

from strategies.agents.bear import Bear
from strategies.agents.bull import Bull
from strategies.agents.netting import settle
from strategies.agents.orders import DUST, SMALL, Reason, is_idle
from tests.strategies.double_agent_desk import (
    HOLDING,
    LONG,
    Desk,
    account,
    decide,
    features,
    params,
    row,
    sent_by,
    state,
)


class TestBull:
    @pytest.mark.parametrize(("given", "changed", "wait", "opens"), [
        ({}, {}, 0, True), ({}, {"rsi": 30.0}, 0, False), ({}, {"rsi": 29.99}, 0, True),
        ({}, {"quiet_low": 0.0}, 0, False), ({}, {"slow": 100.0}, 0, False), ({}, {"slow": 100.01}, 0, True),
        ({"bull_size": 0.0}, {}, 0, False), ({}, {}, 1, True), ({}, {}, 2, False),
        ({}, {"slow": 99.0}, 0, False), ({}, {"rsi": 35.0}, 0, False),
    ])  # fmt: skip
    def test_a_bounce_is_bought_in_an_oversold_sell_off_on_a_quiet_low(self, given, changed, wait, opens):
        f = features(**{"rsi": 25.0, "quiet_low": 1.0, **changed})
        desk, s = Desk(), state(bull_wait=wait)
        decide(f, params(**given), s, account(), desk)
        expected = [("market", SMALL, 150.0, Reason.BULL_BOUNCE), ("stop", SMALL, -150.0, 95.0, Reason.BULL_STOP)]
        assert desk.sent == (expected if opens else [])
        assert s.bull_stage == (Bull.BOUNCE if opens else Bull.OUT)
        if opens:
            assert (s.bull_best, s.bull_level, s.bull_age, s.busy) == (101.0, 95.0, 0, True)
            assert s.bull_left == 0.0  # 150 to buy, and a stop that sells them

    def test_its_stop_is_at_a_price_as_traded(self):
        small, desk, s = row(50.0, high=50.5, low=49.5, factor=2.0), Desk(), state()
        decide(features(rsi=25.0, quiet_low=1.0), params(), s, account(), desk, small)
        assert [order[:4] for order in desk.sent] == [
            ("market", SMALL, 300.0, Reason.BULL_BOUNCE), ("stop", SMALL, -300.0, 47.5),
        ]  # fmt: skip
        assert (s.bull_best, s.bull_level) == (101.0, 95.0)
        s = state(**LONG, bull_stage=Bull.BOUNCE, bull_protection=9, bull_left=-150.0)
        desk = Desk(order9=-150.0)
        decide(features(), params(), s, account(qty=150.0), desk, row(53.0, high=53.5, low=52.5, factor=2.0))
        assert desk.sent == [("move", 9, 51.0)]

    def test_and_a_close_after_a_split_is_held_to_the_slow_average_as_it_goes_on(self):
        f, small = features(rsi=25.0, quiet_low=1.0, slow=99.0), row(50.0, high=50.5, low=49.5, factor=2.0)
        assert decide(f, params(), state(), account(), Desk(), small) == []

    def test_the_stop_of_a_bear_stays_where_a_bounce_is_bought(self):
        desk = Desk(order1=400.0)
        s = state(**{**HOLDING, "bear_left": 400.0}, bear_protection=1)
        decide(features(rsi=25.0, quiet_low=1.0), params(step=0.0), s, account(qty=-400.0), desk)
        assert desk.live[1] == 400.0
        assert s.bull_protection > 1

    def test_not_while_the_last_one_is_still_being_sold(self):
        f = features(rsi=25.0, quiet_low=1.0)
        s = state(bull=50.0, bull_order=7, bull_left=-50.0, busy=True)
        assert decide(f, params(), s, account(qty=50.0), Desk(order7=-50.0)) == []

    def long(self, f=None, stage=Bull.BOUNCE, close=100.0, working=True, **given):
        desk = Desk(order9=-150.0) if working else Desk()
        s = state(**{**LONG, "bull_stage": stage, "bull_protection": 9, "bull_left": -150.0, **given})
        decide(f or features(), params(), s, account(qty=s.bull if working else 0.0), desk, row(close))
        return s, desk

    def test_its_stop_follows_the_highest_high_up(self):
        s, desk = self.long()
        assert desk.sent == [("move", 9, 96.0)]
        assert (s.bull_left, s.busy) == (-150.0, True)
        s, _ = self.long(close=106.0)
        assert (s.bull_best, s.bull_level) == (107.0, 102.0)
        assert self.long(f=features(bull_range=9.0))[1].sent == [("move", 9, 95.0)]

    @pytest.mark.parametrize(("rsi", "stage", "sold"), [
        (50.0, Bull.BOUNCE, 1), (60.0, Bull.BOUNCE, 1), (49.99, Bull.BOUNCE, 0), (50.0, Bull.REVERSAL, 0),
    ])  # fmt: skip
    def test_a_bounce_that_has_come_is_sold(self, rsi, stage, sold):
        s, desk = self.long(f=features(rsi=rsi), stage=stage)
        assert sent_by(desk, Reason.BULL_DONE) == [("market", SMALL, -150.0, Reason.BULL_DONE)] * sold
        assert (s.bull_wait, s.bull_stage) == ((5, Bull.OUT) if sold else (0, stage))

    @pytest.mark.parametrize(("age", "stage", "sold"), [
        (8, Bull.BOUNCE, 0), (9, Bull.BOUNCE, 1), (30, Bull.BOUNCE, 1),
        (58, Bull.REVERSAL, 0), (59, Bull.REVERSAL, 1), (90, Bull.REVERSAL, 1),
    ])  # fmt: skip
    def test_holding_limits(self, age, stage, sold):
        _, desk = self.long(stage=stage, bull_age=age)
        assert len(sent_by(desk, Reason.BULL_TIME)) == sold

    def test_a_stop_that_filled_leaves_it_out_for_a_while(self):
        s, desk = self.long(working=False)
        assert desk.sent == []
        assert (s.bull_stage, s.bull, s.bull_wait, s.busy) == (Bull.OUT, 0.0, 5, False)


class TestSettling:
    def test_what_is_no_longer_working_has_filled(self):
        """Bear: 100 of a tier sold, its stop untouched. Bull: 150 bought."""
        desk = Desk(order4=400.0, order9=-150.0)
        s = state(
            bear=-300.0, bear_left=300.0, bear_protection=4, tier_2=2, bull_left=0.0, bull_protection=9, bull_order=8
        )
        assert settle(1.0, -250.0, s, desk)
        assert (s.bear, s.bull) == (-400.0, 150.0)

    @pytest.mark.parametrize("qty", [-401.0, -399.0, 400.0, 0.0])
    def test_an_account_that_disagrees(self, qty):
        s = state(bear=-400.0, bear_left=0.0)
        assert not settle(1.0, qty, s, Desk())

    @pytest.mark.parametrize(("bear", "bull"), [(10.0, 100.0), (-100.0, -10.0)])
    def test_agents_on_the_wrong_side(self, bear, bull):
        assert not settle(1.0, bear + bull, state(bear=bear, bull=bull), Desk())

    def test_a_split_converts_what_is_held_and_working_and_forgives_fractions(self):
        s = state(bear=-401.0, bull=100.0, bear_left=401.0, bull_left=-100.0, bear_protection=4, bull_protection=9)
        assert settle(0.25, -75.0, s, Desk(order4=100.0, order9=-25.0))
        assert (s.bear, s.bull) == (-100.0, 25.0)
        assert not settle(0.25, -75.0, state(bear=-420.0, bull=100.0), Desk())

    @pytest.mark.parametrize(("split", "held", "qty", "agrees"), [
        (0.25, -401.0, -100.0, True), (1.5, -333.0, -499.0, True), (1.0, -400.0, -399.9, False),
        (0.25, -401.0, -97.25, True), (0.25, -401.0, -97.0, False),
    ])  # fmt: skip
    def test_fractions_of_a_share_are_forgiven_on_the_day_of_a_split_alone(self, split, held, qty, agrees):
        s = state(bear=held)
        assert settle(split, qty, s, Desk()) is agrees
        assert s.bear == (qty if agrees else held * split)

    @pytest.mark.parametrize(("bear", "bull", "agrees"), [
        (DUST, 0.0, True), (2.1 * DUST, -1.1 * DUST, False), (0.0, -DUST, True), (1.1 * DUST, -2.1 * DUST, False),
        (0.0, 1.5 * DUST, False), (0.0, DUST, True), (0.0, 0.5 * DUST, True),
    ])  # fmt: skip
    def test_what_is_less_than_dust_is_nothing(self, bear, bull, agrees):
        s = state(bear=bear, bull=bull)
        assert settle(1.0, 0.0, s, Desk()) is agrees
        if agrees:
            assert (s.bear, s.bull) == (0.0, 0.0)

    @pytest.mark.parametrize(("held", "idle"), [(0.0, True), (DUST, True), (-DUST, True), (1.1 * DUST, False)])
    def test_an_agent_with_dust_and_no_order_is_idle(self, held, idle):
        assert is_idle(held, 7, Desk()) is idle
        assert not is_idle(held, 7, Desk(order7=5.0))

    def test_dust_grows_with_the_position(self):
        assert settle(1.0, -1e6, state(bear=-1e6 - 1.0), Desk())
        assert not settle(1.0, -1e6, state(bear=-1e6 - 1.1), Desk())

    def test_both_are_closed_and_start_anew_where_it_disagrees(self):
        desk, s = Desk(), state(**{**HOLDING, "bear_left": 9.0}, bull=50.0, bull_left=9.0)
        decide(features(), params(), s, account(qty=-200.0), desk)
        assert desk.sent == [("close", SMALL, Reason.BOTH_CLOSED)]
        assert (s.bear_stage, s.bull_stage, s.bear, s.bull) == (Bear.WATCHING, Bull.OUT, 0.0, 0.0)
        assert (s.bear_left, s.bull_left) == (0.0, 0.0)

    def test_so_are_shares_that_nobody_knows(self):
        for shares in (5.0, 1.0, -1.0, -5.0):
            assert decide(features(), params(), state(), account(qty=shares), Desk())[0][-1] == Reason.BOTH_CLOSED

    def test_shares_that_are_sold_after_the_decision_are_waited_for(self):
        s = state(bear=-100.0, bear_order=7, bear_left=100.0, busy=True)
        decide(features(), params(), s, account(qty=-100.0), Desk(order7=100.0))
        assert s.busy
        s = state(bull=100.0, bull_order=7, bull_left=-100.0, busy=True)
        decide(features(), params(), s, account(qty=100.0), Desk(order7=-100.0))
        assert s.busy
