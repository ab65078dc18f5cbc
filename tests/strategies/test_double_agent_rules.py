# SPDX-License-Identifier: Apache-2.0
"""The rules of the Double Agent one by one, on rows worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from strategies.agents.bear import Bear, bear_exposure, is_breached, translate
from strategies.agents.bull import Bull
from strategies.agents.netting import settle
from strategies.agents.orders import CHEAPEST, SMALL, Reason
from strategies.double_agent import FUND, INVERSE, SHORT, DoubleAgent, DoubleAgentFund, score_of
from tests.strategies.double_agent_desk import HOLDING, LONG, NAN, Desk, account, features, params, row, sent_by, state


def decide(f, p, s, held, desk, small=None):
    DoubleAgent.on_bar(SimpleNamespace(small=small or row()), f, p, s, held, desk)
    return desk.sent


class TestHistory:
    @pytest.mark.parametrize("missing", [{"atr": NAN}, {"atr": 0.0}, {"volatility": NAN}, {"volatility": 0.0},
                                         {"rsi": NAN}, {"slow": NAN}])  # fmt: skip
    def test_nothing_is_decided_before_history_suffices(self, missing):
        s = state(cooling=5)
        assert decide(features(support=101.5, **missing), params(), s, account(), Desk()) == []
        assert s.cooling == 5

    @pytest.mark.parametrize("held", [account(frozen=1), account(equity=0.0), account(equity=-1.0)])
    def test_nor_while_the_broker_liquidates_nor_without_equity(self, held):
        s = state(cooling=5)
        assert decide(features(support=101.5), params(), s, held, Desk()) == []
        assert s.cooling == 5

    def test_but_otherwise(self):
        assert len(decide(features(support=101.5), params(), state(), account(), Desk())) == 4


class TestBreach:
    @pytest.mark.parametrize(
        ("given", "changed", "close", "breached"),
        [
            ({}, {"support": 101.5}, 100.0, True),
            ({}, {"support": 101.0}, 100.0, True),  # half an ATR is decisive
            ({}, {"support": 100.9}, 100.0, False),
            ({}, {"support": 100.0}, 100.0, False),
            ({}, {"support": NAN}, 100.0, False),
            ({"margin": 0.0}, {"support": 100.0}, 100.0, False),  # not below
            ({"margin": 0.0}, {"support": 100.01}, 100.0, True),
            ({"min_strength": 4.0}, {"support": 101.5}, 100.0, True),
            ({"min_strength": 4.1}, {"support": 101.5}, 100.0, False),
            ({"score": 0.5}, {"support": 101.5}, 100.0, True),
            ({"score": 0.51}, {"support": 101.5}, 100.0, False),
            ({"trigger": "cross"}, {"support": 101.5}, 100.0, False),
            ({"trigger": "cross"}, {"cross": 1.0, "slow": 105.0}, 100.0, True),
            ({"trigger": "cross", "margin": 0.0}, {"cross": 1.0, "slow": 100.0}, 100.0, False),
            ({"trigger": "support"}, {"cross": 1.0}, 100.0, False),
            ({"trigger": "either"}, {"cross": 1.0}, 100.0, True),
            ({"trigger": "either"}, {"support": 101.5}, 100.0, True),
            ({"closes": 2}, {"support": 101.5}, 100.0, False),
        ],
    )
    def test_a_close_far_enough_below_a_level_that_counts(self, given, changed, close, breached):
        assert is_breached(close, features(**changed), params(**given), state()) is breached

    def test_a_test_that_is_not_decisive_is_remembered_with_its_level(self):
        s = state()
        assert not is_breached(100.0, features(support=100.5), params(), s)
        assert (s.bear_stage, s.level, s.closes) == (Bear.TESTING, 100.5, 1)
        assert is_breached(99.0, features(support=80.0), params(), s)
        assert (s.level, s.closes) == (100.5, 2)

    def test_the_level_of_a_cross_is_the_slow_average(self):
        s = state()
        assert is_breached(100.0, features(cross=1.0, slow=104.0), params(trigger="either"), s)
        assert s.level == 104.0

    def test_support_comes_before_the_cross_of_the_same_day(self):
        s = state()
        assert is_breached(100.0, features(cross=1.0, support=103.0), params(trigger="either"), s)
        assert s.level == 103.0

    @pytest.mark.parametrize(("close", "stage"), [(100.5, Bear.WATCHING), (100.49, Bear.TESTING)])
    def test_a_close_at_the_level_ends_the_test(self, close, stage):
        s = state(bear_stage=Bear.TESTING, level=100.5, closes=1)
        assert not is_breached(close, features(), params(), s)
        assert s.bear_stage == stage

    @pytest.mark.parametrize(("closes", "breached"), [(9, True), (10, False)])
    def test_a_test_lasts_so_many_closes(self, closes, breached):
        s = state(bear_stage=Bear.TESTING, level=105.0, closes=closes)
        assert is_breached(100.0, features(), params(confirm_within=10), s) is breached
        assert s.bear_stage == (Bear.TESTING if breached else Bear.WATCHING)

    @pytest.mark.parametrize(("closes", "breached"), [(1, False), (2, True)])
    def test_the_closes_asked_for_are_counted(self, closes, breached):
        s = state(bear_stage=Bear.TESTING, level=105.0, closes=closes)
        assert is_breached(100.0, features(), params(closes=3), s) is breached


class TestBearSize:
    @pytest.mark.parametrize(
        ("level", "volatility", "exposure"),
        [
            (103.0, 0.24, 0.5),  # the full depth of 1.5 ATR: 12 % over 24 %
            (110.0, 0.24, 0.5),
            (101.5, 0.24, 0.375),  # half of it: 0.5 + 0.5 x 0.5
            (100.0, 0.24, 0.25),
            (103.0, 0.10, 0.8),  # the cap
        ],
    )
    def test_by_depth_and_volatility(self, level, volatility, exposure):
        f = features(volatility=volatility)
        assert bear_exposure(100.0, f, params(), state(level=level)) == pytest.approx(exposure)

    def test_tiers_stop_and_state_of_a_breach(self):
        """Half of 500 shares at once, a quarter each half of the way back and at the level; the stop covers all."""
        desk, s = Desk(), state()
        decide(features(support=103.0), params(), s, account(), desk)
        assert desk.sent == [
            ("market", SMALL, -250.0, Reason.BEAR_BREACH),
            ("limit", SMALL, -125.0, 101.5, Reason.BEAR_TIER_2),
            ("limit", SMALL, -125.0, 103.0, Reason.BEAR_TIER_3),
            ("stop", SMALL, 500.0, 111.0, Reason.BEAR_STOP),  # 4 ATR of 2 above the level, not above the close
        ]
        assert (s.bear_stage, s.level, s.bear_level, s.bear_best, s.bear_age) == (Bear.HOLDING, 103.0, 111.0, 99.0, 0)
        assert (s.bear_left, s.bull_left, s.busy) == (0.0, 0.0, True)

    def test_tiers_that_sum_to_more_are_scaled(self):
        desk = Desk()
        decide(features(support=103.0), params(tier_1=1.0, tier_2=1.0, tier_3=0.0), state(), account(), desk)
        assert [order[2] for order in desk.sent] == [-250.0, -250.0, 500.0]

    def test_all_at_once(self):
        desk = Desk()
        decide(features(support=103.0), params(tier_1=1.0, tier_2=0.0, tier_3=0.0), state(), account(), desk)
        assert [order[2] for order in desk.sent] == [-500.0, 500.0]

    @pytest.mark.parametrize(("cooling", "orders"), [(0, 4), (1, 4), (2, 0)])
    def test_no_bear_while_it_cools_down(self, cooling, orders):
        assert len(decide(features(support=103.0), params(), state(cooling=cooling), account(), Desk())) == orders

    def test_no_bear_while_the_last_one_is_still_being_covered(self):
        s = state(bear=-100.0, bear_order=7, bear_left=100.0, busy=True)
        assert decide(features(support=103.0), params(), s, account(qty=-100.0), Desk(order7=100.0)) == []
        s = state(bear_order=7, bear_left=100.0, busy=True)
        assert decide(features(support=103.0), params(), s, account(), Desk(order7=100.0)) == []

    def test_the_reversal_long_makes_room_and_a_bounce_does_not(self):
        for stage, yields in ((Bull.REVERSAL, 1), (Bull.BOUNCE, 0)):
            desk = Desk(order9=-150.0)
            s = state(**LONG, bull_stage=stage, bull_protection=9, bull_left=-150.0)
            decide(features(support=103.0), params(), s, account(qty=150.0), desk)
            assert len(sent_by(desk, Reason.BULL_YIELD)) == yields
            assert (("cancel", 9) in desk.sent) is bool(yields)
            assert s.bull_stage == (Bull.OUT if yields else stage)


class TestBearHeld:
    def held(self, f=None, p=None, close=100.0, desk=None, **given):
        """A close with 400 shares short, tiers 1 and 2 waiting, the stop for all of it."""
        working = {"order2": -100.0, "order3": -100.0, "order4": 600.0}
        desk = desk or Desk(**working)
        left = sum(desk.live.values())
        s = state(**{**HOLDING, "tier_2": 2, "tier_3": 3, "bear_protection": 4, "bear_left": left, **given})
        decide(f or features(), p or params(), s, account(qty=s.bear), desk, row(close))
        return s, desk

    def test_the_stop_stays_where_it_is_or_follows_the_lowest_low_down(self):
        s, desk = self.held(close=100.5)
        assert desk.sent == [("move", 4, 107.0)]
        s, desk = self.held(close=97.0)
        assert (s.bear_best, s.bear_level) == (96.0, 104.0)
        assert desk.sent == [("move", 4, 104.0)]
        s, desk = self.held(f=features(bear_range=12.0), close=97.0)
        assert s.bear_level == 107.0  # wider volatility never takes it back

    @pytest.mark.parametrize(("age", "cancelled"), [(8, []), (9, [2]), (18, [2]), (19, [2, 3])])
    def test_tiers_expire(self, age, cancelled):
        _, desk = self.held(bear_age=age, p=params(step=0.0))
        assert [order[1] for order in desk.sent if order[0] == "cancel" and order[1] != 4] == cancelled

    @pytest.mark.parametrize(("stop", "cancelled"), [(101.1, []), (101.0, [3]), (100.6, [3]), (100.5, [2, 3])])
    def test_a_tier_at_or_above_the_stop_is_taken_out(self, stop, cancelled):
        _, desk = self.held(bear_level=stop)
        assert [order[1] for order in desk.sent if order[0] == "cancel" and order[1] != 4] == cancelled

    def test_the_stop_is_cut_to_what_may_still_be_held(self):
        s, desk = self.held(bear_level=100.8)
        assert desk.sent == [("cancel", 3), ("cancel", 4), ("stop", SMALL, 500.0, 100.8, Reason.BEAR_STOP)]
        assert desk.quantity(s.bear_protection) == 500.0

    @pytest.mark.parametrize(("close", "covered"), [(102.0, False), (102.01, True)])
    def test_a_close_back_above_the_level_covers_all_and_brings_the_bull(self, close, covered):
        s, desk = self.held(close=close)
        assert (sent_by(desk, Reason.BEAR_RECLAIMED) == [("market", SMALL, 400.0, Reason.BEAR_RECLAIMED)]) is covered
        assert len(sent_by(desk, Reason.BULL_REVERSAL)) == covered
        assert s.bear_stage == (Bear.WATCHING if covered else Bear.HOLDING)
        if covered:
            assert {("cancel", 2), ("cancel", 3), ("cancel", 4)} <= set(map(tuple, desk.sent[:3]))
            assert sent_by(desk, Reason.BULL_REVERSAL)[0][2] == pytest.approx(0.3 * 100_000 / close)
            assert (s.bull_stage, s.bull_age) == (Bull.REVERSAL, 0)

    def test_the_bull_stays_away_where_its_size_is_0_or_it_holds_a_bounce(self):
        s, desk = self.held(close=103.0, p=params(reversal_size=0.0))
        assert sent_by(desk, Reason.BULL_REVERSAL) == []
        assert s.bull_stage == Bull.OUT
        desk = Desk(order2=-100.0, order3=-100.0, order4=600.0, order9=-150.0)
        s = state(**{**HOLDING, **LONG, "bull_stage": Bull.BOUNCE, "bull_protection": 9, "bull_left": -150.0})
        s.tier_2, s.tier_3, s.bear_protection, s.bear_left = 2, 3, 4, 400.0
        decide(features(), params(), s, account(qty=-250.0), desk, row(103.0))
        assert len(sent_by(desk, Reason.BEAR_RECLAIMED)) == 1
        assert sent_by(desk, Reason.BULL_REVERSAL) == []

    @pytest.mark.parametrize(("on", "target", "close", "covered"), [
        (True, 95.0, 95.0, True), (True, 95.0, 95.01, False), (False, 95.0, 94.0, False), (True, 0.0, 95.0, False),
    ])  # fmt: skip
    def test_the_measured_move(self, on, target, close, covered):
        _, desk = self.held(close=close, target=target, p=params(take_target=on))
        assert len(sent_by(desk, Reason.BEAR_TARGET)) == covered

    @pytest.mark.parametrize(("given", "changed", "since", "steps"), [
        ({}, {"turn": 1.0}, 4, 1), ({}, {"turn": 1.0}, 3, 0), ({}, {"quiet_low": 1.0, "rsi": 40.0}, 4, 1),
        ({}, {}, 4, 0), ({"step": 0.0}, {"turn": 1.0}, 4, 0),
    ])  # fmt: skip
    def test_signs_of_a_turn_cover_a_step(self, given, changed, since, steps):
        s, desk = self.held(f=features(**changed), p=params(**given), since_step=since)
        assert len(sent_by(desk, Reason.BEAR_REDUCE)) == steps
        assert s.bear_stage == (Bear.REDUCED if steps else Bear.HOLDING)
        assert s.since_step == (0 if steps else since + 1)

    def test_a_step_is_of_the_largest_position_and_ends_the_tiers(self):
        s, desk = self.held(f=features(turn=1.0), since_step=9, full=500.0, p=params(step=0.34))
        assert desk.sent == [
            ("cancel", 2), ("cancel", 3), ("market", SMALL, 170.0, Reason.BEAR_REDUCE), ("cancel", 4),
            ("stop", SMALL, 230.0, 107.0, Reason.BEAR_STOP),
        ]  # fmt: skip
        assert s.bear_left == pytest.approx(170.0 + 230.0)

    def test_the_largest_position_is_remembered(self):
        assert self.held(full=300.0)[0].full == 400.0
        assert self.held(full=500.0)[0].full == 500.0

    def test_a_split_converts_it(self):
        s = state(**{**HOLDING, "full": 500.0, "bear_left": 400.0, "bear_protection": 4})
        decide(features(), params(), s, account(qty=-800.0), Desk(order4=800.0), row(split=2.0))
        assert (s.bear, s.full) == (-800.0, 1000.0)

    @pytest.mark.parametrize(
        ("full", "stage"), [(1250.0, Bear.WATCHING), (1000.0, Bear.WATCHING), (999.0, Bear.REDUCED)]
    )
    def test_the_last_step_covers_all(self, full, stage):
        s, desk = self.held(f=features(turn=1.0), since_step=9, full=full, p=params(step=0.4))
        share = min(400.0, 0.4 * full)
        assert sent_by(desk, Reason.BEAR_REDUCE) == [("market", SMALL, share, Reason.BEAR_REDUCE)]
        assert s.bear_stage == stage

    def test_a_stop_that_filled_ends_the_trade_and_counts(self):
        s, desk = self.held(bear=0.0, desk=Desk(order2=-100.0))
        assert desk.sent == [("cancel", 2)]
        assert (s.bear_stage, s.stops, s.since_stop, s.busy) == (Bear.WATCHING, 1, 0, False)

    def test_an_entry_that_was_refused_does_not_count(self):
        s, desk = self.held(bear=0.0, desk=Desk(order4=400.0))
        assert desk.sent == [("cancel", 4)]
        assert (s.bear_stage, s.stops) == (Bear.WATCHING, 0)

    @pytest.mark.parametrize(("stops", "since", "now", "cooling"), [
        (0, 100_000, 1, 0), (1, 58, 0, 40), (1, 59, 0, 40), (1, 60, 1, 0),
    ])  # fmt: skip
    def test_two_stops_in_a_row_start_the_cool_down(self, stops, since, now, cooling):
        s, _ = self.held(bear=0.0, desk=Desk(), stops=stops, since_stop=since)
        assert (s.stops, s.cooling, s.since_stop) == (now, cooling, 0)


class TestBull:
    @pytest.mark.parametrize(("given", "changed", "wait", "opens"), [
        ({}, {}, 0, True), ({}, {"rsi": 30.0}, 0, False), ({}, {"rsi": 29.99}, 0, True),
        ({}, {"quiet_low": 0.0}, 0, False), ({}, {"slow": 100.0}, 0, False), ({}, {"slow": 100.01}, 0, True),
        ({"bull_size": 0.0}, {}, 0, False), ({}, {}, 1, True), ({}, {}, 2, False),
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
        assert self.long()[1].sent == [("move", 9, 96.0)]
        s, _ = self.long(close=106.0)
        assert (s.bull_best, s.bull_level) == (107.0, 102.0)
        assert self.long(f=features(bull_range=9.0))[1].sent == [("move", 9, 95.0)]

    @pytest.mark.parametrize(("rsi", "stage", "sold"), [
        (50.0, Bull.BOUNCE, 1), (49.99, Bull.BOUNCE, 0), (50.0, Bull.REVERSAL, 0),
    ])  # fmt: skip
    def test_a_bounce_that_has_come_is_sold(self, rsi, stage, sold):
        s, desk = self.long(f=features(rsi=rsi), stage=stage)
        assert sent_by(desk, Reason.BULL_DONE) == [("market", SMALL, -150.0, Reason.BULL_DONE)] * sold
        assert (s.bull_wait, s.bull_stage) == ((5, Bull.OUT) if sold else (0, stage))

    @pytest.mark.parametrize(("age", "stage", "sold"), [
        (8, Bull.BOUNCE, 0), (9, Bull.BOUNCE, 1), (58, Bull.REVERSAL, 0), (59, Bull.REVERSAL, 1),
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

    def test_both_are_closed_and_start_anew_where_it_disagrees(self):
        desk, s = Desk(), state(**HOLDING, bull=50.0)
        decide(features(), params(), s, account(qty=-200.0), desk)
        assert desk.sent == [("close", SMALL, Reason.BOTH_CLOSED)]
        assert (s.bear_stage, s.bull_stage, s.bear, s.bull) == (Bear.WATCHING, Bull.OUT, 0.0, 0.0)

    def test_so_are_shares_that_nobody_knows(self):
        assert decide(features(), params(), state(), account(qty=5.0), Desk())[0][-1] == Reason.BOTH_CLOSED
        assert decide(features(), params(), state(), account(qty=-5.0), Desk())[0][-1] == Reason.BOTH_CLOSED

    def test_shares_that_are_sold_after_the_decision_are_waited_for(self):
        s = state(bear=-100.0, bear_order=7, bear_left=100.0, busy=True)
        decide(features(), params(), s, account(qty=-100.0), Desk(order7=100.0))
        assert s.busy
        s = state(bull=100.0, bull_order=7, bull_left=-100.0, busy=True)
        decide(features(), params(), s, account(qty=100.0), Desk(order7=-100.0))
        assert s.busy


class TestFund:
    def test_prices_of_the_small_caps_in_prices_of_the_fund(self):
        assert translate(102.0, 100.0, 20.0, -2.0) == pytest.approx(20.0 * 0.96)
        assert translate(102.0, 100.0, 50.0, 1.0) == pytest.approx(51.0)
        assert translate(160.0, 100.0, 20.0, -2.0) == CHEAPEST

    def decide(self, s, desk, held, f=None, **given):
        bar = SimpleNamespace(small=row(), inverse=row(20.0))
        DoubleAgentFund.on_bar(bar, f or features(support=103.0), params(DoubleAgentFund, **given), s, held, desk)
        return desk.sent

    def test_the_bear_buys_half_as_much_of_a_fund_that_moves_twice_as_much(self):
        """Exposure 0.5 of 100,000 is 25,000 of the fund, 1,250 shares: half, a quarter and a quarter."""
        desk = Desk()
        self.decide(state(), desk, account(), factor=2.0)
        assert desk.sent == [
            ("market", INVERSE, 625.0, Reason.BEAR_BREACH),
            ("limit", INVERSE, 312.5, 20.0 * (1 - 2 * 0.015), Reason.BEAR_TIER_2),
            ("limit", INVERSE, 312.5, 20.0 * (1 - 2 * 0.03), Reason.BEAR_TIER_3),
            ("move", 102, 20.0 * (1 - 2 * 0.015)),
            ("move", 103, 20.0 * (1 - 2 * 0.03)),
            ("stop", INVERSE, -1250.0, 20.0 * (1 - 2 * 0.11), Reason.BEAR_STOP),
        ]

    @pytest.mark.parametrize(("decay", "orders"), [(1.0, True), (1.01, False)])
    def test_no_bear_where_the_daily_reset_costs_too_much(self, decay, orders):
        assert bool(self.decide(state(), Desk(), account(), features(support=103.0, decay=decay))) is orders

    @pytest.mark.parametrize("held", [account(inverse=-5.0), account(qty=-5.0)])
    def test_shares_on_the_wrong_side_close_both(self, held):
        sent = self.decide(state(), Desk(), held)
        assert sent == [("close", SMALL, Reason.BOTH_CLOSED), ("close", INVERSE, Reason.BOTH_CLOSED)]

    @pytest.mark.parametrize("held", [account(frozen=1), account(equity=0.0)])
    def test_nothing_while_the_broker_liquidates_nor_without_equity(self, held):
        s = state(cooling=5)
        assert self.decide(s, Desk(), held) == []
        assert s.cooling == 5

    def test_nothing_before_history_suffices(self):
        assert self.decide(state(), Desk(), account(), features(support=103.0, atr=NAN)) == []

    def test_signs_of_the_shares(self):
        assert (SHORT, FUND) == (-1.0, 1.0)


class TestScore:
    def score(self, **given):
        said = {"interest": 1.0, "sectors": 0.5, "volume": 1.0, "top": 0.0, **given}
        weights = {f"weigh_{name}": said.pop(f"weigh_{name}") for name in tuple(said) if f"weigh_{name}" in said}
        arrays = {name: np.array([value]) for name, value in said.items() if not name.startswith("weigh")}
        weights |= {name: value for name, value in said.items() if name.startswith("weigh")}
        return float(score_of(arrays, params(**weights))[0])

    def test_is_the_weighted_mean_of_what_is_known(self):
        assert self.score() == pytest.approx(1.5 / 4)
        assert self.score(interest=NAN) == pytest.approx(0.5 / 3)
        assert self.score(weigh_sectors=0.0) == pytest.approx(1.0 / 3)
        assert self.score(weigh_sectors=3.0) == pytest.approx(2.5 / 6)

    def test_volume_counts_from_its_threshold_on(self):
        assert self.score(volume=1.2) - self.score(volume=1.19) == pytest.approx(0.25)
        assert self.score(volume=NAN) == pytest.approx(1.5 / 3)

    def test_is_1_where_nothing_is_asked_or_known(self):
        assert self.score(interest=NAN, sectors=NAN, volume=NAN, top=NAN) == 1.0
        assert self.score(weigh_interest=0.0, weigh_sectors=0.0, weigh_volume=0.0, weigh_top=0.0) == 1.0
