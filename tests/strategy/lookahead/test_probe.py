# SPDX-License-Identifier: Apache-2.0
"""The look-ahead checker."""

import math

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.strategy.lookahead.cuts import choose_cuts
from engine.strategy.lookahead.finding import Leak
from engine.strategy.lookahead.probe import PrefixTest, first_leak
from engine.strategy.lookahead.rounding import LARGEST


def _market(rows=200, seed=1):
    bars = np.zeros(rows, bar_dtype(("small",)))
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(rows) * 0.01))
    bars["small"]["close"], bars["small"]["factor"] = close, 1.0
    bars["session"] = np.datetime64("2015-01-02").astype(int) + np.arange(rows)
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
        f"feature tomorrow looks ahead: on 2015-02-10 it is nan with the bars known then, {leak.revised:.6g} with all"
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
    assert leak == Leak("x", 0, 10, -0.0, 0.0, "2015-01-02", "2015-01-11", by_prices=False)


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


@pytest.mark.parametrize("cut", [-1, 201])
def test_a_cut_outside_is_refused(cut):
    with pytest.raises(ValueError, match=rf"cut {cut} is outside 0\.\.200"):
        first_leak(lambda m: {"x": m.small.close}, _market(), [cut])


@pytest.mark.parametrize(
    ("features", "message"),
    [
        pytest.param(
            lambda _: {"x": np.ones(3)},
            "x: a feature has one number a bar, and is computed anew for other bars; found shape (3,)",
            id="length",
        ),
        pytest.param(
            lambda _: {"x": 1.0},
            "x: a feature has one number a bar, and is computed anew for other bars; found shape ()",
            id="scalar",
        ),
        pytest.param(
            lambda m: {"x": m.small.close} if len(m) > 100 else {}, "features are not the same on 10 bars", id="names"
        ),
        pytest.param(lambda _: {"x": 1 / 0}, "features fails on 200 bars: ZeroDivisionError", id="on all bars too"),
        pytest.param(lambda m: {"x": m.smal.close}, "did you mean 'small'?", id="own message"),
    ],
)
def test_features_that_cannot_be_compared(features, message):
    with pytest.raises(StrategyError) as raised:
        first_leak(features, _market(), [10])
    assert message in str(raised.value)


def test_a_past_too_short_for_the_features_has_its_future_replaced():
    """They fail on ten bars, which hides that every row is divided by row 50."""
    leak = first_leak(lambda m: {"x": m.small.close / m.small.close[50]}, _market(), [10])
    assert (leak.feature, leak.row, leak.cut) == ("x", 0, 10)
    assert leak.by_prices


def test_a_model_that_needs_a_year_is_no_leak():
    def features(m):
        if len(m) < 150:
            raise ValueError("too few bars")
        return {"x": m.small.close}

    test = PrefixTest(features, _market())
    test.learn([10, 100, 160])
    test.reveal()
    assert test.finding.passed
    assert test.finding.failed == "features fails on 100 bars: ValueError: too few bars"


def test_an_answer_from_memory_is_refused():
    """What is kept from the first call has the length of the shortest past, for those come first."""
    kept = {}

    def features(m):
        return {"x": kept.setdefault("x", np.append(m.small.close[1:], 0.0))[: len(m)]}

    test = PrefixTest(features, _market())
    test.learn([30])
    with pytest.raises(StrategyError, match=r"found shape \(30,\) for 200 bars"):
        test.reveal()


def test_the_bars_under_a_past_are_the_past_alone():
    """`market.bars.base` leads a view to the memory that it is a part of."""

    def features(m):
        base = m.bars if m.bars.base is None else m.bars.base
        ahead = np.append(base["small"]["close"][1:], math.nan)
        return {"x": ahead[: len(m)]}

    assert first_leak(features, _market(), [40]).row == 39


def test_a_draw_without_a_seed_is_not_called_look_ahead():
    drawn = np.random.default_rng()
    test = PrefixTest(lambda m: {"noise": drawn.random(len(m)), "tomorrow": np.roll(m.small.close, -1)}, _market())
    test.learn([40, 60])
    test.reveal()
    assert test.finding.unsteady == ("noise",)
    assert test.finding.leak.feature == "tomorrow", "what can be judged is"
    assert test.finding.leak.also == ()
    assert "two computations on the same bars differ in noise" in test.finding.words


def test_the_number_of_bars_is_told_apart_from_their_prices():
    leak = first_leak(lambda m: {"left": np.arange(len(m))[::-1]}, _market(), [40])
    assert not leak.by_prices
    assert "how many bars follow, or their dates" in str(leak)
    assert first_leak(lambda m: {"off": m.small.close - m.small.close.mean()}, _market(), [40]).by_prices


class TestRounding:
    """What may differ by length: as much as last bits of the prices would do, and no more."""

    @staticmethod
    def found(feature):
        test = PrefixTest(lambda m: {"x": feature(m)}, _market())
        test.learn([40, 120])
        test.reveal()
        return test.finding

    @pytest.mark.parametrize("bits", [1, 4, 16])
    def test_some_last_bits_are_no_leak(self, bits):
        found = self.found(lambda m: m.small.close * (1.0 + bits * 2**-52 * (len(m) == 200)))
        assert found.passed
        assert found.rounded.feature == "x"
        assert 0.0 < found.rounded.difference <= found.rounded.allowed < 1e-11
        assert "when every price moves by its last bit" in str(found.rounded)

    @pytest.mark.parametrize("part", [1e-13, 1e-11, 1e-9, 1e-6, 1.0])
    def test_more_is_a_leak(self, part):
        assert self.found(lambda m: m.small.close * (1.0 + part * (len(m) == 200))).leak is not None

    def test_a_flag_answers_to_no_last_bit_and_has_no_tolerance(self):
        assert self.found(lambda m: np.ones(len(m)) - 1e-15 * (len(m) == 200)).leak is not None

    def test_a_feature_that_last_bits_throw_about_hides_little(self):
        """The last digits of a price are noise; what differs by more than a millionth of it is a leak all the same."""

        def noisy(m):
            close = m.small.close
            return 1.0 + (close * 2**40 % 1.0) + 2.0 * LARGEST * 1.5 * (len(m) == 200)

        assert self.found(noisy).leak is not None
