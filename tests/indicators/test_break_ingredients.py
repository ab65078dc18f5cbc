# SPDX-License-Identifier: Apache-2.0
"""What a break of support is judged by: its depth, the volume, the sectors, a figure that is published now and then."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.errors import StrategyError
from engine.indicators import (
    below_mean,
    break_depth,
    published_change,
    published_rising,
    quiet_new_low,
    relative_volume,
    share_below_mean,
)

NAN = np.nan


def test_depth_is_in_ranges_below_the_level():
    close, level, average = [98.0, 100.0, 103.0, 97.0, 97.0], [100.0, 100, 100, NAN, 100], [2.0, 2, 2, 2, 0]
    assert_array_equal(break_depth(close, level, average), [1.0, 0, -1.5, NAN, NAN])


def test_volume_is_measured_by_the_median_before_it():
    volume = np.array([4.0, 1, 100, 2, 8, 0])
    assert_array_equal(relative_volume(volume, 3), [NAN, NAN, NAN, 2 / 4, 8 / 2, 0 / 8])
    assert_array_equal(relative_volume(volume, 2), [NAN, NAN, 100 / 1, 2 / 1, 8 / 2, 0 / 2])  # the lower middle value
    assert_array_equal(relative_volume(np.array([0.0, 0, 0, 5]), 3), [NAN, NAN, NAN, NAN])


#                  0    1  2  3  4    5  6  7  8
LOWS = np.array([10.0, 9, 7, 8, 9, 6.9, 8, 6, 5])
#                          low      new    new, new


def test_a_new_low_on_less_volume_than_the_last_low_had():
    volume = np.array([1.0, 1, 50, 1, 1, 40, 1, 45, 44])
    # 5 undercuts row 2 on 40 < 50; 7 undercuts row 5 on 45 > 40; 8 undercuts row 7 on 44 < 45
    assert_array_equal(quiet_new_low(LOWS, volume, 4, 1), [NAN, NAN, NAN, NAN, 0, 1, 0, 0, 1])


def test_apart_compares_with_a_low_of_some_bars_ago():
    volume = np.array([1.0, 1, 50, 1, 1, 40, 1, 45, 44])
    # with 2 bars apart, row 8 is compared with row 5 (40), the lowest of rows 3 to 6, and is not quiet
    found = quiet_new_low(LOWS, volume, 4, 2)
    assert_array_equal(found, [NAN, NAN, NAN, NAN, NAN, 1, 0, 0, 0])


def test_a_low_that_an_unseen_day_between_has_undercut_is_not_new():
    low, volume = np.array([9.0, 8, 9, 5, 6]), np.array([1.0, 50, 1, 1, 1])
    assert quiet_new_low(low, volume, 2, 2)[4] == 0  # below row 1, but row 3 was lower


def test_of_equal_lows_the_latest_sets_the_volume():
    low, volume = np.array([5.0, 9, 5, 9, 4]), np.array([100.0, 1, 20, 1, 50])
    assert quiet_new_low(low, volume, 4, 1)[4] == 0
    assert quiet_new_low(low, volume[[2, 1, 0, 3, 4]], 4, 1)[4] == 1


def test_long_windows_are_gathered_in_parts(monkeypatch):
    low, volume = np.random.default_rng(3).random((2, 400)).cumsum(axis=1) * [[-1], [1]]
    whole = quiet_new_low(low, volume, 50, 3)
    monkeypatch.setattr("engine.indicators.volume.GATHERED", 120)
    assert_array_equal(quiet_new_low(low, volume, 50, 3), whole)


def test_below_its_mean():
    assert_array_equal(below_mean([3.0, 1, 2, 2, 2], 2), [NAN, 1, 0, 0, 0])


def test_the_share_is_of_the_sectors_that_exist():
    banks = np.array([3.0, 2, 1, 2])
    energy = np.array([NAN, 1, 2, 1])  # one bar more until it has a mean
    retail = np.array([1.0, 2, NAN, NAN])
    assert_array_equal(share_below_mean([banks, energy, retail], 2), [NAN, 1 / 2, 1 / 2, 1 / 2])
    assert_array_equal(share_below_mean([retail], 2), [NAN, 0, NAN, NAN])


def test_the_share_is_causal(market_of):
    market = market_of(300)
    series = [market.small.close, market.large.close, market.small.open]
    whole = share_below_mean(series, 20)
    for cut in (0, 1, 19, 20, 150, 299):
        assert_array_equal(share_below_mean([values[:cut] for values in series], 20), whole[:cut])


def test_the_share_refuses_none_and_unequal_series():
    with pytest.raises(StrategyError, match="needs at least one series"):
        share_below_mean([], 5)
    with pytest.raises(StrategyError, match=r"share_below_mean: its series must be equally long; found 0 3, 1 4"):
        share_below_mean([np.ones(3), np.ones(4)], 2)
    with pytest.raises(StrategyError, match=r"below_mean\.n"):
        share_below_mean([np.ones(3)], 1)


#                     first figure, second, third, fourth
SHORTED = np.array([8.0, 8, 8, 8.5, 8.5, 8.2, 8.2, 9.0])


def test_a_published_figure_against_the_ones_before():
    assert_allclose(published_change(SHORTED, 1), [NAN, NAN, NAN, 0.5, 0.5, -0.3, -0.3, 0.8])
    assert_allclose(published_change(SHORTED, 2), [NAN, NAN, NAN, NAN, NAN, 0.2, 0.2, 0.5])
    assert_array_equal(published_rising(SHORTED, 1), [NAN, NAN, NAN, 1, 1, 0, 0, 1])
    assert_array_equal(published_rising(SHORTED, 3), [NAN] * 7 + [1])


def test_a_stale_series_begins_anew():
    stale = np.array([8.0, 8.5, NAN, 9.0, 9.0, 9.5])
    assert_array_equal(published_rising(stale, 1), [NAN, 1, NAN, NAN, NAN, 1])
    assert np.isnan(published_change(np.full(20, 7.0), 1)).all()
