# SPDX-License-Identifier: Apache-2.0
"""What a strategy declares: roles, series, Params, State, Reason, and the arrays that its features() gives back."""

from __future__ import annotations

import dataclasses
import inspect
import keyword
import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import IntEnum
from typing import Any

from engine.errors import Problem, StrategyError, nearest_name
from engine.market.panel import Market
from engine.model.parameter import Parameter
from engine.records import OPTION_SLOTS, Dates, account_dtype, bar_dtype, dtype_of
from engine.strategy.base import ReasonCode, Strategy
from engine.strategy.feature_arrays import NAME_RULE, is_usable
from engine.strategy.interpretation_checks import reading_problems
from engine.strategy.language.vocabulary import ORDER_METHODS
from engine.strategy.params import Slots, annotated_fields, declared_params
from engine.strategy.roles import BoundRoles, Roles

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
MOST_SLOTS = 100_000
"""Numbers of one State field: it is copied with the state, by a sweep for each run."""

TAKEN = "this name is taken by bar, account, orders or market; choose another"


def check_declarations(strategy: type[Strategy]) -> list[Problem]:
    """Every problem of what the class declares; the source of on_bar is looked at elsewhere."""
    if not (isinstance(strategy, type) and issubclass(strategy, Strategy)):
        return [Problem(f"{strategy!r} is not a Strategy; write `class Name(Strategy):`")]
    problems = [
        *_inputs(strategy),
        *_params(strategy),
        *_state(strategy),
        *_reasons(strategy),
        *_methods(strategy),
    ]
    return problems or list(reading_problems(strategy))  # which looks names up in the others


def _inputs(strategy: type[Strategy]) -> Iterable[Problem]:
    """Roles, series and option slots: at least one role, good names, no name twice, none taken by the engine."""
    market = {name for name in dir(Market) if not name.startswith("_")}
    market |= {each.name for each in dataclasses.fields(Market)}
    taken = {
        *(account_dtype(()).names or ()),
        *(bar_dtype(()).names or ()),
        *(dtype_of(Dates).names or ()),
        *market,
        *ORDER_METHODS,
        "asset",
        "contract",
    }
    seen: set[str] = set()
    told = False
    for label in ("roles", "series", "optional_series"):
        names = getattr(strategy, label)
        path = f"{strategy.__name__}.{label}"
        if label == "optional_series" and _says_what_it_does(names):
            names = tuple(names)
        if isinstance(names, Roles):
            yield from _list(names, path)
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            hint = f"a tuple of names, such as ({names!r},)" if isinstance(names, str) else "a tuple of names"
            if label == "optional_series":
                hint += ", or a mapping from each name to what is done without it"
            yield Problem("must be a tuple of names", path=path, found=repr(names), allowed=hint)
            continue
        if label == "roles" and not names:
            yield Problem("a strategy trades at least one role", path=path, allowed='roles = ("large", "small")')
        listed = names[names.plain :] if isinstance(names, BoundRoles) else ()
        for name in names:
            said = _symbol_name(name, seen, taken) if name in listed else _name(name, path, seen, taken)
            for problem in said:
                yield replace(problem, allowed="") if told and problem.message == TAKEN else problem
                told = told or problem.message == TAKEN
            seen.add(name)
    yield from _rates(strategy)
    yield from _inverse_funds(strategy)
    yield from _options(strategy, seen, taken)


def _list(roles: Roles, path: str) -> Iterable[Problem]:
    """A list has a name, and a least number of symbols."""
    if isinstance(roles.least, bool) or not isinstance(roles.least, int) or roles.least < 1:
        yield Problem("a list has one symbol or more", path=path, found=f"least={roles.least!r}", allowed="least=2")


def _symbol_name(name: str, seen: set[str], taken: set[str]) -> Iterable[Problem]:
    """A role of a list is called by its symbol, which no other role, no series and no field of a bar may be called."""
    if name in seen or name in taken:
        message = "a role of a list is called by its symbol, and this name is taken"
        yield Problem(message, path="roles", found=repr(name))


