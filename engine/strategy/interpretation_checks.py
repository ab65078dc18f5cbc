# SPDX-License-Identifier: Apache-2.0
"""Checks of the declarations that say how a result is to be read: watch, gross_cap, agents, regimes, levels ..."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from engine.errors import Problem, StrategyError, nearest_name
from engine.strategy.base import ReasonCode, Strategy
from engine.strategy.interpretation import Level, Regimes, Replica
from engine.strategy.params import declared_params, declared_state


def reading_problems(strategy: type[Strategy]) -> Iterable[Problem]:
    """What can be said before features are known; Params, roles and Reason must be in order."""
    yield from _watch(strategy)
    yield from _alarms(strategy)
    if strategy.gross_cap and strategy.gross_cap not in (params := _params(strategy)):
        yield _unknown("no such parameter", f"{strategy.__name__}.gross_cap", strategy.gross_cap, params)
    if strategy.benchmark and strategy.benchmark not in strategy.roles:
        yield _unknown("no such role", f"{strategy.__name__}.benchmark", strategy.benchmark, strategy.roles)
    yield from _agents(strategy)
    yield from _regimes(strategy)
    if not (strategy.replica is None or isinstance(strategy.replica, Replica)):
        path = f"{strategy.__name__}.replica"
        yield Problem("must be a Replica", path=path, found=repr(strategy.replica), allowed="Replica()")
    elif strategy.replica is not None:
        for role in strategy.replica.factors:
            if role not in strategy.roles:
                yield _unknown("no such role", f"{strategy.__name__}.replica.factors", role, strategy.roles)
    yield from _levels(strategy)
    yield from _told(strategy)


def check_interpreted_features(strategy: type[Strategy], features: Sequence[str]) -> None:
    """Raise StrategyError where a declaration names a feature that features() does not return."""
    problems = [
        _unknown("no such feature", f"{strategy.__name__}.{where}", name, features)
        for where, name in _named_features(strategy)
        if name not in features
    ]
    if problems:
        raise StrategyError(problems)


def path_method(strategy: type[Strategy]) -> Any:
    """The static method that `regimes.path` names, None where it names a feature."""
    if strategy.regimes is None:
        return None
    found = inspect.getattr_static(strategy, strategy.regimes.path, None)
    return found.__func__ if isinstance(found, staticmethod) else None


def _named_features(strategy: type[Strategy]) -> Iterable[tuple[str, str]]:
    yield from (("watch", name) for name in strategy.watch)
    yield from (("alarms", name) for name in strategy.alarms)
    if strategy.regimes is not None and path_method(strategy) is None:
        yield "regimes.path", strategy.regimes.path
    if strategy.replica is not None:
        yield from ((f"replica.{name}", feature) for name, feature in strategy.replica.features.items())
        yield from ((f"replica.factors[{role!r}]", weight) for role, weight in strategy.replica.factors.items())
    for name, level in strategy.levels.items():
        yield "levels", name
        yield from ((f"levels[{name!r}].said", said) for said in level.said)


def _watch(strategy: type[Strategy]) -> Iterable[Problem]:
    path, watch = f"{strategy.__name__}.watch", strategy.watch
    if not isinstance(watch, Mapping) or not all(isinstance(names, tuple) for names in watch.values()):
        allowed = '{"ratio_z": ("enter", "leave")}'
        yield Problem("must be a mapping of feature to parameters", path=path, found=repr(watch), allowed=allowed)
        return
    params = _params(strategy)
    for name, thresholds in watch.items():
        for threshold in thresholds:
            if threshold not in params:
                yield _unknown("the threshold is no parameter", f"{path}[{name!r}]", threshold, params)


def _alarms(strategy: type[Strategy]) -> Iterable[Problem]:
    path, alarms = f"{strategy.__name__}.alarms", strategy.alarms
    if not isinstance(alarms, Mapping) or not all(isinstance(words, str) and words for words in alarms.values()):
        allowed = '{"crowded": "the crowd is leaving"}'
        yield Problem("must be a mapping of feature to words", path=path, found=repr(alarms), allowed=allowed)


def _agents(strategy: type[Strategy]) -> Iterable[Problem]:
    """Names that at least one reason begins with, none of them the name of what belongs to nobody."""
    path, agents = f"{strategy.__name__}.agents", strategy.agents
    if not isinstance(agents, tuple) or not all(isinstance(name, str) for name in agents):
        yield Problem("must be a tuple of names", path=path, found=repr(agents), allowed='("bear", "bull")')
        return
    first_words = sorted({name.lower().partition("_")[0] for name in _reasons(strategy)})
    for place, name in enumerate(agents):
        if name in agents[:place]:
            yield Problem("named twice", path=path, found=repr(name))
        elif name == "rest":
            yield Problem("this is what belongs to no agent; choose another name", path=path, found=repr(name))
        elif name not in first_words:
            yield _unknown("no reason begins with this name", path, name, first_words)


def _reasons(strategy: type[Strategy]) -> list[str]:
    owner = strategy.Reason
    return list(owner.__members__) if isinstance(owner, type) and issubclass(owner, ReasonCode) else []


def _regimes(strategy: type[Strategy]) -> Iterable[Problem]:
    path, regimes = f"{strategy.__name__}.regimes", strategy.regimes
    if regimes is None:
        return
    if not isinstance(regimes, Regimes):
        yield Problem("must be Regimes", path=path, found=repr(regimes), allowed='Regimes(Regime, path="regime")')
        return
    if not (isinstance(regimes.names, type) and issubclass(regimes.names, IntEnum)):
        yield Problem("must be an IntEnum", path=f"{path}.names", found=repr(regimes.names), allowed="an IntEnum")
    yield from _path(strategy, regimes)
    parts = (*strategy.roles, *strategy.options)
    if regimes.hedged and regimes.hedged not in strategy.roles:
        yield _unknown("no such role", f"{path}.hedged", regimes.hedged, strategy.roles)
    others = [part for part in parts if part != regimes.hedged]
    for hedge in regimes.hedges:
        if hedge not in others:
            yield _unknown("no other role or option slot", f"{path}.hedge", hedge, others)
    if regimes.hedges and not regimes.hedged:
        yield Problem("a hedge needs what it hedges", path=f"{path}.hedged", allowed=", ".join(strategy.roles))
    params = _params(strategy)
    if regimes.base and regimes.base not in params:
        yield _unknown("no such parameter", f"{path}.base", regimes.base, params)
    if regimes.hedged and not regimes.hedges and not regimes.base:
        message = "a netted hedge needs the parameter that is the weight without it"
        yield Problem(message, path=f"{path}.base", allowed=", ".join(params))


def _path(strategy: type[Strategy], regimes: Regimes) -> Iterable[Problem]:
    found = inspect.getattr_static(strategy, regimes.path, None)
    if found is None:
        return  # a feature, which is looked for once features() has run
    function = path_method(strategy)
    if function is None or list(inspect.signature(function).parameters) != ["features", "params"]:
        shown = type(found).__name__ if function is None else str(inspect.signature(function))
        allowed = "a feature, or a static method (features, params)"
        yield Problem(
            "cannot give the regimes", path=f"{strategy.__name__}.{regimes.path}", found=shown, allowed=allowed
        )


def _levels(strategy: type[Strategy]) -> Iterable[Problem]:
    path, levels = f"{strategy.__name__}.levels", strategy.levels
    if not isinstance(levels, Mapping) or not all(isinstance(level, Level) for level in levels.values()):
        allowed = '{"support": Level("small")}'
        yield Problem("must be a mapping of feature to Level", path=path, found=repr(levels), allowed=allowed)
        return
    for name, level in levels.items():
        if level.role not in strategy.roles:
            yield _unknown("no such role", f"{path}[{name!r}].role", level.role, strategy.roles)
        if not isinstance(level.said, tuple):
            yield Problem("must be a tuple of features", path=f"{path}[{name!r}].said", found=repr(level.said))
    yield from _takes(strategy, "known_levels", ["self", "market", "p"])


def _told(strategy: type[Strategy]) -> Iterable[Problem]:
    """What signals ask: conditions, and fields of the state in words."""
    yield from _takes(strategy, "conditions", ["self", "market", "f", "p", "s"])
    path, fields_ = f"{strategy.__name__}.remembers", list(declared_state(strategy.State))
    if not isinstance(strategy.remembers, Mapping):
        allowed = '{"entry": "went in at {:.2f}"}'
        yield Problem("must be a mapping of field to words", path=path, found=repr(strategy.remembers), allowed=allowed)
        return
    for name, told in strategy.remembers.items():
        words, role = told if isinstance(told, tuple) else (told, None)
        if name not in fields_:
            yield _unknown("no such field of State", path, name, fields_)
        elif isinstance(declared_state(strategy.State)[name][1], tuple):
            message = "a field of slots has no words: it is many numbers"
            allowed = "a State field of its own for what is worth telling"
            yield Problem(message, path=f"{path}[{name!r}]", found=repr(told), allowed=allowed)
        elif role is not None and role not in strategy.roles:
            yield _unknown("no such role", f"{path}[{name!r}]", role, strategy.roles)
        elif (problem := _unwritable(words)) is not None:
            allowed = "one {} for the value, such as {:.2f}; for true and false none"
            yield Problem(f"no words for a number: {problem}", path=f"{path}[{name!r}]", found=words, allowed=allowed)


def _unwritable(words: str) -> str | None:
    """Why a number cannot stand in these words; None where it can."""
    try:
        words.format(1)
    except (ValueError, IndexError, KeyError) as wrong:
        return f"{type(wrong).__name__}: {wrong}"
    return None


def _takes(strategy: type[Strategy], name: str, wanted: list[str]) -> Iterable[Problem]:
    """That a method takes these arguments."""
    method = inspect.getattr_static(strategy, name)
    if not inspect.isfunction(method) or list(inspect.signature(method).parameters) != wanted:
        shown = str(inspect.signature(method)) if inspect.isfunction(method) else type(method).__name__
        allowed = f"({', '.join(wanted)})"
        yield Problem(
            f"{name} must take these arguments", path=f"{strategy.__name__}.{name}", found=shown, allowed=allowed
        )


def _params(strategy: type[Strategy]) -> list[str]:
    return list(declared_params(strategy.Params))


def _unknown(message: str, path: str, found: str, known: Sequence[str]) -> Problem:
    allowed = ", ".join(known) or "none"
    return Problem(message, path=path, found=repr(found), allowed=allowed, nearest=nearest_name(str(found), known))
