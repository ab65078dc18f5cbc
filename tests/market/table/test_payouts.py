# SPDX-License-Identifier: Apache-2.0
"""Dividends and splits that stand more often than they were paid, and dividends that end."""

import numpy as np
import pandas as pd
import pytest

from engine.market.table import payouts
from tests.cases import Case, days

DATES = days("2015-01-02", 1010)
HEAD = "date,open,high,low,close,volume,dividend"
QUIET = ("--set", "data.prices=split_adjusted")


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def frame(rows, amounts):
    dividend = np.zeros(1010)
    dividend[list(rows)] = amounts
    return pd.DataFrame({"dividend": dividend})


def quarters(last=1010):
    return list(range(30, last, 63))


def run(case, dividend):
    """A price in cents that falls by what is paid the first time."""
    paid, before, price = set(), 0.0, 200.0
    rows = []
    for row, date in enumerate(DATES):
        amount = dividend.get(row, 0.0)
        price -= amount if amount != before or not amount else 0.0
        before = amount or before
        paid.add(amount)
        shown = round(price + (0.11, -0.07, 0.05, -0.04)[row % 4], 2)
        rows.append(f"{date},{shown},{shown},{shown},{shown},1000000,{amount:g}")
    case.bars(rows, HEAD)
    return case.run(*QUIET)


def told_by_adjusted(case, lacking, rows=None):
    """Dividends that adj_close holds, and the column of them but for the first `lacking`."""
    own = rising(rows or quarters())
    closes, factor, adjusted = [], 1.0, []
    price = 200.0
    for row in range(len(DATES)):
        price -= own.get(row, 0.0)
        closes.append(round(price + (0.11, -0.07, 0.05, -0.04)[row % 4], 2))
    for row in range(len(DATES) - 1, -1, -1):
        adjusted.append(closes[row] * factor)
        factor *= 1.0 - own.get(row, 0.0) / closes[row - 1] if row else 1.0
    given = dict(list(own.items())[lacking:])
    rows = [
        f"{date},{close},{close},{close},{close},1000000,{given.get(row, 0.0):g},{adjusted[-1 - row]:.7f}"
        for row, (date, close) in enumerate(zip(DATES, closes, strict=True))
    ]
    case.bars(rows, f"{HEAD},adj_close")
    return own, case.run(*QUIET)


@pytest.mark.parametrize("lacking", [1, 3])
def test_a_few_dividends_of_adj_close_alone_are_told_one_by_one(case, lacking):
    own, done = told_by_adjusted(case, lacking)
    assert len(done.loud) == lacking
    for said, (row, amount) in zip(done.loud, own.items(), strict=False):
        assert said.startswith(f"X: adj_close holds a dividend of {amount:.4f} on {DATES[row]} that is not on record")


def test_many_dividends_of_adj_close_alone_are_one_sentence(case):
    own, done = told_by_adjusted(case, 21, range(30, 1010, 21))
    (said,) = done.loud
    rows, amounts = list(own), list(own.values())
    first, last = DATES[rows[0]], DATES[rows[20]]
    assert f"X: adj_close holds 21 dividends that are not on record and not paid, from {first} to {last}" in said
    assert f"{sum(amounts[:21]):.4f} a share together; add them to the file" in said
    sets = ("--set", "data.prices=total_return", "--set", "costs.dividends=false")
    assert case.run(*sets).loud == []


def rising(rows):
    """0.50, 0.51, ... on these rows."""
    return {row: round(0.5 + 0.01 * at, 2) for at, row in enumerate(rows)}


def test_a_dividend_that_stands_twice_is_loud(case):
    own = rising(quarters())
    sound = run(case, own)
    assert sound.loud == []
    done = run(case, own | {row + 1: amount for row, amount in own.items()})
    (said,) = done.loud
    assert said.startswith(f"X: a dividend of 0.5 stands on {DATES[30]} and again on {DATES[31]}, and 15 more so")
    assert "each is paid: take the second ones out" in said
    every = ", ".join(DATES[row] for row in own)
    assert case.run(*QUIET, "--set", f"data.confirmed={{X: [{every}]}}").loud == []


def test_a_dividend_once_more_is_told_with_its_two_days(case):
    own = rising(quarters())
    (said,) = run(case, own | {quarters()[4] + 3: own[quarters()[4]]}).loud
    assert f"stands on {DATES[282]} and again on {DATES[285]}, as where" in said


def test_ex_dates_and_pay_dates_together_are_pairs():
    own = rising(quarters())
    both = own | {row + 30: amount for row, amount in own.items() if row + 30 < 1010}
    rows = sorted(both)
    found = payouts.repeated(frame(rows, [both[row] for row in rows]))
    assert found[:2] == [(30, 60), (93, 123)]
    assert len(found) == len(own)


@pytest.mark.parametrize("rows", [range(30, 1000, 21), range(10, 1000, 126), range(3, 1000, 5)])
def test_regular_dividends_are_no_pairs(rows):
    assert payouts.repeated(frame(rows, 0.5)) == []
    twice_each = [0.5 + 0.01 * (at // 2) for at in range(len(rows))]  # raised once a year by who pays twice a year
    assert payouts.repeated(frame(range(10, 1000, 126), twice_each[:8])) == []


def test_a_row_of_dividends_that_ends(case):
    (said,) = run(case, rising(quarters(700))).loud
    assert said.startswith(f"X: dividends are regular up to {DATES[660]}, and none stands in the 349 bars after it")
    assert case.run(*QUIET, "--set", f"data.confirmed={{X: [{DATES[660]}]}}").loud == []


@pytest.mark.parametrize("rows", [quarters(), quarters(930), [*quarters(400), 520], range(30, 500, 63)])
def test_a_row_that_goes_on_or_never_was_regular_is_silent(rows):
    assert payouts.ended(frame(rows, 0.5)) is None


@pytest.mark.parametrize("prices", ["raw", "split_adjusted"])
def test_a_split_on_bar_after_bar_is_refused(case, prices):
    rows = [f"{date},100,100,100,100,1000000,{1 if row < 500 else 4}" for row, date in enumerate(DATES)]
    case.bars(rows, "date,open,high,low,close,volume,split")
    done = case.run("--set", f"data.prices={prices}")
    assert done.refused
    assert f"split stands on bar after bar ({DATES[500]})" in done.said
    assert "4 here, and another one than 1 on 509 more bars" in done.said
