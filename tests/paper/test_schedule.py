# SPDX-License-Identifier: Apache-2.0
"""When the next bar closes, by the calendar of New York: half days, holidays, weekends, summer time."""

import datetime as dt

import pytest

from engine.market.calendar import exchange
from engine.paper.schedule import last_close, next_close, sessions_within


def ns(text: str) -> int:
    """A moment in UTC."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(("frequency", "now", "closes"), [
    ("1d", "2024-07-02T12:00", "2024-07-02T20:00"),
    ("1d", "2024-07-02T20:00", "2024-07-03T17:00"),  # at the close the next one is meant; a half day
    ("1d", "2024-07-03T17:01", "2024-07-05T20:00"),  # Independence Day
    ("1d", "2024-11-01T21:00", "2024-11-04T21:00"),  # over a weekend and the end of summer time
    ("5min", "2024-07-03T13:30", "2024-07-03T13:35"),
    ("5min", "2024-07-03T13:34:59", "2024-07-03T13:35"),
    ("5min", "2024-07-03T16:59", "2024-07-03T17:00"),
    ("5min", "2024-07-03T17:00", "2024-07-05T13:35"),
    ("60min", "2024-07-02T19:30", "2024-07-02T20:00"),  # the last bar of a session is shorter
])  # fmt: skip
def test_the_next_close(frequency, now, closes):
    assert next_close(exchange(), frequency, ns(now)) == ns(closes)


@pytest.mark.parametrize(("frequency", "now", "closed"), [
    ("1d", "2024-07-03T17:00", "2024-07-03T17:00"),
    ("1d", "2024-07-03T16:59", "2024-07-02T20:00"),
    ("1d", "2024-07-05T12:00", "2024-07-03T17:00"),
    ("5min", "2024-07-03T13:34", "2024-07-02T20:00"),
    ("5min", "2024-07-03T13:35", "2024-07-03T13:35"),
    ("5min", "2024-07-03T13:44", "2024-07-03T13:40"),
    ("5min", "2024-07-03T18:00", "2024-07-03T17:00"),
])  # fmt: skip
def test_the_last_close(frequency, now, closed):
    assert last_close(exchange(), frequency, ns(now)) == ns(closed)


def test_sessions_that_touch_a_span():
    found = sessions_within(exchange(), ns("2024-07-03T18:00"), ns("2024-07-08T14:00"))
    assert found == (
        (ns("2024-07-05T13:30"), ns("2024-07-05T20:00")),
        (ns("2024-07-08T13:30"), ns("2024-07-08T20:00")),
    )
    assert sessions_within(exchange(), ns("2024-07-04T12:00"), ns("2024-07-04T20:00")) == ()
