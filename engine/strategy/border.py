# SPDX-License-Identifier: Apache-2.0
"""The compile border: on_bar must mean the same interpreted and compiled, and say so before the first bar.

on_bar runs two ways from one source: as plain Python, and compiled by numba. `check_on_bar` reads its source and
refuses what would fail or differ in either, with the line and what to write instead, all problems at once.
The language itself is in `engine.strategy.language`; docs/strategies.md shows it as a table.
"""

from __future__ import annotations

import ast
import hashlib
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.errors import Problem, StrategyError
from engine.strategy.base import Strategy
from engine.strategy.compile_errors import explain_numba_error
from engine.strategy.declarations import check_declarations
from engine.strategy.feature_arrays import check_features
from engine.strategy.language.names import Inspection
from engine.strategy.language.source import Source, read_source
from engine.strategy.language.statements import walk
from engine.strategy.language.vocabulary import DATES, arguments
from engine.strategy.params import declared_params, declared_state
from engine.strategy.roles import counted_roles

__all__ = [
    "Read",
    "check_features",
    "check_on_bar",
    "check_strategy",
    "decision_digest",
    "explain_numba_error",
    "pure_helpers",
]

ARGUMENTS = ("bar", "f", "p", "s", "account", "orders")
"""What on_bar is given, in this order and under these names."""


class Read(NamedTuple):
    """What a check learns of on_bar: what it reads of the calendar, and whether it prints or stops."""

    dates: tuple[str, ...]
    debugs: bool


def check_strategy(
    strategy: type[Strategy], features: Sequence[str] | None = None, *, interpreted: bool = False
) -> None:
    """Check everything a strategy declares, and its on_bar.

    features     names that features() returns; None (not known before it has run) lets every `f.name` through
    interpreted  nothing is compiled: print and breakpoint are allowed
    Raises StrategyError with every problem found: those of the declarations first, then on_bar's by line.
    """
    problems = check_declarations(strategy)
    if not problems:
        series = (*strategy.series, *strategy.optional_series)
        roles = counted_roles(strategy.roles)
        problems = _inspect(strategy, features, roles, series, interpreted=interpreted).report.sorted()
    if problems:
        raise StrategyError(problems)


def check_on_bar(
    strategy: type[Strategy],
    features: Sequence[str] | None,
    roles: Sequence[str],
    series: Sequence[str],
    *,
    interpreted: bool = False,
) -> Read:
    """Check the source of on_bar against the rows it will be given.

    features  names that features() returned; None lets every `f.name` through
    series    names of all series in the bar, optional ones included
    Raises StrategyError with one Problem a mistake, in the order of the lines.
    """
    inspection = _inspect(strategy, features, roles, series, interpreted=interpreted)
    if problems := inspection.report.sorted():
        raise StrategyError(problems)
    return Read(tuple(name for name in DATES if name in inspection.dates), inspection.debugs)


def pure_helpers(strategy: type[Strategy]) -> list[Callable[..., Any]]:
    """The author's own functions that on_bar calls, directly or through one another; callees before callers.

    Raises StrategyError when on_bar does not pass its check.
    """
    series = (*strategy.series, *strategy.optional_series)
    inspection = _inspect(strategy, None, counted_roles(strategy.roles), series)
    if problems := inspection.report.sorted():
        raise StrategyError(problems)
    return list(inspection.helpers)


def decision_digest(strategy: type[Strategy]) -> str:
    """Hash of all that compiled on_bar is made from: its source, its helpers' and the constants that they read.

    Constants and helpers may live in other files than on_bar; a cache keyed by this does not outlive a change there.
    """
    series = (*strategy.series, *strategy.optional_series)
    inspection = _inspect(strategy, None, counted_roles(strategy.roles), series)
    functions = [_on_bar(strategy), *inspection.helpers]
    parts = [ast.dump(read_source(function).tree) for function in functions]
    parts += [f"{name} = {value}" for name, value in sorted(inspection.constants.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _inspect(
    strategy: type[Strategy],
    features: Sequence[str] | None,
    roles: Sequence[str],
    series: Sequence[str],
    *,
    interpreted: bool = False,
) -> Inspection:
    """Walk through on_bar with the values it will be given."""
    function = _on_bar(strategy)
    source = read_source(function)
    inspection = Inspection(walk, tuple(roles), tuple(strategy.options), interpreted=interpreted)
    if _signature(source, inspection):
        given = arguments(
            roles,
            tuple(series),
            None if features is None else tuple(features),
            {name: spec.kind for name, spec in declared_params(strategy.Params).items()},
            declared_state(strategy.State),
            tuple(strategy.options),
        )
        walk(source, inspection, given, fixed=ARGUMENTS)
    return inspection


def _on_bar(strategy: type[Strategy]) -> types.FunctionType:
    """The function behind `on_bar`, which must be a static method written with def."""
    owner = next((each for each in strategy.__mro__ if "on_bar" in vars(each)), Strategy)
    method = vars(owner)["on_bar"]
    function = getattr(method, "__func__", method)
    if owner is Strategy:
        raise StrategyError(
            f"{strategy.__name__} has no on_bar: write `@staticmethod def on_bar({', '.join(ARGUMENTS)})`"
        )
    if not isinstance(function, types.FunctionType):
        raise StrategyError(
            f"{strategy.__name__}.on_bar must be a function written with def, not a {type(function).__name__}"
        )
    if not isinstance(method, staticmethod):
        problem = Problem(
            "on_bar must be a static method: a decision has no self to remember in; write `@staticmethod` above it",
            file=function.__code__.co_filename,
            line=function.__code__.co_firstlineno,
            path=function.__qualname__,
        )
        raise StrategyError(problem)
    return function


def _signature(source: Source, inspection: Inspection) -> bool:
    """Whether on_bar is a plain function of exactly the six arguments, by their names."""
    given = source.tree.args
    names = tuple(argument.arg for argument in given.args)
    plain = not (given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults)
    if names == ARGUMENTS and plain:
        return True
    inspection.report.add(
        source,
        source.tree,
        "on_bar takes exactly these arguments, without defaults",
        found=f"({ast.unparse(given)})",
        allowed=f"({', '.join(ARGUMENTS)})",
    )
    return False
