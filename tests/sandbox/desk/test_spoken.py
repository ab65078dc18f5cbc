# SPDX-License-Identifier: Apache-2.0
"""Times as the protocol writes and reads them."""

import datetime as dt

import pytest

from engine.sandbox.desk.spoken import date_of, hour, when
from engine.sandbox.exchange.hours import moment

NS = 10**9


def ns(*parts):
    return int(dt.datetime(*parts, tzinfo=dt.UTC).timestamp()) * NS


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("20240105 16:00:00 US/Eastern", ns(2024, 1, 5, 21)),
        ("20240705 16:00:00 US/Eastern", ns(2024, 7, 5, 20)),
        ("20240105 16:00:00", ns(2024, 1, 5, 21)),
        ("20240105 16:00", ns(2024, 1, 5, 21)),
        ("20240105  16:00:00", ns(2024, 1, 5, 21)),
        ("20240105-21:00:00", ns(2024, 1, 5, 21)),
        ("20240105 21:00:00 UTC", ns(2024, 1, 5, 21)),
        ("20240105 17:00:00 Europe/London", ns(2024, 1, 5, 17)),
        ("20240105", ns(2024, 1, 6, 4, 59, 59)),
    ],
)
def test_a_time_reads(text, time):
    assert moment(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "20241305 16:00:00", "20240105 25:00:00", "20240105 16:00:00 Mars/Base",
        "20240105 16:00:00 ../x", "20240105 16:00:00 America", "20240105 16:00:00 US/Eastern more",
        "00000000", f"20240105 16:00:00 {'z' * 300}",
        "\u0662\u0660240105 16:00:00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is no time"):
        moment(text)


def test_a_time_is_written_in_its_zone():
    assert when(ns(2024, 1, 5, 21) + 999) == "20240105 16:00:00 US/Eastern"
    assert when(ns(2024, 7, 5, 20), "Europe/London") == "20240705 21:00:00 Europe/London"
    assert hour(ns(2024, 1, 5, 14, 30)) == "09:30"
    assert date_of(19_724) == "20240102"


@pytest.mark.parametrize("time", [ns(1993, 1, 29, 21), ns(2024, 11, 3, 5, 30), ns(2031, 3, 9, 7)])
def test_a_time_that_was_written_reads_back(time):
    assert moment(when(time)) == time
