# SPDX-License-Identifier: Apache-2.0
"""Our kernels against pandas, TA-Lib and loops that read like the formula."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal

from engine import indicators as ta_

ROWS = 1_000_000


def _loop(rows, first, value):
    """value(t) from row `first` on, NaN before."""
    return np.array([math.nan if t < first else value(t) for t in range(rows)])


def _prices(rows, seed=1, volatility=0.012):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(rows) * volatility))


def _bars(rows, seed=1):
    rng = np.random.default_rng(seed)
    close = _prices(rows, seed)
    return close + rng.random(rows), close - rng.random(rows), close


series = arrays(np.float64, st.integers(30, 80), elements=st.floats(-1e6, 1e6, width=32))
windows = st.integers(2, 12)


@given(series, windows)
def test_mean_and_deviation_against_exact_arithmetic(x, n):
    size = max(1.0, float(np.abs(x).max()))
    mean = _loop(len(x), n - 1, lambda t: statistics.fmean(x[t - n + 1 : t + 1]))
    deviation = _loop(len(x), n - 1, lambda t: statistics.stdev(x[t - n + 1 : t + 1].tolist()))
    assert_allclose(ta_.rolling_mean(x, n), mean, rtol=0, atol=1e-12 * size)
    assert_allclose(ta_.rolling_std(x, n), deviation, rtol=1e-9, atol=1e-9 * size)


HARD = {
    "a walk": lambda rng: 100 + np.cumsum(rng.standard_normal(ROWS)),
    "a high level": lambda rng: 1e8 + rng.standard_normal(ROWS),
    "a small deviation": lambda rng: 1e3 + 1e-3 * rng.standard_normal(ROWS),
    "a jump": lambda rng: np.where(np.arange(ROWS) < 1000, 1e9, 0) + rng.standard_normal(ROWS),
    "a spike": lambda rng: np.where(np.arange(ROWS) == 5000, 1e15, rng.standard_normal(ROWS)),
    "a volatility that falls to a hundredth": lambda rng: rng.standard_normal(ROWS) * np.repeat([1.0, 0.01], ROWS // 2),
    "a minute series": lambda rng: 500 * np.exp(np.cumsum(rng.standard_normal(ROWS) * 4e-4)),
}


@pytest.mark.parametrize("shape", HARD)
@pytest.mark.parametrize("n", [14, 252])
def test_a_million_bars_lose_no_digits(shape, n):
    """Against sums over each window, whatever bars have gone before."""
    x = HARD[shape](np.random.default_rng(7))
    y = 0.5 * x + np.random.default_rng(8).standard_normal(ROWS) * float(np.median(np.abs(np.diff(x))))
    at = np.unique(
        np.concatenate(
            (np.arange(4900, 5400), np.arange(990, 1300), ROWS // 2 + np.arange(300), np.arange(n, ROWS, 1999))
        )
    )
    left, right = sliding_window_view(x, n)[at - n + 1], sliding_window_view(y, n)[at - n + 1]
    mean = left.mean(axis=1)
    a, b = left - mean[:, None], right - right.mean(axis=1, keepdims=True)
    deviation = np.sqrt((a * a).sum(axis=1) / (n - 1))
    size = np.abs(left).max(axis=1)
    assert (np.abs(ta_.rolling_mean(x, n)[at] - mean) <= 1e-14 * size).all()
    assert_allclose(ta_.rolling_std(x, n)[at], deviation, rtol=1e-9)
    scores = np.abs(ta_.zscore(x, n)[at] - (x[at] - mean) / deviation)
    assert (scores <= 1e-9 + 1e-14 * size / deviation).all()  # the mean itself is known to 1e-14 of its size
    assert_allclose(ta_.rolling_beta(y, x, n)[at], (a * b).sum(axis=1) / (a * a).sum(axis=1), rtol=1e-9, atol=1e-9)
    correlation = (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    assert_allclose(ta_.rolling_corr(x, y, n)[at], correlation, rtol=1e-9, atol=1e-9)


@given(st.floats(0.001, 1e6), st.integers(2, 30))
def test_equal_values_have_no_deviation_no_score_and_no_correlation(level, n):
    x = np.concatenate((np.random.default_rng(1).standard_normal(40), np.full(60, level)))
    settled = slice(40 + n, None)
    assert_array_equal(ta_.rolling_std(x, n)[settled], 0.0)
    for found in (ta_.zscore(x, n), ta_.rolling_corr(x, np.arange(100.0), n), ta_.rolling_corr(np.arange(100.0), x, n)):
        assert np.isnan(found[settled]).all()
    assert np.isnan(ta_.rolling_beta(np.arange(100.0), x, n)[settled]).all()
    assert_array_equal(ta_.rolling_beta(x, np.arange(100.0), n)[settled], 0.0)


@pytest.mark.parametrize("n", [2, 5, 60])
def test_statistics_against_pandas(n):
    x, y = np.random.default_rng(3).standard_normal((2, 500))
    left, right = pd.Series(x), pd.Series(y)
    assert_allclose(ta_.rolling_mean(x, n), left.rolling(n).mean(), rtol=1e-12, atol=1e-12)
    assert_allclose(ta_.rolling_std(x, n), left.rolling(n).std(), rtol=1e-8)
    scores = (left - left.rolling(n).mean()) / left.rolling(n).std()
    assert_allclose(ta_.zscore(x, n), scores, rtol=1e-8, atol=1e-8)
    assert_allclose(ta_.rolling_corr(x, y, n), left.rolling(n).corr(right), rtol=1e-8, atol=1e-9)
    beta = left.rolling(n).cov(right) / right.rolling(n).var()
    assert_allclose(ta_.rolling_beta(x, y, n), beta, rtol=1e-8, atol=1e-8)


def test_correlation_stays_within_one():
    x = np.random.default_rng(2).standard_normal(5000).cumsum()
    assert np.nanmax(ta_.rolling_corr(x, 3 * x + 1, 20)) <= 1.0
    assert np.nanmin(ta_.rolling_corr(x, -3 * x + 1, 20)) >= -1.0


def test_hedge_ratio_is_the_least_squares_slope_of_log_returns():
    small, large, n = _prices(300, 1), _prices(300, 2), 40
    a, b = np.diff(np.log(small)), np.diff(np.log(large))
    expected = _loop(300, n, lambda t: np.polyfit(b[t - n : t], a[t - n : t], 1)[0])
    assert_allclose(ta_.hedge_ratio(small, large, n), expected, rtol=1e-9, atol=1e-12)
    assert_allclose(ta_.hedge_ratio(small**1.7, small, n)[n:], 1.7, rtol=1e-9)


def test_lead_lag_finds_who_leads():
    leader = np.random.default_rng(5).standard_normal(200)
    follower = np.concatenate((np.zeros(3), leader[:-3]))
    assert_allclose(ta_.lead_lag_corr(leader, follower, 20, 3)[30:], 1.0, rtol=1e-12)
    assert np.nanmax(np.abs(ta_.lead_lag_corr(leader, follower, 50, 2))) < 0.7
    assert np.nanmax(np.abs(ta_.lead_lag_corr(follower, leader, 50, 3))) < 0.7
    assert_array_equal(ta_.lead_lag_corr(leader, follower, 20, 0), ta_.rolling_corr(leader, follower, 20))
    expected = _loop(200, 22, lambda t: np.corrcoef(leader[t - 22 : t - 2], follower[t - 19 : t + 1])[0, 1])
    assert_allclose(ta_.lead_lag_corr(leader, follower, 20, 3), expected, rtol=1e-10)


@pytest.mark.parametrize("n", [2, 7])
def test_percent_rank_counts_what_is_below(n):
    x = np.random.default_rng(1).integers(0, 6, 200).astype(float)
    assert_allclose(ta_.percent_rank(x, n), _loop(200, n, lambda t: (x[t - n : t] < x[t]).sum() / n), rtol=1e-15)


def test_momentum_and_log_ratio():
    small, large = _prices(50, 1), _prices(50, 2)
    assert_allclose(ta_.momentum(small, 5), _loop(50, 5, lambda t: math.log(small[t] / small[t - 5])), atol=1e-14)
    assert_allclose(ta_.log_ratio(small, large), np.log(small / large), atol=1e-14)


def test_volatilities_against_pandas():
    close = _prices(400)
    returns = pd.Series(np.log(close)).diff()
    assert_allclose(ta_.realised_vol(close, 20), returns.rolling(20).std() * math.sqrt(252), rtol=1e-9)
    assert_allclose(ta_.realised_vol(close, 20, per_year=12), returns.rolling(20).std() * math.sqrt(12), rtol=1e-9)
    for decay in (0.94, 0.3, 0.999):
        variance = (returns**2).ewm(alpha=1 - decay, adjust=True).mean()
        expected = np.sqrt(variance * 252).where(np.arange(400) >= 20)
        assert_allclose(ta_.ewma_vol(close, decay), expected, rtol=1e-12)


def test_ewma_over_many_blocks_and_bars():
    close = _prices(50_000, volatility=4e-4)
    squares = pd.Series(np.log(close)).diff() ** 2
    expected = np.sqrt(squares.ewm(alpha=0.06, adjust=True).mean() * 252)
    assert_allclose(ta_.ewma_vol(close)[20:], expected[20:], rtol=1e-11)


def test_shock_is_the_return_over_the_volatility_before_it():
    close, k, n = _prices(400), 15, 60
    level = np.log(close)

    def expected(t):
        before = np.diff(level[t - k - n : t - k + 1])
        return (level[t] - level[t - k]) / (before.std(ddof=1) * math.sqrt(k))

    assert_allclose(ta_.shock(close, k, n), _loop(400, k + n, expected), rtol=1e-9)


def test_a_shock_does_not_dilute_itself():
    """Twice the fall is twice the shock: the fall is no part of the volatility that it is measured in."""
    level, k, n = np.log(_prices(100)), 5, 60
    fall = np.concatenate((np.zeros(95), np.linspace(-0.05, -0.25, 5)))
    calm = level.copy()
    calm[95:] = calm[94]
    once, twice = (ta_.shock(np.exp(calm + size * fall), k, n)[-1] for size in (1, 2))
    assert once < -2
    assert twice == pytest.approx(2 * once, rel=1e-12)


def test_drawdown_from_the_rolling_high():
    x = _prices(300)
    assert_allclose(ta_.drawdown(x, 40), _loop(300, 39, lambda t: x[t] / x[t - 39 : t + 1].max() - 1), atol=1e-15)


def _true_range(high, low, close):
    return [
        math.nan if t == 0 else max(high[t] - low[t], abs(high[t] - close[t - 1]), abs(low[t] - close[t - 1]))
        for t in range(len(close))
    ]


def test_true_range_and_its_averages_against_loops():
    high, low, close = _bars(200)
    ranges = _true_range(high, low, close)
    assert_allclose(ta_.true_range(high, low, close), ranges, rtol=1e-15)
    simple = _loop(200, 10, lambda t: sum(ranges[t - 9 : t + 1]) / 10)
    assert_allclose(ta_.atr(high, low, close, 10, "simple"), simple, rtol=1e-12)
    wilder = [math.nan] * 10 + [sum(ranges[1:11]) / 10]
    for t in range(11, 200):
        wilder.append((9 * wilder[-1] + ranges[t]) / 10)
    assert_allclose(ta_.atr(high, low, close, 10), wilder, rtol=1e-12)
    assert_array_equal(ta_.atr(high, low, close, 10), ta_.find("talib.atr")(high, low, close, 10))


def test_atr_of_ta_differs_from_wilders_by_the_first_bar_and_forgets_it():
    high, low, close = _bars(400)
    ours, theirs = ta_.atr(high, low, close, 14), ta_.by_name("ta.average_true_range", n=14)(high, low, close)
    assert abs(ours[14] / theirs[14] - 1) > 1e-4
    assert_allclose(ours[-1], theirs[-1], rtol=1e-9)


@pytest.mark.parametrize("method", ["wilder", "simple"])
def test_ratio_atr_measures_from_close_to_close(method):
    small, large = _prices(100, 1), _prices(100, 2)
    ratio = small / large
    moves = np.abs(np.diff(ratio, prepend=math.nan))
    expected = _loop(100, 6, lambda t: moves[t - 5 : t + 1].mean())
    if method == "wilder":
        for t in range(7, 100):
            expected[t] = (5 * expected[t - 1] + moves[t]) / 6
    assert_allclose(ta_.ratio_atr(small, large, 6, method), expected, rtol=1e-11)


@pytest.mark.parametrize("name", ["momentum", "realised_vol", "ewma_vol", "shock", "drawdown"])
@pytest.mark.parametrize("bad", [0.0, -3.0])
def test_a_price_that_is_not_positive_is_missing(name, bad):
    close = _prices(200)
    holed, absent = close.copy(), close.copy()
    holed[100], absent[100] = bad, math.nan
    params = {"shock": {"k": 3, "n": 10}, "ewma_vol": {"n": 10}}.get(name, {"n": 10})
    assert_array_equal(ta_.find(name)(holed, **params), ta_.find(name)(absent, **params))


def test_crossings():
    a, b = [1, 2, 3, 2, 2, 1, 1, 4], [2, 2, 2, 2, 2, 2, 1, 1]
    assert_array_equal(ta_.cross_up(a, b), [math.nan, 0, 1, 0, 0, 0, 0, 1])
    assert_array_equal(ta_.cross_down(a, b), [math.nan, 0, 0, 0, 0, 1, 0, 0])
    assert_array_equal(ta_.cross_up(a, 2), [math.nan, 0, 1, 0, 0, 0, 0, 1])
    assert_array_equal(ta_.cross_down(2, a), ta_.cross_up(a, 2))
    assert_array_equal(ta_.cross_up([1, math.nan, 3, 1, 3], 2), [math.nan, math.nan, math.nan, 0, 1])
