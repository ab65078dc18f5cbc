# SPDX-License-Identifier: Apache-2.0
"""Planted defects are found, sound bars are left alone, and the real files show their known defects."""

import csv

import numpy as np
import pandas as pd
import pytest

from engine.market.calendar import exchange
from engine.market.judging.checkup import path_checks
from engine.market.judging.quality import inspect_bars, inspect_series, is_tradable
from engine.market.sources.layout import Layout
from engine.market.sources.reading import read_bars
from engine.market.table import jumps

PRICES = ["open", "high", "low", "close"]


def table_of(folder, frame):
    folder.write("AAA.csv", frame)
    return read_bars(folder.path / "AAA.csv", "AAA", "AAA.csv", Layout(), exchange())


def findings(folder, frame, prices="raw"):
    found = inspect_bars(table_of(folder, frame), exchange(), prices)
    return [(one.severity, one.kind, one.dates) for one in found]


def adjusted(frame, *rows):
    """With a dividend of 0.5 on row 30 or on `rows`, and adj_close as a vendor makes it."""
    frame = frame.assign(dividend=0.0)
    frame.loc[list(rows or (30,)), "dividend"] = 0.5
    earned = (frame["close"] + frame["dividend"]) / frame["close"].shift(1)
    factor = earned.fillna(1.0).cumprod()
    return frame.assign(adj_close=factor * frame["close"].iloc[-1] / factor.iloc[-1])


def test_sound_bars_have_no_findings(folder, make_bars):
    assert findings(folder, adjusted(make_bars())) == []


def test_sessions_without_a_row(folder, make_bars):
    assert findings(folder, make_bars().drop(index=[20, 21])) == [("warn", "gap", ("2020-01-31", "2020-02-03"))]


def test_what_a_run_would_refuse(folder, make_bars):
    frame = make_bars()
    frame.loc[10, "high"] = 1.0
    frame.loc[12, "close"] = np.nan
    stranger = frame.iloc[[15]].assign(date="2020-01-25")
    early = frame.iloc[[5]].assign(date="2020-01-26")
    frame = pd.concat([frame.iloc[:16], early, stranger, frame.iloc[16:17], frame.iloc[16:]])
    assert findings(folder, frame)[:5] == [
        ("refuse", "order", ("2020-01-25",)),
        ("refuse", "duplicate", ("2020-01-27",)),
        ("refuse", "no_session", ("2020-01-26", "2020-01-25")),
        ("refuse", "no_price", ("2020-01-21",)),
        ("refuse", "range", ("2020-01-16",)),
    ]


def test_an_index_is_not_refused_for_its_ranges(folder, make_bars):
    frame = make_bars().drop(columns="volume")
    frame.loc[10, "high"] = 1.0
    found = inspect_series(table_of(folder, frame), exchange())
    assert [(one.severity, one.kind, one.dates) for one in found] == [("warn", "range", ("2020-01-16",))]


def test_a_bad_tick_there_and_back(folder, make_bars):
    frame = make_bars()
    frame.loc[25, PRICES] *= 1.25
    assert findings(folder, frame) == [("warn", "doubt", ("2020-02-07",))]
    frame.loc[25, PRICES] *= 4
    assert findings(folder, frame) == [("refuse", "scale", ("2020-02-07",))]


@pytest.mark.parametrize(("ratio", "words"), [(2.0, "2 for 1"), (0.2, "0.2 for 1"), (1.5, "1.5 for 1")])
def test_a_split_that_is_not_on_record(folder, make_bars, ratio, words):
    frame = make_bars().assign(volume=1000.0)
    frame.loc[30:, PRICES] /= ratio
    frame.loc[30:, "volume"] *= ratio
    (found,) = inspect_bars(table_of(folder, frame), exchange(), "raw")
    assert (found.severity, found.kind, found.dates) == ("refuse", "jump", ("2020-02-14",))
    assert f"as in a split of {words}, and none is on record" in found.words
    assert f"allowed: a column split with {ratio:g} on this day" in found.words


