# SPDX-License-Identifier: Apache-2.0
"""Sharpe ratios against luck: the worked example of the paper, and what no formula may do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.significance.sharpe_ratio import (
    deflated_sharpe,
    expected_best,
    minimum_track_record,
    probabilistic_sharpe,
)

DAYS = 250
"""A year of the paper's example."""


def test_the_worked_example_of_the_paper():
    """Bailey and Lopez de Prado (2014), "A numerical example": 2.5 a year, five years of days, 100 tries."""
    ratio, deviation = 2.5 / math.sqrt(DAYS), math.sqrt(0.5 / DAYS)
    assert expected_best(100, deviation) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(ratio, 100, deviation, 1_250, -3.0, 10.0) == pytest.approx(0.9004, abs=5e-5)


def test_the_same_after_46_tries_is_sure_enough():
    """The paper: with 46 independent tries the example would have passed at 95 %."""
    ratio, deviation = 2.5 / math.sqrt(DAYS), math.sqrt(0.5 / DAYS)
    assert deflated_sharpe(ratio, 46, deviation, 1_250, -3.0, 10.0) == pytest.approx(0.9505, abs=5e-4)


@pytest.mark.parametrize(("skew", "kurtosis", "sure"), [(0.0, 3.0, 0.982), (-2.448, 10.164, 0.913)])
def test_two_years_of_months_of_a_fund(skew, kurtosis, sure):
    """Bailey and Lopez de Prado (2012), their fund of 24 months: 0.458 a month, as if normal and as it is."""
    assert probabilistic_sharpe(0.458, 0.0, 24, skew, kurtosis) == pytest.approx(sure, abs=5e-4)


@pytest.mark.parametrize(("a_year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_shortest_record_of_a_ratio_of_two(a_year, years):
    """The same paper: 2 a year is above 1 with 95 % after 2.73 years of days, 2.83 of weeks, 3.24 of months."""
    root = math.sqrt(a_year)
    assert minimum_track_record(2 / root, 1 / root, 0.0, 3.0) / a_year == pytest.approx(years, abs=5e-3)


def test_the_shortest_record_of_a_fund_that_is_not_normal():
    """The same of months with skew -0.72 and kurtosis 5.78, which the paper has from Brooks and Kat: 4.99 years."""
    root = math.sqrt(12)
    assert minimum_track_record(2 / root, 1 / root, -0.72, 5.78) / 12 == pytest.approx(4.99, abs=5e-3)


def test_a_ratio_that_is_not_above_needs_a_record_without_end():
    assert minimum_track_record(0.1, 0.1, 0.0, 3.0) == math.inf
    assert math.isnan(minimum_track_record(1.0, 0.0, 3.0, 1.0))


@given(ratio=st.floats(0.01, 0.3), over=st.floats(-0.2, 0.0), skew=st.floats(-2, 2), kurtosis=st.floats(6, 20))
def test_after_the_shortest_record_the_ratio_is_just_sure(ratio, over, skew, kurtosis):
    needed = minimum_track_record(ratio, over, skew, kurtosis)
    fewer, more = (probabilistic_sharpe(ratio, over, bars, skew, kurtosis) for bars in (needed * 0.99, needed * 1.01))
    assert fewer < 0.95 < more or needed < 10


def test_ffn_says_the_same():
    """ffn 1.4.1, calc_deflated_sharpe_ratio and calc_expected_max_sharpe of the same draws."""
    returns = np.random.default_rng(4).normal(0.0005, 0.01, 1_000)
    tries = np.random.default_rng(5).normal(0.0, 0.5, 50)
    centred = returns - returns.mean()
    skew, kurtosis = ((centred**power).mean() / returns.std() ** power for power in (3, 4))
    ratio, spread = returns.mean() / returns.std(ddof=1), tries.std(ddof=1) / math.sqrt(252)
    assert expected_best(50, 0.5) == pytest.approx(1.1381515467101742, rel=1e-12)
    assert deflated_sharpe(ratio, 50, spread, 1_000, skew, kurtosis) == pytest.approx(0.23467991835253504, abs=5e-4)


@pytest.mark.parametrize("tries", [10, 100, 1_000])
def test_the_best_of_many_without_merit_is_what_draws_have(tries):
    drawn = np.random.default_rng(7).normal(0.0, 0.05, (4_000, tries)).max(axis=1)
    assert expected_best(tries, 0.05) == pytest.approx(drawn.mean(), rel=0.05)


def test_one_try_is_no_choice():
    assert expected_best(1, 0.3) == 0.0
    assert deflated_sharpe(0.1, 1, 0.3, 100, 0.0, 3.0) == probabilistic_sharpe(0.1, 0.0, 100, 0.0, 3.0)


def test_a_ratio_whose_deviation_is_undefined_is_no_number():
    assert math.isnan(probabilistic_sharpe(1.0, 0.0, 100, 3.0, 1.0))
    assert math.isnan(probabilistic_sharpe(1.0, 0.0, 1, 0.0, 3.0))


@given(ratio=st.floats(-0.3, 0.3), tries=st.integers(2, 10_000), bars=st.integers(10, 10_000))
def test_more_tries_are_never_surer(ratio, tries, bars):
    fewer, more = (deflated_sharpe(ratio, one, 0.02, bars, 0.0, 3.0) for one in (tries, 2 * tries))
    assert more <= fewer <= probabilistic_sharpe(ratio, 0.0, bars, 0.0, 3.0)
