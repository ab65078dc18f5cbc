# SPDX-License-Identifier: Apache-2.0
"""docs/funds_example.csv worked out a second time in fractions, from the rules of docs/funds.md: no float in it."""

import csv
from fractions import Fraction

import pytest

from engine.hedgefunds.gather import Source
from engine.hedgefunds.study import Terms
from engine.report.funds.document import document
from engine.runs.funds import funds
from tests.docs.conftest import ROOT, tables_with

FILE = ROOT / "docs" / "funds_example.csv"
LATE = {("Alder", "2024-09")}


@pytest.fixture(scope="module")
def told():
    return document(funds(FILE, Source("percent", "Market", deadline=45), Terms(), file=FILE.name))


def read():
    """(months, market, funds): month -> exact return, without the one that came late."""
    rows = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
    months = sorted({row["month"] for row in rows})
    returns = {}
    for row in rows:
        if (row["fund"], row["month"]) not in LATE:
            returns.setdefault(row["fund"], {})[row["month"]] = Fraction(row["return"]) / 100
    return months, returns.pop("Market"), returns


MONTHS, MARKET, FUNDS = read()


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


def window(name, at):
    """(alpha, beta return) of the 12 months that end with MONTHS[at]; None with fewer than 6."""
    used = [month for month in MONTHS[max(0, at - 11) : at + 1] if month in FUNDS[name]]
    if len(used) < 6:
        return None
    x, y = [MARKET[month] for month in used], [FUNDS[name][month] for month in used]
    beta = sum((a - mean(x)) * (b - mean(y)) for a, b in zip(x, y, strict=True)) / sum((a - mean(x)) ** 2 for a in x)
    return mean(y) - beta * mean(x), beta * mean(x)


def rating(name, at):
    """(alpha, beta return, RS, admitted) known once MONTHS[at] was reported; None where there is none."""
    own = [one for back in range(6) if at >= back and (one := window(name, at - back))]
    if MONTHS[at] not in FUNDS[name] or len(own) < 3:
        return None
    alpha, beta = (mean(part) for part in zip(*own, strict=True))
    rs = alpha / (alpha + abs(beta)) if alpha >= 0 else None
    return alpha, beta, rs, alpha > 0 and window(name, at)[0] > 0


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert found[key] == pytest.approx(float(value), abs=1e-12, rel=0), key


def test_the_index_is_the_mean_of_those_who_are_past_their_first_month(told):
    wanted = {}
    for month in MONTHS:
        members = [one for one in FUNDS.values() if month in one and month > min(one)]
        if members:
            wanted[month] = mean(one[month] for one in members)
    same(told["index"]["returns"], wanted)
    assert list(told["index"]["returns"]) == MONTHS[1:]


def test_who_came_and_who_went(told):
    assert told["index"]["entries"] == {
        "2024-02": ["Alder", "Birch", "Dogwood", "Elm", "Fir"], "2024-06": ["Cedar"], "2024-10": ["Alder"],
        "2024-12": ["Fir"],
    }  # fmt: skip
    assert told["index"]["exits"] == {"2024-09": ["Alder"], "2024-11": ["Birch", "Fir"]}


@pytest.mark.parametrize("name", FUNDS)
def test_alpha_and_beta_returns_and_rs(told, name):
    rated = {month: one for at, month in enumerate(MONTHS) if (one := rating(name, at))}
    own = told["funds"][name]
    same(own["alpha"], {month: one[0] for month, one in rated.items()})
    same(own["beta_return"], {month: one[1] for month, one in rated.items()})
    same(own["rs"], {month: one[2] for month, one in rated.items() if one[2] is not None})
    assert own["admitted"] == [month for month, one in rated.items() if one[3]]


def test_weights_of_a_month_come_from_the_month_before(told):
    wanted = {}
    for at in range(len(MONTHS)):
        rated = {name: one for name in FUNDS if (one := rating(name, at))}
        if rated:
            held = {name: one[2] for name, one in rated.items() if one[3]}
            month = MONTHS[at + 1] if at + 1 < len(MONTHS) else told["portfolio"]["next"]["month"]
            wanted[month] = {name: rs / sum(held.values()) for name, rs in held.items()}
    found = told["portfolio"]["weights"] | {"2025-03": told["portfolio"]["next"]["weights"]}
    assert list(found) == list(wanted) == [*MONTHS[8:], "2025-03"]
    for month, weights in wanted.items():
        same(found[month], weights)


def test_each_kind_of_fund_is_treated_as_the_issue_has_it(told):
    weights = told["portfolio"]["weights"]
    assert "Alder" not in weights["2024-10"], "late in September: not rated"
    assert "Alder" in weights["2024-11"]
    assert "Birch" in weights["2024-11"], "it reported October"
    assert "Birch" not in weights["2024-12"], "it did not report November"
    assert min(month for month, one in weights.items() if "Cedar" in one) == "2025-01", (
        "young: 6 + 3 - 1 months, then one more"
    )
    assert not any("Dogwood" in one for one in weights.values()), "negative alpha"
    assert all(value < 0 for value in told["funds"]["Elm"]["beta_return"].values())
    assert all(0 < value < 1 for value in told["funds"]["Elm"]["rs"].values())
    assert "Fir" not in weights["2024-12"]
    assert "Fir" in weights["2025-01"]


def test_a_fund_that_is_held_and_silent_returned_nothing(told):
    """November 2024: Fir and Birch are held and report nothing."""
    held = told["portfolio"]["weights"]["2024-11"]
    made = sum(weight * float(FUNDS[name].get("2024-11", 0)) for name, weight in held.items())
    assert told["portfolio"]["returns"]["2024-11"] == pytest.approx(made, abs=1e-15)
    (loud,) = [one["text"] for one in told["notices"] if one["text"].startswith("Return Structure: held in a month")]
    assert "Fir 2024-11, 28 %" in loud
    assert "Birch 2024-11, 18 %" in loud


def test_the_table_of_the_page_can_be_followed_with_a_calculator():
    """Every line of the regressions follows from its own sums, every rating from those lines."""
    (rows,) = tables_with("funds.md", "S(xy)", "S(xx)")
    for row in rows:
        at = MONTHS.index(row["month"])
        used = [month for month in MONTHS[max(0, at - 11) : at + 1] if month in FUNDS[row["fund"]]]
        assert int(row["n"]) == len(used)
        assert float(row["mean Market"]) == pytest.approx(100 * float(mean(MARKET[one] for one in used)), abs=6e-5)
        beta = float(row["S(xy)"]) / float(row["S(xx)"])
        assert float(row["beta"]) == pytest.approx(beta, abs=6e-5)
        assert float(row["beta return"]) == pytest.approx(beta * float(row["mean Market"]), abs=3e-4)
        assert float(row["alpha"]) == pytest.approx(float(row["mean fund"]) - float(row["beta return"]), abs=1.1e-4)
    (rated,) = tables_with("funds.md", "averaged", "RS")
    for row in rated:
        at = MONTHS.index(row["month"])
        own = [one for one in rows if one["fund"] == row["fund"] and one["month"] in MONTHS[max(0, at - 5) : at + 1]]
        assert len(own) == int(row["averaged"])
        for column in ("alpha", "beta return"):
            assert float(row[column]) == pytest.approx(float(mean(Fraction(one[column]) for one in own)), abs=1.1e-4)
        if row["RS"]:
            alpha, beta = float(row["alpha"]), abs(float(row["beta return"]))
            assert float(row["RS"]) == pytest.approx(alpha / (alpha + beta), abs=1e-3)
