# SPDX-License-Identifier: Apache-2.0
"""Sleeves by hand: returns before transfers, what was traded against each other, correlations."""

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.analytics.attribution.sleeves import correlations, crossing, sleeve_paths
from engine.runs.backtest import backtest
from tests.kernel.test_sleeves import ONE_A, TWO_A, buy, diaries, flat_bars, play

RISE = (100, 100, 120, 120, 90)
"""Sleeve one is long A for all its 5,000 dollars from the second close on; capital moves at the third, in February."""


@pytest.fixture(scope="module")
def studied():
    return analyse(diaries(flat_bars(*RISE, days=[0, 1, 8, 9, 12]), "monthly"))


def test_a_transfer_is_no_return(studied):
    """From 5,000 to 6,000, of which 500 go; then 50 shares fall by 30 on 5,500."""
    one, two = studied.sleeves
    assert one.returns(studied.sessions).tolist() == pytest.approx([0.0, 0.0, 0.2, 0.0, -1_500.0 / 5_500.0])
    assert two.returns(studied.sessions).tolist() == [0.0] * 5
    assert one["transfers"].tolist() == [0.0, 0.0, -500.0, -500.0, -500.0]
    assert one.equity.tolist() == [5_000.0, 5_000.0, 5_500.0, 5_500.0, 4_000.0]
    assert two.equity.tolist() == [5_000.0, 5_000.0, 5_500.0, 5_500.0, 5_500.0]


def test_a_sleeve_that_never_moves_has_no_correlation(studied):
    found = correlations(studied.sleeves, studied.sessions)
    assert found[0, 0] == pytest.approx(1.0)
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1, 1])


def test_what_meets_in_a_bar_is_counted_once_and_costs_both_sides():
    """30 bought and 10 sold at a cent a share: 10 shares met; 0.10 of the seller's and a third of the buyer's 0.30."""
    costs = {"costs.commission": [{"per_share": 0.01}]}
    result = play(flat_bars(100, 100, 100), [buy(0, ONE_A, 30.0), buy(0, TWO_A, -10.0), buy(1, ONE_A, 5.0)], costs)
    met = crossing(result)
    assert met.value == pytest.approx(1_000.0)
    assert met.costs == pytest.approx(0.20)


def test_one_side_alone_crosses_nothing():
    result = play(flat_bars(100, 100, 100), [buy(0, ONE_A, 30.0), buy(1, TWO_A, -10.0)])
    assert (crossing(result).value, crossing(result).costs) == (0.0, 0.0)


def test_a_single_strategy_has_no_sleeves():
    single = backtest(
        {"name": "x", "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"},
         "period": {"start": "2019-01-02", "end": "2019-06-28"}}
    )  # fmt: skip
    assert sleeve_paths(single, analyse(single).paths) == ()
    assert crossing(single).value == 0.0
