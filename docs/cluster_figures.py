# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the tables of docs/cluster.md: what was measured, and what follows from it on paper for more machines.

python -m benchmarks cluster --json > docs/cluster_measured.json
python docs/cluster_figures.py
"""

from __future__ import annotations

import math
from typing import Any

from page import Kept, Page, Table, kept

from engine.runs.sweep.chunks import SECONDS

WIRE = 125e6
"""Bytes a second of a network of 1 Gbit/s."""

CORES = 8
"""Of the laptop that a cluster is held against."""

WORKERS = (8, 64, 100, 800)
SWEEPS = (60.0, 600.0, 3_600.0, 36_000.0)
"""Seconds that a sweep takes one core."""


def figures(given: Kept) -> Table:
    """What was measured, each with its spread."""
    found, machine = given["figures"], given["machine"]
    answer = found["answer_bytes"]
    sweep = f"{found['sets']:,} combinations of {found['bars']:,} bars"
    return [
        ["on " + f"{machine['cores']} cores, {machine['cpu']}, Python {machine['python']}", "median (least to most)"],
        [f"{sweep}, one worker", _seconds(found["one_s"])],
        [f"{sweep}, two workers", _seconds(found["two_s"])],
        ["one over two, turn by turn", _spread(found["ratio"], "")],
        ["load of the machine before each turn", _spread(found["load"], "")],
        ["from nothing to a worker with bars and compiled code", f"{found['start_s']:.1f} s"],
        ["a chunk beyond its work, one worker", _spread(found["task_ms"]["one"], " ms")],
        ["a chunk beyond its work, two workers", _spread(found["task_ms"]["two"], " ms")],
        ["bytes of a chunk", f"{found['job_bytes']:,} and {found['number_bytes']:.1f} a combination"],
        ["bytes of its answer", f"{answer['empty']:,} and {answer['each']:.0f} a combination"],
        ["bytes of the market, once a worker that cannot map it", f"{found['bars_bytes']:,}"],
    ]


def model(given: Kept) -> Table:
    """Seconds on paper of sweeps by their seconds on one core, on a laptop and on clusters of so many workers."""
    found = given["figures"]
    rows = [["on one core", f"{CORES} cores", *(f"{workers:,} workers" for workers in WORKERS)]]
    for work in SWEEPS:
        cells = [_round(work / CORES), *(_round(on_paper(found, work, workers)) for workers in WORKERS)]
        rows.append([_round(work), *cells])
    return rows


def break_even(given: Kept) -> Table:
    """The shortest sweep, by its seconds on one core, that so many workers end before the laptop does."""
    found = given["figures"]
    rows = [["workers", "a sweep pays from", "workers that a scheduler keeps busy"]]
    most = SECONDS / task_seconds(found)
    for workers in WORKERS[1:]:
        work = 1.0
        while on_paper(found, work, workers) >= work / CORES and work < 1e6:
            work *= 1.02
        rows.append([f"{workers:,}", f"{_round(work)} on one core", f"{most:,.0f}"])
    return rows


def on_paper(found: dict[str, Any], work: float, workers: int) -> float:
    """Seconds of a sweep that takes `work` seconds on one core, by so many workers on other machines.

    Start, then the market from worker to worker, doubling each time; then the longest of what limits it: workers, one
    chunk after the other through the scheduler, answers over its wire; at last half a chunk until all have ended.
    """
    start = found["start_s"] + math.ceil(math.log2(workers)) * found["bars_bytes"] / WIRE
    alone = found["one_s"]["median"] / found["sets"]
    combinations = work / alone
    chunks = max(work / SECONDS, min(combinations, 2.0 * workers))
    sent = chunks * (found["job_bytes"] + found["answer_bytes"]["empty"])
    sent += combinations * (found["number_bytes"] + found["answer_bytes"]["each"])
    limits = (work / workers, chunks * task_seconds(found), 2.0 * sent / WIRE)  # the scheduler hears and tells
    return start + max(limits) + min(SECONDS, work / workers) / 2


def task_seconds(found: dict[str, Any]) -> float:
    """Of a chunk beyond its work, by one worker."""
    seconds: float = found["task_ms"]["one"]["median"] / 1e3
    return seconds


def _seconds(found: dict[str, float]) -> str:
    return _spread(found, " s")


def _spread(found: dict[str, float], unit: str) -> str:
    return f"{found['median']:.2f}{unit} ({found['low']:.2f} to {found['high']:.2f}, n={found['n']:.0f})"


def _round(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"


PAGE = Page[Kept]("cluster.md", (figures, model, break_even), read=kept("cluster_measured.json"))

if __name__ == "__main__":
    PAGE.main()
