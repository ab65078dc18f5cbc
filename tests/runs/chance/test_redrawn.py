# SPDX-License-Identifier: Apache-2.0
"""Redrawn markets by hand: prices, dividends, splits, volumes and series of bars whose moves are known."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.runs.chance.redrawn import first_drawn, groups_of, moves, redrawn, sources_of


def market_of(closes, series=None, frequency="1d", symbols=None):
    """Closes by role; opens half-way, highs 1 above, lows 1 below, 1,000 shares, a volume."""
    symbols = symbols or {role: role.upper() for role in closes}
    bars = np.zeros(len(next(iter(closes.values()))), bar_dtype(list(closes), list(series or {})))
    bars["session"] = np.arange(len(bars))
    for role, values in closes.items():
        close = np.array(values, float)
        before = np.append(close[0], close[:-1])
        one = bars[role]
        one["open"], one["close"] = (before + close) / 2, close
        one["high"], one["low"] = np.maximum(before, close) + 1, np.minimum(before, close) - 1
        one["volume"], one["split"], one["factor"] = 1_000.0, 1.0, 1.0
    for name, values in (series or {}).items():
        bars[name] = values
    return Market(bars, symbols, {name: name for name in series or {}}, frequency=frequency)


def drawn(market, first, **rows):
    return redrawn(market, first, len(market), {name: np.array(own) for name, own in rows.items()})


def test_moves_of_the_sources_follow_one_another():
    market = market_of({"a": [100, 110, 99, 198]}, {"vix": [10.0, 11.0, 12.0, 13.0]})
    found = drawn(market, 1, **{"symbol A": [3, 2, 1], "series": [3, 2, 1]}).bars
    # bar 3 doubles: 100 -> 200; bar 2 loses a tenth: 180; bar 1 adds a tenth: 198, where the market ends in truth
    assert found["a"]["close"] == pytest.approx([100, 200, 180, 198])
    # bar 3 opens at 148.5 / 99 = 1.5 of the close before, bar 2 at 0.95, bar 1 at 1.05
    assert found["a"]["open"] == pytest.approx([100, 150, 190, 189])
    assert found["a"]["high"] == pytest.approx([101, 199 / 99 * 100, 111 / 110 * 200, 1.11 * 180])
    assert found["a"]["low"] == pytest.approx([99, 98 / 99 * 100, 98 / 110 * 200, 0.99 * 180])
    # as much money as in the source: 198,000 at 200; 99,000 at 180; 110,000 at 198
    assert found["a"]["volume"] == pytest.approx([1_000, 990, 550, 110_000 / 198])
    assert found["vix"].tolist() == [10.0, 13.0, 12.0, 11.0]
    assert found["session"].tolist() == [0, 1, 2, 3]


def test_every_bar_moves_by_the_same_factor_so_that_the_market_ends_where_it_does():
    market = market_of({"a": [100, 110, 99, 198]})
    found = drawn(market, 1, **{"symbol A": [1, 1, 2]}).bars["a"]
    # 1.1 x 1.1 x 0.9 = 1.089, and 1.98 is wanted: each bar is moved by the cube root of 1.98 / 1.089 = 1.2205
    factor = (1.98 / 1.089) ** (1 / 3)
    assert found["close"] == pytest.approx([100, 110 * factor, 121 * factor**2, 198])
    assert found["open"][1] == pytest.approx(105 * factor)
    assert found["high"][2] == pytest.approx(1.11 * 110 * factor**2)


def test_splits_stay_on_their_day_and_prices_go_on_over_them():
    market = market_of({"a": [100, 55, 66, 60]})
    one = market.bars["a"]
    one["split"], one["factor"] = [1, 2, 1, 1], [1, 2, 2, 2]  # 100 -> 110 over the split, then + 20 %, - 1/11
    one["dividend"] = [0, 0, 5.5, 0]  # a tenth of the close before
    found = drawn(market, 1, **{"symbol A": [3, 2, 1]}).bars["a"]
    # 100 -> 1000/11 -> 1200/11 -> 120 of the first share, of which there are two from bar 1 on
    assert found["close"] == pytest.approx([100, 500 / 11, 600 / 11, 60])
    # in truth 5.5 on a half share after a close of 110 / 2: a tenth; here of 1000/11, on half a share
    assert found["dividend"] == pytest.approx([0, 0, 50 / 11, 0])
    assert found["split"].tolist() == [1, 2, 1, 1]
    assert found["factor"].tolist() == [1, 2, 2, 2]
    log = moves(market, "a", 1, 4)
    assert log == pytest.approx(np.log([1.1, 1.2, 10 / 11]))


def test_bars_of_a_drawn_market_are_possible_ones():
    rng = np.random.default_rng(1)
    closes = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 400))) + 5 for name in "ab"}
    market = market_of(closes)
    for seed in range(5):
        found = redrawn(market, 3, 400, sources_of(market, 3, 400, 7.0, (seed,), apart=True))
        for role in market.roles:
            one = found.bars[role]
            assert one["close"][-1] == pytest.approx(market.bars[role]["close"][-1], rel=1e-12)
            assert (one["high"] >= np.maximum(one["open"], one["close"])).all()
            assert (one["low"] <= np.minimum(one["open"], one["close"])).all()
            assert one["low"].min() > 0
        assert (found.bars[:3] == market.bars[:3]).all()


def test_together_all_roles_have_the_same_draw_and_apart_each_symbol_its_own():
    market = market_of({"x": [1.0] * 300, "y": [2.0] * 300, "z": [3.0] * 300}, {"vix": np.arange(300.0)},
                       symbols={"x": "SPY", "y": "IWM", "z": "SPY"})  # fmt: skip
    assert groups_of(market) == {"symbol SPY": ("x", "z"), "symbol IWM": ("y",), "series": ("vix",)}
    same = sources_of(market, 1, 300, 5.0, (4,), apart=False)
    assert all((rows == same["symbol SPY"]).all() for rows in same.values())
    own = list(sources_of(market, 1, 300, 5.0, (4,), apart=True).values())
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert np.mean(own[one] == own[other]) < 0.1


def test_blocks_are_as_long_as_asked_on_average_and_lie_in_the_bars():
    market = market_of({"a": [1.0] * 2_001})
    for block in (1.0, 4.0, 20.0):
        rows = np.concatenate(
            [sources_of(market, 1, 2_001, block, (seed,), apart=False)["symbol A"] for seed in range(10)]
        )
        assert rows.min() >= 1
        assert rows.max() <= 2_000
        seams = 1 - np.mean((rows[1:] == rows[:-1] + 1) | (rows[1:] == 1) & (rows[:-1] == 2_000))
        assert seams == pytest.approx(1 / block, rel=0.1)
    again = sources_of(market, 1, 2_001, 4.0, (3,), apart=False)["symbol A"]
    assert (again == sources_of(market, 1, 2_001, 4.0, (3,), apart=False)["symbol A"]).all()


def test_bars_before_a_series_begins_are_not_drawn():
    late = np.where(np.arange(100) < 20, np.nan, 1.0)
    market = market_of({"a": [1.0] * 100}, {"vix": late, "none": np.full(100, np.nan)})
    assert first_drawn(market, 0, 100) == 20
    assert first_drawn(market, 30, 100) == 30
    with pytest.raises(InputError, match="too few bars to draw from"):
        first_drawn(market, 50, 100)
    with pytest.raises(InputError, match="intraday"):
        first_drawn(market_of({"a": [1.0] * 100}, frequency="5min"), 0, 100)
