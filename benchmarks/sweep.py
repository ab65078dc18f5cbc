# SPDX-License-Identifier: Apache-2.0
"""A thousand parameter sets over twenty-five years of daily bars, one compiled call on one core."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from benchmarks.market import daily_market
from benchmarks.measure import spread, stopwatch
from benchmarks.spread import missing_series, prepare_spread
from engine.runs.sweep import simulate_sets

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
    return {
        "sets": len(sets),
        "bars": bars,
        "call_s": spread(seconds),
        "bar_step_ns": spread([value / bars / len(sets) * 1e9 for value in seconds]),
        "fills": int(outcomes["fills"].sum()),
        "different_outcomes": len(np.unique(outcomes["final_equity"])),
        "median_final_equity": float(np.median(outcomes["final_equity"])),
        "errors": int(np.count_nonzero(outcomes["error"])),
    }
