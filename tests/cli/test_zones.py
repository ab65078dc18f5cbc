# SPDX-License-Identifier: Apache-2.0
"""Stamps in the wrong time zone, through the real command: hours of look-ahead that nobody is told of, or delay."""

import re
from typing import ClassVar

import pandas as pd
import pytest
import yaml

from tests import programs
from tests.cli.data_desk import DataDesk, bars_text, opens, rising, written

NEW_YORK = "America/New_York"
SPRING = "2024-03-06"
"""The clocks change on the Sunday between the third and the fourth session."""


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def bars(desk: DataDesk, zone: str, minutes: int = 30, sessions: int = 5, first: str = SPRING, shift: int = 0) -> int:
    """X.csv with stamps of `zone`, without an offset."""
    index = opens(first, sessions, minutes) + pd.Timedelta(minutes=shift)
    desk.write("X.csv", bars_text(written(index, zone), rising(len(index))))
    return len(index)


def series(desk: DataDesk, zone: str, name: str = "VIX.csv") -> None:
    """The n-th value stands at the n-th bar of half an hour."""
    index = opens(SPRING, 5, 30)
    rows = [f"{stamp},{n + 1}" for n, stamp in enumerate(written(index, zone))]
    desk.write(name, "\n".join(["date,close", *rows]) + "\n")


class TestSeriesWithAPath:
    """`data` says how the files are written, the series' own keys where its file differs."""

    BOUND: ClassVar = {"symbol": "VIX", "path": "VIX.csv"}

    def known(self, ran) -> list[float]:
        return ran.ok().table("features")["series.vix"].tolist()

    def test_it_is_read_as_the_bars_are(self, desk):
        count = bars(desk, NEW_YORK)
        series(desk, NEW_YORK)
        ran = desk.run({"timezone": NEW_YORK}, series={"vix": self.BOUND})
        assert self.known(ran) == [float(n + 1) for n in range(count)]

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "Asia/Kolkata"])
    def test_its_own_zone_comes_before_that_of_the_bars(self, desk, zone):
        count = bars(desk, NEW_YORK)
        series(desk, zone)
        ran = desk.run({"timezone": NEW_YORK}, series={"vix": self.BOUND | {"timezone": zone}})
        assert self.known(ran) == [float(n + 1) for n in range(count)]

    def test_the_wrong_zone_of_a_series_is_refused_and_the_key_reads_it(self, desk):
        count = bars(desk, "UTC")
        series(desk, NEW_YORK)
        ran = desk.run(series={"vix": self.BOUND}).refused("series.vix.timezone", "found UTC", f"allowed {NEW_YORK}")
        zone = re.search(r"allowed (\S+)", ran.err).group(1)
        ran = desk.run(series={"vix": self.BOUND | {"timezone": zone}})
        assert self.known(ran) == [float(n + 1) for n in range(count)]

    def test_its_columns_are_mapped_as_those_of_the_bars(self, desk):
        count = bars(desk, NEW_YORK)
        series(desk, NEW_YORK)
        text = (desk.folder / "VIX.csv").read_text().replace("date,close", "when,last")
        desk.write("VIX.csv", text)
        desk.write("X.csv", (desk.folder / "X.csv").read_text().replace("close,", "last,").replace("date,", "when,"))
        data = {"timezone": NEW_YORK, "columns": {"date": "when", "close": "last"}}
        assert len(self.known(desk.run(data, series={"vix": self.BOUND}))) == count

    def test_a_name_of_the_bars_files_that_its_file_lacks_is_no_mistake(self, desk):
        count = bars(desk, NEW_YORK)
        series(desk, NEW_YORK)
        desk.write("X.csv", (desk.folder / "X.csv").read_text().replace("close,", "last,"))
        ran = desk.run({"timezone": NEW_YORK, "columns": {"close": "last"}}, series={"vix": self.BOUND})
        assert self.known(ran) == [float(n + 1) for n in range(count)]

    def test_a_name_of_its_own_that_its_file_lacks_is_refused(self, desk):
        bars(desk, NEW_YORK)
        series(desk, NEW_YORK)
        own = self.BOUND | {"columns": {"date": "when"}}
        desk.run({"timezone": NEW_YORK}, series={"vix": own}).refused("missing column when")

    def test_its_stamps_are_closes_where_those_of_the_bars_are(self, desk):
        """Stamps of closes: the value of the bar that ends at 10:00 is known at 10:00, the first close."""
        count = bars(desk, NEW_YORK, shift=30)
        series(desk, NEW_YORK)
        lines = (desk.folder / "VIX.csv").read_text().splitlines()
        closes = written(opens(SPRING, 5, 30) + pd.Timedelta(minutes=30), NEW_YORK)
        rows = [f"{stamp},{line.split(',')[1]}" for stamp, line in zip(closes, lines[1:], strict=True)]
        desk.write("VIX.csv", "\n".join([lines[0], *rows]) + "\n")
        ran = desk.run({"timezone": NEW_YORK, "stamp": "close"}, series={"vix": self.BOUND})
        assert self.known(ran) == [float(n + 1) for n in range(count)]
        bars(desk, NEW_YORK)
        ran = desk.run({"timezone": NEW_YORK}, series={"vix": self.BOUND | {"stamp": "close"}})
        assert self.known(ran) == [float(n + 1) for n in range(count)]

    def test_the_keys_of_a_file_need_a_file(self, desk):
        bars(desk, "UTC")
        series(desk, "UTC")
        desk.run(series={"vix": {"symbol": "VIX", "timezone": NEW_YORK}}).refused("timezone: only with `path`")


