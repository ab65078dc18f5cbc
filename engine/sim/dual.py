# SPDX-License-Identifier: Apache-2.0
"""Marks for functions that run both interpreted and compiled, from one source."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

DUAL: list[Callable[..., object]] = []
"""Every marked function; `compiled` makes them callable from compiled code. Nothing here imports numba."""

EVERY_BAR: list[Callable[..., object]] = []
"""Those of them that run on every bar and are worth inlining at each call."""


def dual(function: F) -> F:
    """Mark `function`; it stays plain Python. It may use numbers, records, arrays and other dual functions only."""
    DUAL.append(function)
    return function


def every_bar(function: F) -> F:
    """Like dual, for what every bar does: the compiler inlines it where it is called (a call costs 2 to 4 ns here)."""
    EVERY_BAR.append(function)
    return function
