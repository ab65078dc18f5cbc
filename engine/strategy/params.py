# SPDX-License-Identifier: Apache-2.0
"""What a strategy declares about its numbers: typed parameters with bounds, units and a line of doc; typed state."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from functools import cache
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from engine.errors import Contradiction, Problem, StrategyError, nearest_name
from engine.model.parameter import Parameter

FirstValue = int | float | tuple[int | float, ...]
"""Of a State field: a number, or the numbers of one that `slots` declares."""


def param(
    default: Any, *, low: float | None = None, high: float | None = None, not_below: str = "", unit: str = "",
    doc: str = "",
) -> Any:  # fmt: skip
    """Declare a parameter in `class Params`: `window: int = param(60, low=2, unit="bars", doc="look-back")`.

    default, low and high are in that unit.
    not_below  another parameter that it must not be below, as an entry that would lie inside its exit: such a set is
               refused, and a sweep counts it without running it
    """
    return Parameter(default=default, low=low, high=high, unit=unit, doc=doc, not_below=not_below)


def lookback(
    default: int, *, low: int | None = None, high: int | None = None, not_below: str = "", unit: str = "bars",
    bars: int = 1, doc: str = "",
) -> Any:  # fmt: skip
    """Declare a parameter that features look back by: `window: int = lookback(60, low=2, doc="of the z-score")`.

    default, low and high are in `unit`, of `bars` daily bars each: 21 of months. `tandem verify` chooses by the longest
    how many bars a live session knows. not_below is that of `param`.
    """
    return Parameter(default=default, low=low, high=high, unit=unit, doc=doc, lookback=bars, not_below=not_below)


class Slots(NamedTuple):
    """What `slots` declares: how many numbers, and what each is before the first bar."""

    length: int
    first: int | float


def slots(length: int, first: float = 0) -> Any:
    """Declare a State field of `length` numbers: `ids: int = slots(60)`. on_bar reads and writes `s.ids[i]`.

    first  the number that each is before the first bar, in the unit of the field
    Of a position that there is not the run stops, in both modes; -1 is the last one.
    """
    return Slots(length, first)


class ParamValues(SimpleNamespace):
    """Parameters as features() sees them: `p.enter`, each in its own unit."""

    def __getattr__(self, name: str) -> Any:
        """Only for a name that is no parameter."""
        if name.startswith("_"):
            raise AttributeError(name)
        known = list(vars(self))
        hint = nearest_name(name, known)
        raise AttributeError(
            f"no parameter {name!r}; there are {', '.join(known) or 'none'}"
            + (f"; did you mean {hint!r}?" if hint else "")
        )


@cache
def declared_params(owner: Any) -> Mapping[str, Parameter]:
    """The parameters of a strategy's `Params` class by name, in order. Raises StrategyError on a bad declaration."""
    params: dict[str, Parameter] = {}
    for name, kind in _hints(owner).items():
        value = _first_value(owner, name)
        if value is None:
            example = f"`{name}: {kind.__name__ if isinstance(kind, type) else kind} = param(...)`"
            raise StrategyError(f"{owner.__qualname__}.{name} needs a default that is a number: {example}")
        given = value if isinstance(value, Parameter) else Parameter(default=value)
        if not _is_number(kind):
            raise StrategyError(
                f"{owner.__qualname__}.{name}: a parameter is float, int, bool or an IntEnum, not {kind}"
            )
        choices = tuple(one.name.lower() for one in kind) if issubclass(kind, IntEnum) else ()
        declared = replace(given, name=name, kind=kind, choices=choices)
        if declared.parse(given.default) is None:
            raise StrategyError(f"{owner.__qualname__}.{name}: the default {given.default!r} is not {declared.allowed}")
        params[name] = declared
    for name, one in params.items():
        if one.not_below and (one.not_below == name or one.not_below not in params):
            other = nearest_name(one.not_below, [known for known in params if known != name])
            hint = f"; did you mean {other!r}?" if other else ""
            raise StrategyError(f"{owner.__qualname__}.{name}: not_below names no other parameter{hint}")
    first = {name: one.parse(one.default) for name, one in params.items()}
    for name, other in _below(params, first):
        raise StrategyError(f"{owner.__qualname__}.{name}: its default is below that of {other}, which it must not be")
    return MappingProxyType(params)


@cache
def declared_state(owner: Any) -> Mapping[str, tuple[type, FirstValue]]:
    """The state fields of a strategy by name: (type, value before the first bar in its own unit).

    float, int, bool or an IntEnum; of a field of `slots` the value is a tuple of as many.
    """
    fields: dict[str, tuple[type, FirstValue]] = {}
    for name, kind in _hints(owner).items():
        if not _is_number(kind):
            message = "a state field is float, int, bool or an IntEnum"
            raise StrategyError(f"{owner.__qualname__}.{name}: {message}, not {kind}")
        value = _first_value(owner, name)
        many = isinstance(value, Slots)
        fields[name] = (kind, (kind(value.first),) * value.length if many else kind(value or 0))
    return MappingProxyType(fields)


