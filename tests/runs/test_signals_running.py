# SPDX-License-Identifier: Apache-2.0
"""A decision while the market trades: no bar that has not closed is in it, and no bar of the session is its last."""

import datetime as dt

import pytest

from engine import clock
from engine.errors import DataError
from engine.runs.backtest import loaded
from engine.runs.signals.run import signals
from tests.cases import Case, days, flat

DATES = days("2024-01-02", 30)
HALF_HOURS = [f"{9 + (30 + 30 * n) // 60:02d}:{(30 + 30 * n) % 60:02d}:00-05:00" for n in range(13)]


@pytest.fixture
def decided(tmp_path, monkeypatch):
    """decided(when, rows, asof): the decision of bars at a time of New York."""
    made = Case(tmp_path)

    def at(when, rows, head, asof=None):
        made.bars(rows, head)
        moment = dt.datetime.fromisoformat(f"{when}-05:00").astimezone(dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return signals(loaded(tmp_path / "case.yaml"), asof)

    return at


def daily(decided, when, asof=None):
    return decided(when, flat(DATES), "date,open,high,low,close,volume,dividend,split", asof)


def half_hourly(decided, when, asof=None, there=None):
    """there: the bars of the last session in the file, 13 of one that is written ahead of its time."""
    rows = [f"{day}T{time},100,100,100,100,1000000,0,1" for day in DATES for time in HALF_HOURS]
    rows = rows[: len(rows) - 13 + there] if there else rows
    return decided(when, rows, "datetime,open,high,low,close,volume,dividend,split", asof)


def told(found):
    words = ("closed yet", "still trades", "ends before the session")
    return [one.text for one in found.result.notices if any(word in one.text for word in words)]


@pytest.mark.parametrize(
    ("when", "day", "left"),
    [
        (f"{DATES[29]}T15:59:59", DATES[28], [f"the bar of {DATES[29]} has not closed yet and is left out"]),
        (f"{DATES[29]}T16:00:00", DATES[29], []),
        (f"{DATES[27]}T10:00:00", DATES[26], [f"3 bars to {DATES[29]} have not closed yet and are left out"]),
        ("2025-01-02T10:00:00", DATES[29], []),
    ],
)
def test_a_daily_bar_counts_once_it_has_closed(decided, when, day, left):
    """A file that is written through the day has today's bar as it stands: no close, and no decision of one."""
    found = daily(decided, when)
    assert (str(found.asof), told(found)) == (day, left)


def test_the_day_that_still_trades_has_no_decision_yet(decided):
    found = daily(decided, f"{DATES[29]}T12:00:00", dt.date.fromisoformat(DATES[29]))
    assert str(found.asof) == DATES[28]
    assert found.other.startswith(f"the bars end on {DATES[28]}: this is the decision at the close of {DATES[28]}")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("time", "bars", "last"), [("10:00:00", 1, "15:00"), ("13:29:59", 7, "18:00"), ("13:30:00", 8, "18:30")]
)
def test_a_session_that_still_trades_is_not_called_incomplete(decided, time, bars, last, whole):
    """Whether the file ends with the bar that closed last or is written ahead of its time."""
    found = half_hourly(decided, f"{DATES[29]}T{time}", there=13 if whole else bars)
    market = found.result.market
    assert len(market) == 29 * 13 + bars
    assert [str(found.asof), int(market.bars["last"][-1]), int(market.bars["last"].sum())] == [DATES[29], 0, 29]
    assert told(found) == [
        *([f"{13 - bars} bars to {DATES[29]} have not closed yet and are left out"] if whole else []),
        f"the session of {DATES[29]} still trades: this is decided at the bar to {DATES[29]} {last} UTC",
    ]


@pytest.mark.parametrize("row", [5, 28])
def test_an_earlier_decision_says_nothing_of_the_session_that_trades_now(decided, row):
    """It is the decision at a close that has been: not the one of the bar that has just ended."""
    found = half_hourly(decided, f"{DATES[29]}T10:00:00", dt.date.fromisoformat(DATES[row]))
    assert [str(found.asof), int(found.result.market.bars["last"][-1])] == [DATES[row], 1]
    assert (told(found), found.other) == ([], "")


def test_a_session_that_has_closed_is_whole(decided):
    found = half_hourly(decided, f"{DATES[29]}T16:00:00")
    assert int(found.result.market.bars["last"][-1]) == 1
    assert told(found) == []


def test_before_the_first_bar_there_is_nothing_to_decide(decided):
    with pytest.raises(DataError, match="no bar of the period has closed yet"):
        daily(decided, "2023-01-03T10:00:00")
