# SPDX-License-Identifier: Apache-2.0
"""Refusals of a call in the words of Python: its arguments, where the check it shares with a command has options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

from engine.errors import InputError, Problem

P = ParamSpec("P")
R = TypeVar("R")
_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)(?: [A-Z]+\b)?")
_SEVERAL = {"leverage": "leverages", "scenario": "scenarios", "impact": "coefficient"}
"""Options that are called otherwise in Python."""


def told_in_python(call: Callable[P, R]) -> Callable[P, R]:
    """The same call; what it refuses names its arguments, `flat=True` for --flat, where a command would its options.

    An option that the call has no argument for stays as it is.
    """
    known = inspect.signature(call).parameters

    @wraps(call)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except InputError as error:
            problems = tuple(_in_python(one, known) for one in error.problems)
            if problems == error.problems:
                raise
            raise type(error)(problems) from error

    return told


def _in_python(problem: Problem, known: Mapping[str, inspect.Parameter]) -> Problem:
    def argument(option: re.Match[str]) -> str:
        name = _SEVERAL.get(option[1], option[1].replace("-", "_"))
        if name not in known:
            return option[0]
        return name + ("=True" if known[name].default is False else "=...")

    path = _OPTION.fullmatch(problem.path)
    message, found, allowed = (_OPTION.sub(argument, one) for one in (problem.message, problem.found, problem.allowed))
    named = argument(path).partition("=")[0] if path else problem.path
    return replace(problem, path=named, message=message, found=found, allowed=allowed)
