# SPDX-License-Identifier: Apache-2.0
"""A sweep from its grid to its page: run part by part, kept on the way, concluded, written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from engine.config.loader import LoadedConfig
from engine.errors import InputError
from engine.progress import Watch
from engine.report.folder.run_identity import folder_name
from engine.report.sweep import folder
from engine.report.sweep.parts import Parts
from engine.runs.sweep.asked import told
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.executor import Executor, Threads
from engine.runs.sweep.figures import OBJECTIVES, ratios_run
from engine.runs.sweep.findings import Sweep, conclude
from engine.runs.sweep.run import part_size, run_parts
from engine.runs.sweep.search import check_search, search_of
from engine.runs.trials.standing import Standing, count_sweep, key_of
from engine.runs.witness import InputsChanged


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
    Raises InputError before anything is run or written, RunError as the disk refuses, InputsChanged.
    """
    asked, seed = ready.config.sweep, ready.config.seed
    check_search(bench.grid, asked)
    watch("reading the market")
    first = bench.check()
    search = search_of(bench.grid, asked, seed, part_size(len(first.prepared.market)))
    name = folder_name("sweep", ready, first.prepared.market, over=told(bench.grid.axes), **search.told(),
                       **bench.stands.inputs())  # fmt: skip
    parts = Parts(root / f".{name}.parts")
    kept, started = min(parts.count() * search.size, search.total), perf_counter()
    try:
        figures = run_parts(bench, search, parts, watch, executor or Threads())
        seconds = perf_counter() - started
        watch("running the best whole")
        numbers, objectives = figures["combination"].tolist(), [OBJECTIVES[name] for name in asked.objectives]
        found = conclude(bench, numbers, figures, objectives, asked.top, seed, search.free)
        bench.stands.witness.check()
        watch("drawing the page")
        page = folder.write(found, ready, root / name)
    except BaseException as error:
        if not isinstance(error, InputError | InputsChanged):  # the same command would end there again
            stopped(min(parts.count() * search.size, search.total), search.total)
        raise
    parts.remove()
    (ratios, free), best = ratios_run(figures, found.free), found.best
    trials = count_sweep(best.result.config, best.result, best.analysis, ratios, key_of("sweep", name), free)
    return Swept(found, page, seconds, kept, trials)
