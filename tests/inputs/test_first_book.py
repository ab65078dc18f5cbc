# SPDX-License-Identifier: Apache-2.0
"""The book before the first bar, and the rules in it: kept from run to run, and nobody's to change."""

import numpy as np
import pytest

from engine.arrays import copies_of
from engine.inputs.first_book import empty_book
from engine.inputs.rules import build_rules
from engine.kernel.views import place_parts
from engine.model.run import Account, RunConfig

SLEEVES = {"one": (("large", "small"), ("put",)), "two": (("etf",), ("call", "put"))}


def two_sleeves():
    return empty_book(("SPY", "IWM", "SPY"), place_parts(SLEEVES), 8, underlyings=(1, 2, 2))


def test_every_place_of_two_sleeves():
    book = two_sleeves()[0]
    assert book["twin"].tolist() == [0, 1, 0]
    assert book["owner"][:6].tolist() == [0, 0, 1, 0, 1, 1]  # three roles, then three option slots
    assert book["contract"]["role"][:4].tolist() == [1, 2, 2, -1]
    sleeves = [[int(one[name]) for name in ("role_shift", "roles", "first_slot", "slots")] for one in book["sleeve"]]
    assert sleeves == [[0, 2, 0, 1], [2, 1, 1, 2]]
    assert book["sleeve"]["option_shift"].tolist() == [1, 3]  # own roles + slot -> 3 roles of the account + its slot


def test_nothing_is_noted_before_the_first_bar():
    book = two_sleeves()[0]
    assert np.isnan(book["weighed"]).all()
    assert book["noted"].tolist() == [-1] * 3
    assert set(book["cut_at"].tolist()) == {-1}
    assert book["month"] == -1


def test_who_writes_into_a_book_writes_into_no_other():
    kept = two_sleeves()
    first, second = copies_of(kept, 2)[:1], copies_of(kept, 2)[1:]
    first["cash"] = 5.0
    assert second["cash"][0] == copies_of(kept)["cash"][0] == kept["cash"][0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        kept["cash"] = 5.0


def test_rules_of_equal_runs_are_apart_and_those_of_others_differ():
    def rules(cash: float):
        config = RunConfig(name="x", strategy="x", roles={}, account=Account(cash=cash))
        return build_rules(config, recording=True)

    first, again = rules(1_000.0), rules(1_000.0)
    first["late_children"] = 1
    assert again["late_children"][0] == 0
    assert (again["cash"][0], rules(2_000.0)["cash"][0]) == (1_000.0, 2_000.0)
