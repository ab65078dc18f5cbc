# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of the compiled spread trade, every cost on."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.market import minute_market
from benchmarks.measure import spread, stopwatch
from benchmarks.spread import missing_series, prepare_spread
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind, OrderKind
from engine.runs.sweep import simulate_sets

SIZES = (250_000, 500_000, 1_000_000)


def measure(repeats: int = 7, sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Times of the compiled loop for each number of bars, two roles; features are not in them.

    run_ns      a whole run: buffers, ledger, order log and equity path are made and kept
    outcome_ns  the same decisions with nothing kept but the outcome, as a sweep does
    growth      run_ns of the most bars over run_ns of the fewest: 1 is linear
    """
    whole = minute_market(max(sizes), missing=missing_series())
    figures: dict[str, Any] = {"run_ns": {}, "outcome_ns": {}}
    for bars in sizes:
        market = whole.head(bars)
        recorded, bare = prepare_spread(market), prepare_spread(market, recording=False)
        result = native.run(recorded, "compiled")
        simulate_sets(bare, bare.features, bare.params_row())
        seconds = stopwatch(partial(native.run, recorded, "compiled"), repeats)
        figures["run_ns"][bars] = spread([value / bars * 1e9 for value in seconds])
        seconds = stopwatch(partial(simulate_sets, bare, bare.features, bare.params_row()), repeats)
        figures["outcome_ns"][bars] = spread([value / bars * 1e9 for value in seconds])
        figures |= activity(result)
    medians = [figures["run_ns"][bars]["median"] for bars in sizes]
    return {**figures, "growth": medians[-1] / medians[0]}


def activity(result: RunRecord) -> dict[str, Any]:
    """How much happened: a kernel that trades nothing is fast."""
    kinds = result.ledger["kind"]
    counted = {kind.name.lower(): int(np.count_nonzero(kinds == kind)) for kind in EntryKind}
    stops = int(np.count_nonzero(result.orders["kind"] == OrderKind.STOP))
    return {
        "bars": len(result.market),
        "orders": len(result.orders),
        "stop_orders": stops,
        "ledger": {name: count for name, count in counted.items() if count},
        "share_of_bars_invested": float(np.mean(result.gross > 0.0)),
        "final_equity": float(result.points["equity"][-1]),
    }
