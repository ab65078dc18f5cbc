# SPDX-License-Identifier: Apache-2.0
"""The ratio that all pages judge a run by: of its returns over cash, by numpy and scipy, and what has none."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.analytics.metrics.performance import sharpe
from engine.analytics.metrics.registry import Undefined
from engine.analytics.significance.found_ratio import found_ratio, ratio_over_cash

RETURNS = np.random.default_rng(6).normal(0.001, 0.01, 60)


def facts(returns, rates, per_year=252.0, fills=1):
    return SimpleNamespace(returns=np.array(returns), rates=np.array(rates), per_year=per_year, fills=fills)


@given(seed=st.integers(0, 10_000), sessions=st.integers(3, 400), per_year=st.sampled_from([12.0, 52.0, 252.0]))
def test_ratio_and_moments_are_of_the_returns_over_cash(seed, sessions, per_year):
    drawn = np.random.default_rng(seed)
    one = facts(drawn.normal(0.001, 0.01, sessions), drawn.uniform(0.0, 0.5, sessions), per_year)
    found, own = found_ratio(one), one.returns - one.rates / per_year
    assert found.ratio == pytest.approx(own.mean() / own.std(ddof=1), rel=1e-9, abs=1e-12)
    assert (found.skew, found.kurtosis) == pytest.approx(
        (stats.skew(own), stats.kurtosis(own, fisher=False)), rel=1e-7, abs=1e-9
    )
    assert (found.sessions, found.per_year) == (sessions, per_year)
    assert found.sharpe == sharpe(one.returns, one.rates, per_year, 1)
    assert found.deflated(1, 0.7) == found.deflated(9, 0.0) == found.probabilistic or math.isnan(found.probabilistic)


def test_of_two_years_of_a_moving_rate():
    """By scipy alone: the paper's formulas, and the moments of plain returns would say something else."""
    drawn = np.random.default_rng(2)
    rates = np.where(np.arange(504) % 252 < 200, 0.0, 0.4)
    one = facts(drawn.normal(0.0008, 0.004, 504), rates)
    own, found = one.returns - rates / 252, found_ratio(one)
    ratio, skew, kurtosis = own.mean() / own.std(ddof=1), stats.skew(own), stats.kurtosis(own, fisher=False)
    spread = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2
    best = 0.6 * ((1 - np.euler_gamma) * stats.norm.ppf(1 - 1 / 20) + np.euler_gamma * stats.norm.ppf(1 - 0.05 / np.e))
    root = math.sqrt(503 / spread)
    assert found.probabilistic == pytest.approx(stats.norm.cdf(ratio * root), rel=1e-9)
    assert found.deflated(20, 0.6) == pytest.approx(stats.norm.cdf((ratio - best / math.sqrt(252)) * root), rel=1e-9)
    assert found.needed == pytest.approx(1.0 + spread * (stats.norm.ppf(0.95) / ratio) ** 2, rel=1e-9)
    assert abs(stats.skew(one.returns) - skew) > 0.02


@pytest.mark.parametrize(("sessions", "told"), [(59, False), (60, True)])
def test_a_probability_takes_sixty_sessions(sessions, told):
    """Of fewer neither moments nor the normal distribution that they bend say anything; the ratio itself is one."""
    found = found_ratio(facts(RETURNS[:sessions], [0.0] * sessions))
    assert math.isfinite(found.ratio)
    assert [math.isfinite(one) for one in (found.probabilistic, found.deflated(5, 0.3))] == [told, told]


@pytest.mark.parametrize(
    "one",
    [
        facts([0.01, -0.01, 0.02], [0.0] * 3, fills=0),
        facts([0.01, -0.01], [0.0] * 2),  # two have a ratio, and no moments
        facts([0.01, math.nan, 0.02], [0.0] * 3),  # ruined
        facts([0.01, 0.01, 0.01], [0.0] * 3),
        facts([0.01, -0.01, 0.02], [0.0] * 3, per_year=math.nan),
        facts([], []),
    ],
)
def test_where_there_is_no_ratio_nothing_follows_from_it(one):
    found = found_ratio(one)
    assert found.sessions == len(one.returns)
    assert all(map(math.isnan, (found.ratio, found.sharpe, found.skew, found.kurtosis)))
    assert all(map(math.isnan, (found.probabilistic, found.needed, found.deflated(5, 0.3))))


def test_returns_that_do_not_move_are_refused_by_the_bare_function():
    with pytest.raises(Undefined):
        ratio_over_cash(np.full(10, 0.01), 252.0)
