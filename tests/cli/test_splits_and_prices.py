# SPDX-License-Identifier: Apache-2.0
"""Splits on record and off it, and prices that no market makes: refused or loud, with the day and what to do."""

import numpy as np
import pytest

from tests.cases import HEAD, Case, days, flat

DATES = days("2024-01-02", 60)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path, "raw")


def walk(scale=lambda _: 1.0, count=60, first=0, volume=1_000_000, dates=DATES):
    """Bars in cents that move half a per cent a day, each times `scale(row)`."""
    for row in range(first, count):
        close = round(100 * (1 + 0.005 * (row % 3 - 1)) * scale(row), 4)
        yield [dates[row], close, round(close * 1.002, 4), round(close * 0.998, 4), close, volume, 0, 1]


def written(rows):
    return [",".join(str(cell) for cell in row) for row in rows]


def with_cell(rows, row, column, change):
    rows = [list(one) for one in rows]
    at = HEAD.split(",").index(column)
    rows[row][at] = change(rows[row][at])
    return rows


@pytest.mark.parametrize("ratio", [1.5, 2, 0.1])
def test_a_split_that_is_not_on_record_is_refused(case, ratio):
    case.bars(written(walk(lambda row: 1.0 if row < 30 else 1 / ratio)))
    done = case.run()
    assert done.refused
    assert f"as in a split of {ratio:g} for 1, and none is on record ({DATES[30]})" in done.said
    assert f"a column split with {ratio:g} on this day" in done.said


@pytest.mark.parametrize("ratio", [1.2, 4 / 3])
def test_a_small_one_is_loud(case, ratio):
    """A bad report can make a company fall by a fifth in a night."""
    case.bars(written(walk(lambda row: 1.0 if row < 30 else 1 / ratio)))
    (said,) = case.run().loud
    assert said.startswith(f"X: on {DATES[30]} the price moves overnight by -")
    assert f"as in a split of {ratio:g} for 1" in said


def test_the_remedy_of_a_split_runs_and_loses_nothing(case):
    rows = with_cell(walk(lambda row: 1.0 if row < 30 else 0.5), 30, "split", lambda _: 2)
    case.bars(written(rows))
    assert case.run().equity == pytest.approx(100_000, rel=0.011)


def test_a_real_move_is_confirmed(case):
    case.bars(written(walk(lambda row: 1.0 if row < 30 else 0.25)))
    done = case.run("--set", f"data.confirmed={{X: [{DATES[30]}]}}")
    assert (done.code, done.loud) == (0, [])
    assert done.equity == pytest.approx(25_000, rel=0.011)


@pytest.mark.parametrize("ratio", [1.05, 1.231, 0.5])
def test_adjusted_prices_said_to_be_raw_are_refused(case, ratio):
    """100 shares of 24.10 would become 123, for nothing."""
    case.bars(written(with_cell(walk(), 30, "split", lambda _: ratio)))
    done = case.run()
    assert done.refused
    assert "the prices are not raw: the close does not move with the split" in done.said
    assert "data.prices: split_adjusted" in done.said
    assert case.run("--set", "data.prices=split_adjusted").code == 0


@pytest.mark.parametrize(("ratio", "move"), [(1.2, 0.03), (1 / 1.2, -0.02)])
def test_a_small_one_on_a_day_that_moves_the_other_way_is_loud(case, ratio, move):
    """One new share more for five on a day of +3 %: the price falls by 14 %."""
    case.bars(written(walk(lambda row: 1.0 if row < 30 else (1 + move) / ratio)))
    (said,) = case.run().loud
    assert f"as in a split of {ratio:g} for 1, and none is on record" in said


HELD = 90