def record_dtype(kinds: dict[str, type]) -> np.dtype[Any]:
    """One f8 or i8 a field; a record needs at least one field, so an empty class gets `unused`."""
    fields = [(name, "f8" if kind is float else "i8") for name, kind in kinds.items()]
    return np.dtype(fields or [("unused", "i8")])


@cache
def params_dtype(owner: Any) -> np.dtype[Any]:
    """The record of a strategy's `Params`, a field a parameter."""
    return record_dtype({name: spec.kind for name, spec in declared_params(owner).items()})


@cache
def state_dtype(owner: Any) -> np.dtype[Any]:
    """The record of a strategy's `State`."""
    declared = declared_state(owner)
    plain = record_dtype({name: kind for name, (kind, _) in declared.items()})
    many = {name: (len(first),) for name, (_, first) in declared.items() if isinstance(first, tuple)}
    return np.dtype(
        [(name, plain[name], many[name]) if name in many else (name, plain[name]) for name in plain.names or ()]
    )


def resolve_params(owner: type, given: dict[str, Any], path: str = "params") -> dict[str, int | float]:
    """Defaults overlaid with `given`, as the numbers on_bar sees, each in its own unit.

    Raises StrategyError with one Problem a mistake, contradictions of two among them; `path` names the place in them.
    """
    values = parse_params(owner, given, path)
    problems = [_contradiction(name, other, values, given, path) for name, other in contradictions(owner, values)]
    if problems:
        raise StrategyError(problems)
    return values


def contradictions(owner: type, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, other) of the parameters below the one that they must not be below; values as on_bar sees them."""
    return _below(declared_params(owner), values)


def _below(declared: Mapping[str, Parameter], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    bound = [(name, one.not_below) for name, one in declared.items() if one.not_below]
    return [(name, other) for name, other in bound if values[name] < values[other]]


def _contradiction(name: str, other: str, values: Mapping[str, Any], given: Mapping[str, Any], path: str) -> Problem:
    """The mistake, told of the one that was given."""
    low, high = f"{values[other]:.10g}, which {other} is", f"{values[name]:.10g}, which {name} is"
    if name in given:
        message, at, allowed = f"below {other}: the two contradict each other", name, f"at least {low}"
    else:
        message, at, allowed = f"above {name}: the two contradict each other", other, f"at most {high}"
    return Contradiction(message, path=f"{path}.{at}", found=repr(given.get(at)), allowed=allowed)


def parse_params(owner: type, given: Mapping[str, Any], path: str = "params") -> dict[str, int | float]:
    """The same, each in its own unit and looked at by itself: two may contradict each other."""
    declared = declared_params(owner)
    problems = []
    values = {**_defaults(owner)}
    for name, value in given.items():
        if name not in declared:
            problems.append(
                Problem(
                    "no such parameter",
                    path=f"{path}.{name}",
                    allowed=", ".join(declared),
                    nearest=nearest_name(name, declared),
                )
            )
            continue
        parsed = declared[name].parse(value)
        if parsed is None:
            problems.append(declared[name].refusal(value, f"{path}.{name}"))
        else:
            values[name] = _as_number(declared[name], parsed)
    if problems:
        raise StrategyError(problems)
    return values


@cache
def _defaults(owner: Any) -> Mapping[str, int | float]:
    """What the parameters of a `Params` class are where nothing is given, as the numbers on_bar sees."""
    return MappingProxyType(
        {name: _as_number(one, one.parse(one.default)) for name, one in declared_params(owner).items()}
    )


def _as_number(declared: Parameter, value: Any) -> int | float:
    number: int | float = value if declared.kind is float else int(value)
    return number


def _is_number(kind: Any) -> bool:
    """Whether on_bar can see a field of this type."""
    return kind in (float, int, bool) or (isinstance(kind, type) and issubclass(kind, IntEnum))


def annotated_fields(owner: type) -> tuple[str, ...]:
    """The fields that the class itself gives a type, in order; whether their types exist is not asked."""
    if sys.version_info >= (3, 14):  # annotations are evaluated when they are asked for
        from annotationlib import Format

        return tuple(inspect.get_annotations(owner, format=Format.FORWARDREF))
    return tuple(inspect.get_annotations(owner))


def _hints(owner: Any) -> dict[str, Any]:
    """The fields by name with their types: those of the classes that `owner` extends first."""
    own = [name for one in reversed(owner.__mro__) for name in annotated_fields(one)]
    try:
        hints = typing.get_type_hints(owner)
    except NameError as error:
        raise StrategyError(f"{owner.__qualname__}: unknown type in an annotation: {error}") from error
    return {name: hints[name] for name in own}


def _first_value(owner: type, name: str) -> Any:
    """What `owner`, or else the nearest class that it extends, gives the field; None where none does."""
    return next((vars(one)[name] for one in owner.__mro__ if name in vars(one)), None)
