# SPDX-License-Identifier: Apache-2.0
"""The fit is the constrained minimum, walks forward without the future, and knows when it has no data."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.indicators.replication import fit, out_of_sample, walk_forward

NAN = math.nan


def _factors(months=60, count=3, seed=1):
    rng = np.random.default_rng(seed)
    return 0.04 * rng.standard_normal((months, 1)) + 0.03 * rng.standard_normal((months, count))


def _loss(weights, fund, factors, ridge):
    y, x = fund - fund.mean(), factors - factors.mean(axis=0)
    size = x.var(axis=0).mean()
    return float(((y - x @ weights) ** 2).mean() / size + ridge * weights @ weights)


def test_a_book_is_found_again_with_its_alpha():
    factors, book = _factors(), np.array([0.5, -0.4, 0.3])
    found = fit(0.001 + factors @ book, factors, gross_cap=2.0, ridge=1e-9)
    np.testing.assert_allclose(found.weights, book, atol=1e-4)
    assert found.alpha == pytest.approx(0.001, abs=1e-5)
    assert found.r2 == pytest.approx(1.0, abs=1e-6)


def test_without_a_binding_cap_it_is_ridge_regression():
    factors, rng = _factors(count=4), np.random.default_rng(2)
    fund, ridge = factors @ np.array([0.5, -0.3, 0.2, 0.1]) + 0.01 * rng.standard_normal(60), 0.3
    y, x = fund - fund.mean(), factors - factors.mean(axis=0)
    expected = np.linalg.solve(x.T @ x + ridge * len(y) * x.var(axis=0).mean() * np.eye(4), x.T @ y)
    found = fit(fund, factors, gross_cap=10.0, ridge=ridge)
    np.testing.assert_allclose(found.weights, expected, atol=5.1e-5)
    assert found.r2 == pytest.approx(1 - (y - x @ found.weights).var() / y.var(), rel=1e-12)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.floats(0.05, 1.5), st.floats(0.001, 1.0))
def test_no_other_book_within_the_cap_is_better(seed, cap, ridge):
    rng = np.random.default_rng(seed)
    factors = _factors(seed=seed)
    fund = factors @ rng.normal(0, 1, 3) + 0.01 * rng.standard_normal(60)
    best = fit(fund, factors, cap, ridge).weights
    assert np.abs(best).sum() <= cap + 1.6e-4
    least = _loss(best, fund, factors, ridge)
    others = rng.normal(0, 1, (200, 3))
    others *= cap * rng.random((200, 1)) / np.abs(others).sum(axis=1, keepdims=True)
    near = best + rng.normal(0, 0.01, (200, 3))
    near *= np.minimum(1.0, cap / np.abs(near).sum(axis=1, keepdims=True))
    slack = 1e-3 * cap * max(1.0, _loss(np.zeros(3), fund, factors, ridge))  # of rounding to four decimals
    assert all(least <= _loss(other, fund, factors, ridge) + slack for other in itertools.chain(others, near))


def test_the_cap_binds_where_the_corner_of_the_ball_is_known():
    """Two uncorrelated factors of the same variance: the least-squares weights, each shrunk by the same amount."""
    factors = 0.01 * np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    found = fit(factors @ np.array([0.9, -0.5]), factors, gross_cap=1.0, ridge=1e-9)
    np.testing.assert_allclose(found.weights, [0.7, -0.3], atol=1e-4)


def test_twins_share_the_weight():
    twin = _factors(count=1)
    found = fit(0.6 * twin[:, 0], np.hstack([twin, twin]), gross_cap=2.0, ridge=1e-4)
    np.testing.assert_allclose(found.weights, [0.3, 0.3], atol=2e-4)


def test_what_does_not_move_explains_nothing():
    still = fit(np.arange(12.0), np.ones((12, 2)), 1.0, 0.1)
    assert (still.weights == 0).all()
    assert still.alpha == 5.5
    assert math.isnan(still.r2)
    assert (fit(np.full(60, 0.01), _factors(), 1.0, 0.1).weights == 0).all()


def _months(rows=40):
    factors = _factors(rows)
    return factors @ np.array([0.5, -0.4, 0.3]) + 0.002 * np.random.default_rng(5).standard_normal(rows), factors


def test_each_row_is_the_fit_of_its_window():
    fund, factors = _months()
    found = walk_forward(fund, factors, 12, 0, 1.0, 0.05)
    assert np.isnan(found.weights[:11]).all()
    assert np.isnan(found.alpha[:11]).all()
    for month in (11, 25, 39):
        expected = fit(fund[month - 11 : month + 1], factors[month - 11 : month + 1], 1.0, 0.05)
        np.testing.assert_array_equal(found.weights[month], expected.weights)
        assert (found.alpha[month], found.r2[month]) == (expected.alpha, expected.r2)


@pytest.mark.parametrize("month", [12, 20, 38])
def test_later_months_change_no_bit(month):
    fund, factors = _months()
    whole = walk_forward(fund, factors, 12, 2, 1.0, 0.05)
    fund[month:], factors[month:] = 7.0, -3.0
    changed = walk_forward(fund, factors, 12, 2, 1.0, 0.05)
    cut = walk_forward(fund[:month], factors[:month], 12, 2, 1.0, 0.05)
    for name in ("weights", "alpha", "r2"):
        np.testing.assert_array_equal(getattr(whole, name)[:month], getattr(changed, name)[:month])
        np.testing.assert_array_equal(getattr(whole, name)[:month], getattr(cut, name))


@pytest.mark.parametrize(("gaps", "last_fit"), [(0, 29), (2, 31), (3, 32)])
def test_a_fund_that_falls_silent_loses_its_fit_after_so_many_months(gaps, last_fit):
    fund, factors = _months()
    fund[30:] = NAN
    found = walk_forward(fund, factors, 12, gaps, 1.0, 0.05)
    assert int(np.flatnonzero(np.isfinite(found.alpha))[-1]) == last_fit
    np.testing.assert_array_equal(found.weights[last_fit], found.weights[29])


def test_a_gap_is_skipped_and_the_window_reaches_further_back():
    fund, factors = _months()
    factors[20, 1] = NAN
    found = walk_forward(fund, factors, 12, 1, 1.0, 0.05)
    used = [row for row in range(12, 25) if row != 20]
    np.testing.assert_array_equal(found.weights[24], fit(fund[used], factors[used], 1.0, 0.05).weights)
    assert np.isnan(walk_forward(fund, factors, 12, 0, 1.0, 0.05).alpha[24])


def test_out_of_sample_uses_the_weights_known_before_the_month_began():
    """Months end on bars 10, 20, 30, 40; weights are published on bars 13, 20 (the last of its month), 31."""
    weights = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [9.0, 9.0]])
    factors = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]])
    found = out_of_sample(weights, factors, np.array([13, 20, 31, 43]), np.array([10, 20, 30, 40]))
    np.testing.assert_allclose(found, [NAN, NAN, 2.0 * 0.6, 2.0 * 0.8])
