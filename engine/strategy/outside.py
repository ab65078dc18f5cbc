# SPDX-License-Identifier: Apache-2.0
"""What features read beside the market: files and connections that they open, tables that their module keeps.

Shorter pasts say nothing about these: a file of tomorrow's returns is the same file on every past. Heard are Python's
audit events (PEP 578); what native code opens by itself, such as Parquet through pyarrow's own reader, raises none.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getclosurevars
from pathlib import Path
from types import CodeType, FunctionType
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
    """Long arrays, tables and collections outside `features` that it reads, directly or through its own functions."""
    features = strategy.features
    found: dict[str, Any] = {}
    waiting, seen = [features], {features}
    while waiting:
        function = waiting.pop()
        known = {**function.__globals__, **getclosurevars(function).nonlocals}
        own = {name: value for owner in strategy.__mro__[::-1] for name, value in vars(owner).items()}
        for name in _names(function.__code__):
            for value in (source[name] for source in (known, own) if name in source):
                called = getattr(value, "__func__", value)
                called = getattr(called, "__wrapped__", called)  # functools.cache around one of its functions
                if isinstance(called, FunctionType):
                    if called not in seen and not _of_python(called.__code__.co_filename):
                        seen.add(called)
                        waiting.append(called)
                elif _is_table(value):
                    found[name] = value
    return tuple(f"{name} ({type(value).__name__} of {len(value):,})" for name, value in sorted(found.items()))


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


def _names(code: CodeType) -> Iterator[str]:
    """Names that a function reads, those of its inner functions included."""
    yield from (*code.co_names, *code.co_freevars)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_table(value: Any) -> bool:
    if isinstance(value, str | bytes | type) or not hasattr(type(value), "__len__"):
        return False
    try:
        return len(value) >= LONG
    except TypeError:  # an array of no dimension has none
        return False
