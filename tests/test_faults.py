# SPDX-License-Identifier: Apache-2.0
"""tests/faults.toml: each kind of fault that was once reported has its test and at least two more of the same kind."""

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
KINDS = tomllib.loads((TESTS / "faults.toml").read_text(encoding="utf-8"))["kind"]
CASES = TESTS.parents[1] / "shared" / "cases"


@cache
def declared_in(path: Path) -> dict[str, bool]:
    """The tests of a file, those of a class under CLASS::NAME; whether they have parameters."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for one in inside:
            if isinstance(one, ast.FunctionDef) and one.name.startswith("test"):
                words = [ast.unparse(word) for word in [*one.decorator_list, *getattr(node, "decorator_list", [])]]
                found[prefix + one.name] = any("parametrize" in word for word in words)
    return found


def missing(name: str) -> str:
    """Why no test has this name, "" where one does. A parameter stands in the file or in the table beside it."""
    path, _, test = name.partition("::")
    base, _, parameter = test.removesuffix("]").partition("[")
    file = TESTS / path
    if not file.is_file():
        return f"no file {path}"
    known = declared_in(file)
    if base not in known:
        return f"no test {base} in {path}"
    texts = [one.read_text(encoding="utf-8") for one in (file, *file.parent.glob("*.md"))]
    if parameter and not (known[base] and any(parameter in text for text in texts)):
        return f"{base} in {path} has no parameter {parameter}"
    return ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["fault"])
def test_each_kind_has_its_test_and_two_more(kind):
    names = [kind["held"], *kind["further"]]
    assert len(set(names)) == len(names) >= 3
    assert [why for name in names if (why := missing(name))] == []


def test_a_name_that_is_none_is_told():
    assert missing("cli/test_nothing.py::test_it") == "no file cli/test_nothing.py"
    assert missing("test_faults.py::test_it") == "no test test_it in test_faults.py"
    assert "has no parameter" in missing("test_faults.py::test_a_name_that_is_none_is_told[one]")


def test_each_reported_case_is_of_one_kind():
    told = Counter(kind["case"] for kind in KINDS if "case" in kind)
    assert set(told.values()) == {1}
    if not CASES.is_dir():
        pytest.skip(f"no reported cases in {CASES}")
    assert sorted(told) == sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
