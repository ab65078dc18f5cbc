# SPDX-License-Identifier: Apache-2.0
"""From a YAML file to a RunConfig: read, overlay, fill in the tables, check everything, tell every mistake at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.config.checks import draft_problems, notices, runners, strategy_problems, what_runs_problems
from engine.config.draft import Draft, apply_override, in_python, merge, parse_override, parse_path
from engine.config.frames import bound_tables, put_source, split_tables
from engine.config.inverse_funds import fill_factors
from engine.config.mistakes import place_of, problems_of
from engine.config.resolved import resolved
from engine.config.rules import misplaced, rules_strategy
from engine.config.tables import fill_table, fill_tables, read_file, slot_above
from engine.config.yaml_reader import Document, KeyPath, Place, shown
from engine.errors import ConfigError, Problem, StrategyError, nearest_name
from engine.model.file_names import long_name
from engine.model.rules import RULES
from engine.model.run import RunConfig
from engine.model.sleeves import alone
from engine.notice import Notice, note
from engine.strategy.base import Strategy
from engine.strategy.foreign import declare_foreign, is_backtrader
from engine.strategy.params import declared_params
from engine.strategy.roles import bound_to
from engine.strategy.source.discover import as_strategy, find_class, taken_notice
from engine.strategy.source.session import spec_of


@dataclass(frozen=True)
class LoadedConfig:
    """A configuration ready to run.

    config    fully resolved: every parameter, every table as rows for the bound symbols, absolute paths
    path      the YAML file; None where it came from Python
    base_dir  where relative paths start
    strategies  sleeve -> the class that it names; of a single run "" -> the class that `config.strategy` names
    places    where each value was written, by path
    notices   what a reader should see
    tables    symbol -> its bars, where a program gave them; else none
    """

    config: RunConfig
    path: Path | None
    base_dir: Path
    strategies: Mapping[str, type[Strategy]]
    places: Mapping[KeyPath, Place] = field(repr=False)
    notices: tuple[Notice, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def strategy(self) -> type[Strategy]:
        """The strategy of a single run. Raises ConfigError where several run as sleeves: not everything takes them."""
        if self.config.sleeves:
            message = "this takes one strategy, and the configuration runs several as sleeves"
            allowed = "tandem backtest, signals and verify take sleeves; or a configuration with the key `strategy`"
            raise ConfigError(self.located(Problem(message, path="sleeves", allowed=allowed)))
        return self.strategies[""]

    def sleeve(self, name: str) -> LoadedConfig:
        """One sleeve as a single run on its part of the capital; a single run is its one sleeve, which has no name."""
        if not name:
            return self
        config = alone(self.config, name)
        account = config.account.model_copy(
            update={"cash": config.account.cash * self.config.sleeves[name].weight},
        )
        single = config.model_copy(update={"name": f"{config.name}.{name}", "account": account})
        return replace(self, config=single, strategies={"": self.strategies[name]})

    def located(self, problem: Problem) -> Problem:
        """`problem` with file, line and column, where it has none and its `path` is a key that was written.

        The file alone where not even the section is.
        """
        if problem.file or not problem.path:
            return problem
        try:
            path = parse_path(problem.path)
        except ValueError:
            return problem
        place = place_of(path, self.places)
        if path[:1] not in self.places:
            place = Place(place.file)
        return replace(problem, file=place.file, line=place.line, column=place.column)


@dataclass(frozen=True)
class Written:
    """A YAML file as it was when it was read: configurations are made of it though a person edits it meanwhile."""

    file: Path
    document: Document = field(repr=False)


def read_config(path: str | Path) -> Written:
    """A YAML file, read once. Raises ConfigError where it cannot be."""
    file = Path(path)
    problem = long_name(file)
    if problem or not file.is_file():
        raise ConfigError(problem or _no_file(file))
    return Written(file, read_file(file))


def load_config(
    path: str | Path | Written, overrides: Sequence[str] = (), given: Mapping[str, Any] | None = None
) -> LoadedConfig:
    """The configuration in a YAML file; on top of it `given`, keys with their values, then `path=value` overrides.

    A mapping in `given` changes the keys that it names and leaves the others; a strategy may be a class, `data` a
    DataFrame or DataFrames by symbol.

    Raises ConfigError with one Problem a mistake: of the YAML, of the model, of the strategy's roles, series and
    parameters, of the cost tables and of paths that lead nowhere.
    """
    written = path if isinstance(path, Written) else read_config(path)
    document = replace(written.document, data=copy.deepcopy(written.document.data))  # settings are put into it
    return _load(document, written.file.parent, overrides, written.file, given)


def config_from_dict(
    data: Mapping[str, Any],
    base_dir: str | Path = ".",
    overrides: Sequence[str] = (),
    given: Mapping[str, Any] | None = None,
) -> LoadedConfig:
    """The configuration in Python data: mappings, sequences, text, numbers, booleans, dates, paths, model sections.

    `given` and `overrides` are those of load_config, and so is ConfigError. `data` is not changed.
    """
    tables, rest = split_tables(data)
    given = given if tables is None else {"data": tables, **(given or {})}
    return _load(in_python(rest), Path(base_dir), overrides, None, given)


def _load(
    document: Document,
    base_dir: Path,
    overrides: Sequence[str],
    file: Path | None,
    given: Mapping[str, Any] | None,
) -> LoadedConfig:
    if not isinstance(document.data, dict):
        raise ConfigError([*document.problems, _no_mapping(document)])
    draft = Draft(document.data, dict(document.places), list(document.problems))
    tables, given = split_tables(given or {})
    merge(draft, given)
    if tables is not None:
        put_source(draft)
    _overlay(draft, overrides, base_dir)
    bound = {} if tables is None else bound_tables(draft, tables)
    classes = _classes(draft)
    fill_tables(draft, base_dir)
    found = {at: _strategy(draft, base_dir, at, classes.get(at)) for at in runners(draft)}
    strategies = {at: one for at, one in found.items() if one is not None}
    fill_factors(draft, strategies, base_dir)
    config, problems = _validated(draft)
    draft.problems += what_runs_problems(draft)
    draft.problems += [problem for at in runners(draft) for problem in misplaced(draft, at)]
    draft.problems += strategy_problems(draft, strategies, complete=len(strategies) == len(found))
    draft.problems += _without_repeats(problems, draft.problems)
    draft.problems += _without_repeats(list(draft_problems(draft, base_dir)), draft.problems)
    if draft.problems or config is None:
        raise ConfigError(_in_order(draft.problems, document.places[()].file))
    named = {
        str(at[-1]) if at else "": bound_to(one, config.sleeves[str(at[-1])].roles if at else config.roles)
        for at, one in strategies.items()
    }
    said = (*draft.notices, *notices(draft))
    return LoadedConfig(resolved(config, named, base_dir), file, base_dir, named, draft.places, said, bound)


def _classes(draft: Draft) -> dict[KeyPath, type]:
    """Classes that stand in the place of a strategy's name, by what runs them; the draft gets the name."""
    found = {at: draft.get((*at, "strategy")) for at in runners(draft)}
    classes = {at: one for at, one in found.items() if isinstance(one, type)}
    for at, one in classes.items():
        draft.put((*at, "strategy"), in_python(spec_of(one)))
    return classes


