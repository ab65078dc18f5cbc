# SPDX-License-Identifier: Apache-2.0
"""A sweep from its grid to its page: run part by part, kept on the way, concluded, written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from engine.config.loader import LoadedConfig
from engine.progress import Watch
from engine.report.folder.run_identity import folder_name
from engine.report.sweep import folder
from engine.report.sweep.parts import Parts
from engine.runs.sweep.asked import told
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.executor import Executor, Threads
from engine.runs.sweep.figures import OBJECTIVES
from engine.runs.sweep.findings import Sweep, conclude
from engine.runs.sweep.grid import drawn
from engine.runs.sweep.run import part_size, run_parts
from engine.runs.trials.standing import Standing, count_sweep, key_of


@dataclass(frozen=True)
class Swept:
    """A sweep that was written: its page, the seconds that its runs took, and how many an earlier start had kept.

    trials  what stands behind its best, this sweep and all before it
    """

    found: Sweep
    page: Path
    seconds: float
    kept: int
    trials: Standing


def sweep_to_folder(
    ready: LoadedConfig, bench: Bench, root: Path, watch: Watch, stopped: Callable[[int, int], None],
    executor: Executor | None = None,
) -> Swept:  # fmt: skip
    """Sweep what `ready` asks for and write ROOT/sweep-RUN; what an earlier start kept of it is not run again.

    executor  who runs it; None: threads of this process
    stopped  is told how many of how many combinations are kept, where something ends the sweep before its end
    Raises InputError before anything is run or written, RunError as the disk refuses.
    """
    asked, seed = ready.config.sweep, ready.config.seed
    watch("reading the market")
    first = bench.check()
    size = part_size(len(first.prepared.market))
    numbers = drawn(bench.grid, asked.tries or bench.grid.size, seed)
    tried = {"over": told(bench.grid.axes), "asked": (asked.tries, seed, size)}
    name = folder_name("sweep", ready, first.prepared.market, **tried)
    parts = Parts(root / f".{name}.parts")
    kept, started = min(parts.count() * size, len(numbers)), perf_counter()
    figures = None
    try:
        figures = run_parts(bench, numbers, size, parts, watch, executor or Threads())
    finally:
        if figures is None:
            stopped(min(parts.count() * size, len(numbers)), len(numbers))
    seconds = perf_counter() - started
    watch("running the best whole")
    found = conclude(bench, numbers, figures, OBJECTIVES[asked.objective], asked.top, seed)
    watch("drawing the page")
    page = folder.write(found, ready, root / name)
    parts.remove()
    ratios, best = figures["reward_to_variability"].tolist(), found.best
    trials = count_sweep(ready.config, best.result, best.analysis, ratios, key_of("sweep", name))
    return Swept(found, page, seconds, kept, trials)