@pytest.mark.parametrize(
    ("row", "column", "factor"),
    [(30, ["close", "high"], 1.3), (59, ["close", "high"], 1.3), (30, ["open", "high", "low", "close"], 1.3)],
    ids=["a close alone", "the last close", "a bar"],
)
def test_what_the_judge_doubts_is_not_told_again(folder, make_bars, row, column, factor):
    frame = make_bars()
    frame["open"] = frame["close"].shift(1, fill_value=frame["close"].iloc[0])
    frame["high"] = frame[["open", "close"]].max(axis=1) * 1.01
    frame["low"] = frame[["open", "close"]].min(axis=1) * 0.99
    if row < 59:
        frame.loc[row + 1, ["open", "low"]] = frame.loc[row + 1, ["close", "low"]].to_numpy()
        frame.loc[row + 1, "low"] *= 0.98
    frame.loc[row, column] *= factor
    assert [kind for _, kind, _ in findings(folder, frame)] == ["doubt"]


def test_a_split_on_record_is_no_suspicion(folder, make_bars):
    frame = make_bars().assign(split=1.0)
    frame.loc[30:, PRICES] /= 2
    frame.loc[30, "split"] = 2.0
    assert findings(folder, frame) == []
    assert findings(folder, frame, "split_adjusted") == [("refuse", "base", ("2020-02-14",))]


def test_a_crash_during_the_day_is_no_split(folder, make_bars):
    frame = make_bars()
    frame.loc[30, ["close", "low"]] /= 2
    frame.loc[31:, PRICES] /= 2
    assert findings(folder, frame) == [("info", "outlier", ("2020-02-14",))]


def test_prices_that_stand_still(folder, make_bars):
    frame = make_bars()
    frame.loc[20:24, PRICES] = frame.loc[20, PRICES].to_numpy()
    frame.loc[40:41, PRICES] = frame.loc[40, PRICES].to_numpy()  # two the same are chance
    assert findings(folder, frame) == [("warn", "doubt", ("2020-01-31", "2020-02-06"))]
    assert jumps.still(frame) == [(20, 5), (40, 2)]


def test_no_volume(folder, make_bars):
    frame = make_bars()
    frame.loc[[3, 8], "volume"] = 0
    bars = ("2020-01-07", "2020-01-14")
    assert findings(folder, frame) == [("warn", "doubt", bars), ("info", "no_volume", bars)]


def test_adj_close_on_another_base(folder, make_bars):
    frame = adjusted(make_bars())
    frame["adj_close"] *= 16.6
    assert findings(folder, frame) == [("warn", "adjusted_base", ("2020-03-27",))]


@pytest.mark.filterwarnings("error")
def test_an_adjusted_close_of_nothing_is_said_without_a_warning(folder, make_bars):
    frame = adjusted(make_bars())
    frame.loc[[20, len(frame) - 1], "adj_close"] = 0.0
    kinds = {kind for _, kind, _ in findings(folder, frame)}
    assert "adjusted_base" in kinds


def test_a_last_close_is_not_held_against_symbols_that_nobody_looked_at(folder, make_bars):
    frame = make_bars()
    frame.loc[len(frame) - 1, ["close", "low"]] *= 0.7
    (found,) = [one for one in inspect_bars(table_of(folder, frame), exchange(), "raw") if one.kind == "doubt"]
    assert "and no bar after it bears it out" in found.words
    assert "symbol" not in found.words


def test_a_dividend_that_only_adj_close_knows(folder, make_bars):
    frame = adjusted(make_bars())
    frame["dividend"] = 0.0
    (found,) = inspect_bars(table_of(folder, frame), exchange(), "raw")
    assert (found.severity, found.kind) == ("info", "read")
    assert found.words.startswith("1 dividend from 2020-02-14 to 2020-02-14 taken from adj_close")
    frame = adjusted(make_bars(), 20, 30, 40)
    frame.loc[30, "dividend"] = 0.0
    assert findings(folder, frame) == [("warn", "doubt", ("2020-02-14",))]


def test_a_close_that_adj_close_contradicts(folder, make_bars):
    frame = adjusted(make_bars())
    frame.loc[20, "close"] *= 1.009
    days = ("2020-01-31", "2020-02-03")
    assert findings(folder, frame) == [*(("warn", "doubt", (day,)) for day in days), ("warn", "mismatch", days)]


