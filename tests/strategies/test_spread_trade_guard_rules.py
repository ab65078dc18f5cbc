# SPDX-License-Identifier: Apache-2.0
"""The unwind guard and the leg stops of the spread trade, on rows worked out by hand."""

import pytest

from strategies import spread_trade
from strategies.spread_trade import LARGE, SMALL, Reason, Stage
from tests.strategies.spread_desk import Desk, account, bar, decide, features, params, state

HALF = [("target", LARGE, 0.25, Reason.UNWIND_HALF), ("target", SMALL, -0.2, Reason.UNWIND_HALF)]
FLAT = [("close", LARGE, Reason.UNWIND_FLAT), ("close", SMALL, Reason.UNWIND_FLAT)]


class TestGuard:
    HELD = account(large=50_000.0, small=-40_000.0)
    HALF_HELD = account(large=25_000.0, small=-20_000.0)
    P = params(target_volatility=0.05)

    def run(self, s, shocks):
        """What is sent on each of the days."""
        sent = []
        for shock in shocks:
            held = self.HELD if s.stage == Stage.CALM else self.HALF_HELD
            sent.append(decide(features(shock=shock), self.P, s, held, Desk()))
        return sent

    def test_a_shock_halves_once(self):
        s = state(side=True)
        assert self.run(s, [-2.4, -2.5, -2.4]) == [[], HALF, []]
        assert s.stage == Stage.HALVED

    def test_a_deep_shock_goes_flat_at_once(self):
        s = state(side=True)
        assert self.run(s, [-3.5]) == [FLAT]
        assert (s.side, s.stage, s.cooling) == (False, Stage.CALM, 20)

    def test_a_shock_that_deepens_takes_the_rest(self):
        assert self.run(state(side=True), [-2.6, -3.6]) == [HALF, FLAT]

    def test_a_shock_that_lasts_takes_the_rest_after_its_patience(self):
        assert self.run(state(side=True), [-2.6, -2.6, -2.6, -2.6]) == [HALF, [], [], FLAT]

    def test_a_shock_that_stands_at_its_threshold_lasts(self):
        assert self.run(state(side=True), [-2.5, -2.5, -2.5, -2.5]) == [HALF, [], [], FLAT]

    def test_a_shock_that_comes_back_late_takes_the_rest(self):
        days = self.run(state(side=True), [-2.6, -1.5, -1.5, -1.5, -2.6])
        assert days == [HALF, [], [], [], FLAT]

    def test_full_size_comes_back_when_the_shock_and_the_cool_down_have_passed(self):
        s = state(side=True)
        days = self.run(s, [-2.6, *[-0.9] * 20])
        assert days[1:20] == [[]] * 19
        assert days[20] == [("target", LARGE, 0.5, Reason.RESTORE), ("target", SMALL, -0.4, Reason.RESTORE)]
        assert s.stage == Stage.CALM

    def test_what_was_never_cut_is_not_restored(self):
        assert decide(features(), self.P, state(side=True, since_cut=50), self.HELD, Desk()) == []

    @pytest.mark.parametrize("shock", [-1.0, -1.5])
    def test_full_size_waits_for_the_shock_to_pass(self, shock):
        s = state(side=True)
        assert self.run(s, [-2.6, *[shock] * 30])[1:] == [[]] * 30
        assert s.stage == Stage.HALVED
        assert self.run(s, [-0.99])[0][0] == ("target", LARGE, 0.5, Reason.RESTORE)

    def test_the_reverse_is_shocked_by_the_ratios_jumps(self):
        p = params(target_volatility=0.05, direction="short_large_long_small")
        held = account(large=-50_000.0, small=40_000.0)
        f = features(shock=2.6, z=-0.8, momentum=-0.01)
        sent = decide(f, p, state(side=True, best=-1.0), held, Desk())
        assert sent == [("target", LARGE, -0.25, Reason.UNWIND_HALF), ("target", SMALL, 0.2, Reason.UNWIND_HALF)]

    def test_the_guard_can_be_off(self):
        p = params(target_volatility=0.05, unwind_shock=-20.0, unwind_flat=-20.0)
        assert decide(features(shock=-19.0), p, state(side=True), self.HELD, Desk()) == []


