# SPDX-License-Identifier: Apache-2.0
"""The cost tables that come with Tandem, tables of the user's own, and what happens to rows that no role needs."""

import datetime as dt
import math

import pytest
from pydantic import TypeAdapter

from engine.config.tables import FOLDER, SLOTS, read_file
from engine.model.rows import MOST_STEPS
from engine.model.run import Costs, Margin
from engine.notice import note
from engine.records import TIERS

SHIPPED = {
    "ibkr_fixed": ("costs", "commission"),
    "ibkr_tiered": ("costs", "commission"),
    "none": ("costs", "commission"),
    "us_regulatory": ("costs", "regulatory"),
    "no_fees": ("costs", "regulatory"),
    "us_borrow": ("costs", "borrow"),
    "no_borrow": ("costs", "borrow"),
    "ibkr_interest": ("costs", "interest"),
    "no_interest": ("costs", "interest"),
    "benchmark_interest": ("costs", "interest"),
    "us_margin": ("account", "margin", "table"),
}


def test_the_model_and_the_kernel_hold_the_same_number_of_steps():
    assert MOST_STEPS == TIERS


def test_every_shipped_table_is_listed_here():
    assert {file.stem for file in FOLDER.glob("*.yaml")} == {*SHIPPED, "leveraged_funds", "underlyings"}
    assert set(SLOTS.values()) <= set(SHIPPED)


@pytest.mark.parametrize(("name", "slot"), SHIPPED.items())
def test_every_shipped_table_fits_its_place(name, slot):
    field = {**Costs.model_fields, **Margin.model_fields}[slot[-1]]
    document = read_file(FOLDER / f"{name}.yaml")
    assert document.problems == ()
    TypeAdapter(field.annotation).validate_python(document.data, by_alias=True, by_name=False)


@pytest.mark.parametrize("name", [*SHIPPED, "leveraged_funds", "underlyings"])
def test_every_shipped_table_says_where_it_comes_from(name):
    first = (FOLDER / f"{name}.yaml").read_text().splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 30


def in_force(rows, day):
    return [row for row in rows if row.since <= day][-1]


@pytest.mark.parametrize(
    ("day", "sec", "taf", "cap"),
    [
        ("2001-12-27", 33.3e-6, 0.0, None),
        ("2001-12-28", 15e-6, 0.0, None),
        ("2002-10-01", 30.1e-6, 0.000100, 10.0),
        ("2003-03-31", 25.2e-6, 0.000050, 5.0),
        ("2003-04-01", 46.8e-6, 0.000050, 5.0),
        ("2003-08-31", 46.8e-6, 0.000050, 5.0),
        ("2003-09-01", 46.8e-6, 0.000100, 10.0),
        ("2004-10-31", 23.4e-6, 0.000100, 10.0),
        ("2004-11-01", 23.4e-6, 0.000075, 3.75),
        ("2011-07-01", 19.2e-6, 0.000090, 4.50),
        ("2012-07-01", 22.4e-6, 0.000119, 5.95),
        ("2018-05-22", 13e-6, 0.000119, 5.95),
        ("2024-06-03", 27.8e-6, 0.000166, 8.30),
        ("2025-05-13", 27.8e-6, 0.000166, 8.30),
        ("2025-05-14", 0.0, 0.000166, 8.30),
        ("2026-04-06", 20.6e-6, 0.000195, 9.79),
    ],
)
def test_regulatory_fees_of_a_day(folder, good, day, sec, taf, cap):
    row = in_force(folder.load(good).config.costs.regulatory, dt.date.fromisoformat(day))
    assert row.sec == pytest.approx(sec, rel=1e-12)
    assert (row.taf, row.taf_cap) == (taf, cap)


def test_interest_of_the_broker_s_own_example(folder, good):
    """$600,000 at a benchmark of 5.32 %: $18.94 on the first 100,000 and $87.78 on the rest, a day."""
    steps = folder.load(good).config.costs.interest[0].debit
    low, daily = 0.0, []
    for step in steps:
        high = math.inf if step.upto is None else step.upto
        daily.append(max(0.0, min(600_000, high) - low) * (0.0532 + step.rate) / 360)
        low = high
    assert [round(amount, 2) for amount in daily] == [18.94, 87.78, 0.0, 0.0]


def test_no_interest_is_none_and_a_file_that_meant_the_benchmark_is_told(folder, good):
    loaded = folder.load(good, "costs.interest=no_interest")
    (row,) = loaded.config.costs.interest
    assert (row.over_benchmark, [step.rate for step in row.debit], row.rebate_spread) == (False, [0.0], None)
    (said,) = [str(notice) for notice in loaded.notices if "no_interest" in str(notice)]
    assert "benchmark_interest" in said
    assert folder.load(good, "costs.interest=benchmark_interest").config.costs.interest[0].over_benchmark


@pytest.mark.parametrize("changed", [["costs.benchmark=0"], ["costs.interest=ibkr_interest"]])
def test_who_cannot_have_meant_it_is_told_nothing(folder, good, changed):
    loaded = folder.load(good, "costs.interest=no_interest", *changed)
    assert not [notice for notice in loaded.notices if "no_interest" in str(notice)]


