# SPDX-License-Identifier: Apache-2.0
"""Swing pivots are written at the bar that confirms them and never before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine.indicators import swing_high, swing_low
from engine.indicators.levels.pivots import swing_highs, swing_lows

NAN = np.nan
#                        0  1  2  3  4  5  6  7  8  9
LOW = np.array([5.0, 4, 2, 3, 4, 3, 1, 2, 3, 4])
#                    low at 2    low at 6; with two bars either side known at 4 and 8


def test_a_low_is_known_right_bars_later():
    assert swing_lows(LOW, 2, 2).tolist() == [2, 6]
    assert_array_equal(swing_low(LOW, 2, 2), [NAN, NAN, NAN, NAN, 2, 2, 2, 2, 1, 1])
    assert_array_equal(swing_low(LOW, 2, 2, "age"), [NAN, NAN, NAN, NAN, 2, 3, 4, 5, 2, 3])


def test_highs_are_the_mirror():
    assert_array_equal(swing_high(10 - LOW, 2, 2), 10 - swing_low(LOW, 2, 2))
    assert_array_equal(swing_high(10 - LOW, 2, 2, "age"), swing_low(LOW, 2, 2, "age"))


def test_the_widths_are_each_sides_own():
    assert swing_lows(LOW, 4, 1).tolist() == [6]  # row 2 has only two bars before it
    assert swing_lows(LOW, 1, 1).tolist() == [2, 6]
    assert swing_lows(LOW, 2, 4).tolist() == []  # row 2 is undercut by row 6, four bars later


def test_of_equal_lows_the_first_is_the_pivot():
    flat = np.array([3.0, 2, 1, 1, 1, 2, 3])
    assert swing_lows(flat, 2, 2).tolist() == [2]
    assert swing_lows(np.ones(20), 2, 2).tolist() == []


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(1, 4), st.integers(1, 4))
def test_against_the_definition(values, left, right):
    low = np.array(values, dtype=float)
    expected = [
        row
        for row in range(left, len(low) - right)
        if low[row] < low[row - left : row].min() and low[row] <= low[row + 1 : row + right + 1].min()
    ]
    assert swing_lows(low, left, right).tolist() == expected
    assert swing_highs(-low, left, right).tolist() == expected
    last = swing_low(low, left, right)
    for t in range(len(low)):
        known = [row for row in expected if row + right <= t]
        assert last[t] == low[known[-1]] if known else np.isnan(last[t])


def test_the_last_pivot_is_forgotten_at_a_gap():
    holed = np.concatenate((LOW, [NAN], LOW))
    assert_array_equal(swing_low(holed, 2, 2), np.concatenate((swing_low(LOW, 2, 2), [NAN], swing_low(LOW, 2, 2))))


@pytest.mark.parametrize("rows", range(6))
def test_short_histories(rows):
    assert np.isnan(swing_low(LOW[:rows], 3, 3)).all()
