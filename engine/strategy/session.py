# SPDX-License-Identifier: Apache-2.0
"""Strategies in hand as classes; those written in a session, a notebook's cells, stand in no file but have a source."""

from __future__ import annotations

import inspect
import linecache
import sys
from pathlib import Path

from engine.strategy.loading import BESIDE


def file_of(strategy: type) -> Path | None:
    """The file a class stands in; None for one that was written in a session."""
    file = getattr(sys.modules.get(strategy.__module__), "__file__", None)
    return Path(file).resolve() if file else None


def spec_of(strategy: type) -> str:
    """How a configuration names a class in hand: `package.module:Class`, or the file of one that is in no package."""
    file = file_of(strategy)
    if file and (strategy.__module__ == "__main__" or strategy.__module__.startswith(BESIDE)):
        return f"{file}:{strategy.__name__}"
    return f"{strategy.__module__}:{strategy.__name__}"


def session_sources(strategy: type) -> list[str]:
    """The cells of the class's functions, and of all functions of the session that these call, sorted by their text."""
    texts: set[str] = set()
    seen: set[str] = set()
    waiting = [getattr(value, "__func__", value) for base in strategy.__mro__ for value in vars(base).values()]
    while waiting:
        one = waiting.pop()
        if not inspect.isfunction(one) or one.__module__ != strategy.__module__ or one.__qualname__ in seen:
            continue
        seen.add(one.__qualname__)
        one = inspect.unwrap(one)
        texts.add("".join(linecache.getlines(one.__code__.co_filename)))
        waiting += [one.__globals__.get(name) for name in one.__code__.co_names]
    return sorted(texts)
