# SPDX-License-Identifier: Apache-2.0
"""Strategies of another engine's kind, as far as a configuration must know them: roles and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from engine.strategy.base import Strategy


class ForeignStrategy(Strategy):
    """Stands for a class that another engine runs; it has no on_bar of ours."""

    foreign: ClassVar[type]


def is_backtrader(found: type) -> bool:
    """Whether a class is a bt.Strategy, without importing backtrader: its own base says so."""
    return any(f"{base.__module__}.{base.__name__}" == "backtrader.strategy.Strategy" for base in found.__mro__)


def declare_foreign(found: type, roles: Sequence[str]) -> type[ForeignStrategy]:
    """A declaration for `found`, a bt.Strategy: the configuration's roles in their order, and its own params.

    Its params that are numbers or true/false can be set from YAML; the others keep their defaults.
    """
    pairs: list[tuple[str, Any]] = list(found.params._getitems())  # type: ignore[attr-defined]  # noqa: SLF001 - its API
    numbers = {name: value for name, value in pairs if type(value) in {int, float, bool}}
    params = type("Params", (), {"__annotations__": {name: type(value) for name, value in numbers.items()}, **numbers})
    body = {
        "roles": tuple(roles),
        "Params": params,
        "foreign": found,
        "__module__": found.__module__,
        "__doc__": found.__doc__,
    }
    return type(found.__name__, (ForeignStrategy,), body)


def foreign_class(strategy: type[Strategy]) -> type | None:
    """The other engine's class behind a declaration; None for a strategy of ours."""
    return strategy.foreign if issubclass(strategy, ForeignStrategy) else None
