# SPDX-License-Identifier: Apache-2.0
"""What features read beside the market: files and connections that they open, tables that their module keeps.

Shorter pasts say nothing about these: a file of tomorrow's returns is the same file on every past. Heard are Python's
audit events (PEP 578); what native code opens by itself, such as Parquet through pyarrow's own reader, raises none.
"""

from __future__ import annotations

import dis
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import getclosurevars
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from engine.strategy.base import Strategy

LONG = 250
"""Entries from which on what a module keeps is taken for a table of a year or more, and not for some constants."""

CONNECTIONS = ("socket.connect", "sqlite3.connect", "subprocess.Popen", "urllib.Request")
CODE = (".py", ".pyc", ".so", ".pyd", ".dll", ".pth", ".nbi", ".nbc")
OF_PYTHON = tuple(
    os.path.realpath(place) + os.sep
    for place in {
        *sysconfig.get_paths().values(),
        str(Path(np.__file__).parents[1]),
        str(Path(__file__).parents[1]),
        "/proc",
        "/sys",
        "/dev",
        "/etc",
        "/usr/share/zoneinfo",
    }
    if Path(place).is_dir()
)
"""Folders of Python, its packages and the system: opened by imports and clocks, not by a rule."""

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
_AROUND = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_OF_OBJECT = ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR")

_Reads = Callable[[CodeType, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Iterator[tuple[str, Any]]]

_listeners: list[set[str]] = []
_installed: list[bool] = []


@contextmanager
def heard(opened: set[str]) -> Iterator[None]:
    """Add to `opened` the files that are read and the connections that are made meanwhile."""
    if not _installed:
        sys.addaudithook(_hear)
        _installed.append(True)
    _listeners.append(opened)
    try:
        yield
    finally:
        _listeners.pop()


def kept_tables(strategy: type[Strategy]) -> tuple[str, ...]:
    """Long arrays, tables and collections outside `features` that it reads, directly or through its own functions.

    By names alone first: few strategies keep a table, and to look at instructions takes ten times as long.
    """
    found = _reached(strategy, _by_name) and _reached(strategy, _read)
    return tuple(f"{name} ({type(value).__name__} of {len(value):,})" for name, value in sorted(found.items()))


def _reached(strategy: type[Strategy], reads: _Reads) -> dict[str, Any]:
    """Name -> table of those that features and the author's functions that it calls read, as `reads` has it."""
    found: dict[str, Any] = {}
    waiting, seen = [strategy.features], {strategy.features}
    own = {name: value for owner in strategy.__mro__[::-1] for name, value in vars(owner).items()}
    while waiting:
        function = waiting.pop()
        for name, value in reads(function.__code__, function.__globals__, getclosurevars(function).nonlocals, own):
            called = getattr(value, "__func__", value)
            called = getattr(called, "__wrapped__", called)  # functools.cache around one of its functions
            if isinstance(called, FunctionType):
                if called not in seen and not _of_python(called.__code__.co_filename):
                    seen.add(called)
                    waiting.append(called)
            elif _is_table(value):
                found[name] = value
    return found


def _hear(event: str, given: tuple[Any, ...]) -> None:
    if not _listeners:
        return
    if event in CONNECTIONS:
        _listeners[-1].add(f"a connection ({event})")
    elif event == "open" and isinstance(given[0], str | bytes | os.PathLike):
        path, flags = os.path.realpath(os.fsdecode(given[0])), given[2] or 0
        if flags & os.O_ACCMODE != os.O_WRONLY and not path.endswith(CODE) and not _of_python(path):
            _listeners[-1].add(os.fsdecode(given[0]))


def _of_python(path: str) -> bool:
    return os.path.realpath(path).startswith(OF_PYTHON)


def _by_name(
    code: CodeType, module: Mapping[str, Any], around: Mapping[str, Any], own: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """All that `_read` gives and more: whatever has one of the function's names, wherever it stands."""
    names = set(_names(code))
    waiting: list[Mapping[str, Any]] = [module, around, own]
    seen: set[int] = set()
    while waiting:
        held = waiting.pop()
        for name in names & held.keys():
            value = held[name]
            yield name, value
            if id(value) not in seen and _holds(value):
                seen.add(id(value))
                waiting.append(vars(value))


def _names(code: CodeType) -> Iterator[str]:
    """Names that a function reads, those of its inner functions included."""
    yield from (*code.co_names, *code.co_freevars)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _read(
    code: CodeType, module: Mapping[str, Any], around: Mapping[str, Any], own: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Names and values that a function reads: of its module, of others' modules and classes, of what is around it.

    A name after a dot is none of the module's: `market.vix` reads no global vix. Of `self` it is one of the class.
    """
    base: Any = None
    for one in dis.get_instructions(code):
        if one.opname == "EXTENDED_ARG":  # a part of the next one, where a function has many names
            continue
        names = module if one.opname in _GLOBAL else around if one.opname in _AROUND else {}
        if one.argval in names:
            base = names[one.argval]
            yield one.argval, base
        elif one.opname not in _OF_OBJECT:
            base = None
        elif _holds(base) and one.argval in vars(base):
            base = vars(base)[one.argval]
            yield one.argval, base
        else:
            base = None
            if one.argval in own:
                yield one.argval, own[one.argval]
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _read(inner, module, around, own)


def _holds(thing: Any) -> bool:
    """Whether it is a class, or a module that an author wrote: what stands in it was put there by name."""
    if isinstance(thing, ModuleType):
        file = getattr(thing, "__file__", None)
        return bool(file) and not _of_python(file or "")
    return isinstance(thing, type)


def _is_table(value: Any) -> bool:
    if isinstance(value, str | bytes | type) or not hasattr(type(value), "__len__"):
        return False
    try:
        return len(value) >= LONG
    except TypeError:  # an array of no dimension has none
        return False
