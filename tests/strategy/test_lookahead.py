# SPDX-License-Identifier: Apache-2.0
"""The look-ahead checker."""

import math

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.strategy.lookahead import Leak, choose_cuts, first_leak


def _market(rows=200, seed=1):
    bars = np.zeros(rows, bar_dtype(("small",)))
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(rows) * 0.01))
    bars["small"]["close"], bars["small"]["factor"] = close, 1.0
    bars.setflags(write=False)
    return Market(bars=bars, symbols={"small": "IWM"})


def _change(market):
    close = market.small.close
    return np.concatenate(([math.nan], np.diff(close)))[: len(close)]


def test_causal_features_have_no_leak():
    market = _market()
    assert first_leak(lambda m: {"change": _change(m), "none": np.full(len(m), np.nan)}, market, range(201)) is None


def test_no_features_and_no_bars_have_no_leak():
    assert first_leak(lambda _: {}, _market(), [1, 5]) is None
    assert first_leak(lambda m: {"close": m.small.close}, _market(0), [0]) is None


def test_a_leak_names_the_feature_the_row_and_both_values():
    market = _market()

    def features(m):
        close = m.small.close
        return {"fine": close, "tomorrow": np.append(close[1:], np.nan)[: len(close)]}

    leak = first_leak(features, market, [150, 40])
    assert leak is not None
    assert (leak.feature, leak.row, leak.cut) == ("tomorrow", 39, 40)
    assert math.isnan(leak.known)
    assert leak.revised == market.small.close[40]
    assert str(leak) == (
        f"feature tomorrow looks ahead: with 40 bars its row 39 is nan, with all bars it is {leak.revised!r}"
    )


def test_the_earliest_row_is_reported():
    def features(m):
        close = m.small.close
        return {"late": np.where(np.arange(len(m)) == 30, len(m), close), "early": close - close.mean()}

    leak = first_leak(features, _market(), [50])
    assert (leak.feature, leak.row) == ("early", 0)


@pytest.mark.parametrize("difference", [np.spacing(1.0), -2.0, math.nan, math.inf])
def test_one_bit_is_a_leak(difference):
    def features(m):
        values = np.ones(len(m))
        values[3] += difference if len(m) == 200 else 0.0
        return {"x": values}

    leak = first_leak(features, _market(), [10])
    assert (leak.row, leak.known) == (3, 1.0)


def test_minus_zero_is_another_number():
    leak = first_leak(lambda m: {"x": np.full(len(m), 0.0 if len(m) == 200 else -0.0)}, _market(), [10])
    assert leak == Leak("x", 0, 10, -0.0, 0.0)


def test_the_sign_of_nan_is_no_difference():
    assert first_leak(lambda m: {"x": np.full(len(m), math.copysign(math.nan, len(m) - 50))}, _market(), [10]) is None


def test_a_leak_on_one_special_row_needs_a_cut_near_it():
    """The reason for episodes: what happens on one row alone shows at cuts around it alone."""

    def features(m):
        close = m.small.close.copy()
        if len(m) > 121:
            close[120] = close[121]
        return {"x": close}

    market = _market()
    assert first_leak(features, market, [50, 199]) is None
    assert first_leak(features, market, choose_cuts(200, seed=0, count=0, episodes=[120])).row == 120


def test_cuts_are_sorted_unique_inside_and_reproducible():
    cuts = choose_cuts(1000, seed=4, count=50, episodes=[0, 500, 999])
    assert list(cuts) == sorted(set(cuts))
    assert {1, 2, 500, 501, 502, 999} <= set(cuts)
    assert cuts[0] >= 1
    assert cuts[-1] <= 999
    assert cuts == choose_cuts(1000, seed=4, count=50, episodes=[0, 500, 999])
    assert cuts != choose_cuts(1000, seed=5, count=50, episodes=[0, 500, 999])
    assert choose_cuts(0) == choose_cuts(1) == ()
    assert choose_cuts(2) == (1,)


@pytest.mark.parametrize("cut", [-1, 201])
def test_a_cut_outside_is_refused(cut):
    with pytest.raises(ValueError, match=rf"cut {cut} is outside 0\.\.200"):
        first_leak(lambda m: {"x": m.small.close}, _market(), [cut])


@pytest.mark.parametrize(
    ("features", "message"),
    [
        pytest.param(lambda _: {"x": np.ones(3)}, "x: a feature has one number a bar; found shape (3,)", id="length"),
        pytest.param(lambda _: {"x": 1.0}, "x: a feature has one number a bar; found shape ()", id="scalar"),
        pytest.param(
            lambda m: {"x": m.small.close} if len(m) > 100 else {}, "features are not the same on 10 bars", id="names"
        ),
        pytest.param(
            lambda m: {"x": m.small.close * m.small.close[50]}, "features fails on 10 bars: IndexError", id="too short"
        ),
        pytest.param(lambda m: {"x": m.smal.close}, "did you mean 'small'?", id="own message"),
    ],
)
def test_features_that_cannot_be_compared(features, message):
    with pytest.raises(StrategyError) as raised:
        first_leak(features, _market(), [10])
    assert message in str(raised.value)
