# SPDX-License-Identifier: Apache-2.0
"""docs/leveraged_funds.md: tables and picture against the bars, the formula's numbers against the model."""

import re

import pytest

from engine.market.leveraged import usual_swap_spread
from tests.docs.conftest import page, script, tables_with

PAGE = "leveraged_funds.md"


@pytest.fixture(scope="module")
def figures():
    return script("leveraged_funds_figures")


@pytest.fixture(scope="module")
def measured(figures, real_data):
    return figures.lives([str(real_data)])


def test_what_the_page_says_of_the_years_is_so():
    (rows,) = tables_with(PAGE, "year")
    off = {
        int(row["year"]): {name: float(row[name].rstrip(" %")) for name in ("RWM", "TWM", "SRTY", "TNA") if row[name]}
        for row in rows
    }
    (calm,) = re.findall(r"off by more than ([\d.]+) % in a year", page(PAGE))
    (most,) = re.findall(r"by up to ([\d.]+) % for SRTY", page(PAGE))
    said = " ".join(page(PAGE).split())
    assert "RWM and TWM end in April 2021, those of SRTY in December 2021: after 2021 that is said of TNA alone" in said
    assert [
        name for name in ("RWM", "TWM", "SRTY", "TNA") if any(name in off[year] for year in off if year > 2021)
    ] == ["TNA"]
    (lives,) = tables_with(PAGE, "correlation")
    ends = {row["fund"]: row["to"][:7] for row in lives}
    assert ends == {"RWM": "2021-04", "TWM": "2021-04", "SRTY": "2021-12", "TNA": "2026-01"}
    quiet = [abs(value) for year, row in off.items() for value in row.values() if 2012 <= year != 2020]
    assert max(quiet) == float(calm)
    assert off[2020]["SRTY"] == -float(most) == min(row["SRTY"] for row in off.values() if "SRTY" in row)
    assert all(
        off[year][name] < -1.0 for year in (2008, 2009, 2011, 2020) for name in ("TWM", "SRTY") if name in off[year]
    )


def test_the_day_after_takes_back_what_the_page_says(measured):
    found = [one.missed.autocorr() for one in measured]
    assert "the day after takes about 0.4 of it back" in page(PAGE)
    assert all(-0.5 < one < -0.35 for one in found)


def test_the_numbers_of_the_model_are_the_models(figures):
    (rows,) = tables_with(PAGE, "term", "why")
    told = {row["term"]: row["is"] for row in rows}
    assert f"{100 * usual_swap_spread(-1.0):.1f} % of the swaps for L < 0" in told["`swap_spread`"]
    assert f"{100 * usual_swap_spread(1.0):.1f} % for L > 0" in told["`swap_spread`"]
    assert {expense for factor, expense in figures.FUNDS.values() if factor < 0} == {0.0095}
    assert figures.FUNDS["TNA"] == (3.0, 0.0100)
    assert told["`expense`"] == "0.95 % for RWM, TWM and SRTY, 1.00 % for TNA"
