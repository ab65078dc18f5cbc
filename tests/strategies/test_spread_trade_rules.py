# SPDX-License-Identifier: Apache-2.0
"""The rules of the spread trade one by one, on rows worked out by hand: entry, size, rebalance, exits."""

import pytest

from strategies import spread_trade
from strategies.spread_trade import LARGE, SMALL, Reason, Stage
from tests.strategies.spread_desk import LONG, SHORT, Desk, account, decide, features, params, state


class TestEntry:
    @pytest.mark.parametrize(
        ("changed", "wants"),
        [
            ({}, True),
            ({"z": 0.5}, True),  # the band itself is enough
            ({"z": 0.49}, False),
            ({"momentum": 0.0}, False),
            ({"momentum": -0.01}, False),
            ({"trend": -0.01}, False),
            ({"shock": -1.0}, False),  # a shock at the level that must be recovered first
            ({"shock": -1.5}, False),
            ({"shock": -0.99}, True),
            ({"momentum": float("nan")}, False),
        ],
    )
    def test_long_the_ratio(self, changed, wants):
        assert spread_trade.wants_in(features(**changed), params(), LONG) is wants

    @pytest.mark.parametrize(
        ("changed", "wants"),
        [
            ({"momentum": -0.02, "z": -0.8}, True),
            ({"momentum": 0.02, "z": -0.8}, False),
            ({"momentum": -0.02, "z": 0.8}, False),
            ({"momentum": -0.02, "z": -0.8, "trend": 0.01}, False),
            ({"momentum": -0.02, "z": -0.8, "shock": 1.0}, False),  # its shocks are the ratio's jumps
        ],
    )
    def test_short_the_ratio_is_the_mirror(self, changed, wants):
        assert spread_trade.wants_in(features(**changed), params(), SHORT) is wants

    def test_both_legs_are_ordered_at_once(self):
        s = state()
        sent = decide(features(), params(), s, account(), Desk())
        weight = 1.6 / 1.8  # the cap: 10 % over 10 % volatility would be 1.0
        assert sent == [("target", LARGE, weight, Reason.ENTER), ("target", SMALL, -weight * 0.8, Reason.ENTER)]
        assert s.side
        assert s.best == 1.0

    def test_the_reverse_shorts_large_and_buys_small(self):
        f = features(momentum=-0.02, z=-0.8, volatility=0.2)
        sent = decide(f, params(direction="short_large_long_small"), state(), account(), Desk())
        assert sent == [("target", LARGE, -0.5, Reason.ENTER), ("target", SMALL, 0.4, Reason.ENTER)]

    def test_cool_down_runs_out_before_the_next_entry(self):
        s = state(cooling=2)
        assert decide(features(), params(), s, account(), Desk()) == []
        assert s.cooling == 1
        assert len(decide(features(), params(), s, account(), Desk())) == 2

    @pytest.mark.parametrize("name", ["z", "volatility", "shock", "ratio_atr"])
    def test_nothing_is_decided_before_history_suffices(self, name):
        assert decide(features(**{name: float("nan")}), params(), state(), account(), Desk()) == []

    @pytest.mark.parametrize("name", ["z", "volatility", "shock", "ratio_atr"])
    def test_nothing_is_decided_within_a_trade_either(self, name):
        """A gap in the data: the legs have drifted, and stay as they are."""
        s, held = state(side=True), account(large=80_000.0, small=-20_000.0)
        assert len(decide(features(), params(), state(side=True), held, Desk())) == 2
        assert decide(features(**{name: float("nan")}), params(), s, held, Desk()) == []

    @pytest.mark.parametrize(("direction", "best"), [("long_large_short_small", 1.3), ("short_large_long_small", -1.3)])
    def test_the_best_ratio_starts_with_the_trade(self, direction, best):
        s, side = state(best=9.0), 1.0 if best > 0.0 else -1.0
        f = features(ratio=1.3, momentum=0.02 * side, z=0.8 * side)
        assert len(decide(f, params(direction=direction), s, account(), Desk())) == 2
        assert s.best == best

    def test_nothing_is_decided_while_the_broker_liquidates(self):
        held = account()
        held.frozen = 1
        assert decide(features(), params(), state(), held, Desk()) == []


