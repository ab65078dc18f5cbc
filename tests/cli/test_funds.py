# SPDX-License-Identifier: Apache-2.0
"""`tandem funds` as a person starts it: what it prints, and what it refuses with place, found, allowed, remedy."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from tests import programs

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "funds.json").read_text(encoding="utf-8"))
MONTHS = pd.period_range("2019-11", periods=30, freq="M").astype(str)
NAMES = ("Ash", "Beech", "Elder", "Hazel")


class Files:
    """A folder of files of funds, and the command in it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env

    def write(self, name: str, content: pd.DataFrame | str) -> str:
        text = content if isinstance(content, str) else content.to_csv(index_label="month", float_format="%.6g")
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def run(self, *words: str):
        return programs.tandem("funds", *words, cwd=self.folder, env=self.env)

    def told(self, *words: str) -> dict:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        document = json.loads(done.stdout)
        jsonschema.validate(document, SCHEMA)
        return document

    def refused(self, *words: str, says: tuple[str, ...]) -> None:
        done = self.run(*words)
        said = " ".join(done.stderr.split())
        assert (done.returncode, done.stdout) == (2, ""), done.stderr + done.stdout
        assert "Traceback" not in said
        for part in says:
            assert part in said, done.stderr


@pytest.fixture
def files(desk, tmp_path):
    return Files(tmp_path, desk.env)


@pytest.fixture
def wide():
    """30 months of four funds and their market, per cent with two decimals."""
    chance = np.random.default_rng(4)
    market = chance.normal(0.8, 4.0, len(MONTHS))
    frame = pd.DataFrame({name: 0.3 + 0.2 * at * market for at, name in enumerate(NAMES)}, index=MONTHS)
    frame += chance.normal(0, 0.8, frame.shape)
    return frame.assign(Market=market).round(2)


def loud(document: dict) -> str:
    return " ".join(one["text"] for one in document["notices"] if one["level"] == "loud")


def test_per_cent_fractions_net_asset_values_wide_long_csv_and_parquet_are_one_thing(files, wide):
    told = files.told(files.write("wide.csv", wide), "--unit", "percent", "--benchmark", "Market")
    assert list(told["funds"]) == list(NAMES)
    fraction = files.told(files.write("fraction.csv", wide / 100), "--unit", "fraction", "--benchmark", "Market")
    start = pd.DataFrame(1.0, index=["2019-10"], columns=wide.columns)
    values = pd.concat([start, (1 + wide / 100).cumprod()])
    (files.folder / "nav.csv").write_text(values.to_csv(index_label="month"))
    nav = files.told("nav.csv", "--unit", "nav", "--benchmark", "Market")
    long = wide.rename_axis("month").reset_index().melt("month", var_name="fund", value_name="return")
    (files.folder / "long.csv").write_text(long.to_csv(index=False))
    rows = files.told("long.csv", "--unit", "percent", "--benchmark", "Market")
    wide.rename_axis("date").reset_index().to_parquet(files.folder / "wide.parquet")
    parquet = files.told("wide.parquet", "--unit", "percent", "--benchmark", "Market")
    for other in (fraction, nav, rows, parquet):
        assert other["index"]["returns"] == pytest.approx(told["index"]["returns"], abs=1e-12)
        for month, weights in told["portfolio"]["weights"].items():
            assert other["portfolio"]["weights"][month] == pytest.approx(weights, abs=1e-9)


def test_the_market_may_be_a_file_of_months_or_of_days(files, wide):
    path = files.write("funds.csv", wide.drop(columns="Market"))
    whole = files.told(files.write("all.csv", wide), "--unit", "percent", "--benchmark", "Market")
    files.write("market.csv", (wide[["Market"]] / 100).assign(other=0.01))
    months = files.told(
        path, "--unit", "percent", "--benchmark", "market.csv:Market", "--benchmark-unit", "fraction"
    )  # fmt: skip
    days = pd.bdate_range("2019-10-28", "2022-04-29")
    level = pd.Series((1 + wide["Market"] / 100).cumprod().to_numpy(), pd.PeriodIndex(MONTHS, freq="M"))
    closes = pd.Series([100 * level.get(day.to_period("M"), 1.0) for day in days])
    bars = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), **dict.fromkeys(("open", "high", "low", "close"), closes)})
    bars = bars.assign(volume=1, dividend=0.0, adj_close=closes / 7)
    (files.folder / "ABC.csv").write_text(bars.to_csv(index=False))
    daily = files.told(path, "--unit", "percent", "--benchmark", "ABC.csv")
    assert daily["benchmark"]["name"] == "ABC"
    for other in (months, daily):
        assert other["benchmark"]["returns"] == pytest.approx(whole["benchmark"]["returns"], abs=1e-7)
        assert other["funds"]["Beech"]["rs"] == pytest.approx(whole["funds"]["Beech"]["rs"], abs=1e-4)