def test_sessions_with_too_few_intraday_bars(folder):
    stamps = [
        *pd.date_range("2024-07-03 09:30", "2024-07-03 12:55", freq="5min"),  # a half day, whole
        *pd.date_range("2024-07-05 09:30", "2024-07-05 15:55", freq="5min").drop("2024-07-05 11:00"),
    ]
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"datetime_et": [str(one) for one in stamps], "close": rng.normal(100, 0.1, len(stamps))})
    frame = frame.assign(open=frame["close"], high=frame["close"], low=frame["close"], volume=5.0)
    assert findings(folder, frame) == [("warn", "short_session", ("2024-07-05",))]


@pytest.fixture(scope="module")
def checked(real_data):
    return {one.symbol: one for one in (check() for check in path_checks(real_data / "daily"))}


class TestRealFiles:
    def dates(self, checked, symbol, *kinds):
        return {date for one in checked[symbol].findings if one.kind in kinds for date in one.dates}

    def test_the_suspect_days_that_the_files_themselves_can_show(self, real_data, checked):
        """The list of development compares with a panel; where that is what adj_close holds, the file shows it."""
        with (real_data / "DEFECTS_return_mismatch.csv").open() as file:
            rows = list(csv.DictReader(file))
        for symbol in ("EEM", "IWN", "IWO", "RWM", "TWM", "SRTY"):
            known = {row["date"] for row in rows if row["ticker"] == symbol} - {
                "2010-05-07" if symbol == "SRTY" else ""
            }
            assert known, symbol
            assert known <= self.dates(checked, symbol, "mismatch", "doubt"), symbol

    def test_what_the_readme_of_the_data_says(self, checked):
        assert not any(one.refused for one in checked.values())
        assert {"2010-05-06", "2010-05-07"} <= self.dates(checked, "IWN", "mismatch")
        assert self.dates(checked, "IWN", "doubt") == {"2003-04-15", "2010-05-06"}
        assert self.dates(checked, "SRTY", "gap") == {"2010-05-06"}
        off_base = {symbol for symbol in checked if self.dates(checked, symbol, "adjusted_base")}
        assert off_base == {"RWM", "TWM", "SRTY", "IWN", "IWO"}
        blank = {symbol for symbol, one in checked.items() if any(found.kind == "read" for found in one.findings)}
        assert {"RWM", "TWM", "IWN", "IWO"} <= blank
        for symbol in ("SPY", "QQQ", "IWM", "TNA", "KRE"):
            assert not self.dates(checked, symbol, "mismatch", "outlier", "gap", "no_volume"), symbol
        doubts = {symbol: self.dates(checked, symbol, "doubt") for symbol in ("SPY", "QQQ", "IWM", "TNA", "KRE")}
        assert doubts == {
            "SPY": set(),
            "QQQ": {"2020-12-21"},
            "IWM": {"2003-12-16"},
            "TNA": set(),
            "KRE": {"2008-06-20"},
        }

    def test_the_vix(self, real_data):
        checked = {
            one.symbol: one for one in (check() for check in path_checks(real_data / "index", ["VIX", "VIX_all_days"]))
        }
        counts = {found.kind: len(found.dates) for found in checked["VIX"].findings}
        assert (counts["range"], counts["gap"], "no_session" in counts) == (47, 4, False)
        assert len(self.dates(checked, "VIX_all_days", "no_session")) == 33
        assert not checked["VIX"].refused

    def test_intraday_files(self, real_data):
        checked = {one.symbol: one for one in (check() for check in path_checks(real_data / "intraday"))}
        assert not any(one.refused for one in checked.values())
        assert len(self.dates(checked, "QQQ_5m", "no_volume")) == 150
        assert "2026-03-31" in self.dates(checked, "SPY_1m", "short_session")


def test_what_trades_has_volume(folder, make_bars):
    for frame, expected in ((make_bars(), True), (make_bars().drop(columns="volume"), False)):
        folder.write("AAA.csv", frame)
        table = read_bars(folder.path / "AAA.csv", "AAA", "AAA.csv", Layout(), exchange())
        assert is_tradable(table) is expected
