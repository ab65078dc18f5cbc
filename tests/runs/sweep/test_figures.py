# SPDX-License-Identifier: Apache-2.0
"""What is kept of a run by stretch is over cash, whether its rate is a number or changes from bar to bar."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from engine.records import OUTCOME, STRETCH
from engine.runs.sweep.figures import figures_of, stretch_bounds

BARS, COUNT = 53, 16


class Bars:
    bars_per_year = 252.0
    bars = np.zeros(BARS, [("session", "i8")])

    def __len__(self):
        return BARS


def kept(returns, rate):
    """Figures of one run with these returns."""
    bounds = stretch_bounds(BARS, COUNT)
    stretches, outcome = np.zeros((1, COUNT), STRETCH), np.zeros(1, OUTCOME)
    stretches["total"] = np.add.reduceat(returns, bounds[:-1])
    stretches["squares"] = np.add.reduceat(returns**2, bounds[:-1])
    outcome["mean"], outcome["deviation"], outcome["fills"] = returns.mean(), returns.std(ddof=1), 1
    return figures_of(SimpleNamespace(market=Bars(), benchmark=rate), outcome, stretches)[0]


@pytest.mark.parametrize("rate", [0.0, 0.03, -0.005, 0.5])
def test_a_constant_rate_is_taken_off_every_bar(rate):
    returns = np.random.default_rng(3).normal(0.0, 0.01, BARS)
    over, bounds = returns - rate / 252, stretch_bounds(BARS, COUNT)
    by_number, by_bar = (kept(returns, one) for one in (np.array([rate]), np.full(BARS, rate)))
    for found in (by_number, by_bar):
        assert found["total"] == pytest.approx(np.add.reduceat(over, bounds[:-1]), abs=1e-15)
        assert found["squares"] == pytest.approx(np.add.reduceat(over**2, bounds[:-1]), abs=1e-15)
    assert by_number["reward_to_variability"] == pytest.approx(over.mean() / over.std(ddof=1) * np.sqrt(252))


def test_a_rate_that_changes_is_taken_off_by_the_mean_of_its_stretch():
    rng = np.random.default_rng(4)
    returns, rates = rng.normal(0.0, 0.01, BARS), rng.uniform(0.0, 0.1, BARS)
    found, bounds = kept(returns, rates), stretch_bounds(BARS, COUNT)
    for at, (first, last) in enumerate(itertools.pairwise(bounds)):
        over = returns[first:last] - rates[first:last].mean() / 252
        assert found["total"][at] == pytest.approx(over.sum(), abs=1e-15)
        assert found["squares"][at] == pytest.approx((over**2).sum(), abs=1e-15)
