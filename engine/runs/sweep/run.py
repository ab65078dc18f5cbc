# SPDX-License-Identifier: Apache-2.0
"""A sweep from its first part to its last: what is kept of each part survives whatever stops it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.progress import Watch
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.executor import Executor
from engine.runs.sweep.figures import kept_dtype, stretches_of

BAR_STEPS = 1 << 26
"""Of one part: a second or two of simulation."""

LEAST, MOST = 16, 4_096
"""Combinations of one part."""


class Kept(Protocol):
    """Where the parts of a sweep are, those of one that was stopped too."""

    def read(self, part: int, kind: np.dtype[Any]) -> NDArray[Any] | None:
        """The figures of a part; None where it has not been run."""
        ...

    def write(self, part: int, figures: NDArray[Any]) -> None:
        """Keep a part, whole or not at all."""
        ...


def part_size(bars: int) -> int:
    """Combinations of one part of a sweep over so many bars."""
    return min(MOST, max(LEAST, BAR_STEPS // bars))


def run_parts(
    bench: Bench, numbers: Sequence[int], size: int, kept: Kept, watch: Watch, executor: Executor
) -> NDArray[Any]:
    """(N,) `kept_dtype` of the combinations with these numbers, `size` a part; what is kept is not run again.

    A part is kept as soon as it is whole; they may become so in any order.
    """
    stretches = stretches_of(len(numbers))
    found = np.zeros(len(numbers), kept_dtype(stretches))
    left: dict[int, Sequence[int]] = {}
    for part, start in enumerate(range(0, len(numbers), size)):
        known = kept.read(part, found.dtype)
        if known is None:
            left[part] = numbers[start : start + size]
        else:
            found[start : start + size] = known
    wanted = {part: len(own) for part, own in left.items()}
    done = len(numbers) - sum(wanted.values())
    watch(f"running {len(numbers):,} combinations", lambda: done / len(numbers))
    for part, rows, figures in executor.run(bench, left, stretches):
        found[part * size + rows] = figures
        done += len(rows)
        wanted[part] -= len(rows)
        if not wanted[part]:
            kept.write(part, found[part * size : (part + 1) * size])
    return found
