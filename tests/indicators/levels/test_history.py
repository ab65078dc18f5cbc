# SPDX-License-Identifier: Apache-2.0
"""How long ago a close lay below a level, and how often closes crossed it: by hand, by a loop, and causally."""

from itertools import pairwise

import numpy as np

from engine.indicators import level_history, price_levels

NAN = np.nan


def test_by_hand():
    """First touch on bar 1, level 10 from bar 4 on: above, below, on it (neither), above, below."""
    close = np.array([8.0, 11.0, 9.0, 10.0, 12.0, 9.5, 9.0, 13.0])
    level = np.array([NAN, NAN, NAN, NAN, 10.0, 10.0, 10.0, 10.0])
    found = level_history(close, level, np.array([NAN, NAN, NAN, NAN, 3.0, 4.0, 5.0, 6.0]))
    assert found.since_below[4:].tolist() == [2.0, 3.0, 1.0, 1.0]
    assert found.crossings[4:].tolist() == [1.0, 2.0, 3.0, 3.0]
    assert np.isnan(found.since_below[:4]).all()
    assert np.isnan(found.crossings[:4]).all()


def test_a_level_that_no_close_was_below_says_its_age():
    """The close of 8 lies before the first touch and does not count."""
    found = level_history(np.array([8.0, 11.0, 12.0, 11.0]), np.full(4, 10.0), np.array([NAN, NAN, 1.0, 2.0]))
    assert found.since_below[2:].tolist() == [1.0, 2.0]
    assert found.crossings[2:].tolist() == [0.0, 0.0]


def test_no_level_no_history():
    found = level_history(np.arange(1.0, 6.0), np.full(5, NAN), np.full(5, NAN))
    assert np.isnan(found.since_below).all()
    assert np.isnan(found.crossings).all()


def walk(bars=1500, seed=3):
    rng = np.random.default_rng(seed)
    close = np.round(50.0 + 6.0 * np.sin(np.arange(bars) / 60.0) + np.cumsum(rng.normal(0.0, 0.15, bars)), 1)
    return close, price_levels(close + 0.3, close - 0.3, close, np.ones(bars), min_touches=2, min_age=60).support


def test_it_is_what_a_loop_over_the_closes_finds():
    close, floor = walk()
    found, seen = level_history(close, floor.price, floor.age), 0
    for t in np.flatnonzero(np.isfinite(floor.price)):
        past = close[t - int(floor.age[t]) : t]
        below = [k for k, one in enumerate(past) if one < floor.price[t]]
        sides = [one > floor.price[t] for one in past if one != floor.price[t]]
        assert found.since_below[t] == (len(past) - below[-1] if below else floor.age[t])
        assert found.crossings[t] == sum(one != other for one, other in pairwise(sides))
        seen += found.crossings[t] > 2
    assert seen > 100


def test_a_shorter_past_says_the_same():
    close, floor = walk()
    whole = level_history(close, floor.price, floor.age)
    for stop in (700, 1000, 1333):
        part = level_history(close[:stop], floor.price[:stop], floor.age[:stop])
        np.testing.assert_array_equal(part.since_below, whole.since_below[:stop])
        np.testing.assert_array_equal(part.crossings, whole.crossings[:stop])
