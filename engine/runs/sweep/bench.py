# SPDX-License-Identifier: Apache-2.0
"""Runs the combinations of a grid on every core: features once for all sets that share them, the rest compiled."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem, StrategyError
from engine.indicators.sharing import Memory
from engine.inputs.features import in_columns_of
from engine.kernel.codes import RunCode
from engine.records import OUTCOME, STRETCH
from engine.runs.sweep.compiled import SHORTEST, parts, simulate_stretches
from engine.runs.sweep.contradictions import Contradicting, contradictory, refuse_all_contradictory
from engine.runs.sweep.figures import figures_of, kept_dtype, left_out
from engine.runs.sweep.grid import Grid, alike
from engine.runs.sweep.stand import Stand
from engine.runs.sweep.stands import Configure, Stands
from engine.strategy.params import parse_params


class Bench:
    """Every combination of a grid, run when it is asked for by its number.

    Settings that are no parameters of a single run's strategy need the run prepared anew for each of their values;
    parameters do not.

    threads  that simulate; 0: one a core
    memory   what indicators made for the sets before, stand after stand; None: a new one
    """

    def __init__(self, grid: Grid, configure: Configure, threads: int = 0, memory: Memory | None = None) -> None:
        self.grid, self.threads = grid, threads or os.cpu_count() or 1
        self.stands = Stands(grid, configure)
        self.memory = memory or Memory()
        self._inner = [one for one in grid.axes if one.parameter]

    def check(self) -> Stand:
        """The stand of the first combination that can be run. Raises InputError for every value of an axis that cannot.

        What cannot be run is found before anything is. Of sets that contradict themselves one may be left out of many,
        not all.
        """
        stand = self.stands.check()
        own = stand.prepared.params_row()
        if self._inner:
            parsed = self._parsed(stand)
            own_values = {name: parsed.get(name, own[name]) for name in own.dtype.names or ()}
            refuse_all_contradictory(stand.ready.strategy.Params, own_values)
        return stand

    def figures(self, numbers: Sequence[int], stretches: int = 1) -> NDArray[Any]:
        """(N,) `engine.runs.sweep.figures.kept_dtype` of the combinations with these numbers."""
        asked = np.asarray(numbers, np.int64)
        found = np.zeros(len(asked), kept_dtype(stretches))
        for members in self.by_stand(asked):
            try:
                stand = self.stands.of(self.grid.values(int(asked[members[0]])))
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
