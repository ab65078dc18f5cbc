# SPDX-License-Identifier: Apache-2.0
"""docs/signals.md: the decision it prints is the one of that day, and its table names every part."""

import json

import pytest

from tests.docs.conftest import ROOT, script, tables_with

PAGE = "signals.md"


@pytest.fixture(scope="module")
def figures():
    return script("signals_figures")


def test_it_fits_a_terminal(figures):
    assert max(len(line) for line in figures.signals(None).splitlines()) <= 80


def test_every_part_of_the_document_is_in_the_table():
    (rows,) = tables_with(PAGE, "part", "where it comes from")
    named = {one.strip() for row in rows for one in row["part"].split(",")}
    schema = json.loads((ROOT / "docs" / "schemas" / "signals.json").read_text(encoding="utf-8"))
    parts = set(schema["required"]) - {"name", "strategy", "asof", "asked", "fill_convention", "equity", "notices"}
    words = {"watched": "indicators", "state": "remembers", "data": "age", "conditions": "at a later close"}
    assert {words.get(part, part) for part in parts} == named - {"inputs"}
