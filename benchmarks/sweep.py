# SPDX-License-Identifier: Apache-2.0
"""A thousand parameter sets over twenty-five years of daily bars: one compiled call on one core, or all cores."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.market import daily_market
from benchmarks.measure import spread, stopwatch
from benchmarks.spread import missing_series, prepare_spread, spread_config
from engine.runs.sweep import simulate_sets
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.grid import grid_of
from engine.runs.sweep.stand import stand_of

BARS = 6_300
AXES = {
    "enter": np.linspace(0.2, 2.0, 10),
    "exit": np.linspace(-1.5, 0.0, 10),
    "gross_cap": np.linspace(0.8, 1.7, 10),
}
"""Ten values each of three parameters that need no new features."""


def measure(repeats: int = 7, bars: int = BARS) -> dict[str, Any]:
    """Seconds of one call over every combination after warm-up; features are shared and not in the time."""
    prepared = prepare_spread(daily_market(bars, missing=missing_series()), recording=False)
    sets = list(itertools.product(*AXES.values()))
    params = np.repeat(prepared.params_row(), len(sets))
    for index, name in enumerate(AXES):
        params[name] = [values[index] for values in sets]
    outcomes = simulate_sets(prepared, prepared.features, params)
    seconds = stopwatch(lambda: simulate_sets(prepared, prepared.features, params), repeats)
    return figures_of(outcomes, bars, seconds)


def measure_cores(repeats: int = 7, bars: int = BARS) -> dict[str, Any]:
    """Seconds of the same as `engine.sweep` runs it, on every core; the feature table is that of the call before."""
    market, ready = daily_market(bars, missing=missing_series()), spread_config(minutes=False)
    stand = stand_of(ready, market, 0, bars)
    grid = grid_of({name: values.tolist() for name, values in AXES.items()})
    numbers = np.arange(grid.size)

    def call() -> NDArray[Any]:
        return Bench(grid, lambda _: ready).on(stand, numbers, 1)

    outcomes = call()
    return figures_of(outcomes, bars, stopwatch(call, repeats))


def figures_of(outcomes: NDArray[Any], bars: int, seconds: list[float]) -> dict[str, Any]:
    """What came out of every combination, and the seconds that it took."""
    sets = len(outcomes)
    return {
        "sets": sets,
        "bars": bars,
        "call_s": spread(seconds),
        "bar_step_ns": spread([value / bars / sets * 1e9 for value in seconds]),
        "fills": int(outcomes["fills"].sum()),
        "different_outcomes": len(np.unique(outcomes["final_equity"])),
        "median_final_equity": float(np.median(outcomes["final_equity"])),
        "errors": int(np.count_nonzero(outcomes["error"])),
    }
