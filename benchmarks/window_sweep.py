# SPDX-License-Identifier: Apache-2.0
"""W3, a sweep over windows: W2b's rule on daily bars, 10 fast x 10 slow averages x 10 multiples of the stop.

It runs as `engine.sweep` and `tandem sweep` run theirs once the bars are there: indicators are made within it, and
shared by what they are made from, and every core simulates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import CrossTrail, workload_config
from engine.config.loader import LoadedConfig
from engine.market.panel import Market
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.grid import Grid, grid_of
from engine.runs.sweep.stand import stand_of

RULE = "W1b"
"""The workload whose rule and bars are swept."""


AXES: Mapping[str, Sequence[float]] = {
    "fast": range(5, 55, 5),
    "slow": range(60, 260, 20),
    "multiple": [half / 2 for half in range(3, 13)],
}


def window_grid(axes: Mapping[str, Sequence[float]] = AXES) -> Grid:
    """The grid of parameters of W3, the last fastest."""
    return grid_of({name: list(values) for name, values in axes.items()})


def sweep_windows(market: Market, grid: Grid) -> NDArray[Any]:
    """(N,) figures of every combination, from the market on: nothing is kept from an earlier call."""
    ready = LoadedConfig(workload_config(RULE), None, Path(), {"": CrossTrail}, {})
    bench = Bench(grid, lambda _: ready)
    return bench.on(stand_of(ready, market, 0, len(market)), np.arange(grid.size), 1)


def best_of(figures: NDArray[Any], grid: Grid) -> dict[str, Any]:
    """The highest final equity, and the values that have it; of equal ones the first."""
    place = int(figures["final_equity"].argmax())
    return {"equity": float(figures["final_equity"][place]), "best": list(grid.values(place).values())}
