# SPDX-License-Identifier: Apache-2.0
"""When the Double Agent's bear acts and how much it sells, on rows worked out by hand."""

import pytest

from strategies.agents.bear import Bear, bear_exposure, is_breached
from strategies.agents.bull import Bull
from strategies.agents.orders import SMALL, Reason
from tests.strategies.double_agent_desk import (
    LONG,
    NAN,
    Desk,
    account,
    decide,
    features,
    params,
    row,
    sent_by,
    state,
)


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

    def test_a_small_equity_is_one(self):
        s = state(cooling=5)
        decide(features(), params(), s, account(equity=0.5), Desk())
        assert s.cooling == 4

    @pytest.mark.parametrize("known", [{}, {"atr": 0.1}, {"volatility": 0.001}, {"rsi": 0.0}])
    def test_but_otherwise(self, known):
        assert len(decide(features(support=101.5, **known), params(), state(), account(), Desk())) == 4


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
            ({}, {"support": 101.5, "since_below": 126.0}, 100.0, True),
            ({}, {"support": 101.5, "since_below": 125.0}, 100.0, False),
            ({"fresh": 0}, {"support": 101.5, "since_below": 1.0}, 100.0, True),
            ({"max_crossings": 8}, {"support": 101.5}, 100.0, True),
            ({"max_crossings": 7}, {"support": 101.5}, 100.0, False),
            ({"score": 0.5}, {"support": 101.5}, 100.0, True),
            ({"score": 0.51}, {"support": 101.5}, 100.0, False),
            ({"score": 0.4}, {"support": 101.5}, 100.0, True),
            ({}, {"support": 101.5, "score": 0.49}, 100.0, False),  # half of them, where nothing else is asked
            ({}, {"support": 101.5, "score": NAN}, 100.0, False),  # nobody is known
            ({"score": 0.0}, {"support": 101.5, "score": NAN}, 100.0, True),
            ({"score": 0.0}, {"support": 101.5, "score": 0.0}, 100.0, True),
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

    @pytest.mark.parametrize("changed", [
        {"support": 100.0}, {"support": 99.0}, {"cross": 1.0, "slow": 100.0}, {"cross": 1.0, "slow": 99.0},
    ])  # fmt: skip
    def test_a_close_that_is_not_below_a_level_begins_no_test(self, changed):
        s = state()
        assert not is_breached(100.0, features(**changed), params(trigger="either"), s)
        assert (s.bear_stage, s.level, s.closes) == (Bear.WATCHING, 0.0, 0)

    @pytest.mark.parametrize(
        ("close", "stage"), [(101.0, Bear.WATCHING), (100.5, Bear.WATCHING), (100.49, Bear.TESTING)]
    )
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

    @pytest.mark.parametrize(("least", "exposure"), [(0.2, 0.3), (0.0, 0.25), (1.0, 0.5)])
    def test_a_shallow_break_earns_the_least_and_a_part_of_the_rest(self, least, exposure):
        """Half of the full depth, half of equity at that volatility."""
        found = bear_exposure(100.0, features(), params(least=least), state(level=101.5))
        assert found == pytest.approx(exposure)

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
        assert (s.full, s.since_step) == (0.0, 0)

    def test_after_a_split_levels_go_on_and_orders_are_at_prices_as_traded(self):
        """A close of 50 is one of 100, and so are low and high."""
        small, desk, s = row(50.0, high=50.5, low=49.5, factor=2.0), Desk(), state()
        decide(features(support=103.0), params(), s, account(), desk, small)
        assert [order[:4] for order in desk.sent[1:]] == [
            ("limit", SMALL, -250.0, 50.75), ("limit", SMALL, -250.0, 51.5), ("stop", SMALL, 1000.0, 55.5),
        ]  # fmt: skip
        assert (s.level, s.entry, s.bear_best, s.bear_level) == (103.0, 100.0, 99.0, 111.0)

    def test_tiers_that_sum_to_more_are_scaled(self):
        desk = Desk()
        decide(features(support=103.0), params(tier_1=1.0, tier_2=1.0, tier_3=0.0), state(), account(), desk)
        assert [order[2] for order in desk.sent] == [-250.0, -250.0, 500.0]
        desk = Desk()
        decide(features(support=103.0), params(tier_1=0.5, tier_2=0.5, tier_3=1.0), state(), account(), desk)
        assert [order[2] for order in desk.sent] == [-125.0, -125.0, -250.0, 500.0]
        desk = Desk()
        decide(features(support=103.0), params(tier_3=0.0), state(), account(), desk)
        assert [order[2] for order in desk.sent] == [-250.0, -125.0, 375.0]

    def test_the_stop_of_a_bull_stays_where_a_level_breaks(self):
        desk = Desk(order1=-150.0)
        s = state(**LONG, bull_stage=Bull.BOUNCE, bull_protection=1, bull_left=-150.0)
        decide(features(support=103.0), params(), s, account(qty=150.0), desk)
        assert desk.live[1] == -150.0
        assert s.bear_protection > 1

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
