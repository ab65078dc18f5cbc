# SPDX-License-Identifier: Apache-2.0
"""Sharpe ratios against luck: the worked example of the paper, and what no formula may do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.significance import deflated_sharpe, expected_best, probabilistic_sharpe

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
