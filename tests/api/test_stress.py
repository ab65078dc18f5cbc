# SPDX-License-Identifier: Apache-2.0
"""A stress test in hand: the document that the command prints, in DataFrames."""

import math

import numpy as np
import pytest

import engine
from engine.errors import InputError
from tests.api.conftest import CONFIG, Hold


@pytest.fixture(scope="module")
def found():
    return engine.stress(CONFIG, period={"start": "2017-01-03", "end": "2020-06-30"}, leverages=[1.0, 4.0])


def test_windows_and_shocks_are_rows_of_the_document(found):
    told = found.document()
    assert found.windows["name"].tolist() == [one["name"] for one in told["windows"]]
    seen = found.windows.set_index("name")
    for one in told["windows"]:
        if one["strategy"]:
            assert seen.loc[one["name"], "return"] == one["strategy"]["return"]
    assert seen["data"].isin(["none", "part", "whole"]).all()
    assert found.shocks["shock"].tolist() == [one["words"] for one in told["shocks"]]
    for row, one in zip(found.shocks.to_dict("records"), told["shocks"], strict=True):
        dies = one["held"]["dies_at"]
        assert row["dies_at"] == (math.inf if dies is None else dies)
        assert math.isnan(row["spiral_dies_at"]) == (one["spiral"] is None)


def test_losses_are_by_shock_and_leverage(found):
    assert list(found.losses.columns) == list(found.found.leverages)
    assert {1.0, 4.0, found.leverage} == set(found.losses.columns)
    assert (found.losses[4.0] >= found.losses[1.0]).all()
    assert list(found.losses.index) == found.shocks["shock"].tolist()


def test_it_says_what_it_is(found, tmp_path):
    assert repr(found).startswith("<StressResult spread: book of 2020-06-30, 1.60x itself; the worst shock wipes out ")
    assert "synthetic" in repr(found)
    assert "\n" not in repr(found)
    assert found.notices[0].startswith("Synthetic prices")
    assert "Synthetic prices, never traded" in found._repr_html_()
    page = found.report(tmp_path / "stress.html")
    assert "<html" in page.read_text(encoding="utf-8")
    assert len(found.result.equity) > 800
    assert str(found.asof) == "2020-06-30"


def test_a_book_that_never_was_has_no_shocks():
    empty = engine.stress(CONFIG, params={"enter": 5.0}, period={"end": "2017-12-29"})
    assert len(empty.shocks) == len(empty.losses) == 0
    assert "nothing was held" in repr(empty)
    assert "nothing was held" in empty._repr_html_()


def test_numbers_out_of_range_are_refused():
    with pytest.raises(InputError, match="leverages: out of range"):
        engine.stress(CONFIG, leverages=[0.0], period={"end": "2017-12-29"})


@pytest.mark.parametrize("leverages", [2, "2", [1, "2"], [True]], ids=["number", "text", "text inside", "truth"])
def test_leverages_are_a_list_of_numbers(leverages):
    with pytest.raises(InputError) as caught:
        engine.stress(CONFIG, leverages=leverages)
    assert caught.value.problems[0].path == "leverages"


def test_a_book_of_one_fund_meets_each_shock_once():
    tested = engine.stress(
        strategy=Hold, roles={"fund": "SPY"}, period={"start": "2016-01-04", "end": "2019-12-31"},
        leverages=np.array([1.0, 2.0]),
    )  # fmt: skip
    assert {1.0, 2.0} <= set(tested.losses.columns)
    assert tested.losses.index.is_unique
    assert len(tested.losses) == 24
