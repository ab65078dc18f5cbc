# SPDX-License-Identifier: Apache-2.0
"""What two lines say of each other: nothing of later days, the same from either side, against libraries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.analytics.pair.afterwards import DELAY, FEWEST, HORIZONS, afterwards, apart
from engine.analytics.pair.bands import bands
from engine.analytics.pair.levels import drawdown, rank, window_of
from engine.analytics.pair.relation import correlation, ratio, rolling_correlation, slope, together
from engine.analytics.pair.sides import Pair, Side


def a_pair(count, seed, volatility=False):
    generator = np.random.default_rng(seed)
    first = generator.normal(0, 0.01, count)
    second = -0.6 * first + generator.normal(0, 0.01, count)
    sides = [100 * np.exp(np.cumsum(steps)) for steps in (first, second)]
    days = np.datetime64("2001-01-01") + np.arange(count)
    return Pair(days, Side("A", sides[0], sides[0]), Side("B", sides[1], sides[1], volatility), 252.0)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), cut=st.integers(60, 199), window=st.integers(20, 50))
def test_later_rows_change_nothing_of_what_was_known(seed, cut, window):
    pair = a_pair(200, seed, volatility=True)
    whole, then = rolling_correlation(pair, window), rolling_correlation(pair.head(cut), window)
    np.testing.assert_array_equal(whole[:cut], then)
    for one, two in zip(bands(pair, whole, (-0.8, -0.5)), bands(pair.head(cut), then, (-0.8, -0.5)), strict=True):
        np.testing.assert_array_equal(one.inside[:cut], two.inside)
    np.testing.assert_array_equal(pair.first.moves(5)[:cut], pair.head(cut).first.moves(5))


@settings(max_examples=8)
@given(seed=st.integers(0, 1000))
def test_the_other_way_round_says_the_same(seed):
    pair = a_pair(150, seed)
    one, two = together(pair, 60), together(pair.swapped(), 60)
    assert one.changes.value == pytest.approx(two.changes.value, abs=1e-12)
    assert one.first_on_second == two.second_on_first
    assert one.first_on_second.value * one.second_on_first.value == pytest.approx(one.changes.value**2)
    assert ratio(pair, 60).z == pytest.approx(-ratio(pair.swapped(), 60).z)
    np.testing.assert_allclose(rolling_correlation(pair, 60), rolling_correlation(pair.swapped(), 60), atol=1e-12)


@settings(max_examples=30)
@given(st.lists(st.floats(0.5, 2), min_size=30, max_size=60), st.floats(0.01, 100))
def test_figures_do_not_depend_on_the_unit(steps, scale):
    values = np.cumprod(steps)
    one, two = Side("A", values, values), Side("A", scale * values, scale * values)
    assert drawdown(one.growth).worst == pytest.approx(drawdown(two.growth).worst, abs=1e-9)
    assert rank(values, len(values)) == rank(scale * values, len(values)) or len(set(values)) < len(values)
    np.testing.assert_allclose(one.changes, two.changes, atol=1e-9)


def test_each_band_holds_its_upper_edge_and_all_of_them_every_day():
    pair = a_pair(6, 1, volatility=True)
    known = np.array([np.nan, -1.0, -0.8, -0.79, -0.5, -0.49])
    stress, usual, broken = (one.inside.tolist() for one in bands(pair, known, (-0.8, -0.5)))
    assert stress == [False, True, True, False, False, False]
    assert usual == [False, False, False, True, True, False]
    assert broken == [False, False, False, False, False, True]


def test_correlation_and_skew_are_those_of_scipy():
    pair = a_pair(120, 3)
    x, y = pair.first.changes, pair.second.changes
    assert correlation(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-14)
    assert window_of(pair.first, 90).skew == pytest.approx(stats.skew(pair.first.level[-90:], bias=False))


def test_newey_west_by_hand():
    """The slope's error from its formula: Bartlett weights up to four lags, corrected for two parameters."""
    pair = a_pair(101, 4)
    x, y = pair.first.changes, pair.second.changes
    found = slope(y, x)
    design = np.column_stack([np.ones(100), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    scores = design * (y - design @ beta)[:, None]
    middle = scores.T @ scores
    for lag in range(1, 5):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / 5) * (cross + cross.T)
    error = np.sqrt((inverse @ middle @ inverse)[1, 1] * 100 / 98)
    assert found.value == pytest.approx(beta[1])
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 98) * error)


def test_what_followed_is_counted_from_the_next_close():
    levels = np.array([100, 101, 103, 102, 106, 110, 108, 111.0])
    side = Side("A", levels, levels)
    later = side.later(5, DELAY)
    assert later[0] == pytest.approx(108 / 101 - 1)
    assert later[1] == pytest.approx(111 / 103 - 1)
    assert np.isnan(later[2:]).all()
    assert Side("V", levels, levels, volatility=True).later(5, DELAY)[0] == pytest.approx(7)


def test_all_days_differ_in_nothing_from_all_days():
    pair = a_pair(900, 5)
    found = afterwards(pair, {"all": np.ones(900, bool), "none": np.zeros(900, bool), "one": np.arange(900) == 7})
    for one in found["all"]:
        assert one.mean == pytest.approx(one.baseline)
        assert one.low == pytest.approx(0, abs=1e-12)
        assert one.high == pytest.approx(0, abs=1e-12)
    assert all(one.days == 0 and one.differs is None and np.isnan(one.mean) for one in found["none"])
    assert all(one.days == 1 and one.differs is None for one in found["one"])
    assert len(found["all"]) == 2 * len(HORIZONS)


def test_a_band_finds_what_is_there_and_not_what_is_not():
    """Days after which the first line gains 1 % a day for 21 sessions, and days that are no other than any."""
    generator = np.random.default_rng(6)
    steps = generator.normal(0, 0.005, 4000)
    marked = np.zeros(4000, bool)
    marked[50:3900:150] = True
    for row in np.flatnonzero(marked):
        steps[row + 2 : row + 23] += 0.01
    level = np.cumprod(1 + steps)
    other = np.cumprod(1 + generator.normal(0, 0.005, 4000))
    pair = Pair(np.datetime64("2001-01-01") + np.arange(4000), Side("A", level, level), Side("B", other, other), 252.0)
    found = {(one.symbol, one.sessions): one for one in afterwards(pair, {"marked": marked})["marked"]}
    assert found["A", 21].differs
    assert found["A", 21].mean > 0.18
    assert not found["B", 21].differs
    assert found["A", 21].apart == 26 >= FEWEST


def test_days_apart_are_counted_from_the_one_before():
    assert apart([0, 1, 4, 5, 6, 10], 5) == 3
    assert apart([], 5) == 0
