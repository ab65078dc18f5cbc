# SPDX-License-Identifier: Apache-2.0
"""The levels that a person sees on the chart are found: the sample's scripted line, and IWM's of 2018 to 2023."""

import csv
import datetime as dt

import numpy as np
import pytest

from engine.indicators import atr, break_depth, levels_known, price_levels
from engine.market.sample import EPISODES, SUPPORT_TESTS, sample_frame, support_level

BREAK = next(episode.first for episode in EPISODES if episode.name == "support_break")


@pytest.mark.parametrize("seed", [0, 1, 2, 7])
class TestTheSamplesLine:
    """IWM comes down to one line six times from June 2013 to December 2016 and breaks it on 2017-06-26."""

    @pytest.fixture
    def iwm(self, seed):
        frame = sample_frame("IWM", seed)
        days = [stamp.date() for stamp in frame.index]
        return days, [frame[name].to_numpy() for name in ("high", "low", "close", "volume")]

    def test_the_line_is_the_support_before_it_breaks(self, seed, iwm):
        days, bars = iwm
        row = days.index(BREAK)
        support = price_levels(*bars).support
        assert support.price[row] == pytest.approx(support_level(seed), rel=0.02)
        assert support.touches[row] >= 5
        assert support.age[row] >= 900  # three and a half years

    def test_most_of_its_tests_are_touches(self, seed, iwm):
        days, bars = iwm
        near = [
            level
            for level in levels_known(*bars, days.index(BREAK))
            if level.price == pytest.approx(support_level(seed), rel=0.02)
        ]
        touched = [days[touch.row] for level in near for touch in level.touches if touch.kind == "low"]
        met = [
            test for test in SUPPORT_TESTS if any(abs(day - test).days <= 14 for day in touched)
        ]  # a pivot's 10 sessions
        assert len(met) >= 5

    def test_nobody_is_told_of_it_before_it_is_known(self, seed, iwm):
        days, bars = iwm
        test = days.index(SUPPORT_TESTS[3])
        for row in (test, test + 5):
            listed = levels_known(*bars, row)
            assert all(touch.row + 10 < row for level in listed for touch in level.touches)

    def test_the_break_shows(self, seed, iwm):
        days, bars = iwm
        row, close = days.index(BREAK), bars[2]
        support = price_levels(*bars).support.price
        level = support[row]
        week = slice(row, row + 7)
        assert (break_depth(close, np.full(len(close), level), atr(*bars[:3], 20))[week] > 1).any()
        assert (close[week] < support[week]).any()  # a column by itself shows it too, in the row of the close
        tested = days.index(SUPPORT_TESTS[-1])
        assert (close[tested:row] > 0.98 * level).all()


@pytest.fixture(scope="module")
def iwm(real_data):
    with (real_data / "daily" / "IWM.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = [dt.date.fromisoformat(row["date"]) for row in rows]
    return days, [np.array([float(row[name]) for row in rows]) for name in ("high", "low", "close", "volume")]


def _row(iwm, date):
    return iwm[0].index(dt.date.fromisoformat(date))


def _dates(iwm, level, kind):
    return {iwm[0][touch.row].isoformat() for touch in level.touches if touch.kind == kind}


def test_the_floor_of_2021_breaks_in_january_2022(iwm):
    """All of 2021 IWM turned up between 205 and 209; on 2022-01-19 it closed at 204.45, on 01-20 at 200.75."""
    close = iwm[1][2]
    row = _row(iwm, "2022-01-19")
    floor = levels_known(*iwm[1], row)
    level = next(level for level in floor if level.price == pytest.approx(207.6, rel=0.005))
    assert {"2021-01-29", "2021-03-05", "2021-03-25", "2021-07-19", "2021-12-20"} == _dates(iwm, level, "low")
    assert (level.side, level.role_reversed) == ("support", False)
    support = price_levels(*iwm[1]).support.price
    assert support[row - 1] < close[row - 1]  # 207.83, just above
    assert support[row] == level.price
    assert close[row] < support[row]
    assert break_depth(close, support, atr(*iwm[1][:3], 20))[row] == pytest.approx(0.65, abs=0.02)


def test_and_is_the_ceiling_of_spring_2022(iwm):
    """The rallies of 2022-02-10 (209.05) and 2022-04-21 (204.80) ended at the old floor: a reversed role."""
    row = _row(iwm, "2022-06-10")
    resistance = price_levels(*iwm[1]).resistance
    assert resistance.price[row] == pytest.approx(207.4, rel=0.005)
    assert resistance.role_reversed[row] == 1
    level = next(level for level in levels_known(*iwm[1], row) if level.price == resistance.price[row])
    assert _dates(iwm, level, "high") == {"2022-02-10", "2022-04-21"}


def test_the_ceiling_of_2018_to_2020_is_the_floor_of_2022_and_2023(iwm):
    """Highs of June 2018 to February 2020 at 169, lows of May 2022 to October 2023; broken on 2023-10-19."""
    close = iwm[1][2]
    row = _row(iwm, "2023-10-19")
    levels = price_levels(*iwm[1]).support
    assert levels.price[row] == pytest.approx(169.4, rel=0.005)
    assert levels.role_reversed[row] == 1
    assert close[row] < levels.price[row] < close[row - 1]
    level = next(level for level in levels_known(*iwm[1], row) if level.price == levels.price[row])
    assert _dates(iwm, level, "high") == {"2018-06-20", "2018-07-10", "2020-01-17", "2020-02-19"}
    lows = {"2022-05-12", "2022-12-28", "2023-03-24", "2023-05-04", "2023-10-04"}
    assert _dates(iwm, level, "low") == lows
