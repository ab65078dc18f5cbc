# SPDX-License-Identifier: Apache-2.0
"""The rules of the spread trade one by one, on rows worked out by hand."""

from types import SimpleNamespace

import pytest

from engine.strategy.params import resolve_params
from strategies import spread_trade
from strategies.spread_trade import LARGE, SMALL, Reason, SpreadTrade, Stage

LONG, SHORT = 1.0, -1.0


def params(**given):
    return SimpleNamespace(**resolve_params(SpreadTrade.Params, given))


def features(**given):
    """A quiet day on which the ratio trends up, at 0.8 sigma."""
    quiet = {
        "ratio": 1.0, "momentum": 0.02, "z": 0.8, "trend": 0.0, "hedge": 0.8, "volatility": 0.10, "shock": 0.0,
        "ratio_atr": 0.01, "large_atr": 2.0, "small_atr": 1.0,
    }  # fmt: skip
    return SimpleNamespace(**{**quiet, **given})


def state(**given):
    first = {name: getattr(SpreadTrade.State, name) for name in SpreadTrade.State.__annotations__}
    return SimpleNamespace(**{**first, **given})


def account(*, large=0.0, small=0.0, equity=100_000.0):
    """Market values of the legs; a share of either costs 100."""
    legs = {
        name: SimpleNamespace(value=value, qty=value / 100.0) for name, value in (("large", large), ("small", small))
    }
    return SimpleNamespace(equity=equity, frozen=0, **legs)


def bar(**factors):
    """Both legs close at 100 today."""
    return SimpleNamespace(
        **{name: SimpleNamespace(close=100.0, factor=factors.get(name, 1.0)) for name in ("large", "small")}
    )


class Desk:
    """Takes orders down, and knows which are still working."""

    def __init__(self, **working):
        self.sent, self.live = [], {int(name.removeprefix("order")): qty for name, qty in working.items()}

    def _note(self, *said):
        self.sent.append(said)
        return 100 + len(self.sent)

    def target(self, role, weight, reason):
        return self._note("target", role, pytest.approx(weight), Reason(reason))

    def close(self, role, reason):
        return self._note("close", role, Reason(reason))

    def stop(self, role, qty, level, reason):
        return self._note("stop", role, qty, pytest.approx(level), Reason(reason))

    def reduce_only(self, order):
        self.sent.append(("reduce only", order))
        return order

    def move(self, order, level):
        self.sent.append(("move", order, pytest.approx(level)))
        return order

    def cancel(self, order):
        self.sent.append(("cancel", order))

    def working(self, order):
        return order in self.live

    def quantity(self, order):
        return self.live.get(order, 0.0)


def decide(f, p, s, held, desk, at=None):
    SpreadTrade.on_bar(at or bar(), f, p, s, held, desk)
    return desk.sent


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
        assert spread_trade.wanted_weight(f, params(pyramid=0.5), state(), side) == pytest.approx(weight)

    def test_the_pyramid_stops_at_the_cap(self):
        f = features(volatility=0.25, z=9.0)
        assert spread_trade.wanted_weight(f, params(pyramid=2.0), state(), LONG) == pytest.approx(1.6 / 1.8)


class TestRebalance:
    P = params(target_volatility=0.05)  # half of equity in the large leg, 40 % in the small

    @pytest.mark.parametrize(
        ("large", "small", "drifted"),
        [
            (50_000.0, -40_000.0, False),
            (54_900.0, -40_000.0, False),
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

    @pytest.mark.parametrize("held", [account(large=50_000.0), account(small=-40_000.0), account()])
    def test_a_missing_leg_closes_the_other(self, held):
        s = state(side=True)
        assert decide(features(), self.P, s, held, Desk()) == self.left(Reason.BROKEN_PAIR)
        assert s.cooling == 20

    def test_a_leg_that_is_on_its_way_is_not_missing(self):
        """No volume yet: the order for the small leg still works."""
        s = state(side=True, order_large=5, order_small=6)
        sent = decide(features(), self.P, s, account(large=50_000.0), Desk(order6=-400.0))
        assert ("close", LARGE, Reason.BROKEN_PAIR) not in sent
        assert s.side


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

    def test_a_shock_that_comes_back_late_takes_the_rest(self):
        days = self.run(state(side=True), [-2.6, -1.5, -1.5, -1.5, -2.6])
        assert days == [HALF, [], [], [], FLAT]

    def test_full_size_comes_back_when_the_shock_and_the_cool_down_have_passed(self):
        s = state(side=True)
        days = self.run(s, [-2.6, *[-0.9] * 20])
        assert days[1:20] == [[]] * 19
        assert days[20] == [("target", LARGE, 0.5, Reason.RESTORE), ("target", SMALL, -0.4, Reason.RESTORE)]
        assert s.stage == Stage.CALM

    def test_full_size_waits_for_the_shock_to_pass(self):
        s = state(side=True)
        assert self.run(s, [-2.6, *[-1.0] * 30])[1:] == [[]] * 30
        assert s.stage == Stage.HALVED

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
        sent = decide(features(), self.P, state(), account(), desk)
        assert [said[1:3] for said in sent if said[0] == "stop"] == [(LARGE, -500.0), (SMALL, 400.0)]

    def test_a_stop_covers_what_a_rebalance_will_make_of_the_leg(self):
        """Two hundred shares more are on their way: the stop of five hundred becomes one of seven hundred."""
        s = state(side=True, order_large=9, stop_large=7, stop_small=8, level_large=94.0, level_small=103.0)
        sent = decide(features(), self.P, s, self.HELD, Desk(order7=-500.0, order8=400.0, order9=200.0))
        assert sent[:2] == [("cancel", 7), ("stop", LARGE, -700.0, 94.0, Reason.LEG_STOP)]

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
