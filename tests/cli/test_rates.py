# SPDX-License-Identifier: Apache-2.0
"""Rates that are a hundred times too high or low are refused: from the configuration, and from the file of a series."""

import pytest

from tests.cases import Case, days, flat

DATES = days("2024-01-02", 260)


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path, "raw")
    made.bars(flat(DATES, 1000.0))
    return made


def tbill(case, *cells, unit=""):
    """A T-bill of `cells` in turn; the account holds cash that earns it exactly."""
    values = [cells[row % len(cells)] for row in range(len(DATES))]
    case.bars([f"{date},{value}" for date, value in zip(DATES, values, strict=True)], "date,value", "TBILL.csv")
    case.add(f"series: {{tbill: {{symbol: TBILL, path: TBILL.csv, column: value{unit}}}}}")
    return case.run("--set", "costs.benchmark=tbill", "--set", "account.cash=1000000000")


def test_a_rate_without_its_unit_is_refused(case):
    done = tbill(case, "5.25")
    assert done.refused
    assert "costs.benchmark reads this series as a rate a year, and its unit is not said" in done.said
    assert "unit: percent where 5.25 is 5.25 % a year" in done.said


@pytest.mark.parametrize("written", ["tbill: TBILL", "tbill: {symbol: TBILL, unit: level}"])
def test_the_level_of_a_series_is_no_unit_of_a_rate(case, written):
    case.bars([f"{date},5,5,5,5,0" for date in DATES], "date,open,high,low,close,volume", "TBILL.csv")
    case.add(f"series: {{{written}}}")
    done = case.run("--set", "costs.benchmark=tbill")
    assert done.refused
    assert "its unit is not said" in done.said


def test_per_cent_said_to_be_fractions_is_refused_with_the_day(case):
    done = tbill(case, "5.25", unit=", unit: fraction")
    assert done.refused
    assert "series tbill (TBILL) is read as a rate a year and is none" in done.said
    assert "525 % a year on 2024-01-02" in done.said
    assert "unit: percent, where 5.25 is 5.25 % a year" in done.said


def test_one_bad_cell_of_a_rate_is_refused_with_its_day(case):
    done = tbill(case, *["5.25"] * 100, "525", *["5.25"] * 200, unit=", unit: percent")
    assert done.refused
    assert f"525 % a year on {DATES[100]}, and on 1 bars in all" in done.said
    assert "a file without the bad value" in done.said


def test_a_rate_below_minus_ten_per_cent_is_refused(case):
    done = tbill(case, "-12", unit=", unit: percent")
    assert done.refused
    assert "-12 % a year on 2024-01-02" in done.said


@pytest.mark.parametrize(("cell", "unit"), [("5.0", "percent"), ("0.05", "fraction"), ("-0.5", "percent")])
def test_rates_as_they_are_run(case, cell, unit):
    """-0.5 % a year is what euro bills paid."""
    assert tbill(case, cell, unit=f", unit: {unit}").code == 0


