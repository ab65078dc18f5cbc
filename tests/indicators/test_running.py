# SPDX-License-Identifier: Apache-2.0
"""Running means are differences of np.cumsum to the last bit, over any number of blocks, and one table of columns."""

import numpy as np
import pytest

from engine.arrays import columns_of
from engine.errors import StrategyError
from engine.indicators import atr, rolling_mean, running_means, true_range
from engine.indicators.running import BLOCK, READ
from engine.indicators.sharing import Memory
from engine.inputs.features import feature_table
from engine.market.panel import FixedMarket
from engine.strategy import Strategy
from tests.indicators.conftest import _market

ROWS = BLOCK + READ + 77


def by_cumsum(values, window):
    sums = np.concatenate(([0.0], np.cumsum(values)))
    found = np.full(len(values), np.nan)
    found[window - 1 :] = (sums[window:] - sums[:-window]) / window
    return found


def range_by_cumsum(role, window):
    found = np.full(len(role.bars), np.nan)
    found[1:] = by_cumsum(true_range(role.high, role.low, role.close)[1:], window)
    return found


def altered(market, **changes):
    """The market with values of its large role changed: column -> {row: value}."""
    bars = market.bars.copy()
    for name, values in changes.items():
        for row, value in values.items():
            bars["large"][name][row] = value
    return type(market)(bars=bars, symbols=market.symbols, series=market.series)


@pytest.mark.parametrize("rows", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, ROWS])
def test_each_mean_is_a_difference_of_cumulative_sums_whatever_the_blocks(rows):
    role = _market(rows).large
    found = running_means(role, close=(1, 20, 100), true_range=14, volume=[5], open=READ + 3)
    wanted = [by_cumsum(role.close, n) for n in (1, 20, 100)]
    wanted += [range_by_cumsum(role, 14), by_cumsum(role.volume, 5), by_cumsum(role.open, READ + 3)]
    assert [one.tobytes() for one in found] == [one.tobytes() for one in wanted]


def test_windows_longer_than_a_block_and_longer_than_the_bars():
    role = _market(ROWS).large
    long, beyond, ranges = running_means(role, close=(BLOCK + 500, ROWS + 1), true_range=ROWS)
    assert long.tobytes() == by_cumsum(role.close, BLOCK + 500).tobytes()
    assert np.isnan(beyond).all()
    assert np.isnan(ranges).all()
    assert [len(one) for one in running_means(_market(1).large, close=1, true_range=1)] == [1, 1]


def test_they_agree_with_the_indicators_that_add_each_window_up():
    role = _market(3000).large
    mean, ranges = running_means(role, close=50, true_range=14)
    np.testing.assert_allclose(mean, rolling_mean(role.close, 50), rtol=1e-9)
    np.testing.assert_allclose(ranges, atr(role.high, role.low, role.close, 14, "simple"), rtol=1e-7)


def test_splits_are_taken_out_as_the_columns_take_them_out():
    market = altered(_market(ROWS), factor=dict.fromkeys(range(BLOCK - 5, ROWS), 4.0))
    role = market.large
    assert role.has_splits
    price, volume = running_means(role, close=20, volume=20)
    assert price.tobytes() == by_cumsum(role.close, 20).tobytes()
    assert volume.tobytes() == by_cumsum(role.volume, 20).tobytes()


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 1, 700, BLOCK - 1, BLOCK, ROWS - 2, ROWS - 1])
@pytest.mark.parametrize("column", ["close", "high"])
def test_a_missing_value_ends_the_history_and_what_follows_begins_anew(column, row, missing):
    market = altered(_market(ROWS), **{column: {row: missing}})
    found = running_means(market.large, close=20, true_range=14)
    after = running_means(market.slice(row + 1, ROWS).large, close=20, true_range=14)
    for one, again in zip(found, after, strict=True):
        assert np.isnan(one[row])
        assert one[row + 1 :].tobytes() == again.tobytes()
    for one, before in zip(found, running_means(market.head(row).large, close=20, true_range=14), strict=True):
        assert one[:row].tobytes() == before.tobytes()


