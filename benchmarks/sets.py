# SPDX-License-Identifier: Apache-2.0
"""A sweep over windows as it grows: peak memory and time a set at a thousand sets and at a hundred thousand."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from typing import Any

from benchmarks.measure import ROOT, run_process, spread
from benchmarks.peak import peak_bytes

SIZES = (1_000, 10_240, 100_000)
BARS = 6_300
MULTIPLES = 10


def measure(repeats: int = 3, sizes: tuple[int, ...] = SIZES, bars: int = BARS) -> dict[str, Any]:
    """Each size in a process of its own, in turns: 10 multiples of the stop for every pair of windows.

    call_s   seconds of the sweep after a small one, indicators included, on every core
    set_us   microseconds of one set;  linear: that of the most sets over that of the fewest
    peak_mb  most that the process had resident;  growth_mb: of the most sets over that of the fewest
    """
    rows: dict[int, list[dict[str, Any]]] = {sets: [] for sets in sizes}
    for _ in range(repeats):
        for sets in sizes:
            command = (sys.executable, "-m", "benchmarks.sets", str(sets), str(bars))
            rows[sets].append(json.loads(run_process(command, {"PYTHONPATH": str(ROOT)})[1]))
    each = {sets: [row["call_s"] / sets * 1e6 for row in found] for sets, found in rows.items()}
    peak = {sets: max(row["peak"] for row in found) / 2**20 for sets, found in rows.items()}
    few, many = min(sizes), max(sizes)
    return {
        "bars": bars,
        "call_s": {sets: spread([row["call_s"] for row in found]) for sets, found in rows.items()},
        "set_us": {sets: spread(found) for sets, found in each.items()},
        "linear": statistics.median(each[many]) / statistics.median(each[few]),
        "peak_mb": peak,
        "growth_mb": peak[many] - peak[few],
        "fills": {sets: found[-1]["fills"] for sets, found in rows.items()},
    }


def child(sets: int, bars: int) -> dict[str, Any]:
    """What a measured process does: a small sweep loads compiled code, the next is timed."""
    from benchmarks.market import daily_market
    from benchmarks.window_sweep import AXES, sweep_windows, window_grid

    market = daily_market(bars, {"large": "LARGE"})
    sweep_windows(market, window_grid({name: values[:2] for name, values in AXES.items()}))
    pairs = round((sets / MULTIPLES) ** 0.5)
    grid = window_grid({"fast": range(2, 2 + pairs), "slow": range(110, 110 + pairs), "multiple": AXES["multiple"]})
    start = time.perf_counter()
    figures = sweep_windows(market, grid)
    seconds = time.perf_counter() - start
    return {"call_s": seconds, "peak": peak_bytes(), "fills": int(figures["fills"].sum())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sets", description="The measured process itself.")
    parser.add_argument("sets", type=int)
    parser.add_argument("bars", type=int)
    given = parser.parse_args()
    print(json.dumps(child(given.sets, given.bars)))
