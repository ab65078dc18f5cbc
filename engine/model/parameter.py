# SPDX-License-Identifier: Apache-2.0
"""What a parameter may be: of a strategy, of an indicator."""

import math
import typing
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from engine.errors import Problem, nearest_name


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an indicator or of a strategy, with inclusive bounds; None is unbounded.

    kind     float, int, bool, str (one of `choices`), or an IntEnum whose names in lower case are `choices`
    default  None: it must be given
    unit     of default, low and high;  doc  its meaning
    lookback daily bars that features look back a unit of it; 0 where they do not
    not_below  the parameter beside it that it must not be below: below it the two contradict each other; '' for none
    """

    name: str = ""
    kind: type = float
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    doc: str = ""
    lookback: int = 0
    not_below: str = ""

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

    def parse(self, value: Any) -> Any:
        """`value` as the parameter's kind, or None where it is not allowed. true is not 1, and 14.0 bars are 14."""
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value if self.kind is str else typing.cast("type[IntEnum]", self.kind)[value.upper()]
            return value if self.kind is not str and isinstance(value, self.kind) else None
        if self.kind is bool or isinstance(value, bool):
            return value if self.kind is bool and isinstance(value, bool) else None
        if not isinstance(value, int | float | np.integer | np.floating) or not math.isfinite(value):
            return None
        if self.kind is int and value != int(value):
            return None
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return None
        return self.kind(value)

    def refusal(self, value: Any, path: str) -> Problem:
        """Why `value` is not allowed at `path`."""
        near = nearest_name(value, self.choices) if isinstance(value, str) else ""
        return Problem("not allowed", path=path, found=repr(value), allowed=self.allowed, nearest=near)

    def show(self, number: float) -> Any:
        """The number that on_bar sees, in its own unit, as a person writes it in YAML."""
        value = self.kind(number)
        return value.name.lower() if isinstance(value, IntEnum) else value
