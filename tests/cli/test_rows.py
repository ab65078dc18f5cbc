# SPDX-License-Identifier: Apache-2.0
"""Bars whose columns or rows are another's, through the real command: what no market does is loud, with its days."""

import numpy as np
import pytest

from engine.market.calendar import exchange
from tests.cases import Case, days

DATES = days("2018-01-02", 1010)
HEAD = "date,open,high,low,close,volume"
QUIET = ("--set", "costs.dividends=false", "--set", "data.prices=split_adjusted")


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def market(count=1010):
    """(rows, 5): nights and days that have nothing to do with each other, and half the volume on half days."""
    draws = np.random.default_rng(8)
    night, day = draws.normal(0, 0.006, count), draws.normal(0, 0.009, count)
    close = 100 * np.exp(np.cumsum(night + day))
    opened = close / np.exp(day)
    reach = np.abs(draws.normal(0, 0.003, (2, count)))
    sessions = np.array(DATES[:count], "M8[D]").astype(int)
    short = (exchange().close_of(sessions) - exchange().open_of(sessions)) < 390 * 60_000_000_000
    volume = np.round(1e6 * draws.lognormal(0, 0.2, count) * np.where(short, 0.45, 1.0))
    high, low = np.maximum(opened, close) * (1 + reach[0]), np.minimum(opened, close) * (1 - reach[1])
    return np.column_stack([opened, high, low, close, volume])


def run(case, values, dates=DATES):
    lines = [f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in zip(dates, values, strict=False)]
    case.bars(lines, HEAD)
    return case.run(*QUIET)


def test_bars_of_a_market_are_silent(case):
    done = run(case, market())
    assert (done.code, done.loud) == (0, [])


def swapped(values):
    values[:, [0, 3]] = values[:, [3, 0]]


def of_the_next_row(values):
    values[:-1, 0] = values[1:, 0]
    ranged(values)


def of_the_row_before(values):
    values[1:, 0] = values[:-1, 0].copy()
    ranged(values)


def ranged(values):
    values[:, 1], values[:, 2] = values[:, [0, 1, 3]].max(axis=1), values[:, [0, 2, 3]].min(axis=1)


@pytest.mark.parametrize("change", [swapped, of_the_next_row, of_the_row_before])
def test_opens_that_are_another_bars_are_loud(case, change):
    values = market()
    change(values)
    (said,) = run(case, values).loud
    assert said.startswith(f"X: from {DATES[1]} to {DATES[1000]} days take nights back, and nights the days before")
    assert f"data.confirmed: {{X: [{DATES[1]}]}}" in said
    assert case.run(*QUIET, "--set", f"data.confirmed={{X: [{DATES[1]}]}}").loud == []


def test_opens_swapped_in_one_year_of_four_are_loud_with_it(case):
    values = market()
    swapped(values[500:760])
    (said,) = run(case, values).loud
    assert "days take nights back" in said
    first = said.split()[2]
    assert DATES[300] <= first <= DATES[520]


def test_fewer_bars_than_a_year_say_nothing(case):
    values = market(249)
    swapped(values)
    assert run(case, values).loud == []


@pytest.mark.parametrize(("first", "to", "count"), [(100, 163, 63), (400, 406, 6), (10, 900, 20)])
def test_a_block_that_stands_twice_is_loud(case, first, to, count):
    values = market()
    values[to : to + count] = values[first : first + count]
    values[to + count :, :4] *= values[to + count - 1, 3] / market()[to + count - 1, 3]
    said = [text for text in run(case, values).loud if "once more" in text]
    assert len(said) == 1
    words = f"the bars from {DATES[to]} to {DATES[to + count - 1]} are those of {DATES[first]} to"
    assert said[0].startswith(f"X: {words} {DATES[first + count - 1]} once more, price for price")


def test_four_bars_that_stand_twice_are_chance(case):
    values = market()
    values[404:408] = values[400:404]
    assert [text for text in run(case, values).loud if "once more" in text] == []


@pytest.mark.parametrize(
    ("shift", "said"), [(1, "a session early, and what happens is known before"), (-1, "a session late")]
)
def test_dates_a_session_off_are_loud(case, shift, said):
    values = market()
    moved = values[1:] if shift == 1 else values[:-1]
    dates = DATES[:-1] if shift == 1 else DATES[1:]
    (told,) = run(case, moved, dates).loud
    assert f"its dates look {said}" in told
    assert "on the sessions " + ("before" if shift == 1 else "after") + " half days" in told


def test_a_volume_that_is_a_sum_is_loud(case):
    values = market(100)
    values[:, 4] = np.cumsum(values[:, 4])
    (said,) = run(case, values).loud
    assert said.startswith("X: volume only rises, as where it is added up from bar to bar")
