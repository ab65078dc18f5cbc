# SPDX-License-Identifier: Apache-2.0
"""A figure is known when it is published, not when it is dated: `series.NAME.lag`, and what is said without one."""

import pandas as pd
import pytest

from tests.cases import Case, days, flat

DATES = days("2023-03-01", 64)
MONTHLY = [("2023-02-01", 300.0), ("2023-03-01", 301.0), ("2023-04-01", 302.0), ("2023-05-01", 303.0)]


def case_of(tmp_path, values, lag="", head="date,value", stale_after=60):
    case = Case(tmp_path, "raw", series='("cpi",)', features='{"seen": market.cpi}')
    case.bars(flat(DATES))
    case.bars([",".join(str(cell) for cell in row) for row in values], head, "CPI.csv")
    keys = f"symbol: CPI, path: CPI.csv, column: value, stale_after: {stale_after}{lag}"
    case.add(f"series: {{cpi: {{{keys}}}}}")
    return case


def features(case, done):
    return pd.read_parquet(case.folder / done.document["folder"] / "features.parquet")


def seen(case):
    """Date to the value that a decision at its close could see; the first date of each value."""
    done = case.run()
    assert loud(done) == []
    made = features(case, done)
    known = made.dropna(subset=["seen"]).drop_duplicates("seen")
    return dict(zip(known["session"].astype(str), known["seen"], strict=True))


def loud(done):
    return [text for text in done.loud if "stand still" not in text]


def test_a_month_dated_at_its_start_is_loud_without_a_lag(tmp_path):
    (said,) = loud(case_of(tmp_path, MONTHLY).run())
    assert said.startswith("cpi (CPI): dated at the beginning of each period, which is what its figures are about")
    assert "series.cpi.lag says when, such as {days: 42}, or {column: published} where the file has the day" in said


def dated(freq: str, shift: str = "0D"):
    return [
        (str(day.date()), row)
        for row, day in enumerate(pd.date_range("2020-01-01", "2024-12-31", freq=freq) + pd.Timedelta(shift))
    ]


@pytest.mark.parametrize(
    ("values", "such"),
    [
        (dated("MS"), "{days: 42}"),
        (dated("ME"), "{days: 12}"),
        (dated("QS"), "{days: 118}"),
        (dated("QE"), "{days: 28}"),
        (dated("YS"), "{days: 400}"),
        (dated("W-SAT"), "{days: 5}"),
        (dated("MS", "9D"), "{days: 30}"),
    ],
    ids=["month begins", "month ends", "quarter begins", "quarter ends", "year begins", "week", "within the month"],
)
def test_the_remedy_suits_the_series_and_can_be_taken(tmp_path, values, such):
    case = case_of(tmp_path, values, stale_after=2000)
    (said,) = loud(case.run())
    assert f"such as {such}, or {{column: published}}" in said
    assert loud(case_of(tmp_path / "again", values, f", lag: {such}", stale_after=2000).run()) == []


def test_calendar_days(tmp_path):
    """March, out on 12 April."""
    case = case_of(tmp_path, MONTHLY, ", lag: {days: 42}")
    assert seen(case) == {"2023-03-15": 300.0, "2023-04-12": 301.0, "2023-05-15": 302.0}  # 13 May is a Saturday


def test_a_column_with_the_day_of_publication(tmp_path):
    values = [
        (*row, out) for row, out in zip(MONTHLY, ("2023-03-14", "2023-04-12", "2023-05-10", "2023-06-13"), strict=True)
    ]
    case = case_of(tmp_path, values, ", lag: {column: released}", "date,value,released")
    assert seen(case) == {"2023-03-14": 300.0, "2023-04-12": 301.0, "2023-05-10": 302.0}


SETTLED = [("2023-03-15", 1.0), ("2023-03-31", 2.0), ("2023-04-14", 3.0), ("2023-04-28", 4.0), ("2023-05-15", 5.0)]


def test_settlement_dates_are_loud_and_sessions_are_counted(tmp_path):
    """Short interest of a settlement date comes out some eight sessions later; Good Friday is none."""
    (said,) = loud(case_of(tmp_path, SETTLED).run())
    assert "dated in the middle and at the end of each month, as settlement dates are" in said
    assert "such as {sessions: 8}, or {column: published}" in said
    case = case_of(tmp_path, SETTLED, ", lag: {sessions: 8}")
    assert seen(case) == {"2023-03-27": 1.0, "2023-04-13": 2.0, "2023-04-26": 3.0, "2023-05-10": 4.0, "2023-05-25": 5.0}


def test_month_ends_are_loud_and_a_lag_of_none_is_said(tmp_path):
    values = [("2023-01-31", 1.0), ("2023-02-28", 2.0), ("2023-03-31", 3.0), ("2023-04-28", 4.0)]
    (said,) = loud(case_of(tmp_path, values).run())
    assert "dated at the end of each period" in said
    assert seen(case_of(tmp_path, values, ", lag: {sessions: 0}"))["2023-03-31"] == 3.0


def test_a_week_is_loud_too(tmp_path):
    (said,) = loud(case_of(tmp_path, [(date, row) for row, date in enumerate(DATES[::5])]).run())
    assert "one value a week" in said


def test_a_daily_series_is_not_asked_and_may_have_a_lag(tmp_path):
    values = [(date, 100 + row) for row, date in enumerate(DATES)]
    assert seen(case_of(tmp_path, values))[DATES[10]] == 110.0
    assert seen(case_of(tmp_path, values, ", lag: {sessions: 1}"))[DATES[10]] == 109.0


def test_stale_is_counted_from_the_day_a_value_is_known(tmp_path):
    case = case_of(tmp_path, MONTHLY[:1], ", lag: {days: 42}", stale_after=5)
    made = features(case, case.run()).dropna(subset=["seen"])
    assert made["session"].astype(str).tolist() == ["2023-03-15", "2023-03-16", "2023-03-17", "2023-03-20"]


@pytest.mark.parametrize(
    ("lag", "words"),
    [
        ("{sessions: 3, days: 4}", "a lag is one of sessions: 8, days: 42 and column: published"),
        ("{sessions: -1}", "out of range"),
        ("{weeks: 2}", "no such key"),
        ("{column: released}", "missing column released; series.cpi.lag.column can name another"),
    ],
)
def test_a_lag_that_is_none_is_refused(tmp_path, lag, words):
    done = case_of(tmp_path, MONTHLY, f", lag: {lag}").run()
    assert done.refused
    assert words in done.said


@pytest.mark.parametrize("out", ["2023-02-28", "", "2033-04-12"])
def test_a_publication_before_its_date_is_refused(tmp_path, out):
    values = [(*row, "2023-06-20") for row in MONTHLY]
    values[1] = (*MONTHLY[1], out)
    done = case_of(tmp_path, values, ", lag: {column: released}", "date,value,released").run()
    assert done.refused
    assert "no day on which a value of this date can have been published (2023-03-01) at CPI.csv:3" in done.said
    assert "allowed 2023-03-01 or up to 400 days later" in done.said
