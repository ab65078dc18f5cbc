# SPDX-License-Identifier: Apache-2.0
"""One rule for every indicator: a missing value ends the history, and short inputs are all NaN."""

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.indicators import cross_up, find, names, rolling_corr, rolling_mean, zscore

NAMES = names()
NAN = np.nan


@pytest.mark.parametrize("name", NAMES)
def test_too_short_is_all_nan(name, market_of, inputs_of, settled):
    params = settled(name)
    warm_up = find(name).warm_up(**params)
    series = inputs_of(name, market_of(warm_up + 2))
    for rows in sorted({0, 1, max(warm_up - 1, 0), warm_up}):
        if rows <= warm_up:
            found = find(name)(*(values[:rows] for values in series), **params)
            assert found.dtype == np.float64
            np.testing.assert_array_equal(found, np.full(rows, NAN), strict=True)
    assert find(name)(*(values[: warm_up + 1] for values in series), **params).shape == (warm_up + 1,)


NEVER = {"talib.acos", "talib.asin"}  # of prices above 1
NOT_YET = {
    *("ta.trend.psar_up", "ta.trend.psar_down"),  # empty while the other side has the trend
    *("swing_low", "swing_high", "price_level"),  # until there is a pivot, or a level
}


@pytest.mark.parametrize("name", sorted(set(NAMES) - NEVER - NOT_YET))
def test_the_warm_up_is_exact(name, market_of, inputs_of, settled):
    params = settled(name)
    warm_up = find(name).warm_up(**params)
    found = find(name)(*inputs_of(name, market_of(warm_up + 300, tick=1e-6)), **params)
    assert np.isnan(found[:warm_up]).all()
    assert np.isfinite(found[warm_up])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("missing", [NAN, np.inf, -np.inf])
def test_a_missing_value_ends_the_history(name, missing, market_of, inputs_of, settled):
    """Before it nothing changes, it has no value, and what follows is as if the series began there."""
    params = settled(name)
    whole = inputs_of(name, market_of(200))
    gap = 90
    for holed in range(len(whole)):
        series = [values.copy() for values in whole]
        series[holed][gap] = missing
        found = find(name)(*series, **params)
        before = find(name)(*(values[:gap] for values in whole), **params)
        after = find(name)(*(values[gap + 1 :] for values in whole), **params)
        np.testing.assert_array_equal(found, np.concatenate((before, [NAN], after)), strict=True)


def test_windows_that_contain_the_missing_value_are_nan_and_no_others():
    x = np.arange(12.0) ** 2
    x[5] = NAN
    assert np.flatnonzero(np.isnan(rolling_mean(x, 3))).tolist() == [0, 1, 5, 6, 7]


def test_a_gap_in_one_of_two_series_is_a_gap_in_both():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 40))
    y[20] = NAN
    assert np.flatnonzero(np.isnan(rolling_corr(x, y, 4))).tolist() == [0, 1, 2, 20, 21, 22, 23]


def test_many_gaps():
    x = np.arange(10_000.0)
    x[::3] = NAN
    found = rolling_mean(x, 2)
    assert np.isfinite(found[2::3]).all()
    assert np.isnan(found[::3]).all()
    assert np.isnan(found[1::3]).all()


def test_undefined_is_nan_and_never_infinite():
    flat = np.full(30, 0.1)
    assert np.isnan(zscore(flat, 5)).all()
    assert np.isnan(find("ln")(np.zeros(5))).all()
    assert np.isnan(find("ta.roc")(np.zeros(30))[12:]).all()


def test_inputs_are_left_alone():
    x = np.arange(50.0)
    x.setflags(write=False)
    for name in ("rolling_mean", "rsi", "ta.rsi"):
        find(name)(x, 10)
    assert rolling_mean(x, 1) is not x
    np.testing.assert_array_equal(x, np.arange(50.0))
    found = find("ta.cumulative_return")(x + 1)
    found[0] = 7  # the result is the caller's own


def test_whole_numbers_lists_and_strides_are_series_too():
    expected = rolling_mean(np.array([1.0, 2.0, 3.0]), 2)
    np.testing.assert_array_equal(rolling_mean([1, 2, 3], 2), expected)
    np.testing.assert_array_equal(rolling_mean(np.arange(6).reshape(3, 2)[:, 0] / 2 + 1, 2), expected)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ((np.zeros((3, 2)), np.zeros(3)), r"rolling_corr\.x: a series has one dimension; found shape \(3, 2\)"),
        ((np.zeros(3), 5.0), r"rolling_corr\.y: a series has one dimension; found shape \(\)"),
        ((np.zeros(3), np.zeros(4)), r"rolling_corr: its series must be equally long; found x 3, y 4"),
        ((np.zeros(3), ["a", "b", "c"]), r"rolling_corr\.y: a series is an array of numbers; found list"),
        ((np.zeros(3), None), r"rolling_corr\.y: a series has one dimension"),
    ],
)
def test_what_is_no_series_is_refused(series, message):
    with pytest.raises(StrategyError, match=message):
        rolling_corr(*series, n=2)


def test_a_level_may_be_one_number_but_not_both():
    assert cross_up([1.0, 3.0], 2.0).tolist()[1] == 1.0
    with pytest.raises(StrategyError, match="cross_up: its series must be equally long; found numbers only"):
        cross_up(1.0, 2.0)
