# SPDX-License-Identifier: Apache-2.0
"""Files of many spellings read into one normal form."""

import numpy as np
import pandas as pd
import pytest

from engine.errors import ConfigError, DataError
from engine.market.calendar import exchange
from engine.market.sources.columns import check_map
from engine.market.sources.layout import Layout
from engine.market.sources.reading import read_bars, read_series
from engine.notice import note

HEAD = "date,open,high,low,close,volume\n"


def read(path, **layout):
    return read_bars(path, path.stem, path.name, Layout(**layout), exchange())


def series(path, column):
    return read_series(path, path.stem, column, path.name, Layout(), exchange())


def test_the_normal_form_has_every_column_and_defaults_for_what_is_absent(tmp_path):
    file = tmp_path / "A.csv"
    file.write_text("date,open,high,low,close\n2020-01-02,1,2,0.5,1.5\n2020-01-03,2,3,1,2\n")
    table = read(file)
    assert list(table.frame.columns) == ["open", "high", "low", "close", "volume", "dividend", "split"]
    assert [str(kind) for kind in table.frame.dtypes.unique()] == ["float64"]
    assert list(table.frame.index) == [pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-03")]
    assert table.frame["volume"].isna().all()
    assert (table.frame["dividend"] == 0).all()
    assert (table.frame["split"] == 1).all()
    assert (table.frequency, table.problems, table.notices) == ("1d", (), ())


@pytest.mark.parametrize("stamp", ["2020-01-22", "01/22/2020", "1/22/2020", "20200122", "2020-01-22 00:00:00-05:00"])
def test_a_session_date_may_be_written_in_several_ways(tmp_path, stamp):
    file = tmp_path / "A.csv"
    file.write_text(f"{HEAD}{stamp},1,1,1,1,5\n")
    assert str(read(file).frame.index[0]) == "2020-01-22 00:00:00"


def test_names_are_matched_without_case_and_by_common_aliases(tmp_path):
    file = tmp_path / "A.csv"
    file.write_text(
        "Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
        "2020-01-02,1,2,0.5,1.5,1.4,100,0.25,0\n2020-01-03,1,2,0.5,1.5,1.4,100,0,2\n"
    )
    frame = read(file).frame
    assert list(frame["dividend"]) == [0.25, 0]
    assert list(frame["split"]) == [1, 2]  # 0 is how Yahoo writes none
    assert list(frame["adj_close"]) == [1.4, 1.4]


def test_the_map_of_columns_names_theirs(tmp_path):
    file = tmp_path / "A.csv"
    file.write_text("day,o,h,l,last,divs\n2020-01-02,1,2,0.5,1.5,0.25\n")
    names = {"date": "day", "open": "o", "high": "h", "low": "l", "close": "last", "dividend": "divs"}
    frame = read(file, columns=names).frame
    assert frame.loc["2020-01-02", ["open", "high", "low", "close", "dividend"]].to_list() == [1, 2, 0.5, 1.5, 0.25]


def test_a_map_of_a_column_we_do_not_have_is_refused():
    with pytest.raises(ConfigError, match=r"data.columns.dividends: no such column.*did you mean 'dividend'"):
        check_map({"dividends": "divs"})


def test_numbers_are_read_to_the_last_bit(tmp_path):
    exact = [0.1 + 0.2, 1 / 3, 123456.78901234567, 5e-324]
    file = tmp_path / "A.csv"
    file.write_text("date,value\n" + "".join(f"2020-01-0{i + 2},{x!r}\n" for i, x in enumerate(exact)))
    assert series(file, "value").frame["value"].tolist() == exact


def test_parquet_reads_as_csv_does(tmp_path, make_bars):
    frame = make_bars()
    frame.to_csv(tmp_path / "A.csv", index=False)
    frame.assign(date=pd.to_datetime(frame["date"])).set_index("date").to_parquet(tmp_path / "A.parquet")
    ours, theirs = read(tmp_path / "A.csv"), read(tmp_path / "A.parquet")
    pd.testing.assert_frame_equal(ours.frame, theirs.frame, check_freq=False)


def test_line_numbers_survive_blank_lines_and_a_byte_order_mark(tmp_path):
    file = tmp_path / "A.csv"
    file.write_text(f"\ufeff{HEAD}2020-01-02,1,1,1,1,5\n\n\n2020-01-03,1,x,1,1,5\n", encoding="utf-8")
    (problem,) = read(file).problems
    assert (problem.line, problem.message, problem.found) == (5, "high is not a number", "'x'")


def test_every_unreadable_cell_is_told_at_once_and_many_are_counted(tmp_path):
    rows = "".join(f"2020-01-{day:02d},1,1,oops,1,5\n" for day in range(2, 12))
    file = tmp_path / "A.csv"
    file.write_text(f"{HEAD}{rows}2020-13-45,1,1,1,1,5\nyesterday,1,1,1,1,inf\n1,2\n")
    texts = [str(problem) for problem in read(file).problems]
    assert [text for text in texts if "low is not a number" in text] == [
        *(f"A.csv:{line}: low is not a number; found 'oops'" for line in (2, 3, 4)),
        "A.csv: low is not a number: 7 more like this",
    ]
    assert any(text.startswith("A.csv:12: unreadable date; found '2020-13-45'") for text in texts)
    assert any(text.startswith("A.csv:13: unreadable date; found 'yesterday'") for text in texts)
    assert "A.csv:13: volume is not a number; found an infinite number" in texts
    assert any(text.startswith("A.csv:14: a line with another number of fields") for text in texts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        (HEAD, "no data lines"),
        ("date open high\n2020-01-02 1 1\n", "not a table of columns"),
        ("date,open,high,low\n2020-01-02,1,1,1\n", "A.csv:1: missing column close"),
        ("date,open,high,low,clsoe\n2020-01-02,1,1,1,1\n", "did you mean 'clsoe'"),
        ("when,open,high,low,close\n2020-01-02,1,1,1,1\n", "missing column date"),
        ("date,open,high,low,close,Close\n2020-01-02,1,1,1,1,1\n", "more than one column is called close"),
    ],
)
def test_a_file_that_is_no_table_of_bars_is_refused(tmp_path, text, message):
    file = tmp_path / "A.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=r"A.csv") as caught:
        read(file)
    assert message in str(caught.value)