def _overlay(draft: Draft, overrides: Sequence[str], base_dir: Path) -> None:
    for text in overrides:
        try:
            path, value = parse_override(text)
        except ConfigError as error:
            draft.problems += error.problems
            continue
        slot = slot_above(path)
        if slot and isinstance(draft.get(slot), str | None):  # the setting reaches into a table known by name
            fill_table(draft, slot, base_dir)
        apply_override(draft, path, value)


def _validated(draft: Draft) -> tuple[RunConfig | None, list[Problem]]:
    try:
        return RunConfig.model_validate(draft.data, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, problems_of(error, draft.data, draft.places)


def _strategy(draft: Draft, base_dir: Path, at: KeyPath, given: type | None) -> type[Strategy] | None:
    """The class that runs at `at`, () for a single run, else the path of a sleeve: the one `given`, or by its name."""
    path = (*at, "strategy")
    spec = draft.get(path)
    if not isinstance(spec, str) or not spec:
        return None  # the model says so
    if spec == RULES and draft.get((*at, RULES)) is not None and given is None:
        return rules_strategy(draft, at)
    try:
        named = given or find_class(spec, base_dir)
        found = as_strategy(named) if at else _declared(named, draft)
        declared_params(found.Params)
        taken = "" if given else taken_notice(spec, found, base_dir)
        draft.notices += [note(taken)] if taken else []
    except StrategyError as error:
        place = draft.place(path)
        told = [_at_strategy(problem, place, path) for problem in error.problems]
        hint = "; or a section `rules`: docs/rules.md" if spec == RULES else ""
        draft.problems += [replace(one, allowed=f"{one.allowed}{hint}") for one in told]
        return None
    return found


def _declared(found: type, draft: Draft) -> type[Strategy]:
    """The class itself when it is a Strategy; a declaration for it when it is one that backtrader runs."""
    if not is_backtrader(found):
        return as_strategy(found)
    if draft.get(("engine",)) != "backtrader":
        message = f"{found.__name__} is written for backtrader, and the engine is native"
        raise StrategyError(Problem(message, allowed="engine: backtrader, or a subclass of engine.Strategy"))
    roles = draft.get(("roles",))
    return declare_foreign(found, tuple(roles) if isinstance(roles, dict) else ())


def _at_strategy(problem: Problem, place: Place, path: KeyPath) -> Problem:
    """A mistake in the author's file stays there; any other is one of the word in the YAML."""
    if problem.line:
        return problem
    message = f"{problem.message}: {problem.file}" if problem.file else problem.message
    return replace(problem, message=message, file=place.file, line=place.line, column=place.column, path=shown(path))


def _without_repeats(new: list[Problem], known: list[Problem]) -> list[Problem]:
    """What has been said of a place, or of the value around it, is not said again."""
    told = tuple(problem.path for problem in known if problem.path)
    around = tuple(f"{path}{sign}" for path in told for sign in ".[")
    return [problem for problem in new if problem.path not in told and not problem.path.startswith(around)]


def _in_order(problems: list[Problem], main: str) -> list[Problem]:
    """The order of the file; then of the table files, then of the settings."""
    return sorted(problems, key=lambda p: (p.file != main, p.file.startswith("--set"), p.file, p.line, p.column))


def _no_mapping(document: Document) -> Problem:
    place = document.places[()]
    said = "the file is empty" if document.data is None else "the file holds no mapping of keys to values"
    return place.problem(said, allowed="name, strategy, roles and what follows; `tandem config new` writes one")


def _no_file(file: Path) -> Problem:
    message = "this is a folder" if file.is_dir() else "no such file"
    beside = sorted(str(other) for other in file.parent.glob("*.y*ml")) if file.parent.is_dir() else []
    return Problem(message, file=str(file), allowed="a YAML file", nearest=nearest_name(str(file), beside))
