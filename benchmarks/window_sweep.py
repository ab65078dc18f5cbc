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
from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.indicators import shared
from engine.market.panel import Market
from engine.runs.sweep.bench import Bench, stand_of
from engine.runs.sweep.grid import Grid, grid_of

RULE = "W1b"
"""The workload whose rule and bars are swept."""


class SharingCrossTrail(CrossTrail):
    """The same rule on the same numbers, each average in a function of its own, which the sets of a sweep share."""

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """fast, slow and atr, each NaN until its window is full."""
        high, low, close = market.large.high, market.large.low, market.large.close
        return {"fast": mean(close, p.fast), "slow": mean(close, p.slow), "atr": mean_range(high, low, close, p.atr)}


@shared
def mean(values: FloatArray, window: int) -> FloatArray:
    """Mean of the last `window` values as a difference of running sums, which is the shared rule's own arithmetic."""
    sums = np.cumsum(values)
    found = np.full(len(values), np.nan)
    found[window - 1 : window] = sums[window - 1 : window]
    np.subtract(sums[window:], sums[:-window], out=found[window:])
    found /= window
    return found


@shared
def mean_range(high: FloatArray, low: FloatArray, close: FloatArray, window: int) -> FloatArray:
    """Simple mean of the last `window` true ranges; the first bar has none."""
    true_range = np.zeros(len(close))
    np.subtract(np.maximum(high[1:], close[:-1]), np.minimum(low[1:], close[:-1]), out=true_range[1:])
    found = mean(true_range, window)
    found[:window] = np.nan
    return found


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
    ready = LoadedConfig(workload_config(RULE), None, Path(), {"": SharingCrossTrail}, {})
    bench = Bench(grid, lambda _: ready)
    return bench.on(stand_of(ready, market, 0, len(market)), np.arange(grid.size), 1)


def best_of(figures: NDArray[Any], grid: Grid) -> dict[str, Any]:
    """The highest final equity, and the values that have it; of equal ones the first."""
    place = int(figures["final_equity"].argmax())
    return {"equity": float(figures["final_equity"][place]), "best": list(grid.values(place).values())}
