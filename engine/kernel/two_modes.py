# SPDX-License-Identifier: Apache-2.0
"""Marks for functions that run both interpreted and compiled, from one source."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

TWO_MODES: list[Callable[..., object]] = []
"""Every marked function; `compiled` makes them callable from compiled code. Nothing here imports numba."""

EVERY_BAR: list[Callable[..., object]] = []
"""Those of them that run on every bar and are worth inlining at each call."""


def two_modes(function: F) -> F:
    """Mark `function`; it stays plain Python. It may use numbers, records, arrays and others of its kind."""
    TWO_MODES.append(function)
    return function


def every_bar(function: F) -> F:
    """Like two_modes, for what every bar does: the compiler inlines it (a call costs 2 to 4 ns here)."""
    EVERY_BAR.append(function)
    return function


def rows_between(start: int, stop: int) -> range:
    """The rows start..stop-1. Compiled, they are unsigned: a table is asked for no row counted from its end."""
    return range(start, stop)
