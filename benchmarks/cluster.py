# SPDX-License-Identifier: Apache-2.0
"""A sweep by one worker of Dask and by two, in turns; what a task costs, and what travels with it."""

from __future__ import annotations

import os
import pickle
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import ROOT, spread
from engine.config.loader import load_config
from engine.errors import RunError
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.chunks import Chunk, Crew, Workers
from engine.runs.sweep.executor import figures_by
from engine.runs.sweep.figures import FEW, kept_dtype
from engine.runs.sweep.grid import Grid, grid_of
from engine.runs.sweep.job import Answer, packed
from engine.runs.sweep.run import MOST

CONFIG = ROOT / "configs" / "spread_sample.yaml"
SAMPLE = 512
"""Combinations that are compared with those of this process, and that warm the workers up."""


def measure(repeats: int = 5, sets: int = 200_000, tasks: int = 100) -> dict[str, Any]:
    """Seconds of `sets` combinations of the spread trade over the sample market, and of `tasks` chunks of one.

    one, two      the sweep by so many workers, in turns; their ratio by turns, and the load of the machine before each
    start_s       from nothing to a worker that has the bars and has loaded compiled code
    task_ms       of a chunk, beyond what its worker works on it: this process, scheduler, worker and back
    job_bytes     of a chunk, number_bytes more for each combination; answer_bytes: empty, and of each; as pickled
    bars_bytes    the market, once a worker that cannot map it
    """
    from engine.runs.sweep.dask_crew import local_crew

    grid = _grid(sets)
    made = Bench(grid, lambda put: load_config(CONFIG, put), threads=1)
    made.check()
    expected = made.figures(range(SAMPLE), FEW).tobytes()
    begun = time.perf_counter()
    with local_crew(1) as one:
        _sweep(one, made, SAMPLE)
        start = time.perf_counter() - begun
        with local_crew(2) as two:
            _sweep(two, made, SAMPLE)
            took: dict[str, list[float]] = {"one": [], "two": []}
            loads = []
            for turn in range(repeats):
                loads.append(os.getloadavg()[0])
                for name, crew in (("one", one), ("two", two))[:: -1 if turn % 2 else 1]:
                    seconds, found = _sweep(crew, made, sets)
                    if found[:SAMPLE].tobytes() != expected:
                        raise RunError(f"{name}: not the figures of this process")
                    took[name].append(seconds)
            single = {name: _overhead(crew, made, tasks) for name, crew in (("one", one), ("two", two))}
    ratio = [first / second for first, second in zip(took["one"], took["two"], strict=True)]
    return {
        "sets": sets,
        "bars": len(made.check().prepared.market),
        **{f"{name}_s": spread(seconds) for name, seconds in took.items()},
        "ratio": spread(ratio),
        "load": spread(loads),
        "start_s": start,
        "task_ms": {name: spread(each) for name, each in single.items()},
        **_bytes(made),
    }


class _Single(Workers):
    """Chunks of one combination."""

    def chunk_size(self, left: int) -> int:
        return 1


class _Timed:
    """A crew that adds up what its workers worked."""

    def __init__(self, crew: Crew) -> None:
        self._crew, self.worked = crew, 0.0
        self.slots, self.provide, self.send = crew.slots, crew.provide, crew.send

    def receive(self) -> tuple[Chunk, Answer | None]:
        chunk, answer = self._crew.receive()
        self.worked += answer.seconds if answer else 0.0
        return chunk, answer


def _grid(sets: int) -> Grid:
    """Parameters that need no new features."""
    exits, caps = np.linspace(-1.5, 0.0, 10), np.linspace(0.8, 1.7, 10)
    enters = np.linspace(0.2, 2.0, -(-sets // 100))
    axes = {"enter": enters, "exit": exits, "gross_cap": caps}
    return grid_of({name: [round(float(one), 6) for one in values] for name, values in axes.items()})


def _sweep(crew: Crew, bench: Bench, sets: int) -> tuple[float, NDArray[Any]]:
    """Seconds of a sweep by a crew, and what it found; in parts, as `tandem sweep` cuts it."""
    parts = {part: range(start, min(start + MOST, sets)) for part, start in enumerate(range(0, sets, MOST))}
    found = np.zeros(sets, kept_dtype(FEW))
    begun = time.perf_counter()
    for part, rows, figures in Workers(crew).run(bench, parts, FEW):
        found[part * MOST + rows] = figures
    return time.perf_counter() - begun, found


def _overhead(crew: Crew, bench: Bench, tasks: int) -> list[float]:
    """Milliseconds a chunk of one combination takes beyond its work, all workers being busy; five times."""
    found = []
    for _ in range(5):
        timed = _Timed(crew)
        begun = time.perf_counter()
        figures_by(_Single(timed), bench, range(tasks), FEW)
        seconds = time.perf_counter() - begun
        found.append((seconds - timed.worked / crew.slots()) / tasks * 1e3)
    return found


def _bytes(bench: Bench) -> dict[str, Any]:
    """Bytes of a chunk of 1,000 combinations on its way, and of its answer."""
    ready, market, start, stop = bench.stands.bars(bench.grid.values(0))
    job, numbers = packed(bench.grid, ready, market, "0" * 64, (start, stop)), np.arange(1_000)
    empty, full = (len(pickle.dumps(Answer(np.zeros(rows, kept_dtype(FEW)), 1.0))) for rows in (0, 1_000))
    return {
        "job_bytes": len(job),
        "number_bytes": len(pickle.dumps(numbers)) / len(numbers),
        "answer_bytes": {"empty": empty, "each": (full - empty) / 1_000},
        "bars_bytes": market.bars.nbytes,
    }