class TestLegStops:
    P = params(target_volatility=0.05, leg_stop=3.0)
    HELD = account(large=50_000.0, small=-40_000.0)

    @pytest.mark.parametrize(
        ("level", "close", "is_long", "after"),
        [
            (0.0, 100.0, True, 94.0),
            (0.0, 100.0, False, 106.0),
            (95.0, 100.0, True, 95.0),  # never back
            (93.0, 100.0, True, 94.0),
            (105.0, 100.0, False, 105.0),
            (107.0, 100.0, False, 106.0),
        ],
    )
    def test_the_level_follows_the_close_and_never_goes_back(self, level, close, is_long, after):
        assert spread_trade.ratchet(level, close, 6.0, is_long) == after

    def test_a_level_below_nothing_is_a_level(self):
        """A stop that is wider than the price: it never goes back either."""
        assert spread_trade.ratchet(-5.0, 100.0, 110.0, is_long=True) == -5.0

    def test_a_stop_of_one_range(self):
        sent = decide(features(), params(target_volatility=0.05, leg_stop=1.0), state(side=True), self.HELD, Desk())
        assert [said[3] for said in sent if said[0] == "stop"] == [98.0, 101.0]

    def test_the_stops_of_the_reverse_are_above_the_large_leg_and_below_the_small(self):
        p = params(target_volatility=0.05, leg_stop=3.0, direction="short_large_long_small")
        s, desk = state(level_large=90.0, level_small=110.0), Desk(order101=-500.0, order102=400.0)
        sent = decide(features(momentum=-0.02, z=-0.8), p, s, account(), desk)
        stops = [said for said in sent if said[0] == "stop"]
        assert stops == [
            ("stop", LARGE, 500.0, 106.0, Reason.LEG_STOP), ("stop", SMALL, -400.0, 97.0, Reason.LEG_STOP),
        ]  # fmt: skip

    def test_each_leg_gets_a_stop_that_may_only_reduce(self):
        s = state(side=True)
        sent = decide(features(), self.P, s, self.HELD, Desk())
        assert sent == [
            ("cancel", 0),
            ("stop", LARGE, -500.0, 94.0, Reason.LEG_STOP),
            ("reduce only", 102),
            ("cancel", 0),
            ("stop", SMALL, 400.0, 103.0, Reason.LEG_STOP),
            ("reduce only", 105),
        ]
        assert (s.stop_large, s.stop_small) == (102, 105)

    def test_an_entry_is_protected_from_its_first_bar(self):
        """The stops cover what the entry's orders will buy and sell: 101 and 102 here."""
        desk = Desk(order101=500.0, order102=-400.0)
        sent = decide(features(), self.P, state(level_large=150.0, level_small=50.0), account(), desk)
        stops = [said[1:4] for said in sent if said[0] == "stop"]
        assert stops == [(LARGE, -500.0, 94.0), (SMALL, 400.0, 103.0)], "levels of an earlier trade are forgotten"

    def test_a_stop_covers_what_a_rebalance_will_make_of_the_leg(self):
        """Two hundred shares more are on their way: the stop of five hundred becomes one of seven hundred."""
        s = state(side=True, order_large=9, stop_large=7, stop_small=8, level_large=94.0, level_small=103.0)
        sent = decide(features(), self.P, s, self.HELD, Desk(order7=-500.0, order8=400.0, order9=200.0))
        assert sent[:2] == [("cancel", 7), ("stop", LARGE, -700.0, 94.0, Reason.LEG_STOP)]

    @pytest.mark.parametrize(("order", "sizes"), [("large", (-700.0, 400.0)), ("small", (-500.0, 200.0))])
    def test_the_order_of_one_leg_changes_the_stop_of_that_leg(self, order, sizes):
        """The very first order of the run: two hundred shares more of that leg, the other has none."""
        s = state(side=True, **{f"order_{order}": 1})
        sent = decide(features(), self.P, s, self.HELD, Desk(order1=200.0))
        assert tuple(said[2] for said in sent if said[0] == "stop") == sizes

    def test_a_stop_of_the_right_size_is_moved(self):
        s = state(side=True, stop_large=7, stop_small=8, level_large=96.0, level_small=102.0)
        sent = decide(features(), self.P, s, self.HELD, Desk(order7=-500.0, order8=400.0))
        assert sent == [("move", 7, 96.0), ("move", 8, 102.0)]

    def test_a_stop_of_another_size_is_replaced(self):
        s = state(side=True, stop_large=7, stop_small=8, level_large=96.0, level_small=102.0)
        sent = decide(features(), self.P, s, self.HELD, Desk(order7=-300.0, order8=400.0))
        assert sent[:2] == [("cancel", 7), ("stop", LARGE, -500.0, 96.0, Reason.LEG_STOP)]

    def test_levels_are_remembered_in_prices_that_no_split_moves(self):
        """Two shares for one since: today's 100 is 200 of the old, the ATR of 2 is an old one, the order is today's."""
        s = state(side=True, stop_large=7, stop_small=8, level_large=190.0, level_small=102.0)
        sent = decide(features(), self.P, s, self.HELD, Desk(order7=-500.0, order8=400.0), bar(large=2.0))
        assert s.level_large == 194.0
        assert sent[0] == ("move", 7, 97.0)

    def test_leaving_forgets_the_stops(self):
        s = state(side=True, stop_large=7, stop_small=8)
        decide(features(z=-1.0), self.P, s, self.HELD, Desk())
        assert (s.stop_large, s.stop_small, s.weight) == (0, 0, 0.0)
