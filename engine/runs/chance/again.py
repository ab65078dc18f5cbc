# SPDX-License-Identifier: Apache-2.0
"""The run of a folder once more, from its configuration and the bars that it was made of, compiled."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.significance.chance import Chance, p_of_rank
from engine.config.loader import LoadedConfig, load_config
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.inputs.prepared import Prepared, prepare
from engine.inputs.spans import refuse_spans
from engine.kernel.codes import RunCode
from engine.market.panel import Market
from engine.progress import Watch
from engine.runs.backtest import load_bars, placed
from engine.runs.sweep.compiled import simulate_stretches
from engine.runs.sweep.figures import figures_of, ruined
from engine.strategy.foreign import foreign_class
from engine.strategy.source.identity import source_hash

MOST = 100_000
"""Runs of one question: p is then known to a hundred-thousandth."""

ALIKE = 1e-9
"""Part of its equity by which a run may differ that another machine made again."""


@dataclass(frozen=True)
class Again:
    """A run ready to be made again: its configuration, all bars, and the rows start..stop-1 of its period."""

    ready: LoadedConfig
    market: Market
    start: int
    stop: int

    def prepared(self, market: Market) -> Prepared:
        """The same strategy, parameters, costs and period on these bars, which end with the period."""
        return prepare(self.ready.config, self.ready.strategies, market, self.start, self.stop, recording=False)


def once_more(ready: LoadedConfig) -> Again:
    """A configuration's run, ready to be made again.

    Raises InputError for a strategy of options or of another engine, and whatever a backtest raises before its run.
    """
    with placed(ready):
        _refuse_kinds(ready)
        return Again(ready, *load_bars(ready))


def again(config: Path, fingerprint: str, source: str, data: Any = None) -> Again:
    """The run whose resolved configuration is this file, ready to be made again.

    fingerprint, source  of its bars and of its strategy's source, as the run knew them; "" where it did not
    data  a DataFrame or DataFrames by symbol, of a run whose bars came from memory; None: the bars are where they were
    Raises InputError where either is another one today, and what `once_more` raises.
    """
    ready = load_config(config, given=None if data is None else {"data": data})
    return unchanged(ready, fingerprint, source, str(config), f"tandem backtest {config}, and ask of the new run")


def unchanged(ready: LoadedConfig, fingerprint: str, source: str, place: str, remedy: str) -> Again:
    """The run of a configuration, ready to be made again, as `again` has it of a file.

    place, remedy  where the run stands, and what makes a run of today, for whom something has changed
    """
    if source and source_hash(*ready.strategies.values()) != source:
        raise InputError(_changed("the strategy's source", place, remedy))
    run = once_more(ready)
    if run.market.fingerprint != fingerprint:
        raise InputError(_changed("the bars", place, remedy))
    return run


def refuse_another(run: Again, result: RunRecord) -> None:
    """Raise InputError where a run that is made again is not the one that is judged: chance would be asked of another.

    So it is with the account of a walk-forward, which went by the parameters of its choices, and a run up to some day.
    """
    own = run_figures(run.prepared(run.market.head(run.stop)))
    if own["error"] != RunCode.OK or not len(result.points):
        return
    was, now = float(result.points["equity"][-1]), float(own["final_equity"])
    if math.isclose(was, now, rel_tol=ALIKE):
        return
    found = f"a last equity of {was:,.2f}, and {now:,.2f} by its configuration"
    allowed = "what its configuration makes by itself, as in a backtest: a walk-forward's account goes by its choices"
    raise InputError(Problem("the configuration makes another run", path="run", found=found, allowed=allowed))


def against(run: Again, count: int, other: Callable[[int], Prepared], watch: Watch, doing: str) -> Chance:
    """The run among `count` others, which `other` prepares by their number; on every core, in any order the same.

    Raises InputError where the run has no ratio.
    """
    own = run_figures(run.prepared(run.market.head(run.stop)))
    ratio = float(own["reward_to_variability"])
    if not math.isfinite(ratio):
        allowed = "a run that traded, and bars evenly spaced"
        raise InputError(Problem("the run has no ratio to compare", found="reward to variability", allowed=allowed))
    table = _simulated(count, other, watch, doing)
    drawn = _ratios(table)
    known = table[table["error"] == RunCode.OK]
    return Chance(
        own=ratio,
        drawn=drawn,
        p=p_of_rank(ratio, drawn),
        idle=int(np.count_nonzero(known["fills"] == 0)),
        stopped=len(table) - len(known),
        fills=float(np.mean(known["fills"])) if len(known) else math.nan,
        own_fills=int(own["fills"]),
    )


def refuse_count(count: int, name: str) -> None:
    """Raise InputError where so many runs are none, or more than anybody waits for."""
    if not 1 <= count <= MOST:
        allowed = f"1 to {MOST:,}; 200 tell a p of 5 %, 1,000 one of 1 %"
        raise InputError(Problem("not a number of runs", path=name, found=f"{count:,}", allowed=allowed))


def _simulated(count: int, other: Callable[[int], Prepared], watch: Watch, doing: str) -> NDArray[Any]:
    """(count,) figures, by number. An author's features() is asked on this thread alone, as in a sweep."""
    found: list[Any] = []
    watch(doing, lambda: len(found) / count)
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers, "chance") as threads:
        waiting: deque[Future[Any]] = deque()
        for number in range(count):
            waiting.append(threads.submit(run_figures, other(number)))
            if len(waiting) > 2 * workers:  # no more markets in memory than can be at work soon
                found.append(waiting.popleft().result())
        found += [one.result() for one in waiting]
    return np.array(found)


def run_figures(prepared: Prepared) -> Any:
    """The one record of `engine.runs.sweep.figures` of a prepared run."""
    return figures_of(prepared, *simulate_stretches(prepared, prepared.features, prepared.params_row(), 1))[0]


def _ratios(table: NDArray[Any]) -> NDArray[np.float64]:
    """(N,) what a run is held against: 0 without a fill, inf of one that stopped, -inf of a ruined one."""
    ratios = np.where(table["fills"] == 0, 0.0, table["reward_to_variability"])
    known = np.where((table["error"] != RunCode.OK) | ~np.isfinite(ratios), math.inf, ratios)
    return np.where(ruined(table), -math.inf, known)


def _refuse_kinds(ready: LoadedConfig) -> None:
    refuse_spans(ready.config, "a run against chance")
    strategies = ready.strategies.values()
    if ready.config.engine != "native" or any(map(foreign_class, strategies)):
        allowed = "engine: native, and strategies of this engine"
        raise InputError(Problem("a run against chance is compiled", path="engine", allowed=allowed))
    if any(one.options for one in strategies):
        allowed = "a strategy of shares: what an option costs in a market that never was, nobody knows"
        raise InputError(Problem("a strategy of options is not run against chance", path="strategy", allowed=allowed))


def _changed(what: str, place: str, remedy: str) -> Problem:
    return Problem(f"{what} of the run: another today", place, allowed=f"what the run had; now: {remedy}")