def test_an_unfinished_month_of_daily_bars_is_left_out(files, wide):
    days = pd.bdate_range("2019-10-28", "2022-04-20")
    price = pd.Series(np.linspace(100, 140, len(days)) + np.random.default_rng(1).normal(0, 3, len(days)))
    bars = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), **dict.fromkeys(("open", "high", "low", "close"), price)})
    (files.folder / "ABC.csv").write_text(bars.assign(volume=1).to_csv(index=False))
    told = files.told(
        files.write("funds.csv", wide), "--unit", "percent", "--benchmark", "ABC.csv", "--without", "Market"
    )
    assert list(told["benchmark"]["returns"])[-1] == "2022-03"
    words = " ".join(one["text"] for one in told["notices"])
    assert "ABC: 2022-04 is not over in the file" in words
    assert "no dividends and no adjusted close" in loud(told)
    assert "ABC has no return after 2022-03" in loud(told)
    assert told["portfolio"]["next"] is None
    assert list(told["portfolio"]["weights"])[-1] == "2022-04"


def test_flags_decide_by_what_stood_the_month_before(files, wide):
    long = wide.rename_axis("month").reset_index().melt("month", var_name="fund", value_name="return")
    long["office"] = np.where(long["fund"] == "Ash", "no", "yes")
    long["manager"] = "no"
    long["due_diligence"] = np.where((long["fund"] != "Beech") | (long["month"] >= "2020-06"), "yes", "")
    (files.folder / "long.csv").write_text(long.to_csv(index=False))
    told = files.told("long.csv", "--unit", "percent", "--benchmark", "Market")
    assert told["index"]["members"]["2020-06"] == ["Elder", "Hazel"]
    assert told["index"]["members"]["2020-07"] == ["Beech", "Elder", "Hazel"]
    assert told["index"]["entries"]["2020-07"] == ["Beech"]
    assert any("never in: Ash" in one["text"] for one in told["notices"])
    everybody = files.told("long.csv", "--unit", "percent", "--benchmark", "Market", "--ignore-flags")
    assert everybody["index"]["members"]["2020-06"] == list(NAMES)
    assert "decide nothing" in loud(everybody)


def test_the_screen_says_what_the_figures_are(files, wide):
    done = files.run(files.write("wide.csv", wide), "--unit", "percent", "--benchmark", "Market")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    for words in ("4 funds against Market", "Over the last 12 months the index moved by", "RS = alpha", "Hazel"):
        assert words in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), ("the unit is stated, never guessed", "percent (1.5 is 1.5 %)")),
        (("--unit", "per cent"), ("the unit is stated", "did you mean", "percent")),
        (("--unit", "percent"), ("which market?", "--benchmark")),
        (("--unit", "percent", "--benchmark", "Markt"), ("no such column or file", "Markt", "did you mean", "Market")),
        (("--unit", "percent", "--benchmark", "Market", "--window", "3"), ("--window", "6 months or more")),
        (("--unit", "percent", "--benchmark", "Market", "--without", "Oak"), ("no such fund", "Oak")),
        (("--unit", "percent", "--benchmark", "Market", "--excess"), ("--risk-free COLUMN or FILE",)),
        (("--unit", "percent", "--benchmark", "Market", "--deadline", "30"), ("no reporting dates in the file",)),
    ],
)
def test_a_command_that_lacks_something_says_what(files, wide, words, says):
    files.refused(files.write("wide.csv", wide), *words, says=says)


SAID = ("--unit", "percent", "--benchmark", "Market")


def test_a_file_that_is_not_there(files):
    files.refused("none.csv", *SAID, says=("no such file", "none.csv"))


def test_per_cent_declared_as_fraction(files, wide):
    wide.loc["2020-03", "Hazel"] = 3.4
    says = ("Hazel 2020-03: no return of a month", "found 3.4, that is 340 %", "wide.csv:6", "--unit percent")
    only = wide.where(wide.abs() <= 1.0)[["Hazel", "Market"]].fillna(0.5)
    only.loc["2020-03", "Hazel"] = 3.4
    files.refused(files.write("wide.csv", only), "--unit", "fraction", "--benchmark", "Market", says=says)


def test_a_fraction_declared_as_per_cent_is_loud(files, wide):
    told = files.told(files.write("wide.csv", wide / 100), *SAID)
    assert "--unit fraction is what it is in" in loud(told)