def _rates(strategy: type[Any]) -> Iterable[Problem]:
    """What is declared as a rate must be a series of the strategy."""
    path, known = f"{strategy.__name__}.rates", (*strategy.series, *strategy.optional_series)
    if not isinstance(strategy.rates, tuple):
        yield Problem("must be a tuple of names", path=path, found=repr(strategy.rates), allowed='rates = ("tbill",)')
        return
    for name in strategy.rates:
        if name not in known:
            near = nearest_name(str(name), known)
            yield Problem("no series of the strategy", path, found=repr(name), allowed=", ".join(known), nearest=near)


def _inverse_funds(strategy: type[Any]) -> Iterable[Problem]:
    """Each must be a role, with another role that it moves against and a parameter that is its factor."""
    path, funds = f"{strategy.__name__}.inverse_funds", strategy.inverse_funds
    if not isinstance(funds, Mapping) or not all(isinstance(one, tuple) and len(one) == 2 for one in funds.values()):
        allowed = '{"inverse": ("small", "factor")}'
        yield Problem("must map a role to a role and a parameter", path=path, found=repr(funds), allowed=allowed)
        return
    params = tuple(annotated_fields(strategy.Params)) if inspect.isclass(strategy.Params) else ()
    for role, (index, factor) in funds.items():
        for what, name, known in (
            ("role", role, strategy.roles),
            ("role", index, strategy.roles),
            ("parameter", factor, params),
        ):
            if name not in known:
                near = nearest_name(str(name), known)
                yield Problem(f"no such {what}", path, found=repr(name), allowed=", ".join(known), nearest=near)


def _says_what_it_does(names: Any) -> bool:
    """Whether names is a mapping of text to text, none of it empty."""
    return isinstance(names, Mapping) and all(
        isinstance(name, str) and isinstance(words, str) and words.strip() for name, words in names.items()
    )


def _name(name: str, path: str, seen: set[str], taken: set[str]) -> Iterable[Problem]:
    if not _NAME.match(name) or keyword.iskeyword(name):
        rule = "lower-case letters, digits and underscores, beginning with a letter; no Python keyword"
        yield Problem("not a name", path=path, found=repr(name), allowed=rule)
    elif name in seen:
        yield Problem("named twice", path=path, found=repr(name))
    elif name in taken:
        rest = f"any other name but {', '.join(sorted(taken))}"
        yield Problem(TAKEN, path=path, found=repr(name), allowed=rest)


def _options(strategy: type[Strategy], seen: set[str], taken: set[str]) -> Iterable[Problem]:
    """Option slots: a mapping of good names to roles, no more of them than an account has."""
    slots, path = strategy.options, f"{strategy.__name__}.options"
    example = '{"put": "small"}'
    if not isinstance(slots, Mapping) or not all(isinstance(name, str) for name in slots):
        yield Problem("must be a mapping of slot to role", path=path, found=repr(slots), allowed=example)
        return
    if len(slots) > OPTION_SLOTS:
        yield Problem("too many option slots", path=path, found=str(len(slots)), allowed=f"at most {OPTION_SLOTS}")
    for name, role in slots.items():
        yield from _name(name, path, seen, taken)
        seen.add(name)
        if role not in strategy.roles:
            roles = tuple(strategy.roles) if isinstance(strategy.roles, tuple) else ()
            yield Problem(
                "the underlying is no role",
                path=f"{path}[{name!r}]",
                found=repr(role),
                allowed=", ".join(roles),
                nearest=nearest_name(str(role), roles),
            )