def test_a_parquet_file_that_is_none_is_refused(tmp_path):
    file = tmp_path / "A.parquet"
    file.write_text("not parquet")
    with pytest.raises(DataError, match="cannot be read as parquet"):
        read(file)


def test_blank_dividends_are_none_and_a_notice_says_so(tmp_path):
    file = tmp_path / "A.csv"
    file.write_text("date,open,high,low,close,dividend\n2020-01-02,1,1,1,1,0.1\n2020-01-03,1,1,1,1,\n")
    table = read(file)
    assert list(table.frame["dividend"]) == [0.1, 0]
    assert table.notices == (note("A: dividend is blank in 1 of 2 rows (2020-01-03 to 2020-01-03); taken as none"),)


class TestIntraday:
    STAMPS = ("09:30", "09:35", "09:40")

    def write(self, tmp_path, stamps, column="datetime"):
        file = tmp_path / "A.csv"
        file.write_text(f"{column},open,high,low,close\n" + "".join(f"{stamp},1,1,1,1\n" for stamp in stamps))
        return file

    def test_bars_stamped_at_their_open_are_moved_to_their_close(self, tmp_path):
        table = read(self.write(tmp_path, [f"2024-03-12T{one}:00-04:00" for one in self.STAMPS]))
        assert [str(one) for one in table.frame.index] == [
            f"2024-03-12 13:{minute}:00+00:00" for minute in ("35", "40", "45")
        ]
        assert table.frequency == "5min"

    def test_bars_stamped_at_their_close_stay(self, tmp_path):
        stamps = [f"2024-03-12T{one}:00Z" for one in ("13:35", "13:40", "13:45")]
        assert str(read(self.write(tmp_path, stamps), stamp="close").frame.index[0]) == "2024-03-12 13:35:00+00:00"

    @pytest.mark.parametrize(
        ("column", "timezone", "first"),
        [
            ("datetime", "UTC", "2024-03-12 13:35:00+00:00"),
            ("datetime", "America/New_York", "2024-03-12 17:35:00+00:00"),
            ("datetime_et", "UTC", "2024-03-12 17:35:00+00:00"),
            ("datetime_utc", "America/New_York", "2024-03-12 13:35:00+00:00"),
        ],
    )
    def test_stamps_without_an_offset_are_in_the_zone_that_the_name_or_the_configuration_says(
        self, tmp_path, column, timezone, first
    ):
        file = self.write(tmp_path, ["2024-03-12 13:30", "2024-03-12 13:35", "2024-03-12 13:40"], column)
        assert str(read(file, timezone=timezone).frame.index[0]) == first

    def test_the_last_bar_of_a_session_ends_with_it(self, tmp_path):
        stamps = [f"2024-03-12 {hour}:30" for hour in ("09", "10", "11", "12", "13", "14", "15")]
        table = read(self.write(tmp_path, stamps, "datetime_et"))
        assert table.frequency == "60min"
        assert str(table.frame.index[-1]) == "2024-03-12 20:00:00+00:00"  # not 20:30

    def test_a_mixture_of_zoned_and_local_stamps_is_refused(self, tmp_path):
        file = self.write(tmp_path, ["2024-03-12T13:35:00Z", "2024-03-12T13:40:00Z", "2024-03-12T13:45:00"])
        (problem,) = read(file).problems
        assert (problem.line, problem.message) == (4, "unreadable date")

    @pytest.mark.parametrize(("stamp", "shift"), [("close", 0), ("open", 5)])
    def test_stamps_at_the_other_end_of_the_bar_are_noticed(self, tmp_path, stamp, shift):
        start = pd.Timestamp("2024-03-12 09:30") + pd.Timedelta(minutes=shift)
        stamps = [str(one) for one in pd.date_range(start, periods=78, freq="5min")]
        (problem,) = read(self.write(tmp_path, stamps, "datetime_et"), stamp=stamp).problems
        right = "open" if stamp == "close" else "close"
        assert problem.message == f"the stamps are the {right} of each bar, not its {stamp}"
        assert not read(self.write(tmp_path, stamps, "datetime_et"), stamp=right).problems

    def test_a_bar_whose_length_cannot_be_told_is_refused(self, tmp_path):
        stamps = ["2024-03-12T13:35:00Z", "2024-03-13T13:35:00Z"]
        (problem,) = read(self.write(tmp_path, stamps)).problems
        assert "length of a bar cannot be told" in problem.message


