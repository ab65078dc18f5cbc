# SPDX-License-Identifier: Apache-2.0
"""The arrays that a strategy's features() gives back: names, lengths, numbers."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.arrays import FloatArray, columns_of, is_as_given
from engine.errors import Problem, StrategyError
from engine.strategy.base import Strategy
from engine.strategy.roles import BoundRoles, by_column

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

NAME_RULE = "letters, digits and underscores, beginning with a letter"


@cache
def is_usable(name: str) -> bool:
    """Whether on_bar can read a field of this name."""
    return bool(_FIELD.match(name)) and not keyword.iskeyword(name)


def check_features(strategy: type[Strategy], returned: Any, rows: int) -> dict[str, FloatArray]:
    """What features() returned, as (rows,) float64 arrays by name, each in its own unit.

    NaN is allowed, and means that there is not enough history. Whole numbers and conditions become floats.
    Raises StrategyError with one Problem a feature: a bad name, a wrong length, no numbers, an infinite value.
    """
    place = f"{strategy.__name__}.features"
    at = _place(strategy.features)
    if not isinstance(returned, Mapping):
        message = "must return a dict of name to array"
        raise StrategyError(Problem(message, *at, path=place, found=type(returned).__name__))
    arrays: dict[str, FloatArray] = {}
    problems = []
    given = by_column(strategy.roles, returned)
    table = columns_of(list(given.values()))
    finite = table is not None and _is_finite(table)
    for name, values in given.items():
        where = f"{place}[{name!r}]"
        if isinstance(values, Mapping):
            problems.append(_not_by_role(strategy, values, at, where))
            continue
        array = np.asarray(values)
        if not isinstance(name, str) or not is_usable(name.partition(".")[0] if name not in returned else name):
            problems.append(Problem("cannot be read as f.name", *at, path=where, allowed=NAME_RULE))
        elif array.shape != (rows,):
            found, allowed = f"shape {array.shape}", f"({rows},), one number a bar"
            problems.append(Problem("not one number a bar", *at, path=where, found=found, allowed=allowed))
        elif array.dtype.kind not in "fiub":
            found = f"an array of {array.dtype}"
            problems.append(Problem("numbers only", *at, path=where, found=found, allowed="float64"))
        elif not finite and np.isinf(array).any():
            row = int(np.flatnonzero(np.isinf(array))[0])
            found = f"{array[row]} in row {row}"
            problems.append(Problem("infinite: a division by zero?", *at, path=where, found=found, allowed="NaN"))
        else:
            arrays[name] = np.asarray(array, dtype=np.float64)
    if problems:
        raise StrategyError(problems)
    return arrays


def _is_finite(table: FloatArray) -> bool:
    """No infinity in a table of columns; to look at once takes a third of column by column."""
    return is_as_given(table) or not np.isinf(table).any()


@cache
def _place(function: Callable[..., Any]) -> tuple[str, int]:
    """File and line of features(); a sweep asks for each feature table, and the disk is asked once."""
    return inspect.getsourcefile(function) or "", function.__code__.co_firstlineno


def _not_by_role(strategy: type[Strategy], values: Mapping[Any, Any], at: tuple[str, int], where: str) -> Problem:
    """Why a mapping is no feature of each role."""
    if not isinstance(strategy.roles, BoundRoles):
        message = "a feature of each role is for roles that are a list, and these have names"
        return Problem(message, *at, path=where, found="a dict", allowed='one array a name, or roles = Roles("etf")')
    missing = [role for role in strategy.roles if role not in values]
    unknown = [str(role) for role in values if role not in strategy.roles]
    found = f"nothing for {', '.join(missing)}" if missing else f"{', '.join(unknown)}, which no role is called"
    allowed = "an array for each of market.roles: " + ", ".join(strategy.roles)
    return Problem("not one array a role", *at, path=where, found=found, allowed=allowed)
