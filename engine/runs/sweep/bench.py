# SPDX-License-Identifier: Apache-2.0
"""Runs the combinations of a grid on every core: features once for all sets that share them, the rest compiled."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.config.canonical import config_hash
from engine.config.loader import LoadedConfig
from engine.config.yaml_reader import shown
from engine.errors import ConfigError, InputError, Problem, StrategyError
from engine.indicators.sharing import Memory
from engine.inputs.features import in_columns_of
from engine.kernel.codes import RunCode
from engine.market.panel import Market
from engine.records import OUTCOME, STRETCH
from engine.runs.backtest import load_bars, placed
from engine.runs.sweep.compiled import SHORTEST, parts, simulate_stretches
from engine.runs.sweep.contradictions import (
    Contradicting,
    all_contradict,
    contradictory,
    only_contradicts,
    refuse_all_contradictory,
)
from engine.runs.sweep.figures import figures_of, kept_dtype, left_out
from engine.runs.sweep.grid import KEYS, PARAMS, Grid, alike
from engine.runs.sweep.stand import Stand, stand_of
from engine.runs.witness import Witness
from engine.strategy.foreign import foreign_class
from engine.strategy.params import declared_params, parse_params

Configure = Callable[[Sequence[str]], LoadedConfig]
"""The configuration with settings of some axes put into it, each as `--set` takes it."""


class Bench:
    """Every combination of a grid, run when it is asked for by its number.

    Settings that are no parameters of a single run's strategy need the run prepared anew for each of their values;
    parameters do not.

    threads  that simulate; 0: one a core
    memory   what indicators made for the sets before, stand after stand; None: a new one
    witness  of what is read, once it is checked
    others   hashes of the configurations that the values of axes lead to, one axis at a time, once it is checked
    """

    def __init__(self, grid: Grid, configure: Configure, threads: int = 0, memory: Memory | None = None) -> None:
        self.grid, self.threads = grid, threads or os.cpu_count() or 1
        self.configure = configure
        self.memory = memory or Memory()
        self.witness = Witness()
        self.others: list[str] = []
        self._inner = [one for one in grid.axes if one.parameter]
        self._outer = [one for one in grid.axes if not one.parameter]
        self._stands: dict[str, Stand] = {}

    def check(self) -> Stand:
        """The stand of the first combination that can be run. Raises InputError for every value of an axis that cannot.

        What cannot be run is found before anything is: each value is put beside those of this combination. Of sets that
        contradict themselves one may be left out of many, not all.
        """
        self.witness.see(self.configure(()))
        first = self._first()
        self._see(first)
        stand = self.stand(first)
        for one in self._outer:
            for value in one.values:
                if value is not first[one.name]:
                    with suppress(Contradicting):
                        self._see({**first, one.name: value}, read=one.chooses_bars)
        own = stand.prepared.params_row()
        if self._inner:
            parsed = self._parsed(stand)
            own_values = {name: parsed.get(name, own[name]) for name in own.dtype.names or ()}
            refuse_all_contradictory(stand.ready.strategy.Params, own_values)
        return stand

    def inputs(self) -> dict[str, Any]:
        """What decides the figures beside the first stand: nothing where all sets share it."""
        return {"others": self.others, "files": self.witness.contents()} if self._outer else {}

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

    def stand(self, values: Mapping[str, Any]) -> Stand:
        """What runs with these values of the axes; the last one asked for is kept. Raises Contradicting."""
        key = self._key(values)
        if key not in self._stands:
            self._stands.clear()  # before the next takes memory
            self._stands[key] = self._opened(values)
        return self._stands[key]

    def figures(self, numbers: Sequence[int], stretches: int = 1) -> NDArray[Any]:
        """(N,) `engine.runs.sweep.figures.kept_dtype` of the combinations with these numbers."""
        asked = np.asarray(numbers, np.int64)
        found = np.zeros(len(asked), kept_dtype(stretches))
        for members in self.by_stand(asked):
            try:
                stand = self.stand(self.grid.values(int(asked[members[0]])))
            except Contradicting:
                found[members] = left_out(len(members), stretches)
            else:
                found[members] = self.on(stand, asked[members], stretches)
        return found

    def by_stand(self, numbers: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Places of the combinations that share a stand, group by group."""
        outer = [at for at, one in enumerate(self.grid.axes) if not one.parameter]
        return alike(self.grid.places(numbers)[:, outer])

    def on(self, stand: Stand, numbers: NDArray[np.int64], stretches: int) -> NDArray[Any]:
        """The figures of combinations that all share this stand."""
        return figures_of(stand.prepared, *self._run(stand, self.grid.places(numbers), stretches))

    def bars(self, values: Mapping[str, Any]) -> tuple[LoadedConfig, Market, int, int]:
        """What a stand is prepared from: configuration, all bars, and rows start..stop-1. Raises Contradicting."""
        known = self._stands.get(self._key(values))
        if known:
            return known.ready, known.market, known.start, known.stop
        ready = self._ready(values)
        with self._told(values), placed(ready):
            return ready, *load_bars(ready)

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

    def _parsed(self, stand: Stand) -> dict[str, NDArray[Any]]:
        """The values of each parameter among the axes, as on_bar sees them. Raises StrategyError with every mistake."""
        if stand.parsed:
            return stand.parsed
        problems: dict[Problem, None] = {}
        parsed: dict[str, list[int | float]] = {one.parameter: [] for one in self._inner}
        for one in self._inner:
            for value in one.values:
                try:
                    given = {**stand.ready.config.params, one.parameter: value}
                    parsed[one.parameter].append(parse_params(stand.ready.strategy.Params, given)[one.parameter])
                except StrategyError as error:
                    problems |= dict.fromkeys(map(one.located, error.problems))
        if problems:
            raise StrategyError(problems)
        stand.parsed.update({name: np.array(values) for name, values in parsed.items()})
        return stand.parsed

    def _run(self, stand: Stand, places: NDArray[Any], stretches: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Outcomes and STRETCH of sets of parameters over one stand; (N, axes) places of their values."""
        own = stand.prepared.params_row()
        if not self._inner:
            outcomes, sums = simulate_stretches(stand.prepared, stand.prepared.features, own, stretches)
            return np.repeat(outcomes, len(places)), np.repeat(sums, len(places), axis=0)
        rows = np.repeat(own, len(places))
        parsed = self._parsed(stand)
        for at, one in enumerate(self.grid.axes):
            if one.parameter:
                rows[one.parameter] = parsed[one.parameter][places[:, at]]
        found = np.zeros(len(places), OUTCOME), np.zeros((len(places), stretches), STRETCH)
        barred = contradictory(stand.ready.strategy.Params, rows)
        found[0]["error"][barred] = RunCode.CONTRADICTION
        run = np.flatnonzero(~barred)
        with _Threads(self.threads) as threads:
            left, fewest = len(run), -(-SHORTEST // len(stand.prepared.market))
            for features, members in self._by_features(stand, places, rows, run):
                for part in parts(members, left, fewest, self.threads):
                    threads.run(found, part, stand.prepared, features, rows[part], stretches)
                left -= len(members)
        return found

    def _by_features(
        self, stand: Stand, places: NDArray[Any], rows: NDArray[Any], left: NDArray[Any]
    ) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Each feature table that the sets `left`, numbers, need, once, with the numbers of the sets that have it.

        Which parameters features() reads may depend on the values of others, so each group of sets is asked itself.
        """
        axes = {one.parameter: at for at, one in enumerate(self.grid.axes) if one.parameter}
        while len(left):
            known, later = None, []
            groups = [left[:1]]
            while groups:
                members = groups.pop(0)
                params = dict(zip(rows.dtype.names or (), rows[members[0]].item(), strict=True))
                table, read = stand.features(params, self.memory)
                columns = [axes[name] for name in read if name in axes]
                if known is None:
                    known = columns
                    members, *groups = [left[group] for group in alike(places[left][:, columns])]
                if columns != known:
                    later.append(members)
                    continue
                table = in_columns_of(table[stand.start : stand.stop], stand.prepared.features.dtype)
                yield table, members
            left = np.sort(np.concatenate(later)) if later else left[:0]


class _Threads:
    """Compiled calls on their own threads; who asks for more waits while each has one that runs and one that waits."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "sweep")
        self._room = BoundedSemaphore(2 * threads)
        self._asked: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for one in self._asked:
                one.result()

    def run(self, found: tuple[NDArray[Any], NDArray[Any]], places: NDArray[Any], *call: Any) -> None:
        """Put what a call gives at its places."""

        def simulate() -> None:
            try:
                for table, rows in zip(found, simulate_stretches(*call), strict=True):
                    table[places] = rows
            finally:
                self._room.release()

        self._room.acquire()
        self._asked.append(self._pool.submit(simulate))
