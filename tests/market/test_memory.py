# SPDX-License-Identifier: Apache-2.0
"""Tables in memory are read as the files that they would be written to: the same bits, notices and refusals."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from engine.errors import ConfigError, DataError
from engine.market.build import load_market
from engine.market.sources.stamps import ALLOWED
from engine.model.run import MemoryData, RunConfig, SeriesSource
from tests.market.conftest import bars, sessions

ROLES = {"large": "AAA", "small": "BBB"}


def memory(frames, *, roles=None, data=None, series=None, **sections):
    given = MemoryData(source="memory", **(data or {}))
    roles = {role: symbol for role, symbol in ROLES.items() if symbol in frames} if roles is None else roles
    sections.setdefault("costs", {"dividends": False})  # as `folder.config` has it
    config = RunConfig(name="test", strategy="none", roles=roles, data=given, series=series or {}, **sections)
    return load_market(config, tuple(series or ()), (), None, frames=frames)


def both(folder, frame, **data):
    """The market of one frame from memory, and of the same written to CSV; or what each is refused with."""
    named = isinstance(frame.index, pd.RangeIndex)
    folder.write("AAA.csv", frame.to_csv(index=not named))
    told = []
    for load in (
        lambda: memory({"AAA": frame}, data=data),
        lambda: load_market(folder.config(roles={"large": "AAA"}, data=data), (), (), folder.path),
    ):
        try:
            told.append(load())
        except DataError as error:
            told.append([plain(problem) for problem in error.problems])
    return told


def plain(problem):
    """A problem without its place: a line of a file, or a row of a table."""
    return re.sub(r" \(row \d+\)", "", problem.message), problem.found, problem.allowed, problem.nearest


def intraday(stamps, rows=8):
    day = pd.date_range("2020-01-02 10:00", periods=rows, freq="30min")
    index = pd.DatetimeIndex([*day, *(day + pd.Timedelta(days=1))], name=stamps)
    return bars(rows=2 * rows).drop(columns="date").set_index(index)


SPELLINGS = {
    "a date column": lambda frame: frame,
    "an index of dates": lambda frame: frame.assign(date=pd.to_datetime(frame["date"])).set_index("date"),
    "midnights of a zone": lambda frame: frame.set_index(
        pd.DatetimeIndex(frame["date"], tz="America/New_York", name="Date")
    ).drop(columns="date"),
    "python dates": lambda frame: frame.assign(date=pd.to_datetime(frame["date"]).dt.date).set_index("date"),
    "whole numbers": lambda frame: frame.assign(date=frame["date"].str.replace("-", "").astype(int)),
    "as Yahoo names them": lambda frame: frame.rename(columns=str.title).assign(
        **{"Adj Close": frame["close"], "Dividends": 0.0, "Stock Splits": 0.0}
    ),
    "days as periods": lambda frame: frame.assign(date=pd.PeriodIndex(frame["date"], freq="D")),
    "text": lambda frame: frame.astype(str),
    "numbers of 32 bits": lambda frame: frame.astype(dict.fromkeys(("open", "high", "low", "close"), np.float32)),
    "decimals": lambda frame: frame.assign(close=[Decimal(str(value)) for value in frame["close"]]),
    "categories": lambda frame: frame.assign(volume=frame["volume"].astype("category")),
    "a blank dividend": lambda frame: frame.assign(dividend=np.where(frame.index == 5, np.nan, 0.25)),
    "a mark of no value": lambda frame: frame.assign(
        volume=frame["volume"].astype(object).where(frame.index > 3, "N/A")
    ),
    "columns that nobody reads": lambda frame: frame.assign(note=[object()] * len(frame), close_2=1j),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_frame_is_read_to_the_bits_of_its_file(folder, spelling):
    held, filed = both(folder, SPELLINGS[spelling](bars()))
    assert held.fingerprint == filed.fingerprint
    assert held.notices == filed.notices
    assert (len(held), held.frequency, held.prices) == (60, "1d", "split_adjusted")
    assert np.array_equal(held.large.close, bars()["close"])


@pytest.mark.parametrize("zone", [None, "America/New_York", "UTC"])
@pytest.mark.parametrize("timezone", ["America/New_York", "America/Chicago"])
@pytest.mark.parametrize("stamp", ["open", "close"])
def test_intraday_stamps_are_read_in_their_zone_or_in_the_one_that_is_told(folder, zone, timezone, stamp):
    frame = intraday("time")
    frame = frame if zone is None else frame.tz_localize("America/New_York").tz_convert(zone)
    held, filed = both(folder, frame, timezone=timezone, stamp=stamp)
    assert held.fingerprint == filed.fingerprint
    first = pd.Timestamp(int(held.ts[0]), tz="UTC").tz_convert("America/New_York" if zone else timezone)
    assert first.strftime("%H:%M") == ("10:30" if stamp == "open" else "10:00")


def test_a_time_index_is_the_time_whatever_it_is_called():
    frame = bars().drop(columns="date")
    for name in (None, "when", "Date"):
        index = pd.DatetimeIndex(sessions(0, 60), name=name)
        assert str(memory({"AAA": frame.set_index(index)}).sessions[0]) == "2020-01-02"
    with pytest.raises(DataError, match="missing column date"):
        memory({"AAA": frame})


DAMAGES = {
    "no close": lambda frame: frame.drop(columns="close"),
    "a misspelt column": lambda frame: frame.rename(columns={"close": "clsoe"}),
    "two volumes": lambda frame: frame.assign(vol=1.0),
    "no value": lambda frame: put(frame, 7, "close", np.nan),
    "text": lambda frame: put(frame, 7, "close", "ten"),
    "texts": lambda frame: frame.assign(volume=["many"] * 60),
    "true": lambda frame: frame.assign(volume=[True] * 60),
    "infinite": lambda frame: put(frame, 7, "volume", np.inf),
    "negative": lambda frame: put(frame, 7, "low", -1.0),
    "out of range": lambda frame: put(frame, 7, "high", 1.0),
    "a day too many": lambda frame: put(frame, 7, "date", "2020-01-11"),
    "twice": lambda frame: put(frame, 7, "date", frame["date"][6]),
    "out of order": lambda frame: frame.iloc[[1, 0, *range(2, len(frame))]].reset_index(drop=True),
    "no date": lambda frame: put(frame, 7, "date", None),
    "soon": lambda frame: put(frame, 7, "date", "soon"),
    "a bar of now": lambda frame: put(frame, 59, "date", "2020-03-27 15:35:00"),
    "nothing": lambda frame: frame.iloc[:0],
}


def put(frame, row, column, value):
    frame = frame.copy()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_a_file_is_refused_for_a_frame_is_refused_for(folder, damage):
    held, filed = both(folder, DAMAGES[damage](bars()))
    assert held == filed
    assert held


@pytest.mark.parametrize("damage", ["no date", "a bar of now", "twice", "out of order"])
def test_the_same_holds_of_stamps_that_are_no_text(folder, damage):
    frame = DAMAGES[damage](bars())
    held, filed = both(folder, frame.assign(date=pd.to_datetime(frame["date"], format="ISO8601")).set_index("date"))
    assert [message for message, *_ in held] == [message for message, *_ in filed]
    assert held


def test_a_problem_names_the_table_and_the_row():
    with pytest.raises(DataError) as caught:
        memory({"AAA": put(put(bars(), 7, "close", "ten"), 2, "date", "soon")})
    assert [str(problem) for problem in caught.value.problems][:2] == [
        f"data['AAA']: unreadable date (row 3); found 'soon'; allowed: {ALLOWED}",
        "data['AAA']: close is not a number (row 8); found 'ten'",
    ]


def test_the_map_of_columns_and_what_the_prices_are_hold_as_of_a_file(folder):
    frame = bars().rename(columns={"close": "last"}).assign(adj_close=bars()["close"] * 0.8)
    data = {"prices": "total_return", "columns": {"close": "last"}}
    held = memory({"AAA": frame}, data=data, costs={"dividends": False})
    folder.write("AAA.csv", frame)
    filed = load_market(
        folder.config(roles={"large": "AAA"}, data=data, costs={"dividends": False}), (), (), folder.path
    )
    assert held.fingerprint == filed.fingerprint
    assert held.notices == filed.notices != ()
    with pytest.raises(ConfigError, match="count them twice"):
        memory({"AAA": frame}, data=data, costs={})


def test_nothing_of_a_frame_is_changed_and_nothing_of_it_is_held():
    frame = bars()
    before = frame.copy(deep=True)
    market = memory({"AAA": frame})
    pd.testing.assert_frame_equal(frame, before, check_exact=True)
    frame.loc[:, "close"] = 1.0
    assert np.array_equal(market.large.close, before["close"])


def test_other_bars_are_another_market_from_the_cache_too():
    one, again = memory({"AAA": bars()}), memory({"AAA": bars()})
    other = memory({"AAA": bars().assign(volume=1_000.0)})
    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert other.large.volume[0] == 1_000.0


def test_an_arrow_table_is_a_table():
    table = pa.Table.from_pandas(bars(), preserve_index=False)
    assert memory({"AAA": table}).fingerprint == memory({"AAA": bars()}).fingerprint


class TestSeries:
    def load(self, given, **bound):
        source = SeriesSource(symbol="VIX", **bound)
        return memory({"AAA": bars(), "VIX": given}, series={"vix": source})

    def test_a_frame_of_bars_gives_its_close(self, folder):
        vix = bars(seed=3)
        folder.write("VIX.csv", vix)
        filed = load_market(folder.config(roles={"large": "AAA"}, series={"vix": "VIX"}), ("vix",), (), folder.path)
        assert memory({"AAA": bars(), "VIX": vix}, series={"vix": "VIX"}).fingerprint == filed.fingerprint
        with pytest.raises(DataError, match=r"series.vix.column: VIX has no column hihg.*did you mean 'high'"):
            self.load(vix, column="hihg")

    def test_a_frame_without_prices_gives_the_column_that_is_named(self, folder):
        rates = pd.DataFrame({"DATE": sessions(0, 60), "DTB3": ["."] + ["1.5"] * 59})
        folder.write("rates.csv", rates)
        source = SeriesSource(symbol="VIX", path=str(folder.path / "rates.csv"), column="DTB3", unit="percent")
        filed = load_market(folder.config(roles={"large": "AAA"}, series={"vix": source}), ("vix",), (), folder.path)
        held = self.load(rates.rename(columns={"DATE": "observation_date"}), column="DTB3", unit="percent")
        assert held.fingerprint == filed.fingerprint
        assert (np.isnan(held.vix[0]), held.vix[1]) == (True, 0.015)
        with pytest.raises(DataError, match=r"data\['VIX'\]: missing column close; series.vix.column can name another"):
            self.load(rates)

    @pytest.mark.parametrize("name", [None, "VIX", "close"])
    def test_a_pandas_series_has_one_column_to_mean(self, name):
        values = np.arange(60.0) + 10
        vix = pd.Series(values, pd.DatetimeIndex(sessions(0, 60)), name=name)
        assert np.array_equal(self.load(vix).vix, values)

    def test_a_series_is_no_bars(self):
        vix = pd.Series(1.0, pd.DatetimeIndex(sessions(0, 60)))
        with pytest.raises(DataError, match="missing column open"):
            memory({"AAA": vix})

    def test_a_symbol_without_a_table_is_refused(self):
        with pytest.raises(DataError, match=r"no bars are given for this symbol; found VIX; .*there are AAA"):
            memory({"AAA": bars()}, series={"vix": "VIX"})


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.concat({"Close": bars()}, axis=1), "columns with names of 2 levels; allowed: a frame of one symbol"),
        (pd.concat({"AAA": bars()}), "rows with names of 2 levels"),
        (pa.table({"a": [1]})["a"], "not a table; found ChunkedArray; allowed: a pandas DataFrame or an Arrow table"),
    ],
)
def test_what_is_no_table_of_one_symbol_is_refused(frame, said):
    with pytest.raises(DataError, match=said):
        memory({"AAA": frame}, roles={"large": "AAA"})


def test_a_configuration_alone_has_no_bars_in_memory():
    with pytest.raises(DataError, match="bars from memory are given in Python") as caught:
        memory({}, roles=ROLES)
    assert caught.value.problems[0].path == "data.source"
