# SPDX-License-Identifier: Apache-2.0
"""What no run starts on: one row a reason, told with its line and what was found."""

import pytest

from engine.errors import ConfigError, DataError
from engine.market.build import load_market
from engine.notice import note

HEAD = "date,open,high,low,close,volume,dividend,split"
GOOD = [
    "2020-01-02,10,11,9,10.5,100,0,1",
    "2020-01-03,10,11,9,10.5,100,0,1",
    "2020-01-06,10,11,9,10.5,100,0,1",
    "2020-01-07,10,11,9,10.5,100,0,1",
]


def refused(folder, rows, **config):
    folder.write("AAA.csv", "\n".join([HEAD, *rows]) + "\n")
    with pytest.raises(DataError) as caught:
        load_market(folder.config(**config), (), (), folder.path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("row", "message", "found"),
    [
        ("2020-01-06,10,11,9,,100,0,1", "close has no value (2020-01-06)", "NaN"),
        ("2020-01-06,10,11,9,NaN,100,0,1", "close has no value (2020-01-06)", "NaN"),
        ("2020-01-06,10,11,9,ten,100,0,1", "close is not a number", "'ten'"),
        ("2020-01-06,-10,11,9,10,100,0,1", "open is not above zero (2020-01-06)", "-10"),
        ("2020-01-06,10,11,0,10,100,0,1", "low is not above zero (2020-01-06)", "0"),
        ("2020-01-06,10,9,11,10,100,0,1", "high is below low (2020-01-06)", "high 9, low 11"),
        (
            "2020-01-06,12,11,9,10,100,0,1",
            "open or close lies outside low..high (2020-01-06)",
            "open 12, high 11, low 9, close 10",
        ),
        ("2020-01-06,10,11,9,10,-1,0,1", "volume is negative (2020-01-06)", "-1"),
        ("2020-01-06,10,1e300,9,10,100,0,1", "high is no price of anything (2020-01-06)", "1e+300"),
        ("2020-01-06,10,11,1e-300,10,100,0,1", "low is no price of anything (2020-01-06)", "1e-300"),
        ("2020-01-06,10,11,9,10,1e300,0,1", "volume is no number of shares (2020-01-06)", "1e+300"),
        ("2020-01-06,10,11,9,10,100,0,1e300", "split is no ratio of shares (2020-01-06)", "1e+300"),
        ("2020-01-06,10,11,9,10,100,0,1e-300", "split is no ratio of shares (2020-01-06)", "1e-300"),
        ("2020-01-06,10,11,9,10,100,-0.5,1", "dividend is negative (2020-01-06)", "-0.5"),
        ("2020-01-06,10,11,9,10,100,25,1", "dividend is not below the price (2020-01-06)", "25"),
        ("2020-01-06,10,11,9,10,100,0,-2", "split is not above zero (2020-01-06)", "-2"),
        ("2020-01-04,10,11,9,10,100,0,1", "not a session of XNYS (2020-01-04)", "2020-01-04"),
        ("2020-01-03,10,11,9,10,100,0,1", "duplicate date (2020-01-03)", "2020-01-03"),
        (
            "2020-01-02,10,11,9,10,100,0,1",
            "dates are not in order: this one is before the one above it (2020-01-02)",
            "2020-01-02",
        ),
        ("soon,10,11,9,10,100,0,1", "unreadable date", "'soon'"),
        ("2020-01-06,10,11,9,10", "a line with another number of fields than the header", "5 fields"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(folder, row, message, found):
    rows = [*GOOD[:2], row, GOOD[3]]
    expected = f"{folder.path}/AAA.csv:4: {message}; found {found}"
    assert any(text.startswith(expected) for text in refused(folder, rows))


def test_every_problem_of_every_file_is_told_at_once(folder):
    folder.write("BBB.csv", f"{HEAD}\n2020-01-02,10,11,9,0,100,0,1\n2020-01-03,10,11,9,x,100,0,1\n")
    texts = refused(folder, ["2020-01-02,10,9,11,10,100,0,1", *GOOD[1:], GOOD[3]])
    assert [text.split("/")[-1].split(";")[0] for text in texts] == [
        "AAA.csv:6: duplicate date (2020-01-07)",
        "AAA.csv:2: high is below low (2020-01-02)",
        "BBB.csv:3: close is not a number",
        "BBB.csv:2: close is not above zero (2020-01-02)",
    ]


def test_many_bad_rows_fit_on_a_screen(folder, make_bars):
    frame = make_bars(rows=60)
    frame["close"] = 0.0
    folder.write("AAA.csv", frame)
    with pytest.raises(DataError) as caught:
        load_market(folder.config(), (), (), folder.path)
    assert len(caught.value.problems) == 4
    assert "close is not above zero: 57 more like this" in str(caught.value)


def test_a_hair_outside_the_range_is_widened_and_said(folder):
    folder.write("AAA.csv", "\n".join([HEAD, "2020-01-02,10,10.5,9,10.5005,100,0,1", *GOOD[1:]]))
    market = load_market(folder.config(roles={"large": "AAA"}), (), (), folder.path)
    assert market.bars["large"]["high"][0] == 10.5005
    assert market.notices == (note("AAA: range widened in 1 bar to hold open and close, by 4.8e-05 at most"),)


def test_a_missing_file_names_the_nearest_one(folder):
    with pytest.raises(DataError, match=r"no file AAB.csv.*allowed: AAA, BBB; did you mean 'AAA'"):
        load_market(folder.config(roles={"large": "AAB"}), (), (), folder.path)


def test_every_missing_file_is_named(folder):
    config = folder.config(roles={"large": "XXX", "small": "BBB"}, series={"vix": "VIX"})
    with pytest.raises(DataError) as caught:
        load_market(config, ("vix",), (), folder.path)
    assert [problem.found for problem in caught.value.problems] == ["XXX", "VIX"]


def test_a_missing_folder_names_the_nearest_one(folder):
    config = folder.config(data={"path": str(folder.path.with_name("dara"))})
    with pytest.raises(DataError, match=r"data.path: no such file or folder.*did you mean 'data'"):
        load_market(config, (), (), folder.path)


def test_a_symbol_with_two_files_needs_a_choice(folder, make_bars):
    folder.write("one/CCC.csv", make_bars())
    folder.write("two/CCC.csv", make_bars())
    config = folder.config(roles={"large": "CCC"})
    with pytest.raises(DataError, match=r"more than one file is called CCC.csv; found one/CCC.csv, two/CCC.csv"):
        load_market(config, (), (), folder.path)
    chosen = folder.config(roles={"large": "CCC"}, data={"files": {"CCC": "two/CCC.csv"}})
    assert len(load_market(chosen, (), (), folder.path)) == 60


@pytest.mark.parametrize("other", ["daily/CCC.csv", "ccc.csv", "daily/ccc.csv", "daily/CCC.csv.gz"])
def test_a_second_file_above_or_in_another_case_needs_a_choice_too(folder, make_bars, other):
    folder.write("CCC.csv", make_bars())
    folder.write(other, make_bars(rows=200))
    with pytest.raises(DataError, match=r"more than one file is called CCC.csv; found CCC.csv, ") as caught:
        load_market(folder.config(roles={"large": "CCC"}), (), (), folder.path)
    assert caught.value.problems[0].allowed == "one of them named in data.files: {CCC: CCC.csv}"
    chosen = folder.config(roles={"large": "CCC"}, data={"files": {"CCC": "CCC.csv"}})
    assert len(load_market(chosen, (), (), folder.path)) == 60


@pytest.mark.parametrize(("one", "other"), [("CCC.csv", "CCC.CSV"), ("CCC.csv.gz", "ccc.csv.gz")])
def test_endings_in_another_case_and_packed_files_are_second_files_too(folder, make_bars, one, other):
    folder.write(one, make_bars())
    folder.write(other, make_bars(rows=200))
    with pytest.raises(DataError, match=r"more than one file is called CCC.csv") as caught:
        load_market(folder.config(roles={"large": "CCC"}), (), (), folder.path)
    assert set(caught.value.problems[0].found.split(", ")) == {one, other}


def test_a_packed_file_beside_its_own_and_a_link_are_no_second_file(folder, make_bars):
    file = folder.write("CCC.csv", make_bars())
    folder.write("CCC.csv.gz", make_bars(rows=200))
    (folder.path / "daily").mkdir()
    (folder.path / "daily" / "CCC.csv").symlink_to(file)
    assert len(load_market(folder.config(roles={"large": "CCC"}), (), (), folder.path)) == 60


def test_roles_without_a_common_bar_show_their_spans(folder, make_bars):
    folder.write("BBB.csv", make_bars(rows=20, first=70))
    with pytest.raises(
        DataError, match=r"no bar in common; found AAA 2020-01-02..2020-03-27; BBB 2020-04-14..2020-05-11"
    ):
        load_market(folder.config(), (), (), folder.path)


def test_total_return_prices_with_dividends_are_refused(folder):
    with pytest.raises(ConfigError, match=r"costs.dividends: .*count them twice.*allowed: costs.dividends: false"):
        load_market(folder.config(data={"prices": "total_return"}, costs={}), (), (), folder.path)


def test_a_required_series_that_is_not_bound_comes_before_anything_else(tmp_path, folder):
    config = folder.config(data={"path": str(tmp_path / "absent")}, series={"vixx": "VIX"})
    with pytest.raises(DataError, match=r"series.vix: the strategy needs this series.*did you mean 'vixx'"):
        load_market(config, ("vix",), (), folder.path)


@pytest.mark.parametrize(("prices", "closes"), [("raw", (20, 20.2)), ("split_adjusted", (20, 10.1))])
def test_a_split_on_record_that_the_prices_contradict_is_refused(folder, prices, closes):
    rows = [
        f"2020-01-02,{closes[0]},{closes[0]},{closes[0]},{closes[0]},100,0,1",
        f"2020-01-03,{closes[1]},{closes[1]},{closes[1]},{closes[1]},100,0,2",
    ]
    (text,) = refused(folder, rows, roles={"large": "AAA"}, data={"prices": prices})
    other = "split_adjusted" if prices == "raw" else "raw"
    assert f"the prices are not {prices}" in text
    assert text.endswith(f"found split 2, close 20 then {closes[1]}; allowed: data.prices: {other}")


def test_total_return_prices_need_every_adj_close(folder, make_bars):
    frame = make_bars()
    frame["adj_close"] = frame["close"].where(frame.index != 7)
    folder.write("AAA.csv", frame)
    config = folder.config(data={"prices": "total_return"}, costs={"dividends": False})
    with pytest.raises(DataError, match=r"AAA.csv:9: adj_close has no value \(2020-01-13\); found nan"):
        load_market(config, (), (), folder.path)


def test_an_intraday_dividend_on_every_bar_of_the_day_is_refused(folder):
    lines = ["datetime_et,open,high,low,close,dividend"]
    lines += [f"2020-01-02 09:{minute},10,10,10,10,0.25" for minute in (30, 31, 32)]
    folder.write("AAA.csv", "\n".join(lines))
    with pytest.raises(DataError, match="dividend stands on more than one bar of a session") as caught:
        load_market(folder.config(roles={"large": "AAA"}), (), (), folder.path)
    assert [problem.line for problem in caught.value.problems] == [3, 4]


@pytest.mark.parametrize("name", ["dividend", "split"])
def test_an_intraday_dividend_or_split_within_the_day_is_refused(folder, name):
    """It is paid before the session's first bar; on a later one nobody would pay it."""
    lines = [f"datetime_et,open,high,low,close,{name}"]
    for day in ("2020-01-02", "2020-01-03"):
        lines += [f"{day} 09:{minute},10,10,10,10,{int(name == 'split')}" for minute in (30, 31, 32)]
    lines[-1] = lines[-1][:-1] + "0.25"
    folder.write("AAA.csv", "\n".join(lines))
    with pytest.raises(DataError, match=f"{name} stands on a bar that is not the first of its session") as caught:
        load_market(folder.config(roles={"large": "AAA"}, data={"prices": "split_adjusted"}), (), (), folder.path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.found, problem.allowed) == (7, "0.25", "its first bar alone")


def test_roles_of_different_bar_lengths_are_refused(folder):
    lines = ["datetime_et,open,high,low,close"] + [f"2020-01-02 09:{minute},10,10,10,10" for minute in (30, 31, 32)]
    folder.write("BBB.csv", "\n".join(lines))
    with pytest.raises(DataError, match="bars of different lengths; found AAA 1d, BBB 1min"):
        load_market(folder.config(), (), (), folder.path)
