# SPDX-License-Identifier: Apache-2.0
"""Laws of the study: nothing looks ahead, columns have no order, weights are one or cash, libraries agree."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from engine.errors import InputError
from engine.hedgefunds.allocators import INDEPENDENCE, STRUCTURE
from engine.hedgefunds.study import Terms, study
from tests.hedgefunds.conftest import drawn, panel

TERMS = [Terms(), Terms(window=24), Terms(lags=2), Terms(unsmooth=True), Terms(skip=4), Terms(excess=True)]


def made(months, funds, seed, terms):
    returns, market = drawn(months, funds, seed)
    bill = np.full(months, 0.002)
    return panel(returns, market, bill if terms.excess else None)


@pytest.mark.parametrize("terms", TERMS)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), cut=st.integers(12, 47))
def test_what_is_known_of_a_month_does_not_change_when_later_months_do(terms, seed, cut):
    whole = made(48, 5, seed, terms)
    chance = np.random.default_rng(seed + 1)
    later = whole.returns.copy()
    later[cut:] = chance.normal(0.0, 0.2, later[cut:].shape)
    market = np.append(whole.benchmark[:cut], chance.normal(0.0, 0.2, 48 - cut))
    other = study(dataclasses.replace(whole, returns=later, benchmark=market), terms)
    found = study(whole, terms)
    assert np.array_equal(found.index.returns[:cut], other.index.returns[:cut], equal_nan=True)
    for name in ("alpha", "beta_return", "rs", "year_alpha", "admitted"):
        own, theirs = (getattr(one.rating, name)[:cut] for one in (found, other))
        assert np.array_equal(own, theirs, equal_nan=name != "admitted"), name
    for name in found.portfolios.keys() & other.portfolios.keys():
        own, theirs = found.portfolios[name], other.portfolios[name]
        assert np.array_equal(own.weights[: cut + 1], theirs.weights[: cut + 1]), "the weights of month cut too"


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(6)))
def test_the_order_of_the_columns_changes_nothing(seed, order):
    whole = made(40, 6, seed, Terms())
    found, other = study(whole, Terms()), study(whole.of(order), Terms())
    assert np.array_equal(found.index.returns, other.index.returns, equal_nan=True)
    for name, own in found.portfolios.items():
        assert np.array_equal(own.weights[:, order], other.portfolios[name].weights), name


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_weights_are_one_or_all_is_cash(seed):
    found = study(made(60, 5, seed, Terms()), Terms())
    for one in found.portfolios.values():
        total = one.weights[one.start :].sum(axis=1)
        assert np.all((one.weights >= 0.0) & (one.weights <= 1.0 + 1e-12))
        assert np.all((np.abs(total - 1.0) < 1e-12) | (total == 0.0))
        assert not one.weights[: one.start].any()
        turnover = one.turnover[one.start : one.end]
        assert np.all((turnover >= 0.0) & (turnover <= 1.0 + 1e-9))


def test_the_index_equals_that_of_pandas():
    returns, market = drawn(120, 20, 3)
    frame = pd.DataFrame(returns)
    first = frame.apply(pd.Series.first_valid_index)
    live = frame.notna() & pd.DataFrame({column: frame.index > first[column] for column in frame})
    wanted = frame.where(live).mean(axis=1)
    found = study(panel(returns, market), Terms())
    assert np.allclose(found.index.returns, wanted, rtol=0, atol=1e-12, equal_nan=True)
    level = 100 * (1 + wanted.dropna()).cumprod()
    assert np.allclose(found.index.level[wanted.notna()], level, rtol=1e-12)


@pytest.mark.parametrize(("window", "lags"), [(12, 0), (24, 0), (24, 1), (36, 3)])
def test_alpha_and_beta_equal_those_of_statsmodels(window, lags):
    returns, market = drawn(90, 6, 11)
    found = study(panel(returns, market), Terms(window=window, lags=lags)).split
    past = np.column_stack([np.append(np.full(lag, np.nan), market[: len(market) - lag]) for lag in range(lags + 1)])
    seen = 0
    for place in range(6):
        for row in range(90):
            rows = np.arange(max(0, row - window + 1), row + 1)
            rows = rows[np.isfinite(returns[rows, place]) & np.isfinite(past[rows]).all(axis=1)]
            if len(rows) < max(6, lags + 4) or not np.isfinite(past[row]).all():
                assert np.isnan(found.alpha[row, place])
                continue
            fit = OLS(returns[rows, place], np.column_stack([np.ones(len(rows)), past[rows]])).fit()
            assert found.alpha[row, place] == pytest.approx(fit.params[0], abs=1e-12)
            assert found.beta[row, place] == pytest.approx(fit.params[1:].sum(), abs=1e-10)
            assert found.alpha[row, place] + found.beta_return[row, place] == pytest.approx(
                returns[rows, place].mean(), abs=1e-12
            )
            assert found.fit[row, place] == pytest.approx(fit.rsquared, abs=1e-9)
            seen += 1
    assert seen > 200


def test_pure_alpha_is_one_and_pure_market_is_zero():
    market = np.random.default_rng(2).normal(0.01, 0.04, 24)
    parts = (0.5, 1.0, -0.3, 0.7, 1.3)
    found = study(panel(np.column_stack([0.01 + 0 * market, *(part * market for part in parts)]), market), Terms())
    assert found.rating.rs[-1, 0] == pytest.approx(1.0, abs=1e-9)
    assert np.all(found.rating.rs[8:, 1:] == 0.0), "whatever the sign of the rounding"
    assert not found.rating.admitted[:, 1:].any()
    assert found.portfolios[STRUCTURE].weights[-1, 0] == 1.0


def test_a_market_that_stands_still_gives_no_estimate():
    returns, _ = drawn(30, 2, 1, gaps=0)
    found = study(panel(returns[:, [0]], np.full(30, 0.01)), Terms())
    assert np.isnan(found.split.alpha).all()
    assert found.portfolios == {}
    assert np.isfinite(found.index.returns[1:]).all()


def test_nobody_admitted_is_cash_and_earns_the_bill():
    market = np.random.default_rng(5).normal(0.01, 0.04, 30)
    found = study(panel((0.5 * market - 0.01)[:, None], market, np.full(30, 0.003)), Terms())
    one = found.portfolios[STRUCTURE]
    assert not one.weights.any()
    assert one.returns[one.start :] == pytest.approx(0.003)
    assert one.start == 8, "five months of windows, three of averages"


def test_the_independent_third_is_that_which_the_market_explains_least():
    chance = np.random.default_rng(8)
    market = chance.normal(0.0, 0.04, 36)
    noise = chance.normal(0.0, 0.01, (36, 3))
    returns = 0.01 + np.column_stack([1.0 * market, 0.5 * market, 0.0 * market]) + noise
    found = study(panel(returns, market), Terms())
    assert found.portfolios[INDEPENDENCE].weights[-1].tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("terms", "path"),
    [
        (Terms(window=5), "--window"), (Terms(lags=4), "--lags"), (Terms(skip=0), "--skip"), (Terms(base=0), "--base"),
        (Terms(excess=True), "--excess"),
    ],
)  # fmt: skip
def test_choices_without_a_meaning_are_refused(terms, path):
    returns, market = drawn(20, 2)
    with pytest.raises(InputError) as refused:
        study(panel(returns, market), terms)
    assert [one.path for one in refused.value.problems] == [path]
