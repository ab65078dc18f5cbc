# SPDX-License-Identifier: Apache-2.0
"""Mark for functions that run both interpreted and compiled, from one source."""

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

DUAL: list[Callable[..., object]] = []
"""Every marked function; `compiled` makes them callable from compiled code. Nothing here imports numba."""


def dual(function: F) -> F:
    """Mark `function`; it stays plain Python. It may use numbers, records, arrays and other dual functions only."""
    DUAL.append(function)
    return function