def ends(index: pd.DatetimeIndex, minutes: int) -> pd.DatetimeIndex:
    """Closes of bars by their opens: the last bar of a session ends with it."""
    local = index.tz_convert(NEW_YORK)
    return (
        (local + pd.Timedelta(minutes=minutes))
        .where(
            local + pd.Timedelta(minutes=minutes) <= local.normalize() + pd.Timedelta(hours=16),
            local.normalize() + pd.Timedelta(hours=16),
        )
        .tz_convert("UTC")
    )


def advice(ran) -> dict[str, str]:
    """The keys of `data` that a refusal of a zone names."""
    found = re.search(
        r"data\.timezone: the bars lie outside.*?allowed ([\w/+-]+)(?:, with data\.stamp: (\w+))?", ran.err
    )
    assert found, ran.err
    return {"timezone": found.group(1)} | ({"stamp": found.group(2)} if found.group(2) else {})


@pytest.mark.parametrize(
    ("written_in", "read_as", "stamp", "minutes"),
    [
        ("UTC", NEW_YORK, "open", 30),
        (NEW_YORK, "UTC", "close", 5),
        ("America/Chicago", NEW_YORK, "close", 60),
        ("Asia/Kolkata", "UTC", "open", 60),
    ],
)
def test_a_wrong_zone_is_refused_and_the_advice_reads_the_bars(desk, written_in, read_as, stamp, minutes):
    """20 sessions over two changes of clocks: only one zone fits, and it gives the bars their own times."""
    index = opens("2024-03-04", 20, minutes)
    stamps = index if stamp == "open" else ends(index, minutes)
    desk.write("X.csv", bars_text(written(stamps, written_in), rising(len(index))))
    ran = desk.run({"timezone": read_as, "stamp": stamp}).refused("constant shift")
    named = advice(ran)
    assert "stamp" not in named
    ran = desk.run({"timezone": read_as, "stamp": stamp} | named).ok()
    assert pd.DatetimeIndex(ran.table("features")["ts"]).tz_convert("UTC").tolist() == ends(index, minutes).tolist()


def test_closes_of_utc_never_pass_as_closes_of_new_york(desk):
    """Stamps of opens in UTC under America/New_York: the old advice was `stamp: close`, five hours of look-ahead."""
    count = bars(desk, "UTC")
    for stamp in ("open", "close"):
        ran = desk.run({"timezone": NEW_YORK, "stamp": stamp})
        named = advice(ran)
        assert named == ({"timezone": "UTC"} if stamp == "open" else {"timezone": "UTC", "stamp": "open"})
    assert len(desk.run({"timezone": NEW_YORK} | named).ok().table("features")) == count


