# SPDX-License-Identifier: Apache-2.0
"""The notebooks of docs/notebooks run from the first cell to the last, and what they show can be shown."""

import ast
import json
import linecache
import sys
import types
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(notebook):
    """The code of each cell."""
    held = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(one["source"]) for one in held["cells"] if one["cell_type"] == "code"]


def run(code, name, session):
    """Run a cell in a session and return the value of its last line, as a kernel shows it; None for a statement."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    tree = ast.parse(code, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), vars(session))
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), vars(session))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs(notebook, monkeypatch, tmp_path, capsys):
    session = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", session)
    monkeypatch.chdir(tmp_path)
    shown = []
    for number, code in enumerate(cells(notebook)):
        value = run(code, f"/nowhere/ipykernel_1/{notebook.stem}{number}.py", session)
        if value is not None:
            shown.append(value._repr_html_() if hasattr(value, "_repr_html_") else repr(value))
    assert len(shown) >= 4
    assert all(shown)
    assert "Synthetic prices" in shown[0] or "close" in shown[0]
    if notebook.stem == "your_strategy":
        assert "close is not above zero (2015-06-01)" in capsys.readouterr().out


def test_there_are_three_without_outputs():
    assert [one.stem for one in NOTEBOOKS] == ["first_steps", "research", "your_strategy"]
    for one in NOTEBOOKS:
        held = json.loads(one.read_text(encoding="utf-8"))
        assert all(not cell.get("outputs") for cell in held["cells"]), "clear the outputs: they would grow old"
