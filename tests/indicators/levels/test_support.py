# SPDX-License-Identifier: Apache-2.0
"""Levels: worked by hand on tiny series, against their definition on random ones; columns and list say the same."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import StrategyError
from engine.indicators import atr, levels_known, price_level, price_levels
from engine.indicators.levels.pivots import swing_highs, swing_lows
from engine.indicators.levels.support import SIDES, WHATS
from engine.indicators.levels.touches import Touch

NAN = np.nan
TINY = {"left": 1, "right": 1, "tolerance": 0.02, "min_touches": 2, "min_age": 0, "half_life": 4, "volume_window": 2}

#                  109 ┤        ╷
#                      │       ╱ ╲                        106.5 ┤     ╷
#                  105 ┤ ╲    ╱   ╲     ╱─╲
#        level 100.5 ──┤──╲──╱─────╲───╱───╲──────  lows 100 and 101
#                   98 ┤   ╵        ╵       ╲_      broken by the close of row 8
CLOSE = np.array([105, 100.5, 105, 108.5, 105, 101.5, 105, 106, 98, 97])


def _bars(close):
    close = np.asarray(close, dtype=float)
    return close + 0.5, close - 0.5, close, np.ones(len(close))


def _columns(levels, side, row):
    return tuple(float(getattr(getattr(levels, side), what)[row]) for what in WHATS)


def test_two_lows_make_a_support_and_a_close_below_breaks_it():
    levels = price_levels(*_bars(CLOSE), **TINY)
    assert_array_equal(levels.support.price, [NAN] * 7 + [100.5, 100.5, NAN])  # low of row 5 is known at 6, stands at 7
    strength = (2 ** (-7 / 4) + 2 ** (-3 / 4)) * (1 + math.log(1 + 4 / 4))  # at row 8: lows of rows 1 and 5
    assert _columns(levels, "support", 8) == pytest.approx((100.5, strength, 2, 7, 0), rel=1e-14)
    assert levels.support.price[8] > CLOSE[8]  # the break shows in its own row
    assert_array_equal(levels.resistance.price, [NAN] * 9 + [100.5])  # and then the level is above
    assert levels.resistance.role_reversed[9] == 0


def test_slack_lets_a_break_take_several_closes():
    assert price_levels(*_bars(CLOSE), **TINY, slack=0.03).support.price[9] == 100.5  # 98 is 2.5 % below
    assert np.isnan(price_levels(*_bars(CLOSE), **TINY, slack=0.02).support.price[9])


def test_a_level_must_be_old_enough_and_touched_often_enough():
    assert np.isfinite(price_levels(*_bars(CLOSE), **TINY | {"min_age": 7}).support.price).tolist() == [False] * 8 + [
        True,
        False,
    ]
    assert np.isnan(price_levels(*_bars(CLOSE), **TINY | {"min_touches": 3}).support.price).all()
    first = price_levels(*_bars(CLOSE), **TINY | {"min_touches": 1})
    assert_array_equal(first.support.price[:8], [NAN, NAN, NAN, 100, 100, 100, 100, 100.5])
    assert_array_equal(first.resistance.price[:8], [NAN] * 5 + [109, 109, 109])


def test_reach_leaves_far_levels_out_of_the_columns_but_not_out_of_the_list():
    near = TINY | {"reach": 0.04}
    assert np.isnan(price_levels(*_bars(CLOSE), **near).support.price).all()  # 4.3 and 5.2 % below
    assert price_levels(*_bars(CLOSE), **TINY | {"reach": 0.045}).support.price[7] == 100.5
    assert [level.price for level in levels_known(*_bars(CLOSE), 8, **near)] == [100.5]


#  a ceiling at 100.5 (highs of rows 1 and 5), then crossed, then a floor (low of row 10)
CEILING = np.array([96, 100, 96, 94, 96, 100, 96, 99, 104, 104.5, 101, 104, 105, 103])


def test_a_ceiling_that_became_a_floor():
    levels = levels_known(*_bars(CEILING), 13, **TINY)
    assert [(level.price, level.side, level.role_reversed) for level in levels] == [(100.5, "support", True)]
    assert levels[0].touches == (Touch(1, "high", 100.5, 1), Touch(5, "high", 100.5, 1), Touch(10, "low", 100.5, 1))
    assert (levels[0].first_row, levels[0].last_row, levels[0].age) == (1, 10, 12)
    flags = price_levels(*_bars(CEILING), **TINY)
    assert flags.support.role_reversed[13] == 1
    assert flags.resistance.role_reversed[7] == 0  # while it was a ceiling and nothing else
    turned = price_levels(*_bars(CEILING), **TINY, kind="reversed")
    assert turned.support.price[13] == 100.5
    assert np.isnan(turned.resistance.price[7])
    late = TINY | {"min_age": 10}  # the ceiling is 9 bars older than the low
    assert price_levels(*_bars(CEILING), **late).support.role_reversed[13] == 0
    assert np.isnan(price_levels(*_bars(CEILING), **late, kind="reversed").support.price[13])


def test_a_floor_that_became_a_ceiling_is_the_mirror():
    strongest = levels_known(*_bars(200 - CEILING), 13, **TINY)[0]
    assert (strongest.price, strongest.side, strongest.role_reversed) == (99.5, "resistance", True)


def test_what_nothing_touched_for_long_is_forgotten():
    rising = [*CLOSE[:8], 107, 108, 109, 110]

    def rows(max_age):
        return np.flatnonzero(np.isfinite(price_levels(*_bars(rising), **TINY | {"max_age": max_age}).support.price))

    assert rows(5).tolist() == [7, 8, 9, 10]  # row 11 is six bars after the last touch
    assert rows(4).tolist() == []  # the low of row 1 is forgotten by row 6, when that of row 5 is known


def test_volume_weighs_a_touch_within_bounds():
    high, low, close, _ = _bars(CLOSE)
    volume = np.array([1.0, 1, 1, 1, 1, 3, 1, 1, 1, 1])
    level = levels_known(high, low, close, volume, 8, **TINY)[0]
    assert [touch.volume for touch in level.touches] == [1, 3]  # no median yet at row 1; 3 over the median 1 at row 5
    assert level.strength == pytest.approx((2 ** (-7 / 4) + 3 * 2 ** (-3 / 4)) * (1 + math.log(2)), rel=1e-14)
    for spike, weight in ((1000, 4), (0.001, 0.25)):
        volume[5] = spike
        assert levels_known(high, low, close, volume, 8, **TINY)[0].touches[1].volume == weight


def test_the_tolerance_may_be_in_atr():
    bars = _bars(CLOSE)
    rules = TINY | {"tolerance_in": "atr", "atr_window": 2}
    average = atr(*bars[:3], 2)[6]  # at the confirmation of the low of row 5, which is 1.0 from that of row 1
    assert np.isnan(price_levels(*bars, **rules | {"tolerance": 0.99 / average}).support.price).all()
    assert price_levels(*bars, **rules | {"tolerance": 1.01 / average}).support.price[8] == 100.5
    # the low of row 1 is known at row 2, where there is no ATR of 3 bars yet: it makes no level
    average = atr(*bars[:3], 3)[6]
    late = rules | {"tolerance": 1.01 / average, "atr_window": 3}
    assert np.isnan(price_levels(*bars, **late).support.price).all()


def test_a_full_book_drops_the_weakest_of_the_others():
    lows = [100, 120, 140, 160]  # four single touches, each weaker the older it is
    close = np.array([value for low in lows for value in (low + 10.5, low + 0.5, low + 5.5)] + [170.0, 171.0])
    kept = levels_known(*_bars(close), len(close), **TINY | {"min_touches": 1, "keep": 3, "tolerance": 0.001})
    found = sorted(touch.price for level in kept for touch in level.touches)
    every = levels_known(*_bars(close), len(close), **TINY | {"min_touches": 1, "tolerance": 0.001})
    latest = sorted((touch.row, touch.price) for level in every for touch in level.touches)[-3:]
    assert len(every) > 3
    assert found == sorted(price for _, price in latest)


RULES = {
    "defaults but shorter": {"left": 3, "right": 2, "min_age": 20, "max_age": 400, "half_life": 50},
    "in ATR": {"left": 2, "right": 2, "tolerance": 0.8, "tolerance_in": "atr", "min_age": 10, "max_age": 300},
    "crowded": {"left": 1, "right": 1, "min_touches": 1, "min_age": 0, "keep": 4, "max_age": 200, "slack": 0.02},
    "wide": {"left": 4, "right": 4, "tolerance": 0.06, "min_touches": 2, "min_age": 5, "max_age": 90, "reach": 1},
}


def _random(market_of, seed, rows=700):
    small = market_of(rows, seed, volatility=0.02).small
    return small.high, small.low, small.close, small.volume


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("seed", [1, 2])
def test_columns_and_list_agree(rules, seed, market_of):
    bars = _random(market_of, seed)
    close, columns = bars[2], price_levels(*bars, **rules)
    reach = rules.get("reach", 0.2)
    for row in [*range(1, 40), *range(40, 700, 23)]:
        listed = levels_known(*bars, row, **rules)
        near = [level for level in listed if abs(level.price - close[row - 1]) <= reach * close[row - 1]]
        floors = [level for level in near if level.side == "support"]
        ceilings = sorted((level for level in near if level.side == "resistance"), key=lambda level: level.price)
        for side, levels in zip(SIDES, (floors, ceilings), strict=True):
            found = _columns(columns, side, row)
            if not levels:
                assert np.isnan(found).all()
                continue
            best = levels[0]
            assert found == pytest.approx(
                (best.price, best.strength, len(best.touches), best.age, int(best.role_reversed)), rel=1e-12
            )
    assert np.isfinite(columns.support.price).any()
    assert np.isfinite(columns.resistance.price).any()


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_levels_are_what_their_touches_say(rules, market_of):
    """Price, strength, dates and role by definition, from touches that are confirmed pivots, each in one level."""
    bars = _random(market_of, 3)
    high, low, close, volume = bars
    settled = {"half_life": 750, "volume_window": 50, "min_touches": 3, "slack": 0.0} | rules
    pivots = {("low", int(row)): low[row] for row in swing_lows(low, rules["left"], rules["right"])}
    pivots |= {("high", int(row)): high[row] for row in swing_highs(high, rules["left"], rules["right"])}
    for row in range(60, 701, 40):
        seen = set()
        for level in levels_known(*bars, row, **rules):
            touches = level.touches
            keys = {(touch.kind, touch.row) for touch in touches}
            assert not keys & seen
            seen |= keys
            assert all(touch.price == pivots[touch.kind, touch.row] for touch in touches)
            assert all(touch.row + rules["right"] < row for touch in touches)
            rows = [touch.row for touch in touches]
            assert rows == sorted(rows)
            assert (level.first_row, level.last_row, level.age) == (rows[0], rows[-1], row - rows[0])
            assert level.age >= rules["min_age"]
            assert row - level.last_row <= rules["max_age"]
            assert len(touches) >= settled["min_touches"]
            assert level.price == pytest.approx(np.mean([touch.price for touch in touches]), rel=1e-12)
            decayed = sum(touch.volume * 2 ** (-(row - touch.row) / settled["half_life"]) for touch in touches)
            bonus = 1 + math.log(1 + (rows[-1] - rows[0]) / settled["half_life"])
            assert level.strength == pytest.approx(decayed * bonus, rel=1e-12)
            assert (level.side == "support") == (level.price <= close[row - 1] * (1 + settled["slack"]))
            before, now = ("high", "low") if level.side == "support" else ("low", "high")
            old = [touch.row for touch in touches if touch.kind == before]
            new = [touch.row for touch in touches if touch.kind == now]
            assert level.role_reversed == bool(old and new and max(new) - min(old) >= rules["min_age"])
            for touch in touches:
                window = volume[max(0, touch.row - 50) : touch.row]
                usual = np.sort(window)[24] if len(window) == 50 else volume[touch.row]
                assert touch.volume == pytest.approx(np.clip(volume[touch.row] / usual, 0.25, 4), rel=1e-12)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_the_list_needs_nothing_from_its_row_on(rules, market_of):
    bars = _random(market_of, 4)
    for row in (0, 1, 5, 6, 30, 333, 699, 700):
        known = levels_known(*(values[:row] for values in bars), row, **rules)
        assert levels_known(*bars, row, **rules) == known
        wild = [np.concatenate((values[:row], 1e6 * values[row:])) for values in bars]
        assert levels_known(*wild, row, **rules) == known


def test_columns_need_nothing_from_their_row_on(market_of):
    """Stronger than the sweep of all indicators: not even the bar of the row itself."""
    bars = _random(market_of, 5)
    whole = price_levels(*bars, **RULES["crowded"])
    for row in (10, 100, 500):
        wild = [np.concatenate((values[:row], 3 * values[row:])) for values in bars]
        changed = price_levels(*wild, **RULES["crowded"])
        for side in SIDES:
            assert _columns(whole, side, row) == pytest.approx(_columns(changed, side, row), rel=0, nan_ok=True)


def test_one_pass_gives_what_the_names_give(market_of):
    bars = [values.copy() for values in _random(market_of, 6)]
    bars[1][350] = NAN  # two stretches
    rules = RULES["defaults but shorter"]
    levels = price_levels(*bars, **rules)
    for side in SIDES:
        for what in WHATS:
            assert_array_equal(getattr(getattr(levels, side), what), price_level(*bars, side=side, what=what, **rules))


def test_a_gap_ends_the_history_of_the_list_too(market_of):
    bars = [values.copy() for values in _random(market_of, 7)]
    bars[3][200] = NAN
    rules = RULES["crowded"]
    assert levels_known(*bars, 201, **rules) == []
    after = levels_known(*(values[201:] for values in bars), 300, **rules)
    found = levels_known(*bars, 501, **rules)
    assert [(level.price, level.strength, level.age) for level in found] == [
        (level.price, level.strength, level.age) for level in after
    ]
    assert [level.first_row for level in found] == [201 + level.first_row for level in after]
    assert [level.touches[0].row for level in found] == [201 + level.touches[0].row for level in after]


def test_parts_of_any_size_give_the_same(market_of, monkeypatch):
    bars = _random(market_of, 8)
    whole = price_levels(*bars, **RULES["crowded"])
    monkeypatch.setattr("engine.indicators.levels.support.EVENTS", 3)
    monkeypatch.setattr("engine.indicators.levels.support.BARS", 2)
    parts = price_levels(*bars, **RULES["crowded"])
    for side in SIDES:
        for what in WHATS:
            expected = getattr(getattr(whole, side), what)
            assert_allclose(getattr(getattr(parts, side), what), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: levels_known(x, x, x, x, 11), r"levels_known\.row: no such row; found 11; allowed: 0 to 10"),
        (lambda x: levels_known(x, x, x, x, -1), "found -1"),
        (lambda x: price_levels(x, x, x, x, side="support"), r"price_levels\.side: both sides"),
        (lambda x: price_levels(x, x, x, x, min_touch=2), "did you mean 'min_touches'"),
        (lambda x: price_levels(x, x, x, x, tolerance_in="percent"), "allowed: price, atr"),
        (lambda x: price_levels(x, x, x, x[:5]), "must be equally long"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(StrategyError, match=message):
        call(np.ones(10))
