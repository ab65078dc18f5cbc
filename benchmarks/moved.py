# SPDX-License-Identifier: Apache-2.0
"""A run at the limit of memory: time, page faults and bytes moved of W2b's rule, beside a copy of as many bytes."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.market import minute_market
from benchmarks.measure import ROOT, run_process, spread
from benchmarks.workloads import CrossTrail, workload_config
from engine.engines import native
from engine.inputs.features import feature_table
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind

BARS = 1_000_000
RULE = "W2b"
ROLES = {"large": "LARGE"}


def measure(bars: int = BARS, repeats: int = 21, mode: str = "compiled") -> dict[str, Any]:
    """Of each stage, in a process of its own, medians in processor time; `mode` is that of the runs.

    stages    features: from the bars to the feature table; run: from there to ledger and equity path; call: from
              the market to the run's record, both and what surrounds them
    ms        processor time of user and system;  copy_ms  of a copy that reads and writes as many bytes
    moved_mb  bytes of the arrays that a stage reads and writes, each time that it goes through one; what stays in the
              processor's cache is not among them;  times_bars  over the bytes of the bars
    faults    pages that the system had to find, of a call after the first
    load      of the machine before and after
    """
    command = (sys.executable, "-m", "benchmarks.moved", "--bars", bars, "--repeats", repeats, "--mode", mode)
    figures: dict[str, Any] = json.loads(run_process([str(word) for word in command], {"PYTHONPATH": str(ROOT)})[1])
    return figures


def child(bars: int, repeats: int, mode: str) -> dict[str, Any]:
    """What the measured process does: once to warm up, then stages and copies in turns."""
    load = os.getloadavg()[0]
    market, config = minute_market(bars, ROLES), workload_config(RULE)
    ready = prepare(config, CrossTrail, market)
    record = native.run(ready, mode)
    table, written = ready.features.nbytes, record.points.nbytes + record.ledger.nbytes + record.orders.nbytes
    moved = {"features": market.bars.nbytes + table, "run": market.bars.nbytes + table + written}
    moved["call"] = sum(moved.values())
    fills = int(np.count_nonzero(record.ledger["kind"] == EntryKind.FILL))
    equity = float(record.points["equity"][-1])
    params = dict(ready.params)
    del record
    calls: dict[str, Callable[[], object]] = {
        "features": lambda: feature_table(CrossTrail, market, params),
        "run": lambda: native.run(ready, mode),
        "call": lambda: native.run(prepare(config, CrossTrail, market), mode),
    }
    source = np.ones(max(moved.values()) // 16)
    target = np.ones_like(source)
    seconds: dict[str, list[float]] = {name: [] for name in (*calls, *(f"{name} copy" for name in calls))}
    faults: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            took, found = _reading(call)
            seconds[name].append(took * 1e3)
            faults[name].append(found)
            half = moved[name] // 16
            seconds[f"{name} copy"].append(_reading(partial(np.copyto, target[:half], source[:half]))[0] * 1e3)
    return {
        "bars": bars,
        "bars_mb": market.bars.nbytes / 1e6,
        "stages": {
            name: {
                "ms": spread(seconds[name]),
                "faults": spread(faults[name]),
                "moved_mb": moved[name] / 1e6,
                "times_bars": moved[name] / market.bars.nbytes,
                "copy_ms": spread(seconds[f"{name} copy"]),
            }
            for name in calls
        },
        "fills": fills,
        "final_equity": equity,
        "load": [load, os.getloadavg()[0]],
    }


def _reading(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds of processor time and page faults of a call whose result is let go."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.process_time()
    call()
    seconds = time.process_time() - start
    return seconds, float(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moved", description="The measured process itself.")
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--repeats", type=int, required=True)
    parser.add_argument("--mode", required=True)
    print(json.dumps(child(**vars(parser.parse_args()))))
