# SPDX-License-Identifier: Apache-2.0
"""Mistakes on a terminal: what is wrong, the line with a mark under the word, what was found, what is allowed.

However many there are, they fit one screen: the first in full, the next in a line each, the rest as a number.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from engine.errors import ConfigError, InputError, Problem, TandemError

WIDTH = 80
HEIGHT = 24
LONGEST = 400
"""Most characters of a value or of a list of allowed ones that are worth reading."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_LONG_WORD = re.compile(r"([^\s/]{50})[^\s/]{11,}")
_WORD_END = re.compile(r"[:,}\]]| #")

Block = list[Text]
"""The lines that one mistake takes."""


def error_console() -> Console:
    """Standard error, where every mistake is told."""
    return Console(stderr=True, highlight=False)


def show_error(error: TandemError, console: Console) -> None:
    """Any error meant for a person, on one screen."""
    if isinstance(error, InputError):
        show_problems(error, console, console.height if console.is_terminal else HEIGHT)
    else:
        _print(_block(Problem(str(error)), console, _Sources()), console)


def show_problems(error: InputError, console: Console, height: int | None = None) -> None:
    """A block a mistake, at most WIDTH columns wide; `height` lines in all.

    None shows every mistake in full, with all that is allowed in its place.
    """
    sources = _Sources()
    blocks = [_block(problem, console, sources, whole=height is None) for problem in error.problems]
    count = len(blocks)
    if count == 1:
        _print(blocks[0], console)
        return
    full, short = (count, 0) if height is None else _share(blocks, height)
    for block in blocks[:full]:
        _print([*block, Text()], console)
    for problem in error.problems[full : full + short]:
        _print([_line(problem, _width(console))], console)
    left = count - full - short
    said = f"{count} mistakes; nothing was run" if left == 0 else f"and {left:,} more; nothing was run"
    if left + short and isinstance(error, ConfigError):
        said += " (`tandem config check` shows all in full)"
    _print([*([Text()] if short else []), Text(said, style="bold")], console)


def as_json(problem: Problem) -> dict[str, Any]:
    """The same for programs; parts that are unknown are left out."""
    parts = {name: getattr(problem, name) for name in Problem.__dataclass_fields__}
    return {name: part for name, part in parts.items() if part or name == "message"}


def _share(blocks: Sequence[Block], height: int) -> tuple[int, int]:
    """(in full, in one line): as many as there is room for, but always the first in full. One line is the prompt's."""
    room = height - 2  # the prompt, and the sentence that ends the list
    count = len(blocks)
    sizes = [len(block) + 1 for block in blocks]
    for full in range(count, 0, -1):
        rest = count - full
        if sum(sizes[:full]) + (rest + 1 if rest else 0) <= room:
            return full, rest
    return 1, max(0, min(count - 1, room - 1 - sizes[0]))


def _print(lines: Sequence[Text], console: Console) -> None:
    for line in lines:
        line.rstrip()
        console.print(line, soft_wrap=True)


def _width(console: Console) -> int:
    return min(console.width, WIDTH)


class _Sources:
    """The lines of the files that are pointed at, each read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str | None:
        """Line `number`, counted from 1; None where the file cannot be read or is shorter."""
        if file not in self._lines:
            try:
                self._lines[file] = Path(file).read_text(encoding="utf-8-sig").splitlines()
            except (OSError, UnicodeDecodeError):
                self._lines[file] = []
        lines = self._lines[file]
        return lines[number - 1] if 0 < number <= len(lines) else None


def _block(problem: Problem, console: Console, sources: _Sources, *, whole: bool = False) -> Block:
    """whole: all that is allowed, however much it is."""
    width = _width(console)
    lines = _head(problem, width)
    if problem.file:
        lines.append(Text.assemble(("   at ", "blue"), _place(problem)))
    excerpt = _excerpt(problem, sources, width)
    lines += excerpt
    facts = []
    if problem.found and not _seen(problem, excerpt):
        facts.append(("   found", _short(_visible(problem.found)), ""))
    if problem.allowed:
        facts.append(("   allowed", problem.allowed if whole else _short(problem.allowed), ""))
    if problem.nearest:
        facts.append(("   did you mean", f"{problem.nearest}?", "bold green"))
    indent = max((len(label) for label, *_ in facts), default=0) + 2
    for label, words, style in facts:
        for number, words_of_line in enumerate(_wrapped(words, width - indent)):
            lines.append(
                Text.assemble((f"{'' if number else label:<{indent}}", "blue"), (words_of_line, style)),
            )
    return lines


def _head(problem: Problem, width: int) -> Block:
    path = f"{problem.path}: " if problem.path else ""
    first, *others = _wrapped(f"error {path}{problem.message}", width)
    head = Text(first)
    head.stylize("bold red", 0, len("error"))
    head.stylize("bold", len("error "), len("error ") + len(problem.path))
    return [head, *map(Text, others)]


def _wrapped(words: str, width: int) -> list[str]:
    """Lines of whole words; a word that is longer, such as a path, stays in one piece."""
    return textwrap.wrap(words, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def _short(words: str) -> str:
    """Cut where nobody reads on: a long list, and a long word that is no path."""
    words = _LONG_WORD.sub(r"\1…", words)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _visible(words: str) -> str:
    """What a terminal would act on, instead of showing it, as a dot."""
    return "".join(sign if sign.isprintable() else " " if sign == "\t" else "·" for sign in words)


def _place(problem: Problem) -> str:
    """file:line:column, from here where the file is below here."""
    here, file = str(Path.cwd()) + "/", problem.file
    numbers = [str(number) for number in (problem.line, problem.column) if number]
    return ":".join([file.removeprefix(here), *numbers])


def _line(problem: Problem, width: int) -> Text:
    """The mistake in one line, cut where the line ends."""
    line = Text.assemble(("error", "bold red"), " ")
    if problem.file:
        line.append(_place(problem), "blue").append(" ")
    if problem.path and not problem.file.endswith(problem.path):
        line.append(problem.path, "bold").append(": ")
    line.append(problem.message.replace("\n", " "))
    line.truncate(width, overflow="ellipsis")
    return line


def _excerpt(problem: Problem, sources: _Sources, width: int) -> Block:
    """The line of the file and a mark under the word, cut to the width around it; nothing where it is unknown."""
    found = sources.line(problem.file, problem.line) if problem.line else None
    if found is None:
        return []
    line, start = _visible(found), max(problem.column - 1, 0)
    margin = f"{problem.line:>5} │ "
    room = width - len(margin)
    cut = max(0, start - room // 2) if len(line) > room else 0
    lines = [Text.assemble((margin, "blue"), line[cut : cut + room])]
    if problem.column:
        length = min(_length(line[start:], problem.found), room - (start - cut))
        mark = " " * (start - cut) + "^" * max(length, 1)
        lines.append(Text.assemble((f"{'│':>7} ", "blue"), (mark, "bold red")))
    return lines


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


def _seen(problem: Problem, excerpt: Block) -> bool:
    """Whether the excerpt shows what was found, so that it need not be said again."""
    return bool(excerpt) and problem.found.strip("`") in "\n".join(line.plain for line in excerpt).replace("...", "")
