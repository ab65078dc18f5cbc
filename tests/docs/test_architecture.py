# SPDX-License-Identifier: Apache-2.0
"""docs/architecture.md names what exists: folders, modules, floors, functions."""

import importlib
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from engine.kernel.codes import EntryKind
from engine.kernel.flows import FLOWS
from tests.docs.conftest import ROOT, tables_with

PAGE = "architecture.md"
PICTURE = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")


def test_the_picture_has_the_floors_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract["layers"] for contract in contracts if contract["id"] == "layers"]
    drawn = re.findall(r'class="name">([a-z, ]+)</text>\s*<text[^>]* class="small soft">', PICTURE)
    floors = [re.findall(r"\w+", layer) for layer in layers]
    assert [sorted(name.split(", ")) for name in drawn] == [sorted(floor) for floor in floors]


STEPS = [row for table in tables_with(PAGE, "step", "where") for row in table]


@pytest.mark.parametrize("row", STEPS, ids=[row["step"] for row in STEPS])
def test_every_step_of_a_run_is_a_module(row):
    for name in re.findall(r"`([a-z_.]+)`", row["where"]):
        assert importlib.util.find_spec(f"engine.{name}") is not None, name


def test_every_kind_of_entry_belongs_to_one_flow():
    assert sorted(kind for flow in FLOWS for kind in flow.kinds) == sorted(EntryKind)


def test_cash_changes_in_one_function_only():
    """The page's claim: outside post, no code of the simulation writes cash or a quantity held."""
    writes = re.compile(r"(\.cash|asset\[\w+\]\.qty|holding\.qty|contract\.qty) *[-+*/]?=(?!=)")
    found = {}
    for path in sorted((ROOT / "engine" / "kernel").rglob("*.py")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if writes.search(line)]
        if lines:
            found[path.name] = lines
    assert found == {
        "ledger.py": [
            "book.cash += amount",
            "book.sleeve[sleeve_of(book, role)].cash += amount",
            "book.asset[role].qty = in_steps(book, book.asset[role].qty + qty)",
            "book.sleeve[sleeve].cash += amount",
            "contract.qty += qty",
        ],
        "loop.py": ["point.cash = book.cash"],
    }


def test_numba_is_where_the_page_says():
    users = {
        path.name
        for path in (ROOT / "engine").rglob("*.py")
        if re.search(r"^\s*(from|import) numba", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users == {"compiled.py", "numba_entry.py", "numba_inner.py", "numba_rows.py", "numba_types.py"}


WORDS = [
    pytest.param(word, id=f"{row['you add']}: {word}")
    for row in tables_with(PAGE, "you add", "you write")[0]
    for word in re.findall(r"`([^`]+)`", row["you write"])
]


@pytest.mark.parametrize("word", WORDS)
def test_what_one_writes_to_add_a_room_has_its_place(word):
    """A path exists, beside what stands there already where it has a NAME; a name is declared in the engine once."""
    if "/" in word:
        assert any(list(base.glob(word.replace("NAME", "*"))) for base in (ROOT, ROOT / "engine")), word
    elif word.endswith(".yaml"):
        assert list((ROOT / "configs" / "costs").glob(word.replace("NAME", "*")))
    else:
        declared = re.compile(rf"^(class|def) {word.lstrip('@')}\b", re.MULTILINE)
        texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "engine").rglob("*.py"))]
        assert sum(len(declared.findall(text)) for text in texts) == 1, word


@pytest.mark.parametrize("row", [pytest.param(row, id=row["where"]) for row in tables_with(PAGE, "where", "files")[0]])
def test_an_order_type_takes_the_files_that_the_page_says(row):
    """Those that know market_on_open by name, but for this page and its test."""
    base = ROOT / row["where"]
    texts = [
        path
        for path in base.rglob("*")
        if path.suffix in {".py", ".md"} and path.name not in (PAGE, Path(__file__).name)
    ]
    knowing = {str(path.relative_to(base)) for path in texts if "market_on_open" in path.read_text("utf-8").lower()}
    assert knowing == set(re.findall(r"`([\w/.]+)`", row["files"]))


def test_every_room_is_told_by_name():
    rooms = {param.id.partition(":")[0] for param in WORDS}
    assert rooms >= {
        "a strategy",
        "an indicator",
        "a cost table",
        "a metric",
        "a data source",
        "an order type",
        "a cash flow",
    }
