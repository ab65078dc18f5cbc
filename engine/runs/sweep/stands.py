# SPDX-License-Identifier: Apache-2.0
"""What the combinations of a grid run on: a configuration, its bars, and the run prepared from them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from engine.config.canonical import config_hash
from engine.config.loader import LoadedConfig
from engine.config.yaml_reader import shown
from engine.errors import ConfigError, InputError, Problem
from engine.market.panel import Market
from engine.runs.backtest import load_bars, placed
from engine.runs.sweep.contradictions import Contradicting, all_contradict, only_contradicts
from engine.runs.sweep.grid import KEYS, PARAMS, Grid
from engine.runs.sweep.stand import Stand, stand_of
from engine.runs.witness import Witness
from engine.strategy.foreign import foreign_class
from engine.strategy.params import declared_params

Configure = Callable[[Sequence[str]], LoadedConfig]
"""The configuration with settings of some axes put into it, each as `--set` takes it."""


class Stands:
    """The stand of each combination: those that differ by parameters of a single run's strategy alone share one.

    witness  of what is read, once it is checked
    others   hashes of the configurations that the values of axes lead to, one axis at a time, once it is checked
    """

    def __init__(self, grid: Grid, configure: Configure) -> None:
        self.grid, self.configure = grid, configure
        self.witness = Witness()
        self.others: list[str] = []
        self._inner = [one for one in grid.axes if one.parameter]
        self._outer = [one for one in grid.axes if not one.parameter]
        self._kept: dict[str, Stand] = {}

    def check(self) -> Stand:
        """The stand of the first combination that can be run. Raises InputError for every value of an axis that cannot.

        What cannot be run is found before anything is: each value is put beside those of this combination.
        """
        self.witness.see(self.configure(()))
        first = self._first()
        self._see(first)
        stand = self.of(first)
        for one in self._outer:
            for value in one.values:
                if value is not first[one.name]:
                    with suppress(Contradicting):
                        self._see({**first, one.name: value}, read=one.chooses_bars)
        return stand

    def inputs(self) -> dict[str, Any]:
        """What decides the figures beside the first stand: nothing where all sets share it."""
        return {"others": self.others, "files": self.witness.contents()} if self._outer else {}

    def of(self, values: Mapping[str, Any]) -> Stand:
        """What runs with these values of the axes; the last one asked for is kept. Raises Contradicting."""
        key = self._key(values)
        if key not in self._kept:
            self._kept.clear()  # before the next takes memory
            self._kept[key] = self._opened(values)
        return self._kept[key]

    def bars(self, values: Mapping[str, Any]) -> tuple[LoadedConfig, Market, int, int]:
        """What a stand is prepared from: configuration, all bars, and rows start..stop-1. Raises Contradicting."""
        known = self._kept.get(self._key(values))
        if known:
            return known.ready, known.market, known.start, known.stop
        ready = self._ready(values)
        with self._told(values), placed(ready):
            return ready, *load_bars(ready)

    def _first(self) -> dict[str, Any]:
        """The first combination, but for parameters, that does not contradict itself."""
        here = self.grid.values(0)
        for chosen in itertools.product(*(one.values for one in self._outer)):
            values = {**here, **dict(zip((one.name for one in self._outer), chosen, strict=True))}
            try:
                self._ready(values)
            except Contradicting as error:
                last = error
            else:
                return values
        raise all_contradict(str(last), "a combination of values that can be run") from last

    def _see(self, values: Mapping[str, Any], *, read: bool = False) -> None:
        ready = self._ready(values)
        with self._told(values):
            self.witness.see(ready)
            if read:
                with placed(ready):
                    load_bars(ready)
        self.others.append(config_hash(ready.config))

    def _key(self, values: Mapping[str, Any]) -> str:
        return repr([values[one.name] for one in self._outer])

    def _opened(self, values: Mapping[str, Any]) -> Stand:
        ready, market, start, stop = self.bars(values)
        with self._told(values), placed(ready):
            return stand_of(ready, market, start, stop)

    def _ready(self, values: Mapping[str, Any]) -> LoadedConfig:
        try:
            with self._told(values):
                ready = self.configure([one.setting(values[one.name]) for one in self._outer])
        except ConfigError as error:
            if not self._inner and only_contradicts(error):  # by parameters of sleeves: others are told by set
                raise Contradicting(error.problems) from error
            raise
        if ready.config.engine != "native" or any(map(foreign_class, ready.strategies.values())):
            allowed = "engine: native, and strategies of this engine"
            raise ConfigError(ready.located(Problem("a sweep runs compiled", path="engine", allowed=allowed)))
        self._refuse_either(ready)
        if self._inner and ready.config.sleeves:
            name = self._inner[0].parameter
            allowed = f"sleeves.NAME.params.{name}, NAME one of {', '.join(ready.config.sleeves)}"
            raise ConfigError(Problem("parameters are those of a sleeve", path=self._inner[0].name, allowed=allowed))
        return ready

    def _refuse_either(self, ready: LoadedConfig) -> None:
        """Refuse a name that is a key of the configuration and a parameter of the strategy too: either may be meant."""
        for one in self._outer:
            if one.name in KEYS and any(one.name in declared_params(run.Params) for run in ready.strategies.values()):
                allowed = f"{PARAMS}.{one.name} for the parameter; the key itself is changed by --set alone"
                raise ConfigError(Problem("a key and a parameter have this name", path=one.name, allowed=allowed))

    @contextmanager
    def _told(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Tell a mistake in a value of an axis where the axis was asked for, any other with the values it is met at."""
        try:
            yield
        except InputError as error:
            of = {f"--set {shown(one.path)}": one for one in self._outer}
            put = ", ".join(f"{one.name}={values[one.name]}" for one in self._outer)
            raise type(error)(
                of[problem.file].located(problem) if problem.file in of
                else replace(problem, message=f"{problem.message}, with {put}" if put else problem.message)
                for problem in error.problems
            ) from error  # fmt: skip
