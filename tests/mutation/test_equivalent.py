# SPDX-License-Identifier: Apache-2.0
"""The list of equivalent mutants is held to the code: what it names must stand there."""

import ast

import pytest

from tests.mutation import equivalent
from tests.mutation.equivalent import Mutant, equivalents
from tests.mutation.targets import ROOT, judges_of, strategies, targets


def source_of(file: str, function: str) -> str:
    """The text of a function, or of Class.method, its blanks as single ones."""
    text = (ROOT / file).read_text(encoding="utf-8")
    node = ast.parse(text)
    for name in function.split("."):
        (node,) = [each for each in node.body if getattr(each, "name", "") == name]
    return " ".join(" ".join(text.splitlines()[node.lineno - 1 : node.end_lineno]).split())


@pytest.mark.parametrize("mutant", sorted(equivalents()), ids=lambda one: f"{one.function}: {one.after}")
def test_every_listed_mutant_changes_a_line_of_its_function(mutant):
    assert f" {mutant.before} " in f" {source_of(mutant.file, mutant.function)} "
    assert mutant.after != mutant.before


def test_every_listed_mutant_has_a_reason():
    assert all(len(why.split()) > 4 and why.endswith(".") for why in equivalents().values())


def test_a_mutant_is_listed_once(tmp_path, monkeypatch):
    row = '[[equivalent]]\nfile = "f"\nfunction = "g"\nbefore = "a < b"\nafter = ["a <= b"]\nwhy = "w"\n'
    monkeypatch.setattr(equivalent, "FILE", tmp_path / "equivalent.toml")
    equivalent.FILE.write_text(row)
    assert equivalents() == {Mutant("f", "g", "a < b", "a <= b"): "w"}
    equivalent.FILE.write_text(row + row)
    with pytest.raises(ValueError, match="twice"):
        equivalents()


def test_what_is_mutated_is_what_on_bar_reaches():
    (spread,) = targets(["spread_trade"])
    assert spread.file == "strategies/spread_trade.py"
    assert {"SpreadTrade.on_bar", "wants_in", "guard", "ratchet"} <= set(spread.functions)
    assert "SpreadTrade.features" not in spread.functions
    assert spread.tests == [f"tests/strategies/test_spread_trade{kind}.py" for kind in ("_guard_rules", "_rules", "")]
    lines = (ROOT / spread.file).read_text(encoding="utf-8").splitlines()
    (first,) = [number for number, line in enumerate(lines, 1) if line.startswith("def wants_in(")]
    assert [spread.function_at(number) for number in (first, first - 1)] == ["wants_in", None]


def test_every_strategy_has_tests_that_judge_it():
    for name in strategies():
        assert judges_of(name)
