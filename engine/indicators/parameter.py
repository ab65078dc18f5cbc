# SPDX-License-Identifier: Apache-2.0
"""How an indicator's signature says what its parameters may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from engine.model.parameter import Parameter

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


def whole(name: str, default: int | None, low: int = 1, high: int = LONGEST) -> Parameter:
    """A whole number, such as a window in bars."""
    return Parameter(name, int, default, low, high)


def real(name: str, default: float, low: float | None = None, high: float | None = None) -> Parameter:
    """A real number from `low` to `high`, in the unit that the source's own page gives it."""
    return Parameter(name, float, default, low, high)
