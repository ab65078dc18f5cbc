# SPDX-License-Identifier: Apache-2.0
"""Dates with the year last: read where only one order of day and month is possible, else refused with the setting."""

import json

import pandas as pd
import pytest

from tests import programs
from tests.cli.data_desk import DataDesk, bars_text, opens, rising, session_days

BOUND = {"symbol": "VIX", "path": "V.csv", "column": "close"}
FORMS = {"day_first": "%d/%m/%Y", "month_first": "%m/%d/%Y", "dots": "%d.%m.%Y", "dashes": "%d-%m-%Y"}


@pytest.fixture
def desk(tmp_path) -> DataDesk:
    return DataDesk(tmp_path, {"HOME": str(tmp_path), "TANDEM_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin"})


def daily(first: str, count: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp(day, unit="D") for day in session_days(first, count)])


def bars(desk, index: pd.DatetimeIndex, form: str, name: str = "X.csv") -> None:
    desk.write(name, bars_text(list(index.strftime(form)), rising(len(index))))


def sessions(ran) -> list[str]:
    return [str(day)[:10] for day in ran.ok().table("features")["session"]]


class TestCertain:
    @pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
    def test_a_month_above_twelve_tells(self, desk, form):
        index = daily("2024-03-11", 20)
        bars(desk, index, form)
        assert sessions(desk.run()) == list(index.strftime("%Y-%m-%d"))

    def test_without_leading_zeros(self, desk):
        index = daily("2024-03-01", 20)
        desk.write("X.csv", bars_text([f"{day.day}/{day.month}/{day.year}" for day in index], rising(20)))
        assert sessions(desk.run()) == list(index.strftime("%Y-%m-%d"))

    def test_with_a_time(self, desk):
        index = opens("2024-03-13", 2, 30)
        bars(desk, index, "%d/%m/%Y %H:%M")
        ts = desk.run().ok().table("features")["ts"]
        assert list(ts) == list(index + pd.Timedelta(minutes=30))

    def test_newest_first(self, desk):
        index = daily("2024-03-11", 20)
        desk.write("X.csv", bars_text(list(index.strftime("%d/%m/%Y"))[::-1], rising(20)[::-1]))
        assert sessions(desk.run()) == list(index.strftime("%Y-%m-%d"))


class TestDoubtful:
    """The first to the twelfth of a month: each date is one of two days."""

    @pytest.mark.parametrize("order", ["day_first", "month_first"])
    def test_refused_with_the_setting_which_then_reads(self, desk, order):
        index = daily("2024-03-04", 6)
        bars(desk, index, FORMS[order])
        desk.run().refused("the dates may begin with the month or with the day", "X.csv", "data.dates", order)
        assert sessions(desk.run({"dates": order})) == list(index.strftime("%Y-%m-%d"))

    def test_the_same_day_and_month_is_not_enough(self, desk):
        desk.write("X.csv", bars_text(["03/04/2024", "04/04/2024", "05/04/2024"], rising(3)))
        desk.run().refused("'03/04/2024'", "data.dates")

    def test_a_setting_that_the_column_denies(self, desk):
        bars(desk, daily("2024-03-11", 20), FORMS["day_first"])
        desk.run({"dates": "month_first"}).refused("the dates are not month_first", "'13/03/2024'", "day_first")

    def test_both_orders_in_one_column(self, desk):
        days = list(daily("2024-03-11", 20).strftime("%d/%m/%Y"))
        desk.write("X.csv", bars_text([*days[:-1], "04/17/2024"], rising(20)))
        desk.run().refused("unreadable date", "'04/17/2024'", "X.csv:21")

    def test_dates_with_the_year_first_need_no_setting(self, desk):
        index = daily("2024-03-04", 6)
        bars(desk, index, "%Y-%m-%d")
        assert sessions(desk.run({"dates": "day_first"})) == list(index.strftime("%Y-%m-%d"))


class TestSeries:
    def test_a_file_of_its_own_has_its_own_order(self, desk):
        index = daily("2024-03-04", 6)
        bars(desk, index, "%Y-%m-%d")
        bars(desk, index, FORMS["day_first"], "V.csv")
        desk.run(series={"vix": BOUND}).refused("series.vix.dates", "V.csv")
        ran = desk.run(series={"vix": {**BOUND, "dates": "day_first"}})
        assert ran.ok().table("features")["series.vix"].tolist() == rising(6)

    def test_the_day_of_publication_too(self, desk):
        index = daily("2024-03-04", 6)
        bars(desk, index, "%Y-%m-%d")
        rows = [f"{day:%Y-%m-%d},{at},{day:%d/%m/%Y}" for at, day in enumerate(index)]
        desk.write("V.csv", "\n".join(["date,close,out", *rows]) + "\n")
        bound = {**BOUND, "lag": {"column": "out"}}
        desk.run(series={"vix": bound}).refused("series.vix.dates", "V.csv")
        ran = desk.run(series={"vix": {**bound, "dates": "day_first"}})
        assert ran.ok().table("features")["series.vix"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


class TestDataCheck:
    def check(self, desk, *words: str):
        return programs.tandem("data", "check", "X.csv", "--json", *words, cwd=desk.folder, env=desk.env)

    def test_files_have_an_option(self, desk):
        bars(desk, daily("2024-03-04", 6), FORMS["day_first"])
        found = self.check(desk)
        assert found.returncode == 1
        assert "--dates" in found.stdout
        read = json.loads(self.check(desk, "--dates", "day_first").stdout)
        assert read["tables"][0]["first"] == "2024-03-04"

    def test_of_two_words(self, desk):
        bars(desk, daily("2024-03-04", 6), FORMS["day_first"])
        wrong = self.check(desk, "--dates", "dmy")
        assert wrong.returncode == 2
        assert "month_first, day_first" in wrong.stderr
