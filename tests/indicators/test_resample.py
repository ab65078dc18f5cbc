# SPDX-License-Identifier: Apache-2.0
"""Values of finished weeks and months, against pandas on data shifted by a period, and on every shorter past."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from engine.errors import StrategyError
from engine.indicators import resample, rolling_mean
from engine.market.build import load_market
from engine.model.run import RunConfig
from engine.strategy.lookahead.probe import first_leak

HOW = ("last", "first", "max", "min", "sum")


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    config = RunConfig(name="t", strategy="t", roles={"large": "SPY"})
    return load_market(config, (), (), tmp_path_factory.mktemp("none"))


def by_pandas(market, period, how):
    """The period's own value on the calendar's last session of it, else that of the period before."""
    alias, flag = {"week": ("W-SUN", market.week_last), "month": ("M", market.month_last)}[period]
    days = pd.to_datetime(market.sessions)
    x = pd.Series(market.large.close, days)
    period_of = days.to_period(alias)
    folded = x.groupby(period_of).agg(how)
    own = folded.reindex(period_of).to_numpy()
    before = folded.shift(1).reindex(period_of).to_numpy()
    return np.where(flag == 1, own, before)


@pytest.mark.parametrize("period", ["week", "month"])
@pytest.mark.parametrize("how", HOW)
def test_pandas_says_the_same(market, period, how):
    found = resample(market.large.close, market, period, how)
    assert found == pytest.approx(by_pandas(market, period, how), rel=1e-12, nan_ok=True)
    assert np.isnan(found[:4]).all()
    assert not np.isnan(found[30:]).any()


def test_an_average_of_months(market):
    found = resample(market.large.close, market, "month", apply=lambda x: rolling_mean(x, 10))
    days = pd.to_datetime(market.sessions)
    months = pd.Series(market.large.close, days).groupby(days.to_period("M")).last().rolling(10).mean()
    held = np.where(
        market.month_last == 1,
        months.reindex(days.to_period("M")).to_numpy(),
        months.shift(1).reindex(days.to_period("M")).to_numpy(),
    )
    assert found == pytest.approx(held, rel=1e-12, nan_ok=True)
    assert np.isnan(found).sum() == np.flatnonzero(market.month_last)[9]


@pytest.mark.parametrize("period", ["week", "month"])
def test_no_shorter_past_changes_a_row(market, period):
    few = market.head(300)

    def features(known):
        close = known.large.close
        found = {how: resample(close, known, period, how) for how in HOW}
        return found | {"mean": resample(close, known, period, apply=lambda x: rolling_mean(x, 3))}

    assert first_leak(features, few, range(301)) is None


def test_a_leak_is_found_where_the_values_are_not_held_back(market):
    def features(known):
        days = pd.to_datetime(known.sessions)
        closes = pd.Series(known.large.close, days)
        return {"x": closes.groupby(days.to_period("M")).transform("last").to_numpy()}

    assert first_leak(features, market.head(300), range(301)) is not None


def test_where_the_last_session_has_no_bar_the_next_period_tells(market):
    row = int(np.flatnonzero(market.month_last)[3])
    keep = np.delete(np.arange(len(market)), row)
    few = dataclasses.replace(market, bars=market.bars[keep])
    found = resample(few.large.close, few, "month")
    closes = market.large.close
    before = int(np.flatnonzero(market.month_last)[2])
    assert found[row - 1] == closes[before]
    assert found[row] == closes[row - 1]  # the first bar of the next month


def test_a_first_month_entered_in_its_middle(market):
    late = market.slice(10, 60)
    first = int(np.flatnonzero(late.month_last)[0])
    assert resample(late.large.close, late, "month")[first] == late.large.close[first]
    found = resample(late.large.close, late, "month", "max")
    second = int(np.flatnonzero(late.month_last)[1])
    assert np.isnan(found[:second]).all()
    assert found[second] == late.large.close[first + 1 : second + 1].max()


def test_a_missing_value_within_is_missing(market):
    x = market.large.close.copy()
    x[5] = np.nan
    found = resample(x, market, "week", "max")
    assert np.isnan(found[9])
    assert found[14] == x[10:15].max()


def test_mistakes(market):
    close = market.large.close
    with pytest.raises(StrategyError, match=r"no such period.*found 'months'.*did you mean 'month'"):
        resample(close, market, "months")
    with pytest.raises(StrategyError, match=r"no such how.*found 'mean'"):
        resample(close, market, "week", "mean")
    with pytest.raises(StrategyError, match="x has another length"):
        resample(close[1:], market, "week")
    with pytest.raises(StrategyError, match="what apply gives back has another length"):
        resample(close, market, "week", apply=lambda x: x[1:])
