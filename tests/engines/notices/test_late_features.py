# SPDX-License-Identifier: Apache-2.0
"""Features without a value for much of a run: a look-back nearly as long as the bars holds cash, and that is said."""

import math

import numpy as np
import pandas as pd
import pytest

import engine
from engine.engines.notices.late_features import first_values
from engine.indicators import rolling_mean
from engine.strategy import Strategy, lookback
from tests.cases import days

BARS = 200
DAYS = pd.DatetimeIndex(days("2020-01-02", BARS))


class Above(Strategy):
    """Long above its average; a shorter one is always there."""

    roles = ("x",)

    class Params:
        window: int = lookback(20, low=2, high=10_000)

    def features(self, market, p):
        close = market.x.close
        return {"mean": rolling_mean(close, p.window), "month": rolling_mean(close, 20)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.x.close > f.mean:
            orders.target(0, 0.5)


def frame():
    close = 100.0 + np.sin(np.arange(BARS) / 5.0)
    return pd.DataFrame({"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 1e6}, index=DAYS)


def told(window, **rest):
    run = engine.backtest(strategy=Above, data={"X": frame()}, roles={"x": "X"}, params={"window": window}, **rest)
    return [one for one in run.notices if "no value" in one]


@pytest.mark.parametrize(("window", "said"), [(50, False), (51, True), (150, True), (200, True), (201, False)])
def test_a_first_value_after_a_quarter_of_the_run_is_said(window, said):
    assert bool(told(window)) is said


def test_it_says_which_from_when_and_for_how_long():
    (text,) = told(101)
    assert text.startswith(f"mean has no value before {DAYS[100].date()}, on 50% of the run. A rule that waits")


def test_a_run_that_sends_no_order_for_want_of_it_says_that():
    run = engine.backtest(strategy=Above, data={"X": frame()}, roles={"x": "X"}, params={"window": BARS + 1})
    assert "No order was sent: there is nothing to judge." in run.notices


def test_bars_from_earlier_on_or_a_later_start_are_remedies():
    assert told(120)
    assert told(120, overrides=[f"period.start={DAYS[119].date()}"]) == []
    assert told(60)
    assert told(60, overrides=[f"period.start={DAYS[20].date()}"]) == []


def test_several_are_counted():
    table = np.zeros(8, [(name, "f8") for name in "abcdef"])
    for name in "bcdef":
        table[name][:2] = math.nan
    table["f"] = math.nan
    table["e"][4:] = math.nan
    assert first_values(table) == {"b": 2, "c": 2, "d": 2, "e": 2}


@pytest.mark.parametrize("bars", [0, 1])
def test_of_no_bar_or_one_too(bars):
    table = np.full(bars, math.nan, [("a", "f8")])
    assert first_values(table) == {}


class Many(Above):
    """Has five that begin late, at different times, beside one that does not."""

    def features(self, market, p):
        late = {f"late_{n}": rolling_mean(market.x.close, 60 + n) for n in range(p.window)}
        return {"mean": rolling_mean(market.x.close, 2), **late}


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (2, "30% of the run; late_0 begins late too. A rule"),
        (3, "30% of the run; late_1, late_0 begin late too. A rule"),
        (5, "32% of the run; late_3, late_2, late_1 and 1 more begin late too. A rule"),
    ],
)
def test_the_latest_is_told_with_its_day_and_some_others_by_name(count, words):
    run = engine.backtest(strategy=Many, data={"X": frame()}, roles={"x": "X"}, params={"window": count})
    (text,) = (one for one in run.notices if "no value" in one)
    assert words in text
