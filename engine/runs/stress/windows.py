# SPDX-License-Identifier: Apache-2.0
"""The stretches of history that a strategy is put through, with what happened in each; rates of portfolio margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from engine.config.loader import LoadedConfig
from engine.config.mistakes import problems_of
from engine.config.tables import read_file
from engine.distribution import shipped
from engine.errors import ConfigError, DataError, Problem, nearest_name
from engine.market.panel import Market
from engine.model.file_names import long_name
from engine.model.run import SampleData
from engine.model.stress import ScanRates, StressWindow

FOLDER = shipped("configs") / "stress"
"""The lists that come with Tandem."""

NONE = "none"
HISTORY = "history"

Read = TypeVar("Read")


def windows_of(ready: LoadedConfig) -> tuple[StressWindow, ...]:
    """The windows of a configuration: its list, or the scripted episodes on the sample market, then its own.

    Raises ConfigError for a list that is not there or holds something else, and for a name that stands twice.
    """
    asked = ready.config.stress
    if asked.history == NONE:
        listed: Sequence[StressWindow] = ()
    elif isinstance(ready.config.data, SampleData) and asked.history == HISTORY:
        listed = _episodes()
    else:
        listed = history(asked.history, ready.base_dir)
    found = (*listed, *asked.windows)
    names = [one.name for one in found]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ConfigError(Problem("two windows of one name", path="stress.windows", found=", ".join(twice)))
    return tuple(one if one.title else one.model_copy(update={"title": one.name}) for one in found)


def check_reached(ready: LoadedConfig, market: Market) -> None:
    """Refuse a window of the user's own of which the run has no session: DataError, at its place in the YAML."""
    first, last = market.sessions[0], market.sessions[-1]
    problems = [
        ready.located(
            Problem(
                f"the run has no bar of the window {one.name}",
                path=f"stress.windows[{number}]",
                found=f"{one.first} to {one.last}",
                allowed=f"sessions from {first} to {last}",
            )
        )
        for number, one in enumerate(ready.config.stress.windows)
        if not ((market.sessions >= np.datetime64(one.first)) & (market.sessions <= np.datetime64(one.last))).any()
    ]
    if problems:
        raise DataError(problems)


def history(name: str, base_dir: Path) -> tuple[StressWindow, ...]:
    """The list NAME.yaml beside the user's file, else the one that comes with Tandem."""
    folders = () if long_name(f"{name}.yaml") else (base_dir, FOLDER)
    file = next((folder / f"{name}.yaml" for folder in folders if (folder / f"{name}.yaml").is_file()), None)
    if file is None:
        known = sorted({one.stem for one in FOLDER.glob("*.yaml")} - {"portfolio_margin"})
        raise ConfigError(
            Problem(
                "no list of windows of this name, beside the file or in configs/stress",
                path="stress.history",
                found=name,
                allowed=", ".join([*known, NONE]),
                nearest=nearest_name(name, [*known, NONE]),
            )
        )
    return tuple(_read(file, list[StressWindow]))


@cache
def shipped_windows() -> tuple[StressWindow, ...]:
    """The list that comes with Tandem, in order of time."""
    return history(HISTORY, FOLDER)


def scan_rates(ready: LoadedConfig) -> Mapping[str, ScanRates]:
    """Symbol -> what portfolio margin asks of it, for the symbols of a run, funds of a multiple scaled up."""
    table = {**_shipped_rates(), **ready.config.stress.portfolio_margin}
    multiples = ready.config.account.margin.multiples
    found = {}
    for symbol, multiple in multiples.items():
        row = table.get(symbol, table["default"])
        found[symbol] = ScanRates(long=min(1.0, multiple * row.long), short=min(1.0, multiple * row.short))
    return found


@cache
def _shipped_rates() -> Mapping[str, ScanRates]:
    return _read(FOLDER / "portfolio_margin.yaml", dict[str, ScanRates])


def _read(file: Path, kind: type[Read]) -> Read:
    document = read_file(file)
    if document.problems:
        raise ConfigError(list(document.problems))
    try:
        return TypeAdapter(kind).validate_python(document.data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ConfigError(problems_of(error, document.data, document.places)) from error


def _episodes() -> tuple[StressWindow, ...]:
    from engine.market.sample.episodes import EPISODES

    titles: list[Any] = [one.title for one in EPISODES]
    return tuple(
        StressWindow(
            name=one.name,
            title=one.title if titles.count(one.title) == 1 else f"{one.title} {one.first.year}",
            first=one.first,
            last=one.last,
            words=one.summary,
        )
        for one in EPISODES
    )
