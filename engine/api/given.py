# SPDX-License-Identifier: Apache-2.0
"""What the calls of the Python API take: a configuration, or what takes its place, and settings on top of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from engine.config.frames import is_table
from engine.config.loader import LoadedConfig, Written
from engine.errors import ConfigError, InputError, Problem
from engine.model.sources import FolderData, MemoryData, SampleData, YahooData
from engine.runs.backtest import Config, loaded

SECTION = frozenset(name for one in (FolderData, MemoryData, SampleData, YahooData) for name in one.model_fields)
"""Keys of `data` as a section."""


def ready(
    config: Config | None = None,
    overrides: Sequence[str] = (),
    *,
    strategy: str | type | None = None,
    params: Mapping[str, Any] | None = None,
    **keys: Any,
) -> LoadedConfig:
    """The configuration that a call of the API asks for, checked as a file is.

    config     a YAML file's path, the same as a mapping, or what `engine.load_config` gave; left out, `strategy` and
               `keys` are the configuration, and the run is named after the strategy
    overrides  `path=value` settings, put on last, as `--set` takes them
    strategy   a class, or a name as the YAML has it
    params     parameters by name; those left out keep what the configuration or the strategy says
    keys       further keys of the configuration with their values: roles, period, account, costs, fills, engine ...;
               a mapping changes the keys that it names. data: also a DataFrame, of the one symbol that is traded, or
               DataFrames by symbol, series among them; they are read as CSV files are and not changed

    Raises ConfigError with every mistake.
    """
    refuse_other_kinds(config, overrides, strategy, params, keys)
    given: dict[str, Any] = dict(keys)
    if strategy is not None:
        given["strategy"] = strategy
    if params is not None:
        given["params"] = dict(params)
    if isinstance(config, LoadedConfig) and (given or overrides):
        allowed = "the path or the mapping that it was loaded from"
        found = ", ".join([*given, *overrides])
        raise ConfigError(Problem("a configuration that is loaded takes no settings", found=found, allowed=allowed))
    if config is None:
        given.setdefault("name", run_name(strategy))
        return loaded({}, overrides, given)
    return loaded(config, overrides, given)


def refuse_other_kinds(
    config: object, overrides: object, strategy: object, params: object, keys: Mapping[str, Any]
) -> None:
    """Raise ConfigError for every argument that is of no kind that `ready` takes."""
    problems = []
    if not (config is None or isinstance(config, str | Path | Written | Mapping | LoadedConfig)):
        allowed = "a YAML file's path, a mapping, or None with strategy=... and roles={...}"
        problems.append(Problem("not a configuration", path="config", found=_kind(config), allowed=allowed))
    if isinstance(overrides, str) or not isinstance(overrides, Sequence):
        allowed = 'a list of settings such as ["params.enter=0.5"]'
        found = repr(overrides) if isinstance(overrides, str) else _kind(overrides)
        problems.append(Problem("not a list of settings", path="overrides", found=found, allowed=allowed))
    if not (strategy is None or isinstance(strategy, str | type)):
        allowed = "a class derived from engine.Strategy, not an object of it, or a name as the YAML has it"
        problems.append(Problem("not a strategy", path="strategy", found=_kind(strategy), allowed=allowed))
    if not (params is None or isinstance(params, Mapping)):
        allowed = 'parameters by name, such as {"enter": 0.5}'
        problems.append(Problem("not parameters", path="params", found=_kind(params), allowed=allowed))
    if "data" in keys and not _is_data(keys["data"]):
        allowed = "a DataFrame, DataFrames by symbol, or the section as a mapping; leave data out for the sample market"
        problems.append(Problem("no bars", path="data", found=_kind(keys["data"]), allowed=allowed))
    else:
        problems += _no_tables(keys.get("data"))
    if problems:
        raise ConfigError(problems)


def _is_data(data: object) -> bool:
    """A table, tables by symbol, or what stands under `data` in a file."""
    if isinstance(data, Mapping):
        return any(map(is_table, data.values())) or (bool(data) and not any(one is None for one in data.values()))
    return is_table(data) or hasattr(data, "model_dump")


def _no_tables(data: object) -> list[Problem]:
    """What stands where a symbol's DataFrame does and is none: its columns as lists, rows, an array."""
    if not isinstance(data, Mapping) or any(map(is_table, data.values())):
        return []
    return [
        Problem("not a table", path=f"data[{symbol!r}]", found=type(value).__name__,
                allowed="a DataFrame: pandas.DataFrame(...) makes one of columns by name, and of rows")
        for symbol, value in data.items()
        if symbol not in SECTION and not isinstance(value, str | Real | dt.date)
    ]  # fmt: skip


def _kind(value: object) -> str:
    """What a value is, in words: the class itself for a class, else the class that it is of."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, Mapping):
        return repr(dict(value))[:60]
    return repr(value) if value is None or isinstance(value, bool | int | float) else type(value).__name__


def refuse_no_numbers(**given: object) -> None:
    """Raise InputError for each argument that is given, not None, and no number: a truth is none either."""
    wrong = [
        Problem("not a number", path=name, found=repr(value), allowed="a number")
        for name, value in given.items()
        if value is not None and not is_number(value)
    ]
    if wrong:
        raise InputError(wrong)


def is_number(value: object) -> bool:
    """Whether a value is a real number, numpy's among them, and no truth."""
    return isinstance(value, Real) and not isinstance(value, bool)


def run_name(strategy: str | type | None) -> str:
    """The name of a run that has none: the strategy's, `BuyAndHold` as buy_and_hold."""
    if isinstance(strategy, type):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", strategy.__name__).lower().strip("_") or "run"
    return re.sub(r"\W+", "_", re.sub(r"\.py(:\w*)?$", "", strategy or "").split("/")[-1]).strip("_") or "run"


def as_day(given: dt.date | str | None) -> dt.date | None:
    """A date, or the one that a text names. Raises InputError where it names none."""
    if given is None or isinstance(given, dt.date):
        return given.date() if isinstance(given, dt.datetime) else given
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        allowed = "a date, or text such as 2018-06-28"
        raise InputError(Problem("not a date", path="asof", found=str(given), allowed=allowed)) from None