@pytest.mark.parametrize("change", ["fund", "later"])
def test_mixed_units(files, wide, change):
    if change == "fund":
        wide["Elder"] /= 100
        says = ("Elder: another unit than the other funds", "all of the file in per cent")
    else:
        wide.iloc[15:, 2] /= 100
        says = ("Elder: a change of unit", "2021-02", "all of the file in per cent")
    files.refused(files.write("wide.csv", wide), *SAID, says=says)


def test_the_way_out_of_the_units_is_net_asset_values(files, wide):
    """A fund that truly doubles: refused as a return, taken as a value."""
    wide.loc["2021-05", "Ash"] = 140.0
    path = files.write("wide.csv", wide)
    files.refused(path, *SAID, says=("Ash 2021-05", "140 %", "--unit nav"))
    (files.folder / "nav.csv").write_text((1 + wide / 100).cumprod().to_csv(index_label="month"))
    told = files.told("nav.csv", "--unit", "nav", "--benchmark", "Market")
    assert told["funds"]["Ash"]["returns"]["2021-05"] == pytest.approx(1.4)
    assert "Ash 2021-05: +140 % in a month" in loud(told)


def test_a_month_twice(files, wide):
    lines = wide.to_csv(index_label="month").splitlines()
    files.write("wide.csv", "\n".join([*lines, lines[4]]) + "\n")
    files.refused("wide.csv", *SAID, says=("a second row of one month", "2020-02", "wide.csv:32", "one row a month"))


def test_a_fund_and_month_twice(files, wide):
    long = wide.rename_axis("month").reset_index().melt("month", var_name="fund", value_name="return")
    text = long.to_csv(index=False) + "2020-02,Beech,1.0\n"
    files.write("long.csv", text)
    says = ("a second row of one fund and month", "Beech 2020-02", "long.csv:152")
    files.refused("long.csv", *SAID, says=says)


def test_a_column_twice(files, wide):
    text = wide.to_csv(index_label="month").replace("Elder", "Beech", 1)
    files.write("wide.csv", text)
    files.refused("wide.csv", *SAID, says=("columns of one name", "Beech"))


def test_a_month_that_nobody_has(files, wide):
    files.write("wide.csv", wide.drop(index="2020-07"))
    files.refused("wide.csv", *SAID, says=("months without any fund", "2020-07", "add what is missing"))


def test_a_market_with_a_hole(files, wide):
    wide.loc["2020-07", "Market"] = np.nan
    files.refused(files.write("wide.csv", wide), *SAID, says=("Market: months without a return", "2020-07"))


def test_a_fund_with_a_hole_is_out_that_month_and_loud(files, wide):
    wide.loc["2020-07", "Elder"] = np.nan
    told = files.told(files.write("wide.csv", wide), *SAID)
    assert told["index"]["members"]["2020-07"] == ["Ash", "Beech", "Hazel"]
    assert told["index"]["members"]["2020-08"] == list(NAMES)
    assert "Elder 2020-07" in loud(told)


def test_a_market_that_is_shorter_than_the_funds_is_loud_and_nothing_is_lost(files, wide):
    wide.loc[:"2020-12", "Market"] = np.nan
    told = files.told(files.write("wide.csv", wide), *SAID)
    assert "Market has no return before 2021-01, the funds go from 2019-11 to 2022-04" in loud(told)
    assert len(told["index"]["returns"]) == 29
    assert min(told["funds"]["Ash"]["window"]["alpha"]) == "2021-06"


def test_a_market_of_another_time(files, wide):
    files.write("market.csv", "month,M\n1999-01,1.0\n1999-02,2.0\n")
    files.write("wide.csv", wide.drop(columns="Market"))
    says = ("no months in common", "1999-01 to 1999-02", "a series that covers 2019-11 to 2022-04")
    files.refused("wide.csv", "--unit", "percent", "--benchmark", "market.csv", says=says)


def test_a_market_that_stands_still(files, wide):
    says = ("Market stands still", "found 0.5 % in every month", "a market that moves")
    files.refused(files.write("wide.csv", wide.assign(Market=0.5)), *SAID, says=says)


@pytest.mark.parametrize("value", [0.5, 0.0])
def test_a_fund_that_stands_still_is_all_alpha_or_nothing_and_warns_of_nothing(files, wide, value):
    told = files.told(files.write("wide.csv", wide.assign(Ash=value)), *SAID)
    assert set(told["funds"]["Ash"]["admitted"]) == (set(told["funds"]["Ash"]["alpha"]) if value else set())
    for rs in told["funds"]["Ash"]["rs"].values():
        assert rs == pytest.approx(1.0, abs=1e-9)