class TestSize:
    def test_the_volatility_target(self):
        assert spread_trade.wanted_weight(features(volatility=0.25), params(), state(), LONG) == pytest.approx(0.4)

    def test_the_cap_is_on_both_legs_together(self):
        f = features(volatility=0.01, hedge=1.0)
        assert spread_trade.wanted_weight(f, params(gross_cap=1.2), state(), LONG) == pytest.approx(0.6)

    def test_half_of_it_after_the_first_cut(self):
        s = state(stage=Stage.HALVED)
        assert spread_trade.wanted_weight(features(volatility=0.25), params(), s, LONG) == pytest.approx(0.2)

    @pytest.mark.parametrize(
        ("z", "side", "weight"),
        [(0.5, LONG, 0.4), (1.5, LONG, 0.6), (2.5, LONG, 0.8), (-1.5, LONG, 0.4), (-2.5, SHORT, 0.8)],
    )
    def test_the_pyramid_adds_half_for_each_sigma_beyond_entry(self, z, side, weight):
        f = features(volatility=0.25, z=z)
        assert spread_trade.wanted_weight(f, params(pyramid="follow"), state(), side) == pytest.approx(weight)

    @pytest.mark.parametrize("form", ["follow", "ratchet"])
    def test_the_pyramid_stops_at_the_cap(self, form):
        f, p = features(volatility=0.25, z=9.0), params(pyramid=form, pyramid_step=2.0)
        assert spread_trade.wanted_weight(f, p, state(widest=8.5), LONG) == pytest.approx(1.6 / 1.8)

    @pytest.mark.parametrize(("form", "weight"), [("none", 0.2), ("follow", 0.3), ("ratchet", 0.45)])
    def test_the_ratchet_stands_on_the_widest_and_not_on_today(self, form, weight):
        """A sigma beyond entry today, two and a half at the widest: 20 % plain, and half as much for each."""
        s = state(widest=2.5)
        found = spread_trade.wanted_weight(features(volatility=0.5, z=1.5), params(pyramid=form), s, LONG)
        assert found == pytest.approx(weight)

    def test_the_guard_halves_what_the_ratchet_holds(self):
        s, f = state(widest=2.5, stage=Stage.HALVED), features(volatility=0.5)
        assert spread_trade.wanted_weight(f, params(pyramid="ratchet"), s, LONG) == pytest.approx(0.225)


class TestRatchet:
    P = params(pyramid="ratchet", target_volatility=0.05)

    @pytest.mark.parametrize(("direction", "side"), [("long_large_short_small", 1), ("short_large_long_small", -1)])
    def test_it_starts_at_the_entry_climbs_and_never_comes_back(self, direction, side):
        p, s = params(pyramid="ratchet", target_volatility=0.05, direction=direction), state(widest=9.0)
        held = account(large=side * 50_000.0, small=-side * 40_000.0)
        stood = []
        for z in (0.8, 2.0, 1.0, -0.9, 2.5):
            decide(features(z=z * side, momentum=0.02 * side), p, s, held, Desk(order101=1.0, order102=1.0))
            stood.append(s.widest)
        assert s.side
        assert stood == pytest.approx([0.3, 1.5, 1.5, 1.5, 2.0])

    def test_what_it_added_stays_as_the_ratio_comes_back(self):
        """Two sigma beyond entry double the 50 %; the cap of 1.6 takes it to 88.9 %. Back at entry the book stays."""
        held = account(large=1.6 / 1.8 * 100_000.0, small=-1.28 / 1.8 * 100_000.0)
        for form, moved in (("ratchet", False), ("follow", True)):
            s, p = state(side=True, best=1.0, widest=2.0), params(pyramid=form, target_volatility=0.05)
            assert bool(decide(features(z=0.5), p, s, held, Desk())) == moved

    def test_the_exit_lets_go_of_it(self):
        s = state(side=True, best=1.0, widest=2.0)
        assert decide(features(z=-1.0), self.P, s, account(large=50_000.0, small=-40_000.0), Desk())
        assert (s.side, s.widest) == (False, 0.0)

    @pytest.mark.parametrize("form", ["none", "follow"])
    def test_nothing_is_kept_where_it_is_not_asked_for(self, form):
        s = state(side=True, best=1.0)
        decide(features(z=2.0), params(pyramid=form), s, account(large=50_000.0, small=-40_000.0), Desk())
        assert s.widest == 0.0

    @pytest.mark.parametrize(("form", "widest"), [("none", 0.0), ("follow", 0.0), ("ratchet", 1.5)])
    def test_an_entry_stands_on_its_own_sigma(self, form, widest):
        s = state(widest=9.0)
        assert len(decide(features(z=2.0), params(pyramid=form), s, account(), Desk())) == 2
        assert s.widest == widest

    def test_nothing_is_kept_while_out_of_the_trade(self):
        s = state(cooling=9)
        assert decide(features(z=2.0), self.P, s, account(), Desk()) == []
        assert s.widest == 0.0


class TestRebalance:
    P = params(target_volatility=0.05)  # half of equity in the large leg, 40 % in the small

    @pytest.mark.parametrize(
        ("large", "small", "drifted"),
        [
            (50_000.0, -40_000.0, False),
            (54_900.0, -40_000.0, False),
            (55_000.0, -40_000.0, False),  # the edge of the band is inside
            (50_000.0, -44_000.0, False),
            (55_100.0, -40_000.0, True),
            (44_900.0, -40_000.0, True),
            (50_000.0, -44_100.0, True),  # the small leg alone
            (50_000.0, -35_900.0, True),
        ],
    )
    def test_either_leg_out_of_its_band_moves_both(self, large, small, drifted):
        sent = decide(features(), self.P, state(side=True), account(large=large, small=small), Desk())
        wanted = [("target", LARGE, 0.5, Reason.REBALANCE), ("target", SMALL, -0.4, Reason.REBALANCE)]
        assert sent == (wanted if drifted else [])

    def test_a_halved_trade_is_rebalanced_around_its_half(self):
        s = state(side=True, stage=Stage.HALVED)
        held = account(large=25_000.0, small=-20_000.0)
        assert decide(features(shock=-2.0), self.P, s, held, Desk()) == []


