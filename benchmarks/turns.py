# SPDX-License-Identifier: Apache-2.0
"""One side of a comparison, in the checkout that it measures: started by `benchmarks.against`, never by hand.

`python turns.py CHECKOUT NAME REPEATS OPTIONS`. It runs that checkout's own benchmark, whose every reading waits for a
line on stdin and is said on stdout as one JSON line: {"took": processor seconds}; what the benchmark returns ends it.
A sweep by every core is read by the clock instead: processor time would not show the second core.
Nothing of the engine is imported by name, so that a checkout may lay it out as it likes.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

LINES = sys.stdout  # the benchmark's own printing must not come between them
CORES = "cores"
WITHOUT_IMPACT = {"slippage": {"half_spread": 0.00002, "impact": 0.0}}


def main() -> None:
    """Measure one benchmark of one checkout by turns."""
    checkout, name, repeats, options = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
    sys.path.insert(0, checkout)
    sys.stdout = sys.stderr
    measure: Any = importlib.import_module("benchmarks.measure")
    clock = time.perf_counter if name == CORES else time.process_time
    measure.stopwatch, measure.run_process = partial(stopwatch, clock), partial(run_process, measure.run_process)
    leave_out_impact()
    left = figures(name, repeats, options)
    sys.stdin.readline()
    _say({"figures": left})


def figures(name: str, repeats: int, options: dict[str, Any]) -> dict[str, Any]:
    """What the checkout's benchmark returns; of a workload trades and final equity."""
    if name.startswith("W"):
        return workload(name, repeats, Path(options["data"]))
    asked = sweep_of_every_core() if name == CORES else importlib.import_module(f"benchmarks.{name}").measure
    known = inspect.signature(asked).parameters
    given: dict[str, Any] = asked(repeats=repeats, **{key: options[key] for key in options if key in known})
    return given


def sweep_of_every_core() -> Any:
    """The checkout's sweep on as many cores as it can use; an older one has a single call on one."""
    module = importlib.import_module("benchmarks.sweep")
    return getattr(module, "measure_cores", module.measure)


def workload(name: str, repeats: int, data: Path) -> dict[str, Any]:
    """The call that `benchmarks.workload_run` times, in this process."""
    run, works = (importlib.import_module(f"benchmarks.{part}") for part in ("workload_run", "workloads"))
    config = works.workload_config(name)
    market = works.shared_market(name, *works.shared_columns(data, name))

    def call() -> dict[str, Any]:
        outcome: dict[str, Any] = run.final(name, run.run_workload(name, config, market))
        return outcome

    outcome = call()
    stopwatch(time.process_time, call, repeats)
    return outcome


def leave_out_impact() -> None:
    """The law of market impact is not the same in every checkout: without it they do the same work."""
    spread, agents = (importlib.import_module(f"benchmarks.{name}") for name in ("spread", "agents"))
    for settings in (spread.DAILY, spread.MINUTES, agents.MINUTES):
        settings["costs"] = WITHOUT_IMPACT


def stopwatch(clock: Callable[[], float], call: Callable[[], object], repeats: int) -> list[float]:
    """Stands for measure.stopwatch: seconds by `clock`, processor time of user and system, each call in its turn."""
    seconds = []
    for _ in range(repeats):
        gc.collect()
        sys.stdin.readline()
        start = clock()
        call()
        seconds.append(clock() - start)
        _say({"took": seconds[-1]})
    return seconds


def run_process(whole: Callable[..., tuple[float, str]], *arguments: Any, **named: Any) -> tuple[float, str]:
    """Stands for measure.run_process: processor seconds of the process and of those that it started."""
    sys.stdin.readline()
    before = _of_children()
    _, printed = whole(*arguments, **named)
    seconds = _of_children() - before
    _say({"took": seconds})
    return seconds, printed


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _say(document: dict[str, Any]) -> None:
    LINES.write(json.dumps(document) + "\n")
    LINES.flush()


if __name__ == "__main__":
    main()