class TestSeries:
    def test_fred_writes_a_dot_where_there_is_no_value(self, tmp_path):
        file = tmp_path / "DTB3.csv"
        file.write_text("DATE,VALUE\n2020-01-02,1.5\n2020-01-03,.\n2020-01-06,1.52\n")
        values = series(file, "value").frame["value"]
        assert np.isnan(values.iloc[1])
        assert values.iloc[[0, 2]].tolist() == [1.5, 1.52]

    def test_fred_names_the_date_column_in_its_own_way(self, tmp_path):
        file = tmp_path / "DTB3.csv"
        file.write_text("observation_date,DTB3\n2020-01-02,1.5\n")
        assert series(file, "DTB3").frame["value"].tolist() == [1.5]

    def test_cboe_writes_american_dates_and_capitals(self, tmp_path):
        file = tmp_path / "VIX.csv"
        file.write_text("DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17.24,17.24,17.24,17.24\n01/16/1990,18.1,18.2,18,18.19\n")
        table = series(file, "close")
        assert table.frame["value"].tolist() == [17.24, 18.19]
        assert str(table.frame.index[1].date()) == "1990-01-16"

    def test_a_column_that_is_not_there_names_those_that_are(self, tmp_path):
        file = tmp_path / "DTB3.csv"
        file.write_text("date,dtb3_pct\n2020-01-02,1.5\n")
        with pytest.raises(DataError, match=r"missing column close.*found columns date, dtb3_pct"):
            series(file, "close")


@pytest.mark.parametrize("time", ["time", "<TIME>", "Time"])
def test_a_time_of_day_in_a_column_of_its_own_is_refused_with_the_remedy(tmp_path, time):
    file = tmp_path / "A.csv"
    rows = [f"2020-01-0{day},{hour}:30,1,2,0.5,1.5" for day in (2, 3) for hour in (10, 11, 12)]
    file.write_text("\n".join([f"date,{time},open,high,low,close", *rows]))
    with pytest.raises(
        DataError, match=f"the time of day stands in a column of its own; found date, and {time}, which"
    ):
        read(file)
    daily = [f"2020-01-0{day},00:00,1,2,0.5,1.5" for day in (2, 3, 6)]
    daily = [row.replace("2020-01-06", "2020-01-03") for row in daily]  # one date twice, as any file may have it
    file.write_text("\n".join([f"date,{time},open,high,low,close", *daily]))
    assert len(read(file).frame) == 3
