# SPDX-License-Identifier: Apache-2.0
"""A walk-forward: choose, use, choose again; then everything that the choices are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import analyse
from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.errors import ConfigError, Problem
from engine.indicators.sharing import Memory
from engine.kernel.codes import RunCode
from engine.model.walkforward import WalkForward
from engine.progress import Watch
from engine.runs.backtest import load_bars, placed
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.contradictions import all_contradict
from engine.runs.sweep.figures import OBJECTIVES, ruined, stretches_of
from engine.runs.sweep.findings import conclude
from engine.runs.sweep.grid import Grid, drawn, neighbours
from engine.runs.sweep.stands import Configure
from engine.runs.walkforward.findings import Fold, WalkForwardFound
from engine.runs.walkforward.stitch import stitch
from engine.runs.walkforward.windows import Span, Window, windows_of


def walk_forward(
    ready: LoadedConfig, grid: Grid, configure: Configure, watch: Watch, threads: int = 0
) -> WalkForwardFound:
    """Choose the parameters of `grid` anew for each test of `ready.config.walkforward`, and use them there.

    configure  the configuration of `ready` with settings put into it
    threads    that simulate; 0: one a core
    Raises InputError before anything is run for a grid, a plan or a value that cannot be, InputsChanged.
    """
    _check(ready, grid)
    plan, asked = ready.config.walkforward, ready.config.sweep
    watch("reading the market")
    memory = Memory()  # of all windows: indicators look at the same bars
    asking = Bench(grid, configure, threads)
    asking.check()
    windows = windows_of(_sessions(ready), plan)
    numbers = drawn(grid, asked.tries or grid.size, ready.config.seed)
    if plan.pick == "neighbours" and len(numbers) < grid.size:
        allowed = "pick: best, or every combination (no sweep.tries)"
        raise ConfigError(Problem("neighbours are not all tried", path="walkforward.pick", allowed=allowed))
    objective, done, barred = OBJECTIVES[asked.objectives[0]], 0, np.zeros(len(numbers), np.bool_)
    watch(f"{len(windows)} choices among {len(numbers):,}", lambda: done / (2 * len(windows)))

    def scores(span: Span) -> tuple[FloatArray, NDArray[np.bool_]]:
        nonlocal done, barred
        found = Bench(grid, _within(configure, span), threads, memory).figures(numbers)
        done, barred = done + 1, found["error"] == RunCode.CONTRADICTION
        return objective.score(found), ruined(found)

    inside = [scores(one.train)[0] for one in windows]
    if barred.all():
        raise all_contradict(f"{len(numbers):,} of {grid.size:,}", "more tries, or other values")
    places = [pick(grid, plan, one, barred) for one in inside]
    outside = [scores(one.test) for one in windows]
    chosen = [grid.values(numbers[place]) for place in places]
    over = Span(windows[0].test.first, windows[-1].test.last)
    bench = Bench(grid, _within(configure, over), threads, memory)
    by_parameter = {one.name: one.parameter for one in grid.axes}
    params = [{by_parameter[name]: value for name, value in one.items()} for one in chosen]
    watch("running the walk")
    used = list(zip((one.test for one in windows), params, strict=True))
    stitched = stitch(bench.stands.configure(()), used, closed=plan.seams == "closed", watch=watch)
    earned = _earned(stitched, windows)
    folds = [
        Fold(window, numbers[place], values, before, after, gone, place, account)
        for window, place, values, before, (after, gone), account in zip(
            windows, places, chosen, inside, outside, earned, strict=True
        )
    ]
    stretches = stretches_of(len(numbers))
    apart = max(1, -(-plan.purge * stretches // sum(one.tested for one in windows)))
    figures = bench.figures(numbers, stretches)
    after = conclude(bench, numbers, figures, [objective], 1, ready.config.seed, apart=apart)
    asking.stands.witness.check()
    return WalkForwardFound(plan, grid, tuple(folds), stitched, analyse(stitched), after)


def pick(grid: Grid, plan: WalkForward, score: FloatArray, barred: NDArray[np.bool_]) -> int:
    """The row of the combination that (N,) scores choose; the first of equal ones, and where none has a score.

    Scores are in their own unit. By neighbours a combination counts with the mean of itself and those one
    step away, so that a lone spike does not win.
    barred  (N,) of those that contradict themselves: none of them is chosen
    """
    worth = score
    if plan.pick == "neighbours":
        worth = neighbours(grid, score, own=True)
    known = np.where(np.isfinite(score), worth, -np.inf)
    return int(np.argmax(known)) if np.isfinite(score).any() else int(np.argmin(barred))


def _check(ready: LoadedConfig, grid: Grid) -> None:
    """Refuse what cannot be chosen anew: parameters of one strategy can, by one objective, among the same ones."""
    _ = ready.strategy  # of a portfolio this says that one strategy is taken
    asked = ready.config.sweep
    if asked.search == "tpe":
        allowed = "random, with or without tries: every window chooses among the same combinations"
        raise ConfigError(
            ready.located(Problem("not in a walk-forward", path="sweep.search", found="tpe", allowed=allowed))
        )
    if len(asked.objectives) > 1:
        found = ", ".join(asked.objectives)
        problem = Problem(
            "a choice is made by one objective", path="sweep.objective", found=found, allowed="one of them"
        )
        raise ConfigError(ready.located(problem))
    other = [one for one in grid.axes if not one.parameter]
    if other:
        allowed = "parameters of the strategy: costs and data are the world's, and are not chosen"
        raise ConfigError(
            [Problem("not to be chosen anew", file=one.place, path=one.name, allowed=allowed) for one in other]
        )


def _sessions(ready: LoadedConfig) -> NDArray[np.datetime64]:
    with placed(ready):
        market, start, stop = load_bars(ready)
    return np.unique(market.bars["session"][start:stop].astype("M8[D]"))


def _within(configure: Configure, span: Span) -> Configure:
    period = [f"period.start={span.first}", f"period.end={span.last}"]
    return lambda put: configure([*period, *put])


def _earned(stitched: RunRecord, windows: Sequence[Window]) -> list[float]:
    """The account's total return over each test, fractions: from the close before it to its last; NaN after a ruin."""
    sessions = stitched.market.bars["session"].astype("M8[D]")
    equity = np.concatenate(([stitched.config.account.cash], stitched.points["equity"]))
    ends = [0, *(int(np.searchsorted(sessions, one.test.last, side="right")) for one in windows)]
    return [
        float(equity[stop] / equity[start] - 1.0) if (equity[: start + 1] > 0.0).all() else math.nan
        for start, stop in pairwise(ends)
    ]
