# SPDX-License-Identifier: Apache-2.0
"""The alpha share by hand, its standard errors against simulation, and its edges."""

import math

import numpy as np
import pytest

from engine.analytics.attribution.alpha_share import alpha_share, mean_error, published_months


def _months(count=120, alpha=0.002, noise=0.005, seed=1):
    rng = np.random.default_rng(seed)
    bill = np.full(count, 0.001)
    replica = bill + 0.006 + 0.02 * rng.standard_normal(count)
    return replica + alpha + noise * rng.standard_normal(count), replica, bill


def test_definition_by_hand():
    bill = np.tile([0.001, 0.003], 6)
    replica = bill + np.tile([0.02, -0.01], 6)
    found = alpha_share(replica + np.tile([0.004, 0.002], 6), replica, bill)
    assert found.months == 12
    assert found.fund == pytest.approx(12 * 0.008)
    assert found.replica == pytest.approx(12 * 0.005)
    assert found.alpha == pytest.approx(12 * 0.003)
    assert found.share == pytest.approx(3 / 8)
    assert found.of_total == pytest.approx(3 / 10)
    assert found.correlation == pytest.approx(1.0)
    assert found.tracking == pytest.approx(math.sqrt(12) * 0.001 * math.sqrt(12 / 11))


def test_a_fund_that_is_its_replica_has_no_alpha():
    _, replica, bill = _months()
    found = alpha_share(replica, replica, bill)
    assert (found.alpha, found.alpha_error, found.share, found.share_error, found.tracking) == (0, 0, 0, 0, 0)


def test_a_fund_of_pure_alpha_has_a_share_of_one():
    rng = np.random.default_rng(3)
    bill = np.full(60, 0.002)
    found = alpha_share(bill + 0.003 + 0.001 * rng.standard_normal(60), bill, bill)
    assert found.share == pytest.approx(1.0)
    assert found.share_error == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(found.correlation)


def test_mean_error_without_correlation_is_the_textbooks():
    values = np.random.default_rng(4).standard_normal(5000)
    assert mean_error(values) == pytest.approx(1 / math.sqrt(5000), rel=0.1)


def test_mean_error_by_hand_with_one_lag():
    values = np.array([1.0, 2.0, 4.0, 1.0])  # away: -1, 0, 2, -1; int(4 * 0.04 ** (2 / 9)) = 1 lag
    assert mean_error(values) == pytest.approx(math.sqrt(6 + 2 * 0.5 * (-2)) / 4)


def test_errors_are_those_of_many_samples():
    """Monthly alpha with an autocorrelation of 0.3, as smoothed returns have it."""
    found = []
    for seed in range(400):
        fund, replica, bill = _months(180, seed=seed)
        rest = fund - replica
        fund = replica + rest
        fund[1:] += 0.3 * (rest[:-1] - 0.002)
        found.append(alpha_share(fund, replica, bill))
    for value, error in (("alpha", "alpha_error"), ("share", "share_error"), ("of_total", "of_total_error")):
        spread = np.std([getattr(one, value) for one in found])
        claimed = np.median([getattr(one, error) for one in found])
        assert claimed == pytest.approx(spread, rel=0.25), value


def test_too_few_months_and_no_return_have_no_share():
    fund, replica, bill = _months(11)
    few = alpha_share(fund, replica, bill)
    assert few.months == 11
    assert math.isnan(few.alpha)
    assert math.isnan(few.share_error)
    nothing = alpha_share(np.tile([0.01, -0.01], 6), np.zeros(12), np.zeros(12))
    assert math.isnan(nothing.share)
    assert nothing.alpha == 0.0


def test_only_published_and_complete_months_count():
    nan = math.nan
    features = {
        "published": [0, 1, 0, 1, 1, 1],
        "fund_month": [nan, 0.01, 0.01, 0.02, nan, 0.04],
        "replica_month": [nan, nan, nan, 0.03, 0.05, 0.06],
        "bill_month": [0.001] * 6,
    }
    fund, replica, bill = published_months(features)
    assert (fund.tolist(), replica.tolist(), bill.tolist()) == ([0.02, 0.04], [0.03, 0.06], [0.001, 0.001])
