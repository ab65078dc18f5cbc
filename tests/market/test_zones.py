# SPDX-License-Identifier: Apache-2.0
"""Every pair of zones, lengths and ends of bars: the wrong zone is told, the right one never doubted."""

import numpy as np
import pandas as pd
import pytest

from engine.errors import DataError
from engine.market.calendar import exchange
from engine.market.sources.layout import Layout
from engine.market.sources.reading import read_bars
from engine.market.sources.zones import ZONES
from tests.cli.data_desk import bars_text, opens, rising, written
from tests.cli.test_zones import NEW_YORK, ends

PAIRS = [
    ("UTC", NEW_YORK),
    (NEW_YORK, "UTC"),
    ("America/Chicago", NEW_YORK),
    (NEW_YORK, "America/Chicago"),
    ("Europe/London", "UTC"),
    ("Asia/Kolkata", "UTC"),
    ("Australia/Adelaide", NEW_YORK),
    ("Etc/GMT+5", NEW_YORK),
    (NEW_YORK, "Etc/GMT+5"),
    ("Asia/Tokyo", "Asia/Hong_Kong"),
    ("Asia/Tokyo", NEW_YORK),
    ("America/Los_Angeles", "Europe/Berlin"),
]


def read(file, zone, stamp):
    return read_bars(file, "X", "X.csv", Layout(zone, stamp), exchange())


def sessions(minutes, *, first="2024-03-04", count=20, **hours):
    return opens(first, count, minutes, **hours)


@pytest.mark.parametrize("minutes", [5, 30, 60, 65, 195])
@pytest.mark.parametrize("stamp", ["open", "close"])
def test_every_wrong_zone_is_refused_and_the_named_one_reads_the_bars(tmp_path, stamp, minutes):
    index = sessions(minutes)
    closes = ends(index, minutes)
    file = tmp_path / "X.csv"
    for written_in, read_as in PAIRS:
        file.write_text(bars_text(written(index if stamp == "open" else closes, written_in), rising(len(index))))
        with pytest.raises(DataError, match="constant shift") as caught:
            read(file, read_as, stamp)
        (problem,) = caught.value.problems
        assert problem.path == "data.timezone"
        table = read(file, problem.allowed, stamp)
        assert table.problems == ()
        assert table.frame.index.tolist() == closes.tolist()


@pytest.mark.parametrize("minutes", [5, 195, *(pytest.param(one, marks=pytest.mark.slow) for one in (30, 60))])
@pytest.mark.parametrize("first", ["2024-03-06", "2024-07-01", "2024-11-25"])
def test_the_right_zone_is_never_doubted(tmp_path, first, minutes):
    """Through changes of clocks and half days; with holes, late starts, early ends, and hours around the session."""
    rng = np.random.default_rng(minutes)
    file = tmp_path / "X.csv"
    for hours in ({}, {"before": 330, "after": 240}, {"after": 60}, {"before": 90}):
        index = sessions(minutes, first=first, count=12, **hours)
        for kept in (index, index[rng.random(len(index)) < 0.7], index[len(index) // 40 : -len(index) // 40]):
            for zone in ("America/New_York", "Asia/Tokyo"):
                file.write_text(bars_text(written(kept, zone), rising(len(kept))))
                assert read(file, zone, "open").problems == ()


def test_a_close_past_the_end_of_the_session_is_no_other_zone(tmp_path):
    """Bars of an hour stamped 10:30 to 16:30."""
    index = sessions(60) + pd.Timedelta(minutes=60)
    file = tmp_path / "X.csv"
    file.write_text(bars_text(written(index, NEW_YORK), rising(len(index))))
    assert read(file, NEW_YORK, "close").problems == ()


def test_the_zones_are_zones():
    assert len(set(ZONES)) == len(ZONES)
    for zone in ZONES:
        pd.Timestamp("2024-01-01").tz_localize(zone)
