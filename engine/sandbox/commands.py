# SPDX-License-Identifier: Apache-2.0
"""What a command of the control channel takes: its keys, their kinds, and what is refused of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.sandbox.plan import LARGEST


class Wrong(Exception):
    """What was asked for cannot be done; the text says why."""


class Key(NamedTuple):
    """A key of a command: what its value must be, and what it is where it is left out, which may be None.

    No default: it must be there.
    """

    kind: type
    default: Any = ...


class Command(NamedTuple):
    """A command by the keys that it takes; None: it looks at them itself."""

    run: Callable[..., dict[str, Any]]
    keys: Mapping[str, Key] | None


def check_not_below_0(**numbers: int) -> None:
    """Wrong where one of them is."""
    for name, value in numbers.items():
        if value < 0:
            raise Wrong(f"{name} is not below 0: {value}")


def check_positive(**numbers: float) -> None:
    """Wrong where one of them is 0, below it, or no number."""
    for name, value in numbers.items():
        if not 0.0 < value < math.inf:
            raise Wrong(f"{name} is above 0")


def values_of(said: Mapping[str, Any], keys: Mapping[str, Key]) -> dict[str, Any]:
    """The values of a command's keys. Wrong where one is missing, unknown, or of another kind."""
    unknown = [name for name in said if name not in keys]
    if unknown:
        raise Wrong(f"no key {unknown[0]!r} here; there are {', '.join(keys) or 'none'}")
    values: dict[str, Any] = {}
    for name, key in keys.items():
        value = said.get(name, key.default)
        if key.default is None and name not in said:
            values[name] = None
            continue
        if value is ...:
            raise Wrong(f"{name} is missing")
        if key.kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
            value = float(value)
        fits = isinstance(value, key.kind) and (key.kind is bool or not isinstance(value, bool))
        if not fits or (isinstance(value, int) and abs(value) >= LARGEST):
            raise Wrong(f"{name} is no {key.kind.__name__}: {value!r}")
        values[name] = value
    return values