def cents(split=1.0, count=180):
    """Bars in whole cents as they traded; those before row HELD adjusted for a split."""
    draws = np.random.default_rng(3).normal(0, 0.01, (count, 2))
    levels = 100 * np.exp(np.cumsum(draws[:, 0]))
    for row, date in enumerate(days("2024-01-02", count)):
        times = split if row < HELD else 1.0
        close = round(levels[row] * times, 2)
        opened = round(close * (1 + 0.2 * draws[row, 1]), 2)
        traded = [opened, max(opened, close) + 0.11, min(opened, close) - 0.07, close]
        yield [date, *(f"{round(price, 2) / times:.6f}" for price in traded), 1_000_000, 0]


HEAD_WITHOUT = HEAD.removesuffix(",split")


@pytest.mark.parametrize("ratio", [2, 3, 1.5, 0.25, 0.1])
def test_adjusted_prices_said_to_be_raw_are_loud_without_a_split_on_record(case, ratio):
    date = days("2024-01-02", HELD + 1)[-1]
    rows = list(cents(ratio))
    case.bars(written(rows), HEAD_WITHOUT)
    (said,) = [one for one in case.run("--set", "costs.dividends=false").loud if "split" in one]
    assert f"X: before {date} prices stand on" in said
    assert f"as where a split of {ratio:g} for 1 on that day is in them already: they are not raw" in said
    assert "data.prices: split_adjusted" in said
    case.bars(written([[*row, ratio if at == HELD else 1] for at, row in enumerate(rows)]))
    done = case.run("--set", "data.prices=split_adjusted", "--set", "costs.dividends=false")
    assert (done.code, done.loud) == (0, [])
    case.bars(written(rows), HEAD_WITHOUT)
    confirmed = case.run("--set", f"data.confirmed={{X: [{date}]}}", "--set", "costs.dividends=false")
    assert (confirmed.code, confirmed.loud) == (0, [])


def test_prices_in_whole_cents_are_raw(case):
    case.bars(written(cents()), HEAD_WITHOUT)
    done = case.run("--set", "costs.dividends=false")
    assert (done.code, done.loud) == (0, [])


@pytest.mark.parametrize("ratio", [1.1, 2.0])
def test_raw_prices_said_to_be_adjusted_are_refused(case, ratio):
    case.bars(written(with_cell(walk(lambda row: 1.0 if row < 30 else 1 / ratio), 30, "split", lambda _: ratio)))
    done = case.run("--set", "data.prices=split_adjusted")
    assert done.refused
    assert "the prices are not split_adjusted: the close does move with the split" in done.said
    assert case.run().code == 0


@pytest.mark.parametrize(("factor", "row"), [(10, 30), (100, 1), (0.1, 58), (0.01, 30)])
def test_one_bar_on_another_scale_is_refused(case, factor, row):
    case.bars(written(walk(lambda at: factor if at == row else 1.0)))
    done = case.run()
    assert done.refused
    assert f"({DATES[row]})" in done.said
    assert "another scale for one bar" in done.said or "the price moves overnight" in done.said


@pytest.mark.parametrize("row", [0, 59])
def test_the_first_and_the_last_bar_on_another_scale_are_refused(case, row):
    case.bars(written(walk(lambda at: 100 if at == row else 1.0)))
    done = case.run()
    assert done.refused
    assert f"({DATES[max(row, 1)]})" in done.said


@pytest.mark.parametrize("factor", [1.3, 0.8])
def test_one_bar_somewhat_off_is_loud(case, factor):
    case.bars(written(walk(lambda at: factor if at == 30 else 1.0)))
    (said,) = case.run().loud
    assert said.startswith(f"X: on {DATES[30]} the close goes from 100.5 to {99.5 * factor:g} and back to 100; compare")


@pytest.mark.parametrize(("column", "factor"), [("high", 10), ("low", 0.01)])
def test_one_price_of_a_bar_on_another_scale_is_loud(case, column, factor):
    case.bars(written(with_cell(walk(), 30, column, lambda price: round(price * factor, 4))))
    (said,) = case.run().loud
    assert said.startswith(f"X: on {DATES[30]} a single price of")


