# SPDX-License-Identifier: Apache-2.0
"""What the calls of the Python API take: a configuration, or what takes its place, and settings on top of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.config.loader import LoadedConfig
from engine.errors import ConfigError, InputError, Problem
from engine.runs.backtest import Config, loaded


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


def run_name(strategy: str | type | None) -> str:
    """The name of a run that has none: the strategy's, `BuyAndHold` as buy_and_hold."""
    if isinstance(strategy, type):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", strategy.__name__).lower()
    return re.sub(r"\W+", "_", re.sub(r"\.py(:\w*)?$", "", strategy or "").split("/")[-1]).strip("_") or "run"


def as_day(given: dt.date | str | None) -> dt.date | None:
    """A date, or the one that a text names. Raises InputError where it names none."""
    if not isinstance(given, str):
        return given.date() if isinstance(given, dt.datetime) else given
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise InputError(Problem("not a date", path="asof", found=given, allowed="YYYY-MM-DD")) from None
