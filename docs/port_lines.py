# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""The table of docs/ports.md: what each strategy in tests/authors/ports is, and how many lines it takes.

`python docs/port_lines.py` writes it again.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence

from page import DOCS, Page, Table

PORTS = DOCS.parent / "tests" / "authors" / "ports"


def lines(_: Sequence[str]) -> Table:
    """A row a file: its first sentence, its lines of code, those of its decision."""
    rows = [["file", "what", "lines", "of on_bar"]]
    for file in sorted(PORTS.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        doc = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0].removesuffix(".")
        link = f"[`{file.name}`](../tests/authors/ports/{file.name})"
        rows.append([link, doc, str(len(code_lines(text))), str(len(decision_lines(text)) or "–")])
    return rows


def code_lines(text: str) -> set[int]:
    """The numbers of the lines that hold code: no blank ones, comments and docstrings."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held = {line for one in tokens if one.type not in skipped for line in range(one.start[0], one.end[0] + 1)}
    documented = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr))
    words = (node for node in documented if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    return held - {line for node in words for line in _lines_of(node)}


def decision_lines(text: str) -> set[int]:
    """Those of on_bar and of the functions of the file, which it calls."""
    tree = ast.parse(text)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    functions += [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "on_bar"]
    return code_lines(text) & {line for one in functions for line in _lines_of(one)}


def _lines_of(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


PAGE = Page("ports.md", [lines])

if __name__ == "__main__":
    PAGE.main()
