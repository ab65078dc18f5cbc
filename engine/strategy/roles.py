# SPDX-License-Identifier: Apache-2.0
"""Roles without a number beforehand: a list of symbols in the configuration, counted by position in on_bar.

A class declares `roles = Roles("etf", least=2)`. A configuration binds a list, and what runs is that class with the
roles of the list, each named by its symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Self, TypeVar, cast

S = TypeVar("S")


class Roles(tuple[str, ...]):  # noqa: SLOT001  a subclass of tuple has no slots of its own
    """Names of what is traded, of which the last is bound to a list of symbols, `least` or more of them.

    `Roles("etf", least=2)` trades a list alone. In `Roles("safe", "etf")` the safe asset is role 0 and has a name in
    on_bar (`bar.safe`), the list begins at role 1. In on_bar all of them are `bar.at(i)`, i from 0 to len(bar) - 1.
    """

    least: int

    def __new__(cls, *names: str, least: int = 2) -> Self:
        made = super().__new__(cls, names)
        made.least = least
        return made

    def __repr__(self) -> str:
        return f"Roles({', '.join(map(repr, self))}, least={self.least})"


class BoundRoles(tuple[str, ...]):  # noqa: SLOT001
    """The roles of a run that binds a list: `plain` names that on_bar may read, then one role a symbol."""

    plain: int

    def __new__(cls, names: Iterable[str], plain: int) -> Self:
        made = super().__new__(cls, names)
        made.plain = plain
        return made


def plain_roles(roles: Sequence[str]) -> tuple[str, ...]:
    """The roles that have a name of their own in on_bar: all of them, or those before a list."""
    if isinstance(roles, Roles):
        return tuple(roles[:-1])
    return tuple(roles[: roles.plain]) if isinstance(roles, BoundRoles) else tuple(roles)


def counted_roles(roles: Sequence[str]) -> Sequence[str]:
    """The roles as on_bar counts them; of a list that is not bound yet, as many as it has at least."""
    if not isinstance(roles, Roles) or not roles:
        return roles
    return BoundRoles((*roles[:-1], *(f"{roles[-1]}_{number}" for number in range(roles.least))), len(roles) - 1)


def bound_to(strategy: type[S], symbols: Mapping[str, Any]) -> type[S]:
    """The strategy with the roles of a checked configuration, role -> symbol or list of symbols; itself without a list.

    The same list gives the same class.
    """
    roles = strategy.roles  # type: ignore[attr-defined]
    return _bound(cast("Any", strategy), tuple(symbols[roles[-1]])) if isinstance(roles, Roles) else strategy


def bound_as(fresh: type[S], bound: Any) -> type[S]:
    """Another execution of a class, with the roles that the bound one has."""
    roles = bound.roles
    return _bound(cast("Any", fresh), tuple(roles[roles.plain :])) if isinstance(roles, BoundRoles) else fresh


def by_column(roles: Sequence[str], returned: Mapping[Any, Any]) -> dict[Any, Any]:
    """What features() gives, name -> array, with those of each role, name -> {role: array}, as columns `name.role`.

    Role by role, so that one role's stand side by side. A mapping that does not name each role of a list stays as it
    is, for `check_features` to refuse.
    """
    if not isinstance(roles, BoundRoles):
        return dict(returned)
    each = {name: own for name, own in returned.items() if isinstance(own, Mapping) and set(own) == set(roles)}
    flat = {name: own for name, own in returned.items() if name not in each}
    return {**flat, **{f"{name}.{role}": own[role] for role in roles for name, own in each.items()}}


@cache
def _bound(strategy: Any, symbols: tuple[str, ...]) -> Any:
    plain = plain_roles(strategy.roles)
    body = {
        "roles": BoundRoles((*plain, *symbols), len(plain)),
        "__module__": strategy.__module__,
        "__qualname__": strategy.__qualname__,
        "__doc__": strategy.__doc__,
    }
    return type(strategy.__name__, (strategy,), body)
