# SPDX-License-Identifier: Apache-2.0
"""What the functions of a strategy read of their modules: numbers and words that need not stand in the source.

`K = json.load(file)["k"]` or `K = float(os.environ["K"])` is one text with many values, and so is a cell of a notebook.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from engine.model.parameter import Parameter
from engine.strategy.authors import is_authors

_PLAIN = (bool, int, float, complex, str, bytes, type(None), np.number, np.bool_)


def constants_read(strategy: type, own: str, name_of: Callable[[str, str], str]) -> list[str]:
    """Every constant that the class has, or the author's functions behind it read, "module: NAME = value", sorted.

    own      the file of the class;  name_of  what a module is called, from its file and its name, wherever it lies

    Constants are numbers, words, members of an enumeration, and tuples of these: what nobody changes on the way. Lists,
    dicts, arrays and tables are not among them, for a function may fill those as it goes, nor is what a function reads
    from a file by itself.
    """
    found: set[str] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [strategy]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        where = name_of(file_of(one), one.__module__)
        for name, value in _held(one, own) if inspect.isclass(one) else _read(one, own):
            thing = inspect.unwrap(value) if inspect.isfunction(value) else value
            if inspect.isclass(thing) or inspect.isfunction(thing):
                waiting += [thing] if is_authors(file_of(thing), own) else []
            elif (text := _text(thing, str(Path(own).parent) if own else "")) is not None:
                found.add(f"{where}: {name} = {text}")
    return sorted(found)


def file_of(thing: Any) -> str:
    """The file of a class or a function; "<" and more for one that stands in none."""
    if inspect.isfunction(thing):
        return thing.__code__.co_filename
    module = sys.modules.get(thing.__module__)
    typed_in = "<session>" if thing.__module__ == "__main__" else "<frozen >"
    return getattr(module, "__file__", None) or typed_in


def _held(thing: type, own: str) -> Iterator[tuple[str, Any]]:
    """What stands in a class and in those of the author's that it is made from: methods, classes and constants."""
    for base in thing.__mro__:
        if is_authors(file_of(base), own):
            for name, value in vars(base).items():
                if not (name.startswith("_") and name.endswith("_")):
                    held = getattr(value, "default", value) if isinstance(value, Parameter) else value
                    yield f"{base.__qualname__}.{name}", getattr(held, "__func__", held)


def _read(function: Any, own: str) -> Iterator[tuple[str, Any]]:
    """What a function finds outside of itself, by its name; that of an author's module by `module.NAME`."""
    names = set(_names(function.__code__))
    found = {name: function.__globals__[name] for name in names & function.__globals__.keys()}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, value in {**found, **{name: cell.cell_contents for name, cell in cells}}.items():
        if isinstance(value, ModuleType):
            if is_authors(getattr(value, "__file__", None) or "<frozen >", own):
                yield from ((f"{name}.{one}", vars(value)[one]) for one in names & vars(value).keys())
        else:
            yield name, value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)


def _text(value: Any, folder: str) -> str | None:
    """A constant in words that are the same wherever its file lies; None for what is none."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}: {_text(value.value, folder)}"
    if isinstance(value, str):
        return repr(value.replace(folder, ".") if folder else value)
    if isinstance(value, _PLAIN):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple):
        parts = [_text(part, folder) for part in value]
        return None if None in parts else f"({', '.join(map(str, parts))})"
    return None
