# SPDX-License-Identifier: Apache-2.0
"""Peak resident memory of a long run in a process of its own, held against the bytes of its data."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, run_process
from benchmarks.peak import peak_bytes

BARS = 1_000_000
FIRST_BARS = 5_000  # enough to import, compile and touch everything that does not grow with the data


def measure(bars: int = BARS) -> dict[str, Any]:
    """Megabytes, and the peak as a multiple of the data.

    data      bytes of the bars, which the process reads memory-mapped
    base      peak after a run of a few bars: interpreter, libraries and compiled code
    peak      peak after the run of all bars, features and result included
    growth    (peak - base) / data;  whole  peak / data
    """
    from benchmarks.market import minute_market
    from benchmarks.spread import missing_series

    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        file = Path(folder) / "bars.npy"
        market = minute_market(bars, missing=missing_series())
        np.save(file, market.bars)
        command = (sys.executable, "-m", "benchmarks.memory", file)
        run_process(command, {"PYTHONPATH": str(ROOT)})  # fills the compile cache
        printed = run_process(command, {"PYTHONPATH": str(ROOT)})[1]
    figures: dict[str, Any] = json.loads(printed)
    data = market.bars.nbytes
    return {
        "bars": bars,
        "data_mb": data / 2**20,
        "base_mb": figures["base"] / 2**20,
        "peak_mb": figures["peak"] / 2**20,
        "growth": (figures["peak"] - figures["base"]) / data,
        "whole": figures["peak"] / data,
        "fills": figures["fills"],
    }


def child(file: Path) -> dict[str, int]:
    """What the measured process does: map the bars, run a few, run all."""
    from benchmarks.market import PAIR
    from benchmarks.spread import missing_series, prepare_spread
    from engine.engines import native
    from engine.kernel.codes import EntryKind
    from engine.market.panel import Market

    bars = np.load(file, mmap_mode="r")
    market = Market(bars, dict(PAIR), missing=missing_series(), label="random walks", frequency="1min", synthetic=True)
    native.run(prepare_spread(market.head(FIRST_BARS)), "compiled")
    base = peak_bytes()
    result = native.run(prepare_spread(market), "compiled")
    return {
        "base": base,
        "peak": peak_bytes(),
        "fills": int(np.count_nonzero(result.ledger["kind"] == EntryKind.FILL)),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description="The measured process itself.")
    parser.add_argument("file", type=Path)
    print(json.dumps(child(parser.parse_args().file)))
