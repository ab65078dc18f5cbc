# SPDX-License-Identifier: Apache-2.0
"""What a strategy declares about its numbers: typed parameters with bounds, units and a line of doc; typed state."""

from __future__ import annotations

import inspect
import math
import sys
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.errors import Problem, StrategyError, nearest_name


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: default, inclusive bounds (None is unbounded), unit and meaning."""

    default: Any
    low: float | None = None
    high: float | None = None
    unit: str = ""
    doc: str = ""
    name: str = ""
    kind: type = float  # float, int, bool, or an IntEnum of named choices

    @property
    def choices(self) -> tuple[str, ...]:
        """Names a YAML file may give, lower case; empty unless the parameter is an IntEnum."""
        return tuple(member.name.lower() for member in self.kind) if issubclass(self.kind, IntEnum) else ()

    @property
    def allowed(self) -> str:
        """The allowed values in words, with the unit."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        word = "a whole number" if self.kind is int else "a number"
        if self.low is not None and self.high is not None:
            word += f" from {self.low:g} to {self.high:g}"
        elif self.low is not None:
            word += f" of at least {self.low:g}"
        elif self.high is not None:
            word += f" of at most {self.high:g}"
        return f"{word} {self.unit}".rstrip()

    def parse(self, value: Any) -> int | float | None:
        """`value` as the number that on_bar sees, in its own unit, or None when it is not allowed.

        true is not 1 and 1 is not true.
        """
        if issubclass(self.kind, IntEnum):
            if isinstance(value, self.kind):
                return int(value)
            return int(self.kind[value.upper()]) if isinstance(value, str) and value in self.choices else None
        if self.kind is bool:
            return int(value) if isinstance(value, bool) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        if self.kind is int and value != int(value):
            return None
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return None
        return int(value) if self.kind is int else float(value)

    def show(self, number: float) -> Any:
        """The number that on_bar sees, in its own unit, as a person writes it in YAML."""
        if issubclass(self.kind, IntEnum):
            return self.kind(int(number)).name.lower()
        if self.kind is bool:
            return bool(number)
        return int(number) if self.kind is int else float(number)


def param(default: Any, *, low: float | None = None, high: float | None = None, unit: str = "", doc: str = "") -> Any:
    """Declare a parameter in `class Params`: `window: int = param(60, low=2, unit="bars", doc="look-back")`.

    default, low and high are in that unit.
    """
    return Param(default, low, high, unit, doc)


@cache
def declared_params(owner: Any) -> Mapping[str, Param]:
    """The parameters of a strategy's `Params` class by name, in order. Raises StrategyError on a bad declaration."""
    params: dict[str, Param] = {}
    for name, kind in _hints(owner).items():
        value = _first_value(owner, name)
        if value is None:
            raise StrategyError(f"{owner.__qualname__}.{name} needs a default: `{name}: {kind.__name__} = param(...)`")
        given = value if isinstance(value, Param) else Param(value)
        if kind not in (float, int, bool) and not (isinstance(kind, type) and issubclass(kind, IntEnum)):
            raise StrategyError(
                f"{owner.__qualname__}.{name}: a parameter is float, int, bool or an IntEnum, not {kind}"
            )
        declared = Param(given.default, given.low, given.high, given.unit, given.doc, name, kind)
        if declared.parse(given.default) is None:
            raise StrategyError(f"{owner.__qualname__}.{name}: the default {given.default!r} is not {declared.allowed}")
        params[name] = declared
    return MappingProxyType(params)


@cache
def declared_state(owner: Any) -> Mapping[str, tuple[type, int | float]]:
    """The state fields of a strategy by name: (type, value before the first bar in its own unit).

    float, int, bool or an IntEnum.
    """
    fields: dict[str, tuple[type, int | float]] = {}
    for name, kind in _hints(owner).items():
        if kind not in (float, int, bool) and not (isinstance(kind, type) and issubclass(kind, IntEnum)):
            message = "a state field is float, int, bool or an IntEnum"
            raise StrategyError(f"{owner.__qualname__}.{name}: {message}, not {kind}")
        fields[name] = (kind, kind(_first_value(owner, name) or 0))
    return MappingProxyType(fields)


def record_dtype(kinds: dict[str, type]) -> np.dtype[Any]:
    """One f8 or i8 a field; a record needs at least one field, so an empty class gets `unused`."""
    fields = [(name, "f8" if kind is float else "i8") for name, kind in kinds.items()]
    return np.dtype(fields or [("unused", "i8")])


def resolve_params(owner: type, given: dict[str, Any], path: str = "params") -> dict[str, int | float]:
    """Defaults overlaid with `given`, as the numbers on_bar sees, each in its own unit.

    Raises StrategyError with one Problem a mistake; `path` names the place in them.
    """
    declared = declared_params(owner)
    problems = []
    numbers = {name: typing.cast("int | float", spec.parse(spec.default)) for name, spec in declared.items()}
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
        number = declared[name].parse(value)
        if number is None:
            spec = declared[name]
            near = nearest_name(value, spec.choices) if isinstance(value, str) else ""
            problems.append(
                Problem("not allowed", path=f"{path}.{name}", found=repr(value), allowed=spec.allowed, nearest=near)
            )
        else:
            numbers[name] = number
    if problems:
        raise StrategyError(problems)
    return numbers


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
