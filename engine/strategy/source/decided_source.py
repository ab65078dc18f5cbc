# SPDX-License-Identifier: Apache-2.0
"""What of a source file decides: its statements, without comments, docstrings and the way that lines are broken."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@lru_cache(maxsize=128)
def decided_source(content: bytes) -> bytes:
    """The statements of a file as text that any version of Python gives alike; the content itself where it is none.

    Docstrings count where the file names `__doc__`: then it can read them. A session that starts again asks of the same
    files.
    """
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return content
    if b"__doc__" not in content:
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                del node.body[0]
    return "".join(_told(tree)).encode("utf-8", "surrogatepass") if tree.body else b""


def _told(value: Any) -> Iterator[str]:
    """A node with the fields that it has: fields that a newer Python adds are empty for what an older one can read."""
    if isinstance(value, ast.AST):
        yield f"{type(value).__name__}("
        for name, field in ast.iter_fields(value):
            if field is not None and field != [] and name not in {"type_comment", "kind"}:
                yield f"{name}="
                yield from _told(field)
                yield ","
        yield ")"
    elif isinstance(value, list):
        yield "["
        for one in value:
            yield from _told(one)
            yield ","
        yield "]"
    else:
        yield repr(value)


def place_of(file: str, line: int) -> int:
    """Which of the functions and classes of a file begins on a line, from the top; the line itself where none does."""
    linecache.checkcache(file)
    return _places("".join(linecache.getlines(file))).get(line, line)


@lru_cache(maxsize=128)
def _places(text: str) -> dict[int, int]:
    """Line -> the how-manieth of the functions and classes begins on it; asked for each function of a file."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    begins = {_first_line(node) for node in ast.walk(tree) if isinstance(node, (*_DOCUMENTED[1:], ast.Lambda))}
    return {line: place for place, line in enumerate(sorted(begins))}


def _first_line(node: ast.AST) -> int:
    """As Python counts: a decorator is the beginning of what it decorates."""
    return min(
        one.lineno for one in (node, *getattr(node, "decorator_list", ())) if isinstance(one, ast.stmt | ast.expr)
    )