def _params(strategy: type[Strategy]) -> Iterable[Problem]:
    """Parameters: annotated here or in the class that is extended; a plain `window = 20` would not be one at all."""
    owner = strategy.Params
    yield from _fields(owner)
    own, typed = annotated_fields(owner), {name for one in owner.__mro__ for name in annotated_fields(one)}
    for name, value in vars(owner).items():
        path = f"{owner.__qualname__}.{name}"
        if isinstance(value, Parameter) and name not in own:
            yield Problem("a parameter needs its type", path=path, allowed=f"`{name}: float = param(...)`")
        elif not name.startswith("_") and name not in typed and not callable(value):
            allowed = f"`{name}: {type(value).__name__} = {value!r}`; or, where it never varies, at the top of the file"
            yield Problem("a parameter needs its type", path=path, found=f"`{name} = {value!r}`", allowed=allowed)
    try:
        declared_params(owner)
    except StrategyError as error:
        yield from error.problems


def _state(strategy: type[Strategy]) -> Iterable[Problem]:
    """State fields: annotated, with a first value of their type; a plain `side = 0` would not be a field at all."""
    owner = strategy.State
    yield from _fields(owner)
    annotated = annotated_fields(owner)
    for name, value in vars(owner).items():
        path = f"{owner.__qualname__}.{name}"
        if not name.startswith("_") and name not in annotated and not callable(value):
            kind = type(value).__name__
            yield Problem(
                "a State field needs its type",
                path=path,
                found=f"`{name} = {value!r}`",
                allowed=f"`{name}: {kind} = {value!r}`",
            )
    try:
        kinds = typing.get_type_hints(owner)
    except NameError as error:
        yield Problem(f"unknown type in an annotation: {error}", path=owner.__qualname__)
        return
    for name in annotated:
        kind, value, path = kinds[name], vars(owner).get(name, 0), f"{owner.__qualname__}.{name}"
        named = isinstance(kind, type) and issubclass(kind, IntEnum)
        if kind not in {float, int, bool} and not named:
            found = getattr(kind, "__name__", str(kind))
            yield Problem("a State field is float, int, bool or an IntEnum", path=path, found=found)
        elif isinstance(value, Slots) and (type(value.length) is not int or not 1 <= value.length <= MOST_SLOTS):
            yield Problem("not a number of slots", path=path, found=repr(value.length), allowed=f"1 to {MOST_SLOTS:,}")
        elif not _fits(kind, value.first if isinstance(value, Slots) else value):
            yield Problem("the first value does not fit the type", path=path, found=repr(value), allowed=kind.__name__)


def _fits(kind: type, value: object) -> bool:
    if not isinstance(value, int | float):
        return False
    if issubclass(kind, IntEnum):
        return value in {int(member) for member in kind}
    return kind is float or (value in {0, 1} if kind is bool else isinstance(value, int))


def _fields(owner: type) -> Iterable[Problem]:
    for name in annotated_fields(owner):
        if not is_usable(name):
            yield Problem("not a field's name", path=f"{owner.__qualname__}.{name}", allowed=NAME_RULE)


def _reasons(strategy: type[Strategy]) -> Iterable[Problem]:
    """Reason codes are 1 and up: 0 is no reason, negative codes are the engine's own; two names cannot share a code."""
    owner = strategy.Reason
    path = f"{strategy.__name__}.Reason"
    if not (isinstance(owner, type) and issubclass(owner, ReasonCode)):
        yield Problem("must be a ReasonCode", path=path, allowed=f"`class {strategy.__name__}Reason(ReasonCode):`")
        return
    for name, member in owner.__members__.items():
        if member.value < 1:
            yield Problem("reason codes are 1 and up", path=f"{path}.{name}", found=str(member.value))
        if member.name != name:
            yield Problem(f"has the same code as {member.name}", path=f"{path}.{name}", found=str(member.value))


def _methods(strategy: type[Strategy]) -> Iterable[Problem]:
    method = inspect.getattr_static(strategy, "features")
    wanted = ["self", "market", "p"]
    if not inspect.isfunction(method) or list(inspect.signature(method).parameters) != wanted:
        found = str(inspect.signature(method)) if inspect.isfunction(method) else type(method).__name__
        yield Problem(
            "features must take these arguments",
            path=f"{strategy.__name__}.features",
            found=found,
            allowed="(self, market, p)",
        )
