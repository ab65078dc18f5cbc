# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds per bar-step of rules in YAML beside the same rules written in Python, both compiled, in turns."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, spread
from engine.config.loader import load_config
from engine.inputs.prepared import Prepared
from engine.runs.backtest import prepare
from engine.runs.sweep import simulate_sets

TWINS = ROOT / "tests" / "authors" / "rules" / "twins.py"
RULES = {
    "pair": (ROOT / "configs" / "rules_pair_sample.yaml", "Pair"),
    "rsi": (ROOT / "configs" / "rules_rsi_sample.yaml", "Dip"),
    "breakout": (ROOT / "configs" / "rules_breakout_sample.yaml", "Breakout"),
    "weekly": (TWINS.with_name("weekly.yaml"), "Weekly"),
    "volatility": (TWINS.with_name("volatility.yaml"), "Volatility"),
    "ta": (TWINS.with_name("ta_rule.yaml"), "TaRule"),
}


def measure(repeats: int = 15, sets: int = 200, works: list[str] | None = None) -> dict[str, Any]:
    """Times of the compiled loop over the sample market, `sets` times one after the other; features are not in them.

    rules_ns, python_ns  of one bar-step, decisions with nothing kept but the outcome, as a sweep does
    ratio                the median of the one over the other, each pair measured in turn
    outcome              equity at the end and fills of both, which are the same
    """
    figures: dict[str, Any] = {"sets": sets, "rules_ns": {}, "python_ns": {}, "ratio": {}, "outcome": {}}
    for name, (file, twin) in RULES.items():
        if works and name not in works:
            continue
        mine = load_config(file)
        theirs = load_config(file, given={"strategy": f"{TWINS}:{twin}", "rules": None})
        prepared = [prepare(one, recording=False) for one in (mine, theirs)]
        calls = [_call(one, sets) for one in prepared]
        ends = [[float(call()[key][0]) for key in ("final_equity", "fills")] for call in calls]
        taken = _in_turns(calls, repeats)
        steps = sets * len(prepared[0].market)
        figures["rules_ns"][name], figures["python_ns"][name] = (
            spread([value / steps * 1e9 for value in one]) for one in taken
        )
        figures["ratio"][name] = statistics.median(one / other for one, other in zip(*taken, strict=True))
        figures["outcome"][name] = ends
    return figures


def _call(prepared: Prepared, sets: int) -> Callable[[], Any]:
    return partial(simulate_sets, prepared, prepared.features, np.repeat(prepared.params_row(), sets))


def _in_turns(calls: list[Callable[[], Any]], repeats: int) -> list[list[float]]:
    """Processor seconds of each call, one after the other, so that a busy machine strikes both."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, own in zip(calls, taken, strict=True):
            gc.collect()
            begun = time.process_time()
            call()
            own.append(time.process_time() - begun)
    return taken
