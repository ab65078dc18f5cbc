# SPDX-License-Identifier: Apache-2.0
"""Calls of an author's own functions outside the loop: whatever they run into is told at the author's line."""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from engine.errors import InputError, Problem, StrategyError, TandemError, left_the_debugger


def called(function: Callable[..., Any], *given: Any) -> Any:
    """What the function gives. Raises StrategyError for whatever it raises; `sys.exit` in it ends no process."""
    try:
        return function(*given)
    except (Exception, SystemExit) as error:
        raise explain_error(error, function) from error


def listed(function: Callable[..., Any], *given: Any) -> list[Any]:
    """What a function that gives any number of things, or yields them, gives. Raises StrategyError as `called` does."""
    found = called(function, *given)
    if not isinstance(found, Iterable):
        kind = "no return" if found is None else type(found).__name__
        allowed = "a list, which may be empty"
        raise StrategyError(Problem("gives no list", path=_path(function), found=kind, allowed=allowed))
    try:  # a generator runs into its mistakes only now
        return list(found)
    except (Exception, SystemExit) as error:
        raise explain_error(error, function) from error


def explain_error(error: BaseException, function: Callable[..., Any]) -> StrategyError:
    """What the function ran into, at the author's line; mistakes that carry their own place keep it.

    Errors of the engine, and leaving the debugger, are raised as they are.
    """
    if (isinstance(error, TandemError) and not isinstance(error, InputError)) or left_the_debugger(error):
        raise error
    file = inspect.getsourcefile(function) or function.__code__.co_filename
    lines = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
    line = (lines[-1] if lines else 0) or function.__code__.co_firstlineno
    if isinstance(error, InputError):
        return StrategyError(
            [problem if problem.file else replace(problem, file=file, line=line) for problem in error.problems]
        )
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return StrategyError(Problem(said, file, line, path=_path(function), found=linecache.getline(file, line).strip()))


def _path(function: Callable[..., Any]) -> str:
    return function.__qualname__.replace("<locals>.", "")
