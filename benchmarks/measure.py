# SPDX-License-Identifier: Apache-2.0
"""Stopwatch, memory and machine. Nothing heavy is imported, so that a parent process stays small."""

from __future__ import annotations

import gc
import importlib.metadata
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.distribution import VERSION
from engine.errors import RunError

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "numba", "pandas", "pyarrow")


def machine() -> dict[str, Any]:
    """What a figure depends on besides the code."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {"tandem": VERSION, **{name: importlib.metadata.version(name) for name in LIBRARIES}},
    }


def _cpu_model() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, least and most of the repeats, and how many they were."""
    return {"median": statistics.median(seconds), "low": min(seconds), "high": max(seconds), "n": len(seconds)}


def stopwatch(call: Callable[[], object], repeats: int) -> list[float]:
    """Seconds of each of `repeats` calls, garbage collected beforehand."""
    seconds = []
    for _ in range(repeats):
        gc.collect()
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def run_process(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, limit: float = 600.0
) -> tuple[float, str]:
    """Seconds from start to end of a whole process, and its standard output.

    It runs in a folder of its own, and its bytecode is kept: after the first one no process compiles its modules, as
    on any machine on which a command has run before. Raises RunError with the last line it wrote when it fails or takes
    over `limit` s.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        start = time.perf_counter()
        try:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=folder,
                env={**kept, **(environment or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            msg = f"{Path(str(command[0])).name} took over {limit:g} s"
            raise RunError(msg) from error
        seconds = time.perf_counter() - start
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
        msg = f"{' '.join(str(part) for part in command)} ended with {done.returncode}: {last[0]}"
        raise RunError(msg)
    return seconds, done.stdout
