# SPDX-License-Identifier: Apache-2.0
"""This checkout against an older one: ratios of processor time, reading by reading in turns; of `cores` by the clock.

Both sides are processes that live through a benchmark and take their turns at every reading: what
else the machine does falls on both alike, and processor time counts none of the waiting. The older checkout needs an
environment of its own (`make .venv/.test-ready` there), and a package `benchmarks` with benchmarks of these names.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT
from engine.errors import RunError

TURNS = Path(__file__).with_name("turns.py")

BOTH = ("whole run", "outcome only")

READINGS: dict[str, tuple[str, ...]] = {
    "kernel": BOTH,
    "agents": tuple(f"{bull}, {kept}" for bull in ("shares", "calls") for kept in BOTH),
    "hedges": tuple(f"{hedge}, {kept}" for hedge in ("net", "puts", "spreads") for kept in BOTH),
    "sweep": ("a thousand sets",),
    "cores": ("a thousand sets by the clock",),
    "W1": ("the call",),
    "W2b": ("the call",),
    "process": ("cold", "warm", "again", "help"),
}
"""Readings of each benchmark in their order; those of `process` come again in each repeat."""


MINUTES = ("kernel", "agents", "hedges")
"""Those whose minute bars `--bars` counts; the sweep has its own number of days."""


class Side:
    """One checkout's process."""

    def __init__(self, checkout: Path, name: str, repeats: int, options: dict[str, Any]) -> None:
        program = (python_of(checkout), "-P", TURNS)
        command = (*program, checkout, name, repeats, json.dumps(options))
        self.checkout = checkout
        self.process = subprocess.Popen(
            [str(part) for part in command],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def go(self) -> dict[str, Any]:
        """One turn: {"took": seconds}, or {"figures": ...} when there are no more."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # one that has ended says nothing, which is looked at below
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            msg = f"the benchmark ended early in {self.checkout}"
            raise RunError(msg)
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> None:
        """No more turns."""
        with contextlib.suppress(BrokenPipeError), self.process:
            self.process.kill()


def measure(
    checkout: Path | None = None, repeats: int = 30, works: Iterable[str] = (), bars: int = 1_000_000
) -> dict[str, Any]:
    """For each reading the ratio of this checkout's processor time over the other's, or the reason for skipping.

    A ratio is that of two readings that followed each other; given are the median, the quartiles, and the ratio of
    the least readings. `differs` names what came out otherwise on the two sides, as trades or final equity.
    """
    if checkout is None:
        return {"skipped": "no older checkout: name its folder with --checkout"}
    data = Path(os.environ.get("PEERS_HOME") or Path(tempfile.gettempdir()) / "peers") / "data"
    asked = tuple(works) or tuple(READINGS)
    figures: dict[str, Any] = {"against": str(checkout)}
    for name in asked:
        if name not in READINGS:
            msg = f"no such benchmark to compare: {name}; there are {', '.join(READINGS)}"
            raise RunError(msg)
        if name.startswith("W") and not (data / "minute.npz").exists():
            figures[name] = f"skipped: {data} holds no minute.npz"
            continue
        of_minutes = {"bars": bars, "sizes": [bars]} if name in MINUTES else {}
        figures[name] = compare(name, checkout.resolve(), repeats, {**of_minutes, "data": str(data)})
    return figures


def compare(name: str, other: Path, repeats: int, options: dict[str, Any]) -> dict[str, Any]:
    """The ratios of one benchmark."""
    with contextlib.ExitStack() as started:
        sides = []
        for checkout in (ROOT, other):
            sides.append(Side(checkout, name, repeats, options))
            started.callback(sides[-1].end)
        ours, theirs = sides
        pairs, left = _turns(name, ours, theirs, repeats)
    ratios = {label: ratio_of(taken) for label, taken in pairs.items()}
    return {**ratios, "differs": differences(what_happened(left[0]), what_happened(left[1]))}


def _turns(
    name: str, ours: Side, theirs: Side, repeats: int
) -> tuple[dict[str, list[tuple[float, float]]], tuple[Any, Any]]:
    """Pairs of seconds (ours, theirs) for each reading, and what both benchmarks returned."""
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    turn = 0
    while True:
        order = (ours, theirs) if turn % 2 == 0 else (theirs, ours)
        said = {id(side): side.go() for side in order}
        mine, other = said[id(ours)], said[id(theirs)]
        if "took" not in mine or "took" not in other:
            return pairs, (mine.get("figures"), other.get("figures"))
        labels = READINGS[name]
        label = labels[turn % len(labels) if name == "process" else turn // repeats]
        pairs[label].append((mine["took"], other["took"]))
        turn += 1


def ratio_of(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Median and quartiles of the ratios, the ratio of the least, and both medians in seconds."""
    ratios = [ours / theirs for ours, theirs in pairs]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    return {
        "ratio": median,
        "low": low,
        "high": high,
        "of_least": min(ours) / min(theirs),
        "ours_s": statistics.median(ours),
        "theirs_s": statistics.median(theirs),
        "n": len(ratios),
    }


def what_happened(figures: Any) -> Any:
    """A benchmark's figures without its times."""
    if isinstance(figures, dict):
        return {key: what_happened(part) for key, part in figures.items() if key != "growth" and not _is_time(part)}
    return figures


def differences(ours: Any, theirs: Any, name: str = "") -> list[str]:
    """`name ours / theirs` for every figure that is not the same."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            line
            for key in {**ours, **theirs}
            for line in differences(ours.get(key), theirs.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if ours == theirs else [f"{name} {ours} / {theirs}"]


def _is_time(part: Any) -> bool:
    return isinstance(part, dict) and {"median", "low", "high", "n"} <= set(part)


def python_of(checkout: Path) -> Path:
    """The interpreter of a checkout's own environment. Raises RunError where there is none."""
    if checkout == ROOT:
        return Path(sys.executable)
    program = checkout / ".venv" / "bin" / "python"
    if not program.exists():
        msg = f"{checkout} has no environment: run `make .venv/.test-ready` there"
        raise RunError(msg)
    return program
