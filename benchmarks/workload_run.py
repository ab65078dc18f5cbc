# SPDX-License-Identifier: Apache-2.0
"""One workload in a process of its own: `python -m benchmarks.workload_run W1 --data FOLDER`; prints one JSON row.

The timing convention is the shared one: prep_s builds the engine's own form of the data, sim_s is from there to the
final equity, features included; warm_s is the same call a second time. Imports and reading the file are in none.
Garbage is collected before prep_s and before warm_s, as the other engines' scripts do: a whole process pays for it.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.peak import peak_bytes
from benchmarks.workloads import STRATEGIES, shared_columns, shared_market, workload_config
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind
from engine.market.panel import Market
from engine.model.run import RunConfig

T = TypeVar("T")

SWEEP = "W3"


def run_workload(name: str, config: RunConfig, market: Market, mode: str = "compiled") -> RunRecord:
    """From the market to the final equity."""
    return native.run(prepare(config, STRATEGIES[name], market), mode)


def counted_trades(name: str, result: RunRecord) -> int:
    """Fills of the pair; entries of the single asset, as the shared rules count them."""
    fills = result.ledger["kind"] == int(EntryKind.FILL)
    counted = fills if "small" in STRATEGIES[name].roles else fills & (result.ledger["qty"] > 0.0)
    return int(np.count_nonzero(counted))


def final(name: str, result: RunRecord) -> dict[str, Any]:
    """What is kept of a call, as the other engines' scripts do: its memory is free again for the next."""
    return {"equity": float(result.points["equity"][-1]), "trades": counted_trades(name, result)}


def row(name: str, data: Path, bars: int | None, *, once: bool, mode: str = "compiled") -> dict[str, Any]:
    """The figures of one workload on the shared data."""
    stamps, columns = shared_columns(data, name, bars)
    config = workload_config(name)
    gc.collect()
    prep_s, market = _timed(lambda: shared_market(name, stamps, columns))
    sim_s, outcome = _timed(lambda: final(name, run_workload(name, config, market, mode)))
    warm_s = None if once else _timed_again(lambda: final(name, run_workload(name, config, market, mode)))
    return {
        "work": name,
        "bars": len(market) * len(market.roles),
        "prep_s": prep_s,
        "sim_s": sim_s,
        "warm_s": warm_s,
        "peak_mb": round(peak_bytes() / 2**20),
        **outcome,
    }


def sweep_row(data: Path, bars: int | None) -> dict[str, Any]:
    """The figures of W3 on the shared data: its best combination, on every core."""
    from benchmarks.window_sweep import RULE, best_of, sweep_windows, window_grid  # W4 is no sweep, and loads no numba

    gc.collect()
    prep_s, market = _timed(lambda: shared_market(RULE, *shared_columns(data, RULE, bars)))
    grid = window_grid()
    sim_s, outcome = _timed(lambda: best_of(sweep_windows(market, grid), grid))
    warm_s = _timed_again(lambda: best_of(sweep_windows(market, grid), grid))
    return {
        "work": SWEEP,
        "bars": len(market) * grid.size,
        "prep_s": prep_s,
        "sim_s": sim_s,
        "warm_s": warm_s,
        "peak_mb": round(peak_bytes() / 2**20),
        **outcome,
    }


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def _timed_again(call: Callable[[], object]) -> float:
    gc.collect()
    return _timed(call)[0]


def main() -> None:
    """Read the arguments, print the row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workload_run", description=__doc__)
    parser.add_argument("work", choices=[*sorted(STRATEGIES), SWEEP])
    parser.add_argument("--data", type=Path, required=True, help="folder of daily.npz and minute.npz")
    parser.add_argument("--bars", type=int, help="only the first so many bars")
    parser.add_argument("--once", action="store_true", help="no second call")
    parser.add_argument("--mode", choices=["auto", "interpreted", "compiled"], default="compiled")
    given = parser.parse_args()
    if given.work == SWEEP:
        print(json.dumps(sweep_row(given.data, given.bars)))
    else:
        print(json.dumps(row(given.work, given.data, given.bars, once=given.once, mode=given.mode)))


if __name__ == "__main__":
    main()
