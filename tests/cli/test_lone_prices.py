# SPDX-License-Identifier: Apache-2.0
"""Opens and closes that no price beside them bears out: the last one of a file, and those that orders fill at."""

import pytest

from tests.cases import Case, days

DATES = days("2024-01-02", 60)
LAST = len(DATES) - 1


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path, "raw")


def bars(case, changes, name="X"):
    """Closes of 99.5, 100 and 100.5 in turn, opens of 100; `changes` are {(row, column): factor}."""
    lines = []
    for row, date in enumerate(DATES):
        cells = {"open": 100.0, "close": 100 + 0.5 * (row % 3 - 1)}
        cells = {column: price * changes.get((row, column), 1) for column, price in cells.items()}
        high, low = max(cells.values()) + 0.3, min(cells.values()) * 0.997
        lines.append(f"{date},{cells['open']:g},{high:g},{low:g},{cells['close']:g},1000000,0,1")
    case.bars(lines, name=f"{name}.csv")


@pytest.mark.parametrize("factor", [100, 10, 3.1, 0.3, 0.01])
def test_a_last_close_on_another_scale_is_refused(case, factor):
    bars(case, {(LAST, "close"): factor})
    done = case.run()
    assert done.refused
    assert f"the last close is on another scale than those before it ({DATES[LAST]})" in done.said
    assert f"data.confirmed: {{X: [{DATES[LAST]}]}}" in done.said


def test_the_remedy_of_a_last_close_runs(case):
    """100,000 are 1,005 shares of 99.5, bought at 100, that end at 10 times 100.5."""
    bars(case, {(LAST, "close"): 10})
    done = case.run("--set", f"data.confirmed={{X: [{DATES[LAST]}]}}")
    assert (done.code, done.loud) == (0, [])
    assert done.equity == 1_009_525


@pytest.mark.parametrize(("factor", "move"), [(1.31, "+32%"), (0.8, "-20%")])
def test_a_last_close_far_off_is_loud(case, factor, move):
    bars(case, {(LAST, "close"): factor})
    done = case.run()
    (said,) = done.loud
    assert said.startswith(f"X: on {DATES[LAST]}, its last bar, the close moves by {move}, ")
    assert f"(close 100, then {100.5 * factor:g}), and no bar after it, and no other symbol on that day" in said
    assert done.equity == pytest.approx(1005 * 100.5 * factor - 500, abs=0.01)


def test_signals_say_it_above_all(case):
    bars(case, {(LAST, "close"): 1.31})
    assert any("its last bar, the close moves by +32%" in said for said in case.run(command="signals").loud)


@pytest.mark.parametrize("factor", [1.12, 0.88])
def test_a_last_day_of_twelve_per_cent_is_a_day(case, factor):
    bars(case, {(LAST, "close"): factor})
    assert case.run().loud == []


def test_a_crash_of_the_market_bears_a_last_close_out(case):
    """One that stood still does not, nor does the same symbol as a series."""
    bars(case, {(LAST, "close"): 0.75})
    case.write("rule.py", (case.folder / "rule.py").read_text().replace("series = ()", 'optional_series = {"y": "-"}'))
    for other, factor, count in (("X", 0.75, 1), ("Y", 1.0, 1), ("Y", 0.85, 0)):
        bars(case, {(LAST, "close"): factor}, other)
        assert len(case.run("--set", f"series={{y: {other}}}").loud) == count


def test_a_market_that_moved_bears_out_nothing_on_another_scale(case):
    bars(case, {(LAST, "close"): 10})
    bars(case, {(LAST, "close"): 10}, "Y")
    case.write("rule.py", (case.folder / "rule.py").read_text().replace('("x",)', '("x", "y")'))
    assert case.run("--set", "roles={x: X, y: Y}").refused


@pytest.mark.parametrize("row", [1, 30])
@pytest.mark.parametrize("factor", [4, 0.25])
def test_an_open_on_another_scale_is_refused(case, row, factor):
    bars(case, {(row, "open"): factor})
    done = case.run()
    assert done.refused
    assert f"the open is on another scale than the closes around it ({DATES[row]})" in done.said


@pytest.mark.parametrize("factor", [0.75, 1.5])
def test_an_open_far_off_is_loud_and_orders_fill_at_it(case, factor):
    """All the money at the first close is 1,005 shares of 99.5; they cost 75 a share, or 150, and end at 100.5."""
    bars(case, {(1, "open"): factor})
    done = case.run()
    (said,) = done.loud
    assert said.startswith(f"X: on {DATES[1]} the open stands off the closes around it: open {100 * factor:g} beside ")
    assert done.equity == pytest.approx(100_000 + 1005 * (100.5 - 100 * factor), abs=0.01)
    assert case.run("--set", f"data.confirmed={{X: [{DATES[1]}]}}").loud == []


def test_closes_that_their_opens_do_not_bear_out_are_loud(case):
    """The last three: the first two by the opens after them; the last one moved no more."""
    bars(case, {(row, "close"): 1.31 for row in (LAST - 2, LAST - 1, LAST)})
    said = case.run().loud
    assert [text.split(" the ")[0] for text in said] == [f"X: on {DATES[row]}" for row in (LAST - 2, LAST - 1)]
    assert all("the close stands off the opens around it" in text for text in said)


@pytest.mark.parametrize(("value", "count"), [(200, 1), (2, 1), (40, 0)])
def test_a_last_value_of_a_series_on_another_scale_is_loud(tmp_path, value, count):
    """VIX rose from 17.3 to 37.3 in a day."""
    case = Case(tmp_path, "raw", series='("vix",)', features='{"vix": market.vix}')
    bars(case, {})
    values = [20 + row % 5 / 4 for row in range(LAST)] + [value]
    case.bars([f"{date},{at}" for date, at in zip(DATES, values, strict=True)], "date,close", "VIX.csv")
    case.add("series: {vix: {symbol: VIX, path: VIX.csv}}")
    said = case.run().loud
    assert len(said) == count
    assert all(text.startswith(f"vix (VIX): {value:g} on {DATES[LAST]}, beside 20.75") for text in said)
