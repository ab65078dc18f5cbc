# SPDX-License-Identifier: Apache-2.0
"""A study of funds in hand: the document that the command prints, in DataFrames."""

import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import engine
from engine.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "funds_example.csv"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "funds.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found():
    return engine.funds(EXAMPLE, unit="percent", benchmark="Market", deadline=45)


def test_the_frames_are_the_document(found):
    told = found.document()
    jsonschema.validate(told, SCHEMA)
    for name, one in told["funds"].items():
        for key, frame in (("alpha", found.alpha), ("beta_return", found.beta_return), ("rs", found.rs)):
            own = frame[name].dropna()
            assert dict(zip(own.index.astype(str), own, strict=True)) == one[key]
    held = {str(month): row[row > 0].to_dict() for month, row in found.weights.iterrows()}
    assert held == told["portfolio"]["weights"] | {"2025-03": told["portfolio"]["next"]["weights"]}
    assert found.index["return"].dropna().tolist() == list(told["index"]["returns"].values())
    assert found.returns["independence"].dropna().tolist() == list(
        told["portfolios"]["independence"]["returns"].values()
    )
    assert list(found.commentary) == told["commentary"]


def test_loud_notices_come_first(found):
    assert found.notices[0].startswith("Reported later than 45 days")


def test_a_frame_with_months_in_its_index_is_a_file(found):
    rows = pd.read_csv(EXAMPLE, dtype={"month": str})
    wide = rows.pivot_table(index="month", columns="fund", values="return")
    wide.loc["2024-09", "Alder"] = float("nan")  # late
    for index in (pd.PeriodIndex(wide.index, freq="M"), pd.PeriodIndex(wide.index, freq="M").to_timestamp("M")):
        other = engine.funds(wide.set_axis(index, axis=0), unit="percent", benchmark="Market")
        assert other.rs["Elm"].equals(found.rs["Elm"])
        assert other.index["return"].equals(found.index["return"])
    assert engine.funds(rows, unit="percent", benchmark="Market", deadline=45).weights.equals(found.weights)


def test_a_notebook_shows_warnings_commentary_and_weights(found):
    shown = found._repr_html_()
    assert "Reported later than 45 days" in shown
    assert "For 2025-03" in shown
    assert (
        repr(found)
        == "<FundsResult funds_example: 6 funds against Market, 2024-01 to 2025-02, index 106.12 from 100.00>"
    )


def test_the_page_is_one_file(found, tmp_path):
    page = found.report(tmp_path / "page.html").read_text(encoding="utf-8")
    for words in (
        "Funds, Return Structure, weights",
        "History of membership",
        "Cedar",
        "alpha index",
        "Weights over time",
    ):
        assert words in page
    assert "http://" not in page.split("<script>")[0]
    assert found.report(tmp_path / "again.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("data", "given", "path"),
    [
        (EXAMPLE, {"unit": "pct"}, "unit"), (EXAMPLE, {"without": "Alder"}, "without"), (17, {}, "data"),
        (ROOT / "none.csv", {}, "FILE"), (EXAMPLE, {"benchmark": "Spy"}, "benchmark"),
    ],
)  # fmt: skip
def test_other_kinds_are_told(data, given, path):
    with pytest.raises(InputError) as refused:
        engine.funds(data, **{"unit": "percent", "benchmark": "Market", **given})
    assert [one.path for one in refused.value.problems] == [path]


def test_no_such_portfolio(found):
    with pytest.raises(InputError, match="return_structure"):
        found.weights_of("rs")