@pytest.mark.parametrize(("given", "words"), [("3", "3 is 300 % a year"), ("0.75", "0.75 is 75 % a year")])
def test_a_benchmark_in_per_cent_is_refused(case, given, words):
    done = case.run("--set", f"costs.benchmark={given}")
    assert done.refused
    assert words in done.said
    assert f"did you mean {float(given) / 100:g}?" in done.said


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("costs.benchmark", "0.25", "costs.benchmark: 0.25 is 25 % a year; where 0.25 % is meant, write 0.0025"),
        ("costs.benchmark", "0.2", "costs.benchmark: 0.2 is 20 % a year; where 0.2 % is meant, write 0.002"),
        ("costs.benchmark", "0.17", ""),
        ("costs.borrow", "{X: [{rate: 0.75}]}", "costs.borrow.X[0].rate: 0.75 is 75 % a year"),
        (
            "costs.borrow",
            "{default: [{rate: 0.01}, {from: 2020-01-01, rate: 0.3}]}",
            "costs.borrow.default[1].rate: 0.3 is",
        ),
        ("costs.interest", "[{debit: [{rate: 0.5}]}]", "costs.interest[0].debit[0].rate: 0.5 is 50 % a year"),
        (
            "costs.interest",
            "[{debit: [{rate: 0.01}], credit_spread: 0.25}]",
            "costs.interest[0].credit_spread: 0.25 is",
        ),
    ],
)
def test_a_rate_that_can_be_and_is_seldom_meant_is_loud(case, key, value, words):
    said = [text for text in case.run("--set", f"{key}={value}").loud if "% a year" in text]
    assert [text[: len(words)] for text in said] == ([words] if words else [])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0.9", "costs.withholding: 0.9 keeps 90 % of every dividend back; where 0.9 % is meant, write 0.009"),
        ("0.4", "costs.withholding: 0.4 keeps 40 % of every dividend back; where 0.4 % is meant, write 0.004"),
        ("0.35", ""),
    ],
)
def test_a_tax_on_dividends_that_no_country_takes_is_loud(case, given, words):
    done = case.run("--set", "costs.dividends=true", "--set", f"costs.withholding={given}")
    assert [text for text in done.loud if "withholding" in text] == ([words] if words else [])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("2.2", "options.volatility: 2.2 is 220 % a year, on every day; where 22 % is meant, write 0.22"),
        ("1.5", "options.volatility: 1.5 is 150 % a year, on every day; where 15 % is meant, write 0.15"),
        ("0.9", ""),
    ],
)
def test_a_volatility_of_more_than_all_of_the_price_is_loud(case, given, words):
    rule = (case.folder / "rule.py").read_text()
    case.write("rule.py", rule.replace("    series = ()", "    series = ()\n    options = {'hedge': 'x'}"))
    done = case.run("--set", f"options.volatility={given}")
    assert done.code == 0, done.said
    assert [text for text in done.loud if text.startswith("options.volatility")] == ([words] if words else [])


def test_the_remedy_runs(case):
    assert case.run("--set", "costs.benchmark=0.03").code == 0


RATES = """
from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("x",)
    series = ("rate",)
    rates = ("rate",)

    def features(self, market, p):
        return {"rate": market.rate}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass
"""


@pytest.mark.parametrize(
    ("unit", "words"),
    [("", "Rule reads this series as a rate a year"), (", unit: fraction", "300 % a year on 2024-01-02")],
)
def test_a_series_that_the_strategy_reads_as_a_rate(case, unit, words):
    case.write("rule.py", RATES)
    case.bars([f"{date},3" for date in DATES], "date,value", "R.csv")
    case.add(f"series: {{rate: {{symbol: R, path: R.csv, column: value{unit}}}}}")
    done = case.run()
    assert done.refused
    assert words in done.said


OPTIONS = """
from engine.strategy import PUT, Strategy


class Rule(Strategy):
    roles = ("x",)
    options = {"put": "x"}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass
"""


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("0.2", "level", "unit: fraction, where 0.2 is 20 % a year"),
        ("0.2", "percent", "unit: fraction, where 0.2 is 20 % a year"),
        ("20", "fraction", "2,000 % a year on 2024-01-02"),
        ("2000", "level", "a file without the bad value"),
    ],
)
def test_an_implied_volatility_in_another_unit_is_refused(case, value, unit, words):
    case.write("rule.py", OPTIONS)
    case.bars([f"{date},{value}" for date in DATES], "date,value", "V.csv")
    case.add(f"series: {{vix: {{symbol: V, path: V.csv, column: value, unit: {unit}}}}}")
    done = case.run()
    assert done.refused
    assert "prices options as an implied volatility and is none" in done.said
    assert words in done.said


@pytest.mark.parametrize(
    ("value", "unit"), [("20", "level"), ("20", "percent"), ("0.2", "fraction"), ("82.7", "level")]
)
def test_an_implied_volatility_as_it_is_runs(case, value, unit):
    case.write("rule.py", OPTIONS)
    case.bars([f"{date},{value}" for date in DATES], "date,value", "V.csv")
    case.add(f"series: {{vix: {{symbol: V, path: V.csv, column: value, unit: {unit}}}}}")
    assert case.run().code == 0