def test_a_few_bars_of_each_session_are_enough(desk):
    """Noon to two: no session is whole, but none of these bars is outside the hours in UTC."""
    index = opens(SPRING, 5, 30)
    noon = index[(index.tz_convert(NEW_YORK).hour >= 12) & (index.tz_convert(NEW_YORK).hour < 14)]
    desk.write("X.csv", bars_text(written(noon, "UTC"), rising(len(noon))))
    named = advice(desk.run({"timezone": NEW_YORK}).refused("constant shift"))
    assert len(desk.run({"timezone": NEW_YORK} | named).ok().table("features")) == len(noon)


@pytest.mark.parametrize(("written_in", "read_as"), [("UTC", NEW_YORK), (NEW_YORK, "UTC"), ("Europe/Berlin", "UTC")])
def test_bars_of_extended_hours(desk, written_in, read_as):
    index = opens(SPRING, 5, 30, before=330, after=240)
    desk.write("X.csv", bars_text(written(index, written_in), rising(len(index))))
    named = advice(desk.run({"timezone": read_as}).refused("constant shift"))
    desk.run({"timezone": read_as} | named).ok()


def test_an_offset_that_is_not_that_of_the_stamps(desk):
    """New York times with a Z behind them: no setting reads them, and the message says what to change in the file."""
    index = opens(SPRING, 5, 30)
    desk.write("X.csv", bars_text(written(index, NEW_YORK, "%Y-%m-%dT%H:%M:%SZ"), rising(len(index))))
    desk.run().refused("the offset or zone in the file is not that of its stamps", "data.timezone: America/New_York")
    desk.write("X.csv", bars_text(written(index, NEW_YORK), rising(len(index))))
    assert len(desk.run({"timezone": NEW_YORK}).ok().table("features")) == len(index)


def test_a_column_name_that_says_another_zone(desk):
    index = opens(SPRING, 5, 30)
    head = "datetime_et,open,high,low,close,volume"
    desk.write("X.csv", bars_text(written(index, "UTC"), rising(len(index)), head))
    desk.run().refused("the offset or zone in the file", "times of UTC")


def test_data_check_names_its_own_option(desk):
    bars(desk, NEW_YORK)
    words = ("data", "check", "X.csv")
    refused = programs.tandem(*words, cwd=desk.folder, env=desk.env)
    assert refused.returncode == 1
    assert "--timezone" in refused.stdout
    assert programs.tandem(*words, "--timezone", NEW_YORK, cwd=desk.folder, env=desk.env).returncode == 0
    mistaken = programs.tandem(*words, "--timezone", "America/NewYork", cwd=desk.folder, env=desk.env)
    assert (mistaken.returncode, "did you mean  America/New_York?" in mistaken.stderr) == (2, True)
    desk.write("run.yaml", yaml.safe_dump({"name": "x"}))
    both = programs.tandem("data", "check", "run.yaml", "--stamp", "open", cwd=desk.folder, env=desk.env)
    assert (both.returncode, "data.timezone" in both.stderr) == (2, True)


class TestStampsASecondBeforeTheMinute:
    """14:34:59 is the close of the bar that begins at 14:30: taken for its open every bar would be known late."""

    @pytest.mark.parametrize("short", [pd.Timedelta(seconds=1), pd.Timedelta(milliseconds=1)])
    @pytest.mark.parametrize("minutes", [1, 5, 30])
    def test_they_are_closes_and_the_remedy_reads_them_so(self, desk, minutes, short):
        index = opens(SPRING, 5, minutes) + pd.Timedelta(minutes=minutes) - short
        desk.write("X.csv", bars_text([f"{stamp:%Y-%m-%d %H:%M:%S.%f}" for stamp in index], rising(len(index))))
        desk.run().refused("the stamps are the close of each bar, not its open", "data.stamp", "allowed close")
        closes = desk.run({"stamp": "close"}).ok().table("equity")["ts"]
        assert list(closes) == list(index + short)