def test_what_is_missing_in_a_column_that_is_not_read_is_no_matter():
    market = altered(_market(300), volume={9: np.nan}, high={9: np.nan})
    (mean,) = running_means(market.large, close=5)
    assert mean.tobytes() == by_cumsum(market.large.close, 5).tobytes()


def test_a_sum_too_large_for_a_number_is_missing():
    market = altered(_market(300), close=dict.fromkeys((5, 6), 1.7e308))
    (mean,) = running_means(market.large, close=2)
    assert np.isfinite(mean[1:5]).all()
    assert not np.isinf(mean).any()
    assert np.isnan(mean[6:]).all()


@pytest.mark.parametrize("rows", [1, 15, 16, BLOCK, BLOCK + 1])
def test_a_shorter_past_says_the_same(rows):
    market = _market(ROWS)
    whole = running_means(market.large, close=(3, 100), true_range=14)
    for part, of in zip(running_means(market.head(rows).large, close=(3, 100), true_range=14), whole, strict=True):
        assert part.tobytes() == of[:rows].tobytes()


def test_they_are_the_columns_of_one_table_and_no_other_order_is():
    first, second, third = running_means(_market(300).large, close=(3, 5), volume=2)
    table = columns_of([first, second, third])
    assert table is not None
    assert table.shape == (300, 3)
    assert table[:, 1].tobytes() == second.tobytes()
    for others in ([second, first, third], [first, second], [first, second, third.copy()], [first[:-1], second, third]):
        assert columns_of(others) is None
    assert columns_of([]) is None
    assert columns_of([np.zeros(3)]) is None
    assert columns_of([[1.0]]) is None


def test_their_table_is_taken_over_once():
    """What is returned again, out of a cache of the author's for one, is copied: it may be written to."""
    market = _market(300)
    means = running_means(market.large, close=(3, 5))

    class Means(Strategy):
        roles = ("large", "small")

        def features(self, market, p):
            return dict(zip(("a", "b"), means, strict=True))

    first, second = (feature_table(Means, market, {}) for _ in range(2))
    assert [np.shares_memory(one, means[0]) for one in (first, second)] == [True, False]
    assert first.tobytes() == second.tobytes()


def test_nobody_writes_into_them_and_who_does_is_looked_at_again():
    market = _market(300)
    means = running_means(market.large, close=(3, 5))
    with pytest.raises(ValueError, match="read-only"):
        means[0][0] = 0.0

    class Means(Strategy):
        roles = ("large", "small")

        def features(self, market, p):
            return dict(zip(("a", "b"), means, strict=True))

    means[0].base.flags.writeable = True
    means[0].base[7, 1] = np.inf
    with pytest.raises(StrategyError, match="infinite: a division by zero"):
        feature_table(Means, market, {})


def test_a_sum_too_large_for_a_number_is_a_missing_value():
    """What is given unread by the check of features holds no infinity."""
    market = altered(_market(300), close={5: 1.7e308, 6: 1.7e308}, high={5: 1.7e308, 6: 1.7e308})
    for windows in ({"close": (2, 3)}, {"close": (2,), "true_range": 3}):
        for one in running_means(market.large, **windows):
            assert not np.isinf(one).any()
            assert np.isnan(one[6])


def test_sets_of_a_sweep_share_each_mean():
    market, memory = _market(600), Memory()
    fixed = FixedMarket.of(market)
    alone = running_means(market.large, close=(10, 20), true_range=14)
    with memory.used():
        shared = running_means(fixed.large, close=(10, 20), true_range=14)
        again = running_means(fixed.large, close=(20, 30), true_range=14)
    assert memory.made == 4
    assert again[0] is shared[1]
    assert [one.tobytes() for one in shared] == [one.tobytes() for one in alone]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"closing": 5}, "running_means.closing: no such source"),
        ({"close": 0}, "running_means.close"),
        ({"close": (5, 2.5)}, "2.5"),
        ({"close": 100_001}, "100000"),
    ],
)
def test_what_cannot_be_asked_for_is_said(asked, words):
    with pytest.raises(StrategyError) as caught:
        running_means(_market(30).large, **asked)
    assert words in str(caught.value).replace("100,000", "100000")
