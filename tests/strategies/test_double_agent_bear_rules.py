# SPDX-License-Identifier: Apache-2.0
"""How the Double Agent's bear is held, shrunk and left, on rows worked out by hand."""

import pytest

from strategies.agents.bear import Bear
from strategies.agents.bull import Bull
from strategies.agents.orders import SMALL, Reason
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

    def test_a_tier_that_is_taken_out_is_forgotten(self):
        s, desk = self.held(bear_age=30, tier_2=1, desk=Desk(order1=-100.0, order3=-100.0, order4=600.0))
        assert (s.tier_2, s.tier_3) == (0, 0)
        assert {1, 3}.isdisjoint(desk.live)
        s, desk = self.held(bear_age=30, tier_2=2, tier_3=1, desk=Desk(order1=-100.0, order2=-100.0, order4=600.0))
        assert {1, 2}.isdisjoint(desk.live)

    @pytest.mark.parametrize(("age", "cancelled"), [(8, []), (9, [2]), (18, [2]), (19, [2, 3]), (30, [2, 3])])
    def test_tiers_expire(self, age, cancelled):
        _, desk = self.held(bear_age=age, p=params(step=0.0))
        assert [order[1] for order in desk.sent if order[0] == "cancel" and order[1] != 4] == cancelled

    @pytest.mark.parametrize(
        ("stop", "cancelled"), [(101.1, []), (101.0, [3]), (100.6, [3]), (100.5, [2, 3]), (100.4, [2, 3])]
    )
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
        (True, 95.0, 94.0, True), (True, 95.0, 95.0, True), (True, 95.0, 95.01, False),
        (False, 95.0, 94.0, False), (True, 0.0, 95.0, False),
    ])  # fmt: skip
    def test_the_measured_move(self, on, target, close, covered):
        _, desk = self.held(close=close, target=target, p=params(take_target=on))
        assert len(sent_by(desk, Reason.BEAR_TARGET)) == covered

    @pytest.mark.parametrize(("given", "changed", "since", "steps"), [
        ({}, {"turn": 1.0}, 0, 1), ({"step_pause": 5}, {"turn": 1.0}, 4, 1), ({"step_pause": 5}, {"turn": 1.0}, 3, 0),
        ({}, {"quiet_low": 1.0, "rsi": 40.0}, 4, 1),
        ({}, {}, 4, 0), ({"step": 0.0}, {"turn": 1.0}, 4, 0),
    ])  # fmt: skip
    def test_signs_of_a_turn_cover_a_step(self, given, changed, since, steps):
        s, desk = self.held(f=features(**changed), p=params(**given), since_step=since)
        assert len(sent_by(desk, Reason.BEAR_REDUCE)) == steps
        assert s.bear_stage == (Bear.REDUCED if steps else Bear.HOLDING)
        assert s.since_step == (0 if steps else since + 1)

    def test_a_bear_that_was_reduced_is_held_by_the_same_rules(self):
        s, desk = self.held(bear_stage=Bear.REDUCED, f=features(turn=1.0), since_step=9, full=500.0)
        assert sent_by(desk, Reason.BEAR_REDUCE) == [("market", SMALL, 170.0, Reason.BEAR_REDUCE)]
        assert desk.sent[-1] == ("stop", SMALL, 230.0, 107.0, Reason.BEAR_STOP)
        s, desk = self.held(bear_stage=Bear.REDUCED, close=103.0)
        assert len(sent_by(desk, Reason.BEAR_RECLAIMED)) == 1
        assert (s.bear_stage, s.busy) == (Bear.WATCHING, True)

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
        (0, 100_000, 1, 0), (1, 58, 0, 40), (1, 59, 0, 40), (1, 60, 1, 0), (2, 58, 0, 40),
    ])  # fmt: skip
    def test_two_stops_in_a_row_start_the_cool_down(self, stops, since, now, cooling):
        s, _ = self.held(bear=0.0, desk=Desk(), stops=stops, since_stop=since)
        assert (s.stops, s.cooling, s.since_stop) == (now, cooling, 0)

    def test_a_third_stop_where_three_are_asked_for(self):
        s, _ = self.held(bear=0.0, desk=Desk(), stops=1, since_stop=58, p=params(whipsaws=3))
        assert (s.stops, s.cooling) == (2, 0)
        s, _ = self.held(bear=0.0, desk=Desk(), stops=2, since_stop=58, p=params(whipsaws=3))
        assert (s.stops, s.cooling) == (0, 40)
