# SPDX-License-Identifier: Apache-2.0
"""Where a function's source is: its syntax tree with the line numbers of the file, and Problems that point into it."""

from __future__ import annotations

import ast
import functools
import linecache
import types
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.errors import Problem, StrategyError, nearest_name


@dataclass(frozen=True)
class Source:
    """One function: its tree, the file's lines and the name that messages use."""

    function: types.FunctionType
    tree: ast.FunctionDef
    file: str
    lines: list[str] = field(repr=False)

    @property
    def name(self) -> str:
        return self.function.__qualname__.replace("<locals>.", "")

    def column(self, node: ast.AST) -> int:
        """Column of the node from 1, in characters (the tree counts bytes)."""
        line: int = getattr(node, "lineno", 0)
        offset: int = getattr(node, "col_offset", 0)
        if not 0 < line <= len(self.lines):
            return offset + 1
        return len(self.lines[line - 1].encode()[:offset].decode(errors="replace")) + 1


@dataclass
class Report:
    """The problems found so far, each once."""

    problems: dict[tuple[str, int, int, str], Problem] = field(default_factory=dict)

    def add(
        self,
        source: Source,
        node: ast.AST,
        message: str,
        *,
        found: str = "",
        allowed: Iterator[str] | list[str] | tuple[str, ...] | str = "",
        wanted: str = "",
    ) -> None:
        """Note a problem at `node`. `wanted` is the word to look for among the allowed names."""
        names = [] if isinstance(allowed, str) else list(allowed)
        problem = Problem(
            message,
            file=source.file,
            line=getattr(node, "lineno", source.tree.lineno),
            column=source.column(node),
            path=source.name,
            found=found,
            allowed=allowed if isinstance(allowed, str) else ", ".join(names),
            nearest=nearest_name(wanted, names) if wanted else "",
        )
        self.problems.setdefault((problem.file, problem.line, problem.column, message), problem)

    def sorted(self) -> list[Problem]:
        """The problems in the order of the files' lines."""
        return [self.problems[key] for key in sorted(self.problems)]


def read_source(function: types.FunctionType) -> Source:
    """The tree of `function`, with the absolute lines of its file. Raises StrategyError when there is no source."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    for tree in _functions("".join(lines)):
        first = min([tree.lineno, *(decorator.lineno for decorator in tree.decorator_list)])
        if tree.name == code.co_name and first == code.co_firstlineno:
            return Source(function, tree, code.co_filename, lines)
    if not lines or code.co_filename == "<string>":  # the lines that Python 3.13 has for it are those of `python -c`
        why = "the source cannot be read, and it is compiled and checked from its source; put it in a .py file"
    else:
        why = "this function is not where it was when the file was loaded; write it with `def` and load the file again"
    raise StrategyError(Problem(why, file=code.co_filename, line=code.co_firstlineno, path=function.__qualname__))


@functools.lru_cache(maxsize=32)
def _functions(text: str) -> tuple[ast.FunctionDef, ...]:
    try:
        module = ast.parse(text)
    except SyntaxError:  # the file was edited after it was loaded
        return ()
    return tuple(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))