class TestExits:
    HELD = account(large=50_000.0, small=-40_000.0)
    P = params(target_volatility=0.05)

    def left(self, reason):
        return [("close", LARGE, reason), ("close", SMALL, reason)]

    def test_the_exit_band_closes_without_a_cool_down(self):
        s = state(side=True)
        assert decide(features(z=-1.0), self.P, s, self.HELD, Desk()) == self.left(Reason.EXIT)
        assert (s.side, s.cooling) == (False, 0)

    @pytest.mark.parametrize(("z", "leaves"), [(-1.5, True), (-1.01, True), (-0.99, False), (0.0, False)])
    def test_the_exit_band_from_both_sides(self, z, leaves):
        sent = decide(features(z=z), self.P, state(side=True), self.HELD, Desk())
        assert sent == (self.left(Reason.EXIT) if leaves else [])

    @pytest.mark.parametrize(("direction", "ratios", "best"), [
        ("long_large_short_small", (1.3, 1.25), 1.3), ("short_large_long_small", (-1.3, -1.25), 1.3),
    ])  # fmt: skip
    def test_the_best_ratio_is_the_one_farthest_in_the_trades_direction(self, direction, ratios, best):
        side = 1.0 if ratios[0] > 0.0 else -1.0
        s, held = state(side=True, best=1.2), account(large=side * 50_000.0, small=-side * 40_000.0)
        for ratio in ratios:
            f = features(ratio=ratio, z=0.8 * side, momentum=0.02 * side)
            assert decide(f, params(target_volatility=0.05, direction=direction), s, held, Desk()) == []
        assert s.best == best

    def test_the_ratio_stop_counts_from_the_best_ratio(self):
        """20 ATR of 1 % below a best of 1.30 is 1.10."""
        s = state(side=True, best=1.30)
        assert decide(features(ratio=1.10), self.P, s, self.HELD, Desk()) == []
        assert decide(features(ratio=1.09), self.P, s, self.HELD, Desk()) == self.left(Reason.RATIO_STOP)
        assert s.cooling == 20

    def test_the_ratio_stop_of_the_reverse_is_above(self):
        held, p = account(large=-50_000.0, small=40_000.0), params(direction="short_large_long_small")
        s = state(side=True, best=-1.0)
        sent = decide(features(ratio=1.21, z=-0.8, momentum=-0.1), p, s, held, Desk())
        assert sent == self.left(Reason.RATIO_STOP)

    def test_the_ratio_stop_can_be_off(self):
        p = params(target_volatility=0.05, ratio_stop=0.0)
        assert decide(features(ratio=-9.0), p, state(side=True, best=1.0), self.HELD, Desk()) == []

    def test_a_ratio_stop_of_one_range(self):
        p, s = params(target_volatility=0.05, ratio_stop=1.0), state(side=True, best=1.30)
        assert decide(features(ratio=1.30), p, s, self.HELD, Desk()) == []
        assert decide(features(ratio=1.28), p, s, self.HELD, Desk()) == self.left(Reason.RATIO_STOP)

    @pytest.mark.parametrize("held", [account(large=50_000.0), account(small=-40_000.0), account()])
    def test_a_missing_leg_closes_the_other(self, held):
        s = state(side=True)
        assert decide(features(), self.P, s, held, Desk()) == self.left(Reason.BROKEN_PAIR)
        assert s.cooling == 20

    @pytest.mark.parametrize(
        ("order", "held"), [("large", account(small=-40_000.0)), ("small", account(large=50_000.0))]
    )
    def test_a_leg_that_is_on_its_way_is_not_missing(self, order, held):
        """No volume yet: the order for the leg still works."""
        s = state(side=True, **{f"order_{order}": 6})
        sent = decide(features(), self.P, s, held, Desk(order6=-400.0))
        assert Reason.BROKEN_PAIR not in {said[-1] for said in sent}
        assert s.side

    @pytest.mark.parametrize(
        ("order", "held"), [("large", account(small=-40_000.0)), ("small", account(large=50_000.0))]
    )
    def test_a_leg_whose_order_has_ended_is_missing(self, order, held):
        """The very first order of the run, and the other leg has none."""
        s = state(side=True, **{f"order_{order}": 1})
        assert decide(features(), self.P, s, held, Desk()) == self.left(Reason.BROKEN_PAIR)
