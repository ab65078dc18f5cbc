# SPDX-License-Identifier: Apache-2.0
"""What numba says, in one sentence with the line of on_bar: for what slips through the check of the source."""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.errors import Problem, StrategyError
from engine.strategy.source.authors import is_authors

_PLACES = re.compile(
    r'File "(?P<file>[^"]+)", line (?P<line>\d+)|\b(?:at|from|location:) (?P<path>[^\n"]+?) \((?P<row>\d+)\)$',
    re.MULTILINE,
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

_OPERATORS = {
    "add": "+", "iadd": "+=", "sub": "-", "isub": "-=", "mul": "*", "imul": "*=", "truediv": "/", "itruediv": "/=",
    "floordiv": "//", "mod": "%", "pow": "**", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
    "neg": "-", "pos": "+", "contains": "in",
}  # fmt: skip

_NO_IMPLEMENTATION = (
    r"No implementation of function Function\(<[^>]*?(?:function|class) '?(?P<name>[\w.]+)[^>]*>\) "
    r"found for signature:\s*>>> (?P<call>[^\n]+)"
)

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"NameError: name '(?P<name>\w+)' is not defined", "no such name in this file: {name}"),
    (
        r"Untyped global name '(?P<name>\w+)'",
        "{name} cannot be compiled: only numbers, IntEnum members, math and functions of your own can",
    ),
    (
        r"Cannot unify (?P<one>.+?) and (?P<two>.+?) for '(?P<name>[\w$]+)",
        "{name} holds two things that one compiled name cannot hold ({one} and {two}); use two names",
    ),
    (
        r"No conversion from (?P<one>.+?) to none for '\$\w*return",
        "on_bar gives nothing back: it speaks through orders and State; write `return`",
    ),
    (r"Unknown attribute '(?P<name>\w+)' of type (?P<one>[^\n]+)", "there is no {name} in {one}"),
    (r"^'(?P<name>\w+)'$", "there is no field {name} here"),
    (r"opcode \((?P<name>\w+)\)", "this syntax cannot be compiled ({name}); docs/strategies.md lists what can"),
    (r"Cannot cast (?P<one>.+?) to (?P<two>[\w().]+)", "{one} cannot stand where {two} is needed"),
    (r"Type of variable '(?P<name>[\w$.]+)' cannot be determined", "the kind of number here cannot be told"),
    (r"(?P<name>missing a required argument: '\w+')", "wrong arguments: {name}"),
    (r"(?P<name>too many positional arguments)", "wrong arguments: {name}"),
    (r"(?P<name>got an unexpected keyword argument '\w+')", "wrong arguments: {name}"),
    (_NO_IMPLEMENTATION, "`{name}` does not take these: {call}"),
    (r"use of a reflected (?P<one>\w+)", "a {one} cannot be compiled; compute it in features()"),
)
"""What numba says, and what that means here; the first that is found."""


def explain_numba_error(error: BaseException, on_bar: Callable[..., Any]) -> StrategyError:
    """The refusal of numba to compile `on_bar` as one Problem: its line and one sentence, never a traceback."""
    text = _COLOURS.sub("", str(error))
    file = inspect.getsourcefile(on_bar) or on_bar.__code__.co_filename
    line = _line(text, Path(file), on_bar)
    return StrategyError(
        Problem(
            f"cannot be compiled: {_sentence(text)}",
            file=file,
            line=line,
            path=on_bar.__qualname__.replace("<locals>.", ""),
            found=linecache.getline(file, line).strip(),
            allowed="`mode: interpreted` runs it as plain Python",
        )
    )


def explain_decision_error(error: BaseException, on_bar: Callable[..., Any], when: str) -> StrategyError:
    """What interpreted on_bar ran into, as one Problem: the author's line, the error's words and the bar.

    Raises `error` again when it did not come from the author's file: then it is a bug of the engine.
    """
    file = inspect.getsourcefile(on_bar) or on_bar.__code__.co_filename
    steps = [step for step in traceback.extract_tb(error.__traceback__) if is_authors(step.filename, file)]
    if not steps:
        raise error
    guard = "a guard, `if x != 0.0`; compiled code would go on with inf or nan"
    said = str(error) if isinstance(error, ValueError | TypeError | AttributeError) else _named(error)
    return StrategyError(
        Problem(
            f"on the bar of {when}: {said}",
            file=steps[-1].filename,
            line=steps[-1].lineno or 0,
            path=on_bar.__qualname__.replace("<locals>.", ""),
            found=(steps[-1].line or "").strip(),
            allowed=guard if isinstance(error, ArithmeticError) else "",
        )
    )


def _named(error: BaseException) -> str:
    """The error's words; with its kind where these say little, as in `34, 'Numerical result out of range'`."""
    words = str(error)
    return (
        words
        if isinstance(error, ZeroDivisionError)
        else f"{type(error).__name__}: {words}"
        if words
        else type(error).__name__
    )


def _line(text: str, file: Path, on_bar: Callable[..., Any]) -> int:
    """The last place that the message names inside on_bar, else where its missing name stands, else the `def`."""
    source, first = inspect.getsourcelines(on_bar)
    named = [(match["file"] or match["path"], int(match["line"] or match["row"])) for match in _PLACES.finditer(text)]
    lines = [line for place, line in named if Path(place).name == file.name]
    inside = [line for line in lines if first < line < first + len(source)]
    missing = re.search(r"name '(\w+)' is not defined|^'(\w+)'$", text)
    if not inside and missing:
        word = re.compile(rf"\b{missing[1] or missing[2]}\b")
        inside = [first + offset for offset, written in enumerate(source) if word.search(written)][:1]
    return (inside or lines or [on_bar.__code__.co_firstlineno])[-1]


def _sentence(text: str) -> str:
    for pattern, sentence in _SENTENCES:
        match = re.search(pattern, text)
        if match:
            words = {key: _plain(value) for key, value in match.groupdict().items()}
            return sentence.format(**words)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("Failed in")]
    return _plain(lines[0]) if lines else "numba gives no reason"


def _plain(words: str) -> str:
    """Names of numba's types in words."""
    words = re.sub(r"Literal\[\w+\]\(([^)]*)\)", r"\1", words)
    words = re.sub(r"Record\([^;]*?(?:;[^;()]*)*\)", "a row", words) if "Record(" in words else words
    words = re.sub(r"BoundFunction\(.*", "a method", words)
    for kind, plain in (("float64", "a number with a fraction"), ("int64", "a whole number"), ("unicode_type", "text")):
        words = words.replace(kind, plain)
    words = re.sub(r"^IntEnum<[^>]*>\((\w+)\)", r"a member of \1", words)
    name = words.rpartition(".")[2] if re.fullmatch(r"[\w.]+", words) else words
    return _OPERATORS.get(name, re.sub(r"\.\d+$", "", words))
