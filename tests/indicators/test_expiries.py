# SPDX-License-Identifier: Apache-2.0
"""Monthly expiries: by hand, and against the exchange's calendar."""

import numpy as np
import pytest

from engine.indicators.expiries import monthly_expiry, third_fridays
from engine.market.calendar import exchange


def expiry(session: str, least_days: int) -> str:
    (found,) = monthly_expiry(np.array([session], "M8[D]"), least_days)
    return str(np.datetime64(int(found), "D"))


@pytest.mark.parametrize(("session", "least_days", "expected"), [
    ("2020-02-24", 0, "2020-03-20"), ("2020-03-20", 0, "2020-03-20"), ("2020-03-20", 1, "2020-04-17"),
    ("2020-02-24", 25, "2020-03-20"), ("2020-02-24", 26, "2020-04-17"), ("2019-12-31", 45, "2020-02-21"),
    ("2020-12-18", 0, "2020-12-18"), ("2020-12-19", 0, "2021-01-15"),
    ("2008-03-03", 0, "2008-03-20"),  # Good Friday on the third Friday
    ("2019-04-19", 0, "2019-05-17"), ("2019-04-18", 0, "2019-04-18"),
    ("2026-06-01", 0, "2026-06-18"), ("2027-06-01", 0, "2027-06-17"),  # Juneteenth, and its Friday for a Saturday
    ("2020-06-01", 0, "2020-06-19"),  # not yet a holiday
])  # fmt: skip
def test_by_hand(session: str, least_days: int, expected: str):
    assert expiry(session, least_days) == expected


def test_every_expiry_is_the_last_session_up_to_the_third_friday():
    """exchange_calendars knows the sessions of 1970 to 2060; a monthly expiry is one, and the Friday's or the last."""
    months = np.arange("1970-01", "2060-01", dtype="M8[M]")
    sessions = exchange("XNYS").sessions
    fridays = np.array([np.busday_offset(month.astype("M8[D]"), 2, "forward", "Fri") for month in months])
    last = sessions[np.searchsorted(sessions, fridays.astype(np.int64), side="right") - 1]
    np.testing.assert_array_equal(third_fridays(months), last)


def test_it_depends_on_no_later_bar():
    sessions = np.arange("2007-01-01", "2009-01-01", dtype="M8[D]")
    whole = monthly_expiry(sessions, 40)
    for cut in (1, 100, 365, 730):
        np.testing.assert_array_equal(monthly_expiry(sessions[:cut], 40), whole[:cut])
    assert ((whole - sessions.astype(np.int64)) >= 40).all()
    assert ((whole - sessions.astype(np.int64)) <= 40 + 35).all()


def test_no_bars_have_no_expiry():
    assert monthly_expiry(np.array([], "M8[D]"), 30).shape == (0,)
