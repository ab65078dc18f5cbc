# SPDX-License-Identifier: Apache-2.0
"""The next value at which an indicator has a given value: put behind the series, the indicator has it."""

import math

import numpy as np
import pytest

from engine.indicators import momentum, rolling_mean, shock, zscore
from engine.indicators.next_value import next_at_mean, next_at_momentum, next_at_shock, next_at_zscore

SERIES = [np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, 300))) for seed in range(4)]


def after(x, value):
    return np.append(x, value)


@pytest.mark.parametrize("x", SERIES)
@pytest.mark.parametrize("n", [10, 60, 250])
@pytest.mark.parametrize("z", [-2.0, -1.0, 0.0, 0.5, 2.5])
def test_zscore(x, n, z):
    log = np.log(x)
    assert zscore(after(log, next_at_zscore(log, n, z)), n)[-1] == pytest.approx(z, abs=1e-6)


def test_no_value_is_further_away_than_a_window_allows():
    """The largest z-score of n values is (n - 1) / sqrt(n): 2.846 of 10."""
    assert math.isfinite(next_at_zscore(SERIES[0], 10, 2.84))
    assert math.isnan(next_at_zscore(SERIES[0], 10, 2.85))


@pytest.mark.parametrize("x", SERIES)
@pytest.mark.parametrize(("k", "n", "value"), [(15, 120, -2.5), (15, 120, -1.0), (1, 20, 3.0), (5, 252, 0.0)])
def test_shock(x, k, n, value):
    assert shock(after(x, next_at_shock(x, k, n, value)), k, n)[-1] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("x", SERIES)
def test_momentum_and_mean(x):
    assert momentum(after(x, next_at_momentum(x, 60)), 60)[-1] == 0.0
    there = next_at_mean(x, 50)
    assert rolling_mean(after(x, there), 50)[-1] == pytest.approx(there, rel=1e-12)


@pytest.mark.parametrize("found", [pytest.param(one, id=str(place)) for place, one in enumerate([
    next_at_zscore(SERIES[0][:8], 10, 1.0), next_at_shock(SERIES[0][:30], 15, 20, -1.0),
    next_at_momentum(SERIES[0][:5], 6), next_at_mean(SERIES[0][:5], 10), next_at_shock(np.ones(100), 5, 20, -1.0),
    next_at_zscore(np.append(SERIES[0], np.nan), 10, 1.0),
])])  # fmt: skip
def test_too_little_history_is_no_value(found):
    assert math.isnan(found)
