# SPDX-License-Identifier: Apache-2.0
"""Mistakes on a terminal: what is wrong, the line with a mark under the word, what was found, what is allowed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.errors import InputError, Problem

WIDTH = 80

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_WORD_END = re.compile(r"[:,}\]]| #")


def show_problems(error: InputError, console: Console) -> None:
    """One block a mistake, at most WIDTH columns wide, and their number at the end where there are several."""
    width = min(console.width, WIDTH)
    sources: dict[str, list[str]] = {}
    for problem in error.problems:
        _show(problem, console, width, sources)
        console.print()
    if len(error.problems) > 1:
        console.print(Text(f"{len(error.problems)} mistakes; nothing was run", style="bold"))


def as_json(problem: Problem) -> dict[str, Any]:
    """The same for programs; parts that are unknown are left out."""
    parts = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return {name: part for name, part in parts.items() if part or name == "message"}


def _show(problem: Problem, console: Console, width: int, sources: dict[str, list[str]]) -> None:
    head = Text.assemble(("error", "bold red"), " ")
    if problem.path:
        head.append(problem.path, "bold").append(": ")
    console.print(head.append(problem.message), width=width)
    if problem.file:
        numbers = [str(number) for number in (problem.line, problem.column) if number]
        console.print(Text.assemble(("   at ", "blue"), ":".join([problem.file, *numbers])), soft_wrap=True)
    excerpt = _excerpt(problem, sources, width)
    if excerpt:
        console.print(excerpt, soft_wrap=True)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="blue", no_wrap=True)
    facts.add_column(overflow="fold")
    if problem.found and not _seen(problem, excerpt):
        facts.add_row("   found", Text(problem.found))
    if problem.allowed:
        facts.add_row("   allowed", Text(problem.allowed))
    if problem.nearest:
        facts.add_row("   did you mean", Text.assemble((problem.nearest, "bold green"), "?"))
    if facts.row_count:
        console.print(facts, width=width)


def _excerpt(problem: Problem, sources: dict[str, list[str]], width: int) -> Text | None:
    """The line of the file and a mark under the word, cut to the width around it."""
    if not problem.line:
        return None
    lines = sources.setdefault(problem.file, _lines(problem.file))
    if problem.line > len(lines):
        return None
    line, start = lines[problem.line - 1].replace("\t", " "), max(problem.column - 1, 0)
    margin = f"{problem.line:>5} │ "
    room = width - len(margin)
    cut = max(0, start - room // 2) if len(line) > room else 0
    shown = line[cut : cut + room]
    text = Text.assemble((margin, "blue"), shown)
    if problem.column:
        length = min(_length(line[start:], problem.found), room - (start - cut))
        text.append(f"\n{'│':>7} ", "blue").append(" " * (start - cut)).append("^" * max(length, 1), "bold red")
    return text


def _length(rest: str, found: str) -> int:
    """Of what is to be marked: the value found, a quoted text, the rest of a list or mapping, or one word."""
    if found and rest.startswith(found):
        return len(found)
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted.end()
    if rest[:1] in {"{", "["}:
        return len(rest.partition(" #")[0].rstrip())
    return len(_WORD_END.split(rest, maxsplit=1)[0].rstrip())


def _seen(problem: Problem, excerpt: Text | None) -> bool:
    """Whether the excerpt shows what was found, so that it need not be said again."""
    return excerpt is not None and problem.found.strip("`") in excerpt.plain.replace("...", "")


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
