# SPDX-License-Identifier: Apache-2.0
"""Whole processes: the default backtest with empty caches and with full ones, and `tandem --help`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, run_process, spread
from engine.errors import RunError

CONFIG = ROOT / "configs" / "spread_sample.yaml"


def measure(repeats: int = 5) -> dict[str, Any]:
    """Seconds of a whole process: start of Python, imports, work, report and exit included.

    cold   first run of the default backtest with an empty cache folder: the sample market is built, code compiled
    warm   the same again; help  `tandem --help`
    The operating system's own file cache stays warm in all of them.
    """
    tandem = _program()
    backtest = (tandem, "backtest", CONFIG)
    cold: list[float] = []
    warm: list[float] = []
    shown: list[float] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="tandem-cache-") as cache:
            environment = {"TANDEM_CACHE_DIR": cache, "TANDEM_TRIALS": f"{cache}/trials.sqlite"}
            cold.append(run_process(backtest, environment)[0])
            warm.extend(run_process(backtest, environment)[0] for _ in range(2))
        shown.append(run_process((tandem, "--help"))[0])
    return {
        "config": CONFIG.name,
        "cold_s": spread(cold),
        "warm_s": spread(warm),
        "help_s": spread(shown),
    }


def _program() -> Path:
    program = Path(sys.executable).parent / "tandem"
    if not program.exists():
        msg = f"no `tandem` beside {Path(sys.executable).name}: install the project into this environment (make run)"
        raise RunError(msg)
    return program