@pytest.mark.parametrize(("symbol", "factor"), [("RWM", 1), ("TWM", 2), ("SRTY", 3), ("TNA", 3), ("UWM", 2), ("SH", 1)])
def test_leverage_factors_of_funds(folder, good, symbol, factor):
    loaded = folder.load(good.replace("IWM", symbol))
    assert loaded.config.account.margin.multiples == {"SPY": 1.0, symbol: float(factor)}


def test_a_user_s_factor_wins(folder, good):
    loaded = folder.load(good.replace("IWM", "TWM"), "account.margin.multiples.TWM=3", "account.margin.multiples.XYZ=2")
    assert loaded.config.account.margin.multiples == {"SPY": 1.0, "TWM": 3.0}


def test_a_fund_follows_its_index_fund_where_both_are_listed_and_a_user_s_row_wins(folder, good):
    assert folder.load(good).config.costs.slippage.follows == {}
    assert folder.load(good.replace("IWM", "SH")).config.costs.slippage.follows == {"SH": "SPY"}
    own = folder.load(good.replace("IWM", "SH"), "costs.slippage.follows.SH=QQQ")
    assert own.config.costs.slippage.follows == {"SH": "QQQ"}


@pytest.mark.parametrize(
    ("given", "told"), [("0.05", True), ("{default: 1.0, SPY: 0.1}", True), ("0", False), ("0.5", False)]
)
def test_a_coefficient_of_the_unit_of_before_is_told_loudly(folder, good, given, told):
    said = [one for one in folder.load(good, f"costs.slippage.impact={given}").notices if "0.05 by default" in one.text]
    assert [one.level for one in said] == ["loud"] * told


def test_small_caps_are_dearer_to_borrow_than_large_ones_and_geared_funds_dearer_still(folder, good):
    borrow = folder.load(good.replace("IWM", "SRTY")).config.costs.borrow
    small = folder.load(good).config.costs.borrow["IWM"]
    for day in (dt.date(2004, 1, 5), dt.date(2008, 10, 10), dt.date(2015, 6, 1), dt.date(2020, 3, 16)):
        rates = [in_force(rows, day).rate for rows in (borrow["SPY"], small, borrow["SRTY"])]
        assert rates == sorted(rates)
        assert len(set(rates)) == 3


class TestOwnTables:
    def test_beside_the_file_they_win(self, folder, good):
        folder.write("- {per_share: 0.01}", "ibkr_fixed.yaml")
        assert folder.load(good).config.costs.commission[0].per_share == 0.01

    def test_by_a_name_of_their_own(self, folder, good):
        folder.write("default: [{rate: 0.02}]\nIWM: [{rate: 0.07}]\n", "my_borrow.yaml")
        borrow = folder.load(good, "costs.borrow=my_borrow").config.costs.borrow
        assert {symbol: rows[0].rate for symbol, rows in borrow.items()} == {"SPY": 0.02, "IWM": 0.07}

    def test_a_mistake_in_one_is_shown_in_its_file(self, folder, good):
        folder.write("# mine\n- minimum: 1\n  per_shar: 0.01\n", "mine.yaml")
        problem = folder.problem(good, "costs.commission=mine")
        assert problem.file.endswith("mine.yaml")
        assert (problem.line, problem.column, problem.path) == (3, 3, "costs.commission[0].per_shar")
        assert problem.nearest == "per_share"

    def test_a_table_of_another_kind_is_refused(self, folder, good):
        problems = folder.problems(good, "costs.commission=us_margin")
        assert {problem.message for problem in problems} == {"no such key"}
        assert all(problem.file.endswith("us_margin.yaml") for problem in problems)

    def test_a_name_in_a_table_leads_nowhere(self, folder, good):
        folder.write("ibkr_fixed", "mine.yaml")
        assert "holds rows, not a name" in folder.problem(good, "costs.commission=mine").message

    def test_one_that_does_not_parse(self, folder, good):
        folder.write("- {per_share: 1\n", "mine.yaml")
        problem = folder.problem(good, "costs.commission=mine")
        assert problem.file.endswith("mine.yaml")
        assert "does not end" in problem.message


def test_rows_are_cut_down_to_the_bound_symbols_and_the_rest_is_said(folder, good):
    loaded = folder.load(good + "costs: {borrow: {default: [{rate: 0.1}], IWN: [{rate: 0.2}]}}\n")
    assert list(loaded.config.costs.borrow) == ["SPY", "IWM"]
    assert loaded.notices == (note("costs.borrow has entries for IWN, which no role holds: they count for nothing"),)


def test_what_a_configuration_puts_into_a_table_no_other_has_and_an_edited_table_is_read_anew(folder, good):
    folder.write("- {per_share: 0.01}", "mine.yaml")
    mine = "costs.commission=mine"
    assert folder.load(good, mine, "costs.commission[0].per_share=0.02").config.costs.commission[0].per_share == 0.02
    assert folder.load(good, mine).config.costs.commission[0].per_share == 0.01
    folder.write("- {per_share: [{rate: 0.03}]}", "mine.yaml")
    other = folder.load(good, mine, "costs.commission[0].per_share[0].rate=0.04").config.costs.commission[0]
    assert [step.rate for step in other.per_share] == [0.04]
    assert [step.rate for step in folder.load(good, mine).config.costs.commission[0].per_share] == [0.03]
    folder.write("- {per_share: 0.03}", "mine.yaml")
    assert folder.load(good, mine).config.costs.commission[0].per_share == 0.03
