# SPDX-License-Identifier: Apache-2.0
"""What the spread trade says of the next close: a hair beyond the ratio it acts so, a hair before it does not."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from strategies.spread_trade import Direction, SpreadTrade, Stage, guard, wants_in
from tests.strategies.spread_desk import Desk, params, state

HAIR = 1e-6


class Pair(SimpleNamespace):
    """Two legs of 400 bars; the small one stands still, so that the ratio is the large one's close."""

    bars_per_year = 252

    def __len__(self):
        return len(self.large.close)


def pair(closes):
    closes = np.asarray(closes, np.float64)
    still = 1.0 + 1e-4 * np.sin(np.arange(len(closes)))  # a leg that never moves has no beta
    legs = [SimpleNamespace(close=one, high=one * 1.001, low=one * 0.999) for one in (closes * still, still)]
    return Pair(large=legs[0], small=legs[1])


def row(market, p):
    found = SpreadTrade().features(market, p)
    return SimpleNamespace(**{name: float(values[-1]) for name, values in found.items()})


def walk(seed, drift=0.0):
    return 2.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(drift, 0.008, 400)))


def told(closes, p, s):
    market = pair(closes)
    return {one.does: one for one in SpreadTrade().conditions(market, row(market, p), p, s)}


def next_row(closes, ratio, p):
    return row(pair(np.append(closes, ratio)), p)


def sides(condition):
    """A ratio a hair beyond the condition, and one a hair before."""
    hair = HAIR if condition.above else -HAIR
    return condition.at * (1.0 + hair), condition.at * (1.0 - hair)


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("trend_window", [0, 50])
def test_entry(seed, direction, trend_window):
    p, closes = params(direction=direction, trend_window=trend_window), walk(seed)
    (one,) = told(closes, p, state()).values()
    beyond, before = sides(one)
    assert one.above == (direction == 1)
    assert wants_in(next_row(closes, beyond, p), p, float(direction))
    assert not wants_in(next_row(closes, before, p), p, float(direction))


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("seed", range(3))
def test_exits(seed, direction):
    p, closes, side = params(direction=direction, atr_window=60), walk(seed), float(direction)
    best = side * math.log(closes[-1]) + 0.05
    says = told(closes, p, state(side=True, best=best))
    assert len(says) == 4
    for does, holds in (
        ("the exit band closes the spread", lambda f: side * f.z <= p.exit),
        ("the ATR stop closes the spread", lambda f: side * f.ratio < best - p.ratio_stop * f.ratio_atr),
        ("the unwind guard closes the spread", lambda f: side * f.shock <= p.unwind_flat),
        ("the unwind guard halves the spread", lambda f: side * f.shock <= p.unwind_shock),
    ):
        beyond, before = sides(says[does])
        assert says[does].above == (side < 0)
        assert holds(next_row(closes, beyond, p)), does
        assert not holds(next_row(closes, before, p)), does


def test_a_stop_of_as_many_ranges_as_they_average_is_out_of_reach_within_a_bar():
    """The bar's own move widens the range as much; a day that stands still is another matter."""
    p, closes = params(ratio_stop=20.0, atr_window=20), walk(0)
    far, near = math.log(closes[-1]) + 0.05, math.log(closes[-1]) + 0.9
    assert math.isnan(told(closes, p, state(side=True, best=far))["the ATR stop closes the spread"].at)
    one = told(closes, p, state(side=True, best=near))["the ATR stop closes the spread"]
    assert one.at == pytest.approx(closes[-1])


def test_back_to_full_size():
    p, closes = params(cool_down=20), walk(1)
    s = state(side=True, stage=Stage.HALVED, since_cut=12, best=9.0)
    one = told(closes, p, s)["the guard takes the spread back to full size"]
    assert one.when == "in 7 bars at the earliest"
    s.since_cut = 19
    one = told(closes, p, s)["the guard takes the spread back to full size"]
    assert one.when == ""
    for ratio, restored in zip(sides(one), (Stage.CALM, Stage.HALVED), strict=True):
        after = state(side=True, stage=Stage.HALVED, since_cut=19)
        guard(next_row(closes, ratio, p), p, after, Desk(), 1.0)
        assert after.stage == restored


@pytest.mark.parametrize(("cooling", "when"), [(0, ""), (1, ""), (5, "not for 4 more closes: it cools down")])
def test_an_entry_waits_for_the_cool_down(cooling, when):
    (one,) = told(walk(0), params(), state(cooling=cooling)).values()
    assert one.when == when


def test_nothing_is_said_before_the_features_are_known():
    assert told(walk(0)[:100], params(), state()) == {}
