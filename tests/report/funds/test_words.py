# SPDX-License-Identifier: Apache-2.0
"""The commentary: the article's sentences from figures that are known, and what is said where there are none."""

import numpy as np
import pytest

from engine.hedgefunds.gather import Source
from engine.hedgefunds.study import Terms
from engine.report.funds.words import commentary
from engine.runs.funds import findings
from tests.hedgefunds.conftest import panel

UP = np.array([0.02, -0.03, 0.01, -0.01, 0.05, -0.02, 0.03, -0.04, 0.02, 0.01, -0.01, 0.04, 0.02, -0.02, 0.03])


def said(returns, market=UP, bill=None):
    found = findings(panel(np.asarray(returns)[:, None], market, bill), "t", Source("fraction", "Market"), Terms())
    return commentary(found)


def test_the_sentences_of_the_article():
    """60 % of each rise and 40 % of each fall: 40 % short of the rise, 60 % better in the fall."""
    told = said(np.where(UP > 0, 0.6, 0.4) * UP)
    assert "the index stayed 40 % short of the rise" in told[2]
    assert "it held up 60 % better in the fall" in told[2]
    assert "in the 7 months in which Market rose" in told[2]


def test_sensitivity_and_volatility():
    told = said(0.36 * UP + 0.004)
    assert told[1] == (
        "Over the last 12 months the index moved by 36 % of what Market did; its volatility was 2.8 times lower. "
        "Its alpha was +0.40 % a month, +4.8 % a year."
    )
    assert "its volatility was 1.5 times higher" in said(1.5 * UP)[1]


def test_alpha_with_and_without_the_bill():
    told = said(0.5 * UP + 0.004, bill=np.full(15, 0.002))
    assert "+0.40 % a month, +4.8 % a year; above Bill it was +0.30 % a month, +3.6 % a year" in told[1]


def test_month_year_and_average():
    """2010-01 on: fifteen months, so the year to date is the first three months of 2011."""
    told = said(0.5 * UP)
    assert told[0] == (
        "In 2011-03 the index gained 1.50 %, Market gained 3.00 %. Since the beginning of the year the index gained "
        "1.49 %, Market gained 2.96 %; in an average month of the year the index gained 0.50 %, Market gained 1.00 %."
    )


@pytest.mark.parametrize(
    ("up", "down", "words"),
    [
        (1.2, 0.5, "the index rose 20 % more"), (-0.1, 0.5, "the index lost"), (0.5, 1.3, "it fell 30 % more"),
        (0.5, -0.2, "the index gained"),
    ],
)  # fmt: skip
def test_whoever_beats_the_rise_or_makes_the_fall_worse_is_told_so(up, down, words):
    assert words in said(np.where(UP > 0, up, down) * UP)[2]


def test_a_market_without_a_month_in_common():
    told = said(0.5 * UP, np.where(np.arange(15) == 0, 0.01, np.nan))
    assert told == ["The index and Market have no month in common."]