def test_one_month(files, wide):
    files.refused(
        files.write("wide.csv", wide.iloc[:1]), *SAID, says=("too few months", "1 month with returns", "2 for")
    )


def test_one_fund_is_its_own_index(files, wide):
    told = files.told(files.write("wide.csv", wide[["Ash", "Market"]]), *SAID)
    assert "One fund: the index is Ash itself" in loud(told)
    assert told["index"]["returns"]["2020-01"] == pytest.approx(wide.loc["2020-01", "Ash"] / 100)


def test_seven_months_give_an_index_and_say_that_nobody_can_be_rated(files, wide):
    told = files.told(files.write("wide.csv", wide.iloc[:7]), *SAID)
    assert len(told["index"]["returns"]) == 6
    assert told["portfolio"]["weights"] == {}
    assert "No fund could be rated: that takes 8 months" in loud(told)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("month,Ash,Market\n2020-01,1.2 %,1\n2020-02,2,3\n", ("Ash: not a number", "'1.2 %'", "take the signs out")),
        ("month,Ash,Market\n2020-01,x,1\n2020-02,2,3\n", ("Ash: not a number", "'x'", "t.csv:2")),
        ("month,Ash,Market\nJan 2020,1,1\n2020-02,2,3\n", ("not a month", "'Jan 2020'", "2004-06")),
        ("month,Ash,Market\n2020-13,1,1\n2020-02,2,3\n", ("not a month", "'2020-13'")),
        (
            "month,Ash,Market\n01/02/2020,1,1\n02/03/2020,2,3\n",
            ("may begin with the month or with the day", "year first"),
        ),
        ("month,Ash,Market\n13/13/2020,1,1\n14/13/2020,2,3\n", ("not a month", "'2020-13-13'")),
        ("fund a,Market\n1,1\n2,3\n", ("no column of months", "a column `month`")),
        ("month,Ash,Market\n2020-01,-140,1\n2020-02,2,3\n", ("Ash 2020-01: no return of a month", "-140 %")),
        ("month;Ash;Market\n2020-01;1,234;2,345\n", ("what stands before the decimals?", "a dot throughout")),
        ("month,Ash,Market\n", ("no data lines",)),
        ("", ("empty file",)),
        ("month,fund,nav\n2020-01,Ash,10\n2020-01,Market,10\n", ("values and unit disagree", "--unit nav")),
        ("month,fund,return,due_diligence\n2020-01,Ash,1,maybe\n", ("neither yes nor no", "'maybe'")),
        ("month,fund,return,reported\n2020-01,Ash,1,soon\n", ("reported: not a date", "'soon'")),
        (
            "month,fund,return,reported\n2020-01,Ash,1,2020-01-20\n2020-02,Ash,1,2020-03-20\n2020-02,Market,1,\n",
            ("Ash 2020-01: reported too early", "2020-01-31 or later"),
        ),
    ],
)
def test_cells_and_headers_that_mean_nothing(files, text, says):
    files.write("t.csv", text)
    files.refused("t.csv", *SAID, says=says)


def test_a_net_asset_value_below_zero(files):
    files.write("t.csv", "month,Ash,Market\n2020-01,10,1\n2020-02,-2,3\n")
    says = ("Ash 2020-02: a net asset value below zero", "-2,3", "percent or fraction is the unit")
    files.refused("t.csv", "--unit", "nav", "--benchmark", "Market", says=says)


@pytest.mark.parametrize("form", ["%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%-m/%-d/%Y"])
def test_dates_with_the_year_last_are_those_of_the_same_days(files, wide, form):
    """Days above 12 tell the order, as in the files that `tandem compare` reads."""
    days = pd.PeriodIndex(wide.index, freq="M").to_timestamp(how="end")
    said = files.told(files.write("year_last.csv", wide.set_axis(days.strftime(form)).rename_axis("date")), *SAID)
    plain = files.told(files.write("wide.csv", wide), *SAID)
    assert said["index"] == plain["index"]


def test_reporting_dates_with_the_year_last(files):
    rows = [f"2020-{month:02d},Ash,{month}" for month in range(1, 10)]
    market = [f"2020-{month:02d},Market,{month % 3}" for month in range(1, 10)]
    told = []
    for name, form in (("first.csv", "2020-{:02d}-28"), ("last.csv", "{:02d}/28/2020")):
        lines = [f"{row},{form.format(month + 2)}" for month, row in enumerate(rows)]
        files.write(name, "\n".join(["month,fund,return,reported", *lines, *(f"{row}," for row in market)]))
        told.append(files.told(name, *SAID)["index"])
    assert told[0] == told[1]
