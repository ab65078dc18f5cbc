# SPDX-License-Identifier: Apache-2.0
"""From a configuration to a RunRecord: load the market, cut the period, run the engine that the configuration names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.config.loader import LoadedConfig, Written, config_from_dict, load_config
from engine.engines.notices.late_features import late_features
from engine.engines.port import refuse, run
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem, StrategyError
from engine.inputs.prepared import Prepared
from engine.inputs.prepared import prepare as prepare_run
from engine.market.build import load_market, market_files, period_rows
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.model.sleeves import bound_roles, prefix
from engine.notice import Notice, note
from engine.progress import Watch, unwatched
from engine.runs.glance import Glance
from engine.strategy.base import Strategy
from engine.strategy.declarations import check_declarations
from engine.strategy.foreign import foreign_class

Config = str | Path | Written | Mapping[str, Any] | LoadedConfig


def loaded(config: Config, overrides: Sequence[str] = (), given: Mapping[str, Any] | None = None) -> LoadedConfig:
    """A configuration from a YAML file, from plain data, or as it is; `overrides` are `path=value`, `given` values."""
    if isinstance(config, LoadedConfig):
        return config
    if isinstance(config, Mapping):
        return config_from_dict(config, overrides=overrides, given=given)
    return load_config(config, overrides, given)


def prepare(
    config: Config, overrides: Sequence[str] = (), *, recording: bool = True, watch: Watch = unwatched
) -> Prepared:
    """Everything an engine needs for the configured period.

    Raises ConfigError, DataError or StrategyError, each with file and line where they are known.
    """
    ready = loaded(config, overrides)
    with placed(ready):
        watch("reading the market")
        market, start, stop = load_bars(ready)
        watch("computing features")
        return prepare_run(ready.config, ready.strategies, market, start, stop, recording=recording)


def check(config: Config, overrides: Sequence[str] = ()) -> tuple[LoadedConfig, tuple[Notice, ...]]:
    """The configuration, once all is done that a run does before its first bar, and what is said of it and its bars.

    Raises InputError for whatever would stop the run there. Bars that a run downloads are not read.
    """
    ready = loaded(config, overrides)
    if ready.config.data.source == "yahoo":
        return ready, (*ready.notices, note("the bars are downloaded by a run: they and the features are not checked"))
    with placed(ready):
        prepared = prepare(ready)
        refuse(prepared)
    return ready, tuple(dict.fromkeys((*ready.notices, *prepared.market.notices)))


def load_bars(ready: LoadedConfig, fewest: int = 2) -> tuple[Market, int, int]:
    """The whole market of a configuration, and the rows start..stop-1 of its period: features look further back.

    fewest  bars that the period must have: a run needs two, a first decision one
    """
    for name, one in ready.strategies.items():
        wrong = [] if foreign_class(one) else [_at_its_key(problem, name, one) for problem in check_declarations(one)]
        if wrong:  # names of roles and series become columns of the bars
            raise StrategyError(wrong)
    bound, needed, optional, roles = _wanted(ready)
    market = load_market(bound, needed, optional, ready.base_dir, roles, ready.tables)
    return market, *period_rows(market, ready.config.period, fewest)


def bar_files(ready: LoadedConfig) -> list[Path]:
    """Every file that `load_bars` reads. Raises DataError for all that are missing."""
    bound, needed, _, roles = _wanted(ready)
    return market_files(bound, needed, ready.base_dir, roles, ready.tables)


def _wanted(ready: LoadedConfig) -> tuple[RunConfig, tuple[str, ...], tuple[str, ...], list[str]]:
    """What `load_market` is asked for: the configuration with all roles bound, series, optional ones, and roles."""
    runs = ready.strategies
    needed = dict.fromkeys(name for one in runs.values() for name in one.series)
    optional = dict.fromkeys(name for one in runs.values() for name in one.optional_series if name not in needed)
    roles = [prefix(name) + role for name, one in runs.items() for role in one.roles]
    bound = ready.config.model_copy(update={"roles": bound_roles(ready.config)})
    return bound, tuple(needed), tuple(optional), roles


def _at_its_key(problem: Problem, sleeve: str, strategy: type[Strategy]) -> Problem:
    """The problem of a role's name at the key that binds the role, which has a line; any other as it is."""
    role = problem.found.strip("'")
    if problem.path != f"{strategy.__name__}.roles" or role not in strategy.roles:
        return problem
    return replace(problem, path=f"sleeves.{sleeve}.roles.{role}" if sleeve else f"roles.{role}")


@contextmanager
def placed(ready: LoadedConfig) -> Iterator[None]:
    """Give the problems of an InputError the file and line where their key was written."""
    try:
        yield
    except InputError as error:
        raise type(error)([ready.located(problem) for problem in error.problems]) from error


def backtest(
    config: Config, overrides: Sequence[str] = (), *, watch: Watch = unwatched, glance: bool = True
) -> RunRecord:
    """Run one backtest and return its RunRecord; nothing is written. `watch` is told of each stage.

    glance  whether some short pasts are computed too; features that look ahead there are a loud notice
    Raises InputError (ConfigError, DataError, StrategyError) for what the user can mend, RunError for what stopped
    the run.
    """
    ready = loaded(config, overrides)
    with placed(ready):
        watch("reading the market")
        market, start, stop = load_bars(ready)
        watch("computing features")
        test = Glance(ready.config, ready.strategies if glance else {}, market)
        prepared = prepare_run(ready.config, ready.strategies, market, start, stop)
        result = run(prepared, watch)
    found = test.notices(prepared, result, start)
    return replace(result, notices=(*found, *ready.notices, *result.notices, *late_features(prepared)))
