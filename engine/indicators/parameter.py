# SPDX-License-Identifier: Apache-2.0
"""What an indicator's parameter may be, and how a signature says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from engine.errors import Problem, StrategyError, nearest_name

LONGEST = 100_000
"""Most bars a window may have (TA-Lib's own limit)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Inclusive bounds of a number; None is unbounded."""

    low: float | None = None
    high: float | None = None


Window = Annotated[int, Bounds(2, LONGEST)]
"""Bars a window holds, the last one included."""

Lag = Annotated[int, Bounds(1, LONGEST)]
"""Bars back."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an indicator. default None: it must be given. choices: the words a str may be."""

    name: str
    kind: type
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        word = "a whole number" if self.kind is int else "a number"
        if self.low is not None and self.high is not None:
            return f"{word} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{word} of at least {self.low:g}"
        return word if self.high is None else f"{word} of at most {self.high:g}"

    def parse(self, value: Any, owner: str) -> Any:
        """`value` as the parameter's kind. Raises StrategyError; true is not 1, and 14.0 bars are 14."""
        parsed = self._parse(value)
        if parsed is None:
            near = nearest_name(value, self.choices) if isinstance(value, str) else ""
            place = f"{owner}.{self.name}"
            raise StrategyError(
                Problem("not allowed", path=place, found=repr(value), allowed=self.allowed, nearest=near)
            )
        return parsed

    def _parse(self, value: Any) -> Any:
        if self.choices:
            return value if isinstance(value, str) and value in self.choices else None
        is_truth = isinstance(value, bool)
        if self.kind is bool or is_truth:
            return value if self.kind is bool and is_truth else None
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None
        if not math.isfinite(number) or isinstance(value, str):
            return None
        if (self.kind is int and number != int(number)) or (self.low is not None and number < self.low):
            return None
        if self.high is not None and number > self.high:
            return None
        return self.kind(number)


def whole(name: str, default: int | None, low: int = 1, high: int = LONGEST) -> Parameter:
    """A whole number, such as a window in bars."""
    return Parameter(name, int, default, low, high)


def real(name: str, default: float, low: float | None = None, high: float | None = None) -> Parameter:
    """A real number from `low` to `high`, in the unit that the source's own page gives it."""
    return Parameter(name, float, default, low, high)
