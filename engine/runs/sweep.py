# SPDX-License-Identifier: Apache-2.0
"""Many parameter sets over one market: features once for all sets that share them, the rest in one compiled call."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.compiled_run import compiled_decision, layout_of, read_by
from engine.inputs.features import feature_table, features_read
from engine.inputs.prepared import Prepared, prepare
from engine.kernel import compiled
from engine.records import ENTRY, MARK, ORDER, OUTCOME, POINT
from engine.runs.backtest import Config, load_bars, loaded, placed
from engine.strategy.params import resolve_params


@dataclass(frozen=True)
class SweepResult:
    """One row a parameter set: `params[i]`, as on_bar sees it, gave `outcomes[i]` (`engine.records.OUTCOME`)."""

    params: NDArray[Any]
    outcomes: NDArray[Any]


def sweep(config: Config, grid: Mapping[str, Sequence[Any]]) -> SweepResult:
    """Run every combination of `grid` (parameter name to values); nothing is recorded but the outcome.

    Raises what `backtest` raises, and StrategyError for a parameter that does not exist or a value out of bounds.
    """
    ready = loaded(config)
    with placed(ready):
        market, start, stop = load_bars(ready)
    names = [name.removeprefix("params.") for name in grid]
    sets = [
        resolve_params(ready.strategy.Params, {**ready.config.params, **dict(zip(names, values, strict=True))})
        for values in itertools.product(*grid.values())
    ]
    first = prepare(ready.config, ready.strategy, market, start, stop, recording=False)
    needed = features_read(ready.strategy, market, first.params)
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, params in enumerate(sets):
        groups.setdefault(tuple(params[name] for name in needed), []).append(index)
    rows = np.zeros(len(sets), first.params_row().dtype)
    for index, params in enumerate(sets):
        # A strategy without parameters has a record of one field all the same.
        rows[index] = tuple(params[name] if params else 0 for name in rows.dtype.names or ())
    outcomes = np.zeros(len(sets), OUTCOME)
    for members in groups.values():
        features = feature_table(ready.strategy, market, sets[members[0]])[start:stop]
        outcomes[members] = simulate_sets(first, features, rows[members])
    return SweepResult(rows, outcomes)


def simulate_sets(prepared: Prepared, features: NDArray[Any], params: NDArray[Any]) -> NDArray[Any]:
    """(P,) outcomes of P parameter records that share `features`, in one compiled call on one core."""
    runs = len(params)
    made_of = layout_of(prepared)
    decide = compiled_decision(prepared, made_of)
    kernel = compiled.compile_sweep(made_of)
    books = prepared.first_book(runs)
    nothing = (np.zeros(1, ENTRY), np.zeros(1, ORDER), np.zeros(1, POINT), np.zeros(1, MARK))
    states, outcomes = np.repeat(prepared.first_state(), runs), np.zeros(runs, OUTCOME)
    accounts = books.view(made_of.account)
    kernel(decide, *read_by(prepared, features, made_of), params, states, accounts, books, *nothing, outcomes)
    return outcomes
