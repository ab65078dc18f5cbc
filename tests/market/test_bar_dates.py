# SPDX-License-Identifier: Apache-2.0
"""What the calendar says of each bar, against pandas on the calendar library's own tables, and at cut ends."""

import warnings

import numpy as np
import pandas as pd
import pytest

from engine.errors import StrategyError
from engine.inputs.dates import with_dates
from engine.market.bar_dates import DATES, odd_days
from engine.market.build import load_market
from engine.market.calendar import exchange
from engine.model.run import RunConfig


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """The sample's daily bars: 2000 to 2024, the autumn of 2001 and all half days included."""
    config = RunConfig(name="t", strategy="t", roles={"large": "SPY"})
    return load_market(config, (), (), tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def table(market):
    """(T,) the same by pandas from the calendar's sessions, what was closed without warning counted in."""
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's own, against the newest pandas
        sessions = exchange_calendars.get_calendar("XNYS", start="1999-01-01", end="2030-12-31").schedule
    days = sessions.index.union(pd.to_datetime(["2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14"]))
    days = days.union(pd.to_datetime(["2012-10-29", "2012-10-30"]))
    frame = pd.DataFrame({"day": days}, index=days)
    frame["month_last"] = frame.day == frame.groupby(days.to_period("M")).day.transform("max")
    frame["week_last"] = frame.day == frame.groupby(days.to_period("W-SUN")).day.transform("max")
    found = frame.loc[pd.to_datetime(market.sessions)]
    length = sessions.loc[found.index, "close"] - sessions.loc[found.index, "open"]
    return found.assign(length=length.dt.total_seconds() / 60)


def test_dates_are_those_of_pandas(market, table):
    assert market.weekday.tolist() == table.index.day_of_week.tolist()
    assert market.month.tolist() == table.index.month.tolist()
    assert market.year.tolist() == table.index.year.tolist()
    assert market.month_last.tolist() == table.month_last.astype(int).tolist()
    assert market.week_last.tolist() == table.week_last.astype(int).tolist()
    assert market.minute.tolist() == table.length.astype(int).tolist()
    assert set(market.minutes_left) == {0}
    assert set(market.session_bar) == {0}
    assert {name: getattr(market, name).dtype for name in DATES} == dict.fromkeys(DATES, np.dtype("i8"))


@pytest.mark.parametrize(
    ("day", "month_last", "week_last"),
    [
        ("2007-08-31", 1, 1),
        ("2004-05-28", 1, 1),  # Monday the 31st is Memorial Day
        ("2008-03-20", 0, 1),  # before Good Friday
        ("2008-03-31", 1, 0),
        ("2001-09-10", 0, 0),  # nobody knew that the week was over
        ("2004-06-10", 0, 1),  # the Friday of the state funeral was announced days ahead
    ],
)
def test_days_that_are_known(market, day, month_last, week_last):
    row = int(np.flatnonzero(market.sessions == np.datetime64(day))[0])
    cut = market.head(row + 1)  # the data end there
    assert (cut.month_last[-1], cut.week_last[-1]) == (month_last, week_last)
    assert market.month_last[row] == month_last


def test_no_row_knows_where_the_data_end(market):
    rows = range(1, len(market), 37)
    assert all(market.head(row).month_last[-1] == market.month_last[row - 1] for row in rows)
    assert all(market.head(row).week_last[-1] == market.week_last[row - 1] for row in rows)
    assert all(getattr(market.head(0), name).shape == (0,) for name in DATES)


def test_minutes_of_intraday_bars_on_a_half_day_and_in_summer(folder):
    rows = ["datetime,open,high,low,close,volume"]
    sessions = {"2023-07-03": ("10:00", 7), "2023-11-22": ("10:00", 13), "2023-11-24": ("10:00", 7)}
    for day, (first, count) in sessions.items():
        ends = pd.date_range(f"{day} {first}", periods=count, freq="30min")
        rows += [f"{end},10,11,9,10,100" for end in ends]
    folder.write("AAA.csv", "\n".join(rows) + "\n")
    market = load_market(
        folder.config(roles={"large": "AAA"}, data={"stamp": "close", "timezone": "America/New_York"}),
        (),
        (),
        folder.path,
    )
    half, whole = list(range(30, 211, 30)), list(range(30, 391, 30))
    assert market.frequency == "30min"
    assert market.minute.tolist() == [*half, *whole, *half]
    assert market.minutes_left.tolist() == [
        *reversed([0, *half[:-1]]),
        *reversed([0, *whole[:-1]]),
        *range(180, -1, -30),
    ]
    assert market.session_bar.tolist() == [*range(7), *range(13), *range(7)]


def test_what_is_odd_of_a_year():
    calendar = exchange()
    first, last = (np.datetime64(day).astype(int) for day in ("2012-10-01", "2013-01-02"))
    days = odd_days(calendar.between(first, last), first, last, "XNYS").astype("M8[D]").astype(str).tolist()
    assert days == ["2012-11-22", "2012-12-25", "2013-01-01"]  # hurricane Sandy was on no calendar


def test_bars_of_weeks_have_no_last_session(folder, make_bars):
    folder.write("AAA.csv", make_bars(rows=250)[4::5])
    market = load_market(folder.config(roles={"large": "AAA"}), (), (), folder.path)
    with pytest.raises(StrategyError, match=r"month_last needs bars of every session.*found 52 sessions"):
        _ = market.month_last
    assert set(market.month) == set(range(1, 13))


def test_a_month_whose_last_session_has_no_bar_is_loud(folder, make_bars):
    bars = make_bars(rows=60)
    folder.write("AAA.csv", bars[bars.date.astype(str) != "2020-01-31"])
    market = load_market(folder.config(roles={"large": "AAA"}), (), (), folder.path)
    wide = with_dates(market, ("month_last",), 0, len(market))
    (said,) = [one for one in wide.notices if one not in market.notices]
    assert said.level == "loud"
    assert said.text.startswith("bar.month_last is 1 on no bar of the month whose last session has no bar")
    assert said.text.endswith(": 2020-01-31")
    assert with_dates(market, ("month_last",), 40, len(market)).notices == market.notices
    assert with_dates(market, (), 0, len(market)) is market


def test_the_unforeseen_is_a_note(market):
    wide = with_dates(market, ("week_last",), 0, len(market))
    (said,) = [one for one in wide.notices if one not in market.notices]
    assert said.level == "note"
    assert said.text.endswith("the exchange closed without warning: 2001-09-14")
