# SPDX-License-Identifier: Apache-2.0
"""Columns that are sound by themselves and cannot be beside each other: each kind is loud, sound ones are silent."""

import numpy as np
import pytest

from engine.hedgefunds.plausible import beside_each_other

MONTHS = np.datetime64("2010-01") + np.arange(60)
NAMES = ("Ash", "Beech", "Elder", "Hazel")
NO_BILL = np.full(60, np.nan)


def sound(seed=5):
    """(60, 4) funds that move with their market, and the market, (60,); fractions."""
    chance = np.random.default_rng(seed)
    market = chance.normal(0.006, 0.04, 60)
    return np.round(chance.normal(0.002, 0.01, (60, 4)) + [0.6, 0.5, -0.4, 0.7] * market[:, None], 4), market


def told(returns, market, bill=NO_BILL, names=NAMES):
    found = beside_each_other(returns, MONTHS, names, ("Market", market), ("Bill", bill))
    assert all(one.level == "loud" for one in found)
    return [one.text for one in found]


def test_sound_columns_are_silent():
    returns, market = sound()
    assert told(returns, market, np.full(60, 0.0035)) == []
    returns[::7, 2] = np.nan
    assert told(returns, market) == []


@pytest.mark.parametrize(("scale", "words"), [(0.01, "very little"), (100.0, "a lot")])
def test_a_market_in_another_unit(scale, words):
    returns, market = sound()
    (said,) = told(returns, market * scale)
    assert said.startswith("Market moves ")
    assert f"in a typical month: that is {words} for a market" in said
    assert "--benchmark-unit says that of a file of its own" in said


def test_a_rate_a_year_for_the_return_of_a_month():
    returns, market = sound()
    (said,) = told(returns, market, np.full(60, 0.035))
    assert said.startswith("Bill earns up to 3.5 % in a month, and bills never earned more than 1.35 %")
    assert told(returns, market, np.full(60, 0.0135)) == []


def later(returns):
    return np.concatenate([np.full((1, 4), np.nan), returns[:-1]])


def sooner(returns):
    return np.concatenate([returns[1:], np.full((1, 4), np.nan)])


@pytest.mark.parametrize(("moved", "when"), [(later, "late"), (sooner, "early")])
def test_months_that_are_one_off_the_market(moved, when):
    returns, market = sound()
    (said,) = told(moved(returns), market)
    assert said.startswith(f"4 of 4 funds move with Market a month {when} (correlation ")
    assert said.endswith("correct the months of one of the two.")


def test_one_fund_that_is_a_month_off_the_others():
    returns, market = sound()
    returns[:, 3] = np.append(returns[1:, 3], np.nan)
    (said,) = told(returns, market)
    assert said.startswith("Hazel moves with the other funds a month early (correlation 0.")


def test_a_fund_under_two_names():
    returns, market = sound()
    both = np.column_stack([returns, returns[:, 1]])
    (said,) = told(both, market, names=(*NAMES, "Beech B"))
    assert said == "The same returns under two names count twice: Beech and Beech B, 60 months. --without NAME."


def test_the_mean_of_all_is_no_fund():
    returns, market = sound()
    with_mean = np.column_stack([returns, np.round(returns.mean(axis=1), 4)])
    (said,) = told(with_mean, market, names=(*NAMES, "Average"))
    assert said.startswith("The mean of the other funds in every month, and no fund: Average.")


def test_a_fund_that_is_filled_up_with_zeros():
    returns, market = sound()
    returns[20:, 2] = 0.0
    (said,) = told(returns, market)
    assert said.startswith("Exactly 0 month after month, as where a fund that is gone is filled up: Elder 2011-09 to ")
    returns[25:, 2] = np.nan
    assert told(returns, market) == []  # five months of nothing may be


def test_a_month_in_which_nobody_moved():
    returns, market = sound()
    returns[-1] = 0.0
    (said,) = told(returns, market)
    assert said == "Every fund returned exactly 0 in 2014-12: leave cells empty of what is not reported."
