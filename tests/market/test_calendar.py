# SPDX-License-Identifier: Apache-2.0
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.market.calendar import among, date_of, day_of, distinct, exchange


def utc(text):
    return pd.Timestamp(text, tz="UTC").value


def day(text):
    return day_of(dt.date.fromisoformat(text))


@pytest.mark.parametrize(
    ("date", "close"),
    [
        ("2024-07-03", "2024-07-03 17:00"),  # half day in summer time
        ("2020-11-27", "2020-11-27 18:00"),  # half day in winter time
        ("2024-03-08", "2024-03-08 21:00"),  # last session before summer time
        ("2024-03-11", "2024-03-11 20:00"),
        ("1990-01-02", "1990-01-02 21:00"),
        ("2060-06-01", "2060-06-01 20:00"),  # far beyond the holidays known today
    ],
)
def test_close_of_a_session(date, close):
    assert exchange().close_of([day(date)])[0] == utc(close)


def test_a_day_that_is_no_session_would_close_at_the_regular_time():
    saturday_in_summer, saturday_in_winter = day("2024-07-06"), day("2024-12-28")
    closes = exchange().close_of([saturday_in_summer, saturday_in_winter])
    assert list(closes) == [utc("2024-07-06 20:00"), utc("2024-12-28 21:00")]


def test_sessions_leave_out_holidays_and_days_the_exchange_stood_still():
    calendar = exchange()
    closed = ["2001-09-11", "2012-10-29", "2020-12-25", "2021-07-05", "2024-06-19", "2024-06-22"]
    assert not calendar.is_session([day(one) for one in closed]).any()
    week = calendar.between(day("2001-09-07"), day("2001-09-18"))
    assert [str(date_of(one)) for one in week] == ["2001-09-07", "2001-09-10", "2001-09-17", "2001-09-18"]


def test_open_of_a_day_that_is_no_session_is_refused():
    with pytest.raises(DataError, match="2024-06-22 is no session of XNYS"):
        exchange().open_of([day("2024-06-22")])


def test_a_bar_belongs_to_the_date_on_which_it_closes_in_new_york():
    stamps = [utc("2024-03-11 20:00"), utc("2024-03-12 00:30"), utc("2024-03-12 04:00"), utc("2024-03-12 04:01")]
    assert [str(date_of(one)) for one in exchange().session_of(stamps)] == [*["2024-03-11"] * 3, "2024-03-12"]


def test_an_unknown_calendar_is_named():
    with pytest.raises(DataError, match="XNYX; did you mean 'XNYS'"):
        exchange("XNYX")


@given(st.lists(st.integers(-50, 50)), st.lists(st.integers(-50, 50)))
def test_among_and_distinct_are_isin_and_unique(wanted, held):
    wanted, held = np.array(wanted, np.int64), np.array(held, np.int64)
    assert np.array_equal(distinct(held), np.unique(held))
    assert np.array_equal(among(wanted, distinct(held)), np.isin(wanted, held))