@pytest.mark.parametrize(("column", "factor"), [("open", 10), ("low", 100)])
def test_a_bar_that_does_not_hold_together_is_refused(case, column, factor):
    case.bars(written(with_cell(walk(), 30, column, lambda price: round(price * factor, 4))))
    done = case.run()
    assert done.refused
    assert f"({DATES[30]})" in done.said


def test_a_symbol_that_stands_still_is_loud(case):
    dates = days("2020-01-02", 900)
    rows = list(walk(count=900, dates=dates))
    for row in range(200, 858):
        rows[row][1:5] = rows[200][1:5]
    case.bars(written(rows))
    compared, told = case.run().loud
    assert f"stand still from {dates[200]} to {dates[857]}, 658 sessions; end the period before" in told
    assert "has the value of the close before on" in compared, "it is the run's benchmark too"


def test_a_week_that_stands_still_is_loud_and_four_days_are_not(case):
    for still, count in ((4, 0), (5, 1)):
        rows = list(walk())
        for row in range(20, 20 + still):
            rows[row][1:5] = rows[20][1:5]
        case.bars(written(rows))
        assert len(case.run().loud) == count


def test_no_volume_at_all_is_loud_where_fills_ask_for_it(case):
    case.bars(written(walk(volume=0)))
    (said,) = case.run("--set", "fills.participation=0.1").loud
    assert said.startswith(
        "X: the volume is 0 on every bar of the run, and fills.participation lets orders have 0.1 of it"
    )
    assert case.run().loud == []


@pytest.mark.parametrize(("cell", "words"), [("0", "no volume"), ("", "a blank volume")])
def test_a_bar_without_volume_is_loud(case, cell, words):
    case.bars(written(with_cell(walk(), 30, "volume", lambda _: cell)))
    (said,) = case.run().loud
    assert said.startswith(f"X: {words} on {DATES[30]}, though the price moved")


def test_sessions_that_lack_are_loud(case):
    rows = list(walk())
    case.bars(written(rows[:20] + rows[22:40] + rows[41:]))
    (said,) = case.run().loud
    assert said.startswith(f"3 of 60 sessions of XNYS have no bar: {DATES[20]}, {DATES[21]}, {DATES[40]}")


def vix(tmp_path, values, dates=DATES):
    made = Case(tmp_path, "raw", series='("vix",)', features='{"vix": market.vix}')
    made.bars(flat(dates[:9]))
    made.bars([f"{date},{value}" for date, value in values], "date,close", "VIX.csv")
    made.add("series: {vix: {symbol: VIX, path: VIX.csv}}")
    return made


def test_a_day_that_a_series_lacks_is_loud(tmp_path):
    """57.8 would stand for 82.7."""
    dates = days("2020-03-09", 9)
    values = dict(zip(dates, (54.5, 47.3, 53.9, 75.5, 57.8, 82.7, 75.9, 76.5, 72.0), strict=True))
    del values["2020-03-16"]
    case = vix(tmp_path, values.items(), dates)
    (said,) = case.run().loud
    assert said.startswith("vix (VIX): no value on 2020-03-16, where 57.8 of 2020-03-13 stands, and 75.9 comes after")
    assert case.run("--set", "series.vix.stale_after=0").loud == []


def test_a_blank_day_of_a_series_is_loud_too(tmp_path):
    values = [(date, "" if date == DATES[5] else 20 + row / 10) for row, date in enumerate(DATES[:9])]
    (said,) = vix(tmp_path, values).run().loud
    assert said.startswith(f"vix (VIX): no value on {DATES[5]}, where 20.4 of {DATES[4]} stands")


@pytest.mark.parametrize("wrong", [200, 2, -20, 0])
def test_a_value_of_a_series_on_another_scale_is_loud(tmp_path, wrong):
    values = [(date, 20 + row % 5 / 4) for row, date in enumerate(DATES)]
    values[5] = (DATES[5], wrong)
    made = vix(tmp_path, values)
    made.bars(written(walk()))
    (said,) = made.run().loud
    assert said.startswith(f"vix (VIX): {wrong:g} on {DATES[5]}, beside 21 and 20.25")
