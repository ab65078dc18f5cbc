# SPDX-License-Identifier: Apache-2.0
"""Months from bars: ends, publication, returns, interest, and series that are dated at a month's end."""

import math

import numpy as np
import pytest

from engine.errors import StrategyError
from engine.indicators.months import (
    held_from,
    month_ends,
    month_interest,
    month_returns,
    month_values,
    published_rows,
)
from engine.market.panel import Market
from engine.records import bar_dtype

NAN = math.nan


def _market(days, bars_a_session=1):
    """Every given date with so many bars."""
    sessions = np.repeat(np.array(days, "M8[D]").astype(np.int64), bars_a_session)
    bars = np.zeros(len(sessions), bar_dtype(("small",)))
    bars["session"] = sessions
    bars["days"] = np.diff(sessions, prepend=sessions[:1])
    return Market(bars=bars, symbols={"small": "IWM"}, series={})


def _weekdays(first, last):
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return days[np.is_busday(days)]


JANUARY_TO_MARCH = _weekdays("2007-01-16", "2007-03-06")


def test_a_month_is_complete_once_the_next_one_has_a_bar():
    market = _market(JANUARY_TO_MARCH)
    assert market.sessions[month_ends(market)].astype(str).tolist() == ["2007-01-31", "2007-02-28"]
    until_february = market.head(int(np.searchsorted(market.sessions, np.datetime64("2007-03-01"))))
    assert until_february.sessions[month_ends(until_february)].astype(str).tolist() == ["2007-01-31"]
    for rows in (0, 1):
        assert len(month_ends(market.head(rows))) == 0
        assert len(published_rows(market.head(rows), month_ends(market.head(rows)), 1)) == 0


@pytest.mark.parametrize("bars_a_session", [1, 3])
def test_publication_counts_sessions_not_bars(bars_a_session):
    market = _market(JANUARY_TO_MARCH, bars_a_session)
    ends = month_ends(market)
    rows = published_rows(market, ends, 2)
    assert market.sessions[rows].astype(str).tolist() == ["2007-02-02", "2007-03-02"]
    assert (rows % bars_a_session == 0).all()  # the session's first bar
    assert published_rows(market, ends, 5).tolist()[1] == len(market)  # yet to come


def test_monthly_returns_hold_dividends_and_lack_the_first_month():
    close = np.array([100.0, 110.0, 55.0, 60.0, 66.0])
    dividend = np.array([9.0, 0.0, 5.5, 0.0, 0.0])
    found = month_returns(close, dividend, np.array([1, 3, 4]))
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], [(60.5 / 110) * (60 / 55) - 1, 0.1], rtol=1e-14)
    assert len(month_returns(close, dividend, np.zeros(0, np.int64))) == 0


def test_a_bill_pays_the_rate_known_before_for_the_days_that_pass():
    rate = np.array([0.01, 0.02, 0.03, 0.04, NAN, 0.05, 0.06])
    days = np.array([9, 1, 3, 1, 1, 2, 1])
    found = month_interest(rate, days, np.array([1, 3, 5, 6]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx((0.02 * 3 + 0.03 * 1) / 365, rel=1e-12)
    assert np.isnan(found[2])  # one of its rates is missing
    assert found[3] == pytest.approx(0.05 / 365, rel=1e-12)


def _carried(market, values, days):
    """The series (date, value) as the panel carries it: the last one known, NaN once it is older than `days`."""
    dates = np.array(list(values), "M8[D]")
    row = np.searchsorted(dates, market.sessions, side="right") - 1
    age = (market.sessions - dates[np.maximum(row, 0)]).astype(int)
    return np.where((row >= 0) & (age <= days), np.array(list(values.values()))[np.maximum(row, 0)], NAN)


YEAR = _market(_weekdays("2007-01-16", "2008-01-16"))
CALENDAR_ENDS = [np.datetime64(f"2007-{month:02}", "M") + 1 for month in range(1, 13)]
DATED = {str(end.astype("M8[D]") - 1): month / 100 for month, end in enumerate(CALENDAR_ENDS, 1)}


def test_values_dated_at_a_months_end_are_that_months():
    found = month_values("fund", _carried(YEAR, DATED, 5), month_ends(YEAR))
    np.testing.assert_array_equal(found, np.arange(1, 13) / 100)


def test_a_missing_month_is_missing():
    without_june = {date: value for date, value in DATED.items() if date != "2007-06-30"}
    found = month_values("fund", _carried(YEAR, without_june, 5), month_ends(YEAR))
    assert np.flatnonzero(np.isnan(found)).tolist() == [5]


def test_a_series_that_is_carried_through_the_month_is_refused():
    with pytest.raises(StrategyError, match=r"fund has a value in the middle of a month.*found 11 of 11 months"):
        month_values("fund", _carried(YEAR, DATED, 31), month_ends(YEAR))


def test_a_series_that_is_dated_the_first_of_the_month_is_refused():
    firsts = {str(end.astype("M8[D]")): 0.01 for end in CALENDAR_ENDS}
    with pytest.raises(StrategyError, match="dated the first of the month"):
        month_values("fund", _carried(YEAR, firsts, 5), month_ends(YEAR))


def test_values_are_held_from_their_row_on():
    found = held_from(np.array([2, 4, 9]), np.array([1.0, NAN, 3.0]), 6)
    np.testing.assert_array_equal(found, [NAN, NAN, 1.0, 1.0, NAN, NAN])
    assert np.isnan(held_from(np.zeros(0, np.int64), np.zeros(0), 2)).all()
