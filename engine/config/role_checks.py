# SPDX-License-Identifier: Apache-2.0
"""Roles of a draft against what its strategies trade: names, one symbol or a list of them, no symbol twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.config.describe import plain
from engine.config.draft import Draft
from engine.config.mistakes import unknown_key
from engine.config.runners import runners
from engine.config.yaml_reader import KeyPath, shown
from engine.errors import Problem
from engine.records import bar_dtype
from engine.strategy.base import Strategy
from engine.strategy.roles import Roles


def role_problems(draft: Draft, strategy: type[Strategy], at: KeyPath) -> Iterator[Problem]:
    """Roles that the strategy and the draft do not agree on; at is the path of what runs it."""
    given = draft.get((*at, "roles"))
    if not isinstance(given, dict) or not strategy.roles:
        return  # a class without roles is a mistake of the class, whatever is bound: its declarations are refused
    for role in given:
        if role not in strategy.roles:
            yield unknown_key(
                (*at, "roles", role), strategy.roles, draft.places, f"{strategy.__name__} has no such role"
            )
    listed = strategy.roles[-1:] if isinstance(strategy.roles, Roles) else ()
    for role in strategy.roles:
        form = "[SYMBOL, SYMBOL, ...]" if role in listed else "SYMBOL"
        if role not in given:
            message = f"{strategy.__name__} trades this role and no symbol is bound to it"
            yield missing(draft, (*at, "roles", role), message, form)
        elif role in listed:
            yield from _list_of_symbols(draft, strategy, (*at, "roles", role))
        elif isinstance(given[role], list):
            message = f"{strategy.__name__} trades one symbol as this role, and this is a list"
            path = (*at, "roles", role)
            yield draft.place(path).problem(
                message, path=shown(path), found=_written(given[role]), allowed="one symbol"
            )


def _list_of_symbols(draft: Draft, strategy: type[Strategy], path: KeyPath) -> Iterator[Problem]:
    """A list, long enough, of symbols that nothing else in the bars is called by."""
    given, least = draft.get(path), getattr(strategy.roles, "least", 1)
    if not isinstance(given, list):
        message = f"{strategy.__name__} trades a list of symbols as this role"
        allowed = f"[{given if isinstance(given, str) else 'SYMBOL'}, ...], {least} or more"
        yield draft.place(path).problem(message, path=shown(path), found=plain(given), allowed=allowed)
    elif len(given) < least:
        message = f"{strategy.__name__} trades {least} or more symbols as this role"
        yield draft.place(path).problem(
            message, path=shown(path), found=_written(given), allowed=f"{least} or more symbols"
        )
    else:
        taken = {*strategy.roles, *strategy.series, *strategy.optional_series, *(bar_dtype(()).names or ())}
        for number, symbol in enumerate(given):
            if isinstance(symbol, str) and symbol in taken:
                message = "a role of a list is called by its symbol, and this name is taken by another input"
                yield draft.place((*path, number)).problem(
                    message, path=shown((*path, number)), found=plain(symbol), allowed="a symbol of another name"
                )


def same_symbols(draft: Draft) -> Iterator[Problem]:
    """Two roles of one strategy with one symbol."""
    for at in runners(draft):
        yield from _same_symbol_in(draft, (*at, "roles"))


def _same_symbol_in(draft: Draft, roles: KeyPath) -> Iterator[Problem]:
    given = draft.get(roles)
    holder: dict[Any, str] = {}
    for path, symbol in _bindings(given, roles) if isinstance(given, dict) else ():
        role = shown(path[len(roles) :])
        if isinstance(symbol, str) and symbol in holder:
            message = f"{symbol} is bound to {holder[symbol]} already; results tell roles apart by symbol"
            yield draft.place(path).problem(
                message, path=shown(path), found=plain(symbol), allowed="a symbol for each role"
            )
        elif isinstance(symbol, str):
            holder[symbol] = role


def _bindings(given: Mapping[str, Any], roles: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """The path of each symbol below `roles`, with what stands there."""
    for role, bound in given.items():
        if isinstance(bound, list):
            yield from (((*roles, role, number), symbol) for number, symbol in enumerate(bound))
        else:
            yield (*roles, role), bound


def _written(symbols: list[Any]) -> str:
    return f"[{', '.join(map(str, symbols))}]"


def missing(draft: Draft, path: KeyPath, message: str, form: str = "SYMBOL") -> Problem:
    """A key that must be there and is not; form is what would stand at it."""
    return draft.place(path[:-1]).problem(message, at_key=True, path=shown(path), allowed=f"{path[-1]}: {form}")
