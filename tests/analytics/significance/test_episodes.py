# SPDX-License-Identifier: Apache-2.0
"""Trades moved to other rows by hand, and every arrangement alike."""

from collections import Counter

import numpy as np
import pytest

from engine.analytics.significance.episodes import Episode, planned, scattered

NAN = np.nan


def test_a_plan_trades_to_each_weight_and_sells_after_the_last_row():
    pair = Episode(0, np.array([[0.5, -0.5], [NAN, NAN], [0.25, NAN]]))
    lone = Episode(0, np.array([[NAN, 1.0]]))
    plan = planned([pair, lone], [1, 5], 8)
    none = [NAN, NAN]
    wanted = [none, [0.5, -0.5], none, [0.25, NAN], [0.0, 0.0], [NAN, 1.0], [NAN, 0.0], none]
    assert np.array_equal(plan, wanted, equal_nan=True)


def test_trades_that_touch_sell_what_the_next_does_not_hold():
    pair = Episode(0, np.array([[0.5, -0.5]]))
    turned = Episode(0, np.array([[-0.5, NAN]]))
    assert np.array_equal(planned([pair, turned], [0, 1], 2), [[0.5, -0.5], [-0.5, 0.0]])  # open at the end


def test_every_order_and_every_gap_is_as_likely():
    # trades of 1 and 2 rows among 6: 3 rows are free, one lies between, so 2 are dealt to 3 places: 6 ways, 2 orders
    seen = Counter()
    for seed in range(6_000):
        order, firsts = scattered([1, 2], 6, np.random.default_rng(seed))
        seen[(*order.tolist(), *firsts)] += 1
    assert len(seen) == 12
    assert max(abs(count - 500) for count in seen.values()) < 5 * np.sqrt(500)
    assert set(seen) >= {(0, 1, 0, 2), (0, 1, 2, 4), (1, 0, 0, 3), (1, 0, 2, 5)}


def test_trades_keep_apart_where_there_is_room_and_fit_where_there_is_none():
    lengths = [3, 1, 4, 1, 5]
    for seed in range(200):
        for rows, gap in ((18, 1), (16, 0), (14, 0)):
            order, firsts = scattered(lengths, rows, np.random.default_rng(seed))
            ends = [first + lengths[trade] for first, trade in zip(firsts, order, strict=True)]
            assert sorted(order.tolist()) == list(range(5))
            assert firsts[0] >= 0
            assert ends[-1] <= rows
            assert all(after - end >= gap for end, after in zip(ends, firsts[1:], strict=False))
    with pytest.raises(ValueError, match="14 rows of trades among 13"):
        scattered(lengths, 13, np.random.default_rng(0))
