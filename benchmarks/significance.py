# SPDX-License-Identifier: Apache-2.0
"""Whether the statistics are honest: sweeps of pure noise, a planted edge, and intervals of returns that are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.analytics.significance.found_ratio import ratio_over_cash
from engine.analytics.significance.intervals import Daily, intervals
from engine.analytics.significance.overfitting import GROUPS, grouped, overfitting
from engine.analytics.significance.sharpe_ratio import SURE
from engine.analytics.significance.superior import superior
from engine.arrays import FloatArray
from engine.runs.sweep.figures import MANY, stretch_bounds

BARS, SETS = 1_260, 50
DEVIATION = 0.01
"""Of a day, of every set."""

EDGE = 2.5
"""Sharpe ratio a year of the one set of a planted sweep that has merit."""


def measure(sweeps: int = 200, planted: int = 20, runs: int = 200, draws: int = 400) -> dict[str, Any]:
    """Shares, 0 to 1: of noise sweeps that each test calls no merit, of planted ones that it calls merit, of covered.

    sweeps, planted  how many of each, of SETS independent sets of BARS days
    runs             series of BARS normal days of a known Sharpe ratio, each with an interval of `draws` draws
    """
    noise = [_judged(seed, 0.0) for seed in range(sweeps)]
    edge = [_judged(seed, EDGE) for seed in range(10_000, 10_000 + planted)]
    return {
        "sweeps": sweeps,
        "noise_called_noise": {name: _share(not one[name] for one in noise) for name in noise[0]},
        "planted_found": {name: _share(one[name] for one in edge) for name in edge[0]},
        "intervals": runs,
        "coverage_of_95": {f"{ratio:g}": coverage(ratio, runs, draws) for ratio in (0.0, 1.0)},
    }


def coverage(ratio: float, runs: int, draws: int) -> float:
    """The share of 95 % intervals of the Sharpe ratio that hold the true one, `ratio` a year."""
    held = 0
    for seed in range(runs):
        returns = np.random.default_rng(seed).normal(ratio / math.sqrt(252) * DEVIATION, DEVIATION, BARS)
        nothing = np.zeros(BARS)
        days = Daily(returns, nothing, nothing, np.arange(BARS).astype("M8[D]"), BARS / 252, 252.0, 1)
        (one,) = intervals(days, ("sharpe",), draws, seed).of
        held += one.low <= ratio <= one.high
    return held / runs


def _judged(seed: int, edge: float) -> dict[str, bool]:
    """Which tests call the best of a sweep merit: at 95 %, as the page of a sweep does."""
    returns = np.random.default_rng(seed).normal(0.0, DEVIATION, (SETS, BARS))
    returns[0] += edge / math.sqrt(252) * DEVIATION
    ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1) * math.sqrt(252)
    best = ratio_over_cash(returns[int(np.argmax(ratios))], 252.0)
    bounds = stretch_bounds(BARS, MANY)
    total, squares = (_cut(returns**power, bounds) for power in (1, 2))
    own = overfitting(grouped(total), grouped(squares), grouped(np.diff(bounds), GROUPS), seed)
    found = {
        "deflated_sharpe": best.deflated(SETS, float(ratios.std(ddof=1))) >= SURE,
        "overfitting": own.probability <= 1.0 - SURE,
        "superior": superior(total.T, returns.std(axis=1, ddof=1), seed, 200).consistent <= 1.0 - SURE,
    }
    return {**found, "deflated_and_overfitting": found["deflated_sharpe"] and found["overfitting"]}


def _cut(values: FloatArray, bounds: Any) -> FloatArray:
    return np.add.reduceat(values, bounds[:-1], axis=1)


def _share(truths: Any) -> float:
    return float(np.mean(list(truths)))
