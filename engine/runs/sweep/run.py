# SPDX-License-Identifier: Apache-2.0
"""A sweep from its first part to its last: what is kept of each part survives whatever stops it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.progress import Watch
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.executor import Executor
from engine.runs.sweep.figures import stretches_of, tried_dtype
from engine.runs.sweep.search import Search

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


def run_parts(bench: Bench, search: Search, kept: Kept, watch: Watch, executor: Executor) -> NDArray[Any]:
    """(N,) `tried_dtype` of what is searched, in the order of the search; what is kept is not run again.

    A part is kept as soon as it is whole, if what it was read from is what the first was read from. Parts that need
    nothing of one another become whole in any order. Raises InputsChanged.
    """
    stretches = stretches_of(search.total) if search.free == search.total else 1
    found = np.zeros(search.total, tried_dtype(stretches))
    done, start = 0, 0
    watch(f"running {search.total:,} combinations", lambda: done / search.total)
    while start < search.total:
        stop = search.reach(start)
        left = _left(search, kept, found, start, stop)
        wanted = {part: len(numbers) for part, numbers in left.items()}
        done = stop - sum(wanted.values())
        for part, rows, figures in executor.run(bench, left, stretches):
            first = part * search.size
            for name in figures.dtype.names or ():
                found[name][first + rows] = figures[name]
            done += len(rows)
            wanted[part] -= len(rows)
            if not wanted[part]:
                bench.stands.witness.check()  # of this part too
                kept.write(part, found[first : first + len(left[part])])
        start = stop
    return found


def _left(search: Search, kept: Kept, found: NDArray[Any], start: int, stop: int) -> dict[int, list[int]]:
    """Parts of the rows start..stop-1 that are not kept, with their combinations; what is kept goes into `found`."""
    left = {}
    numbers: NDArray[np.int64] | None = None
    for first in range(start, stop, search.size):
        last = min(first + search.size, stop)
        part = first // search.size
        known = kept.read(part, found.dtype)
        if known is None:
            numbers = search.numbers(found[:start]) if numbers is None else numbers
            found["combination"][first:last] = numbers[first - start : last - start]
            left[part] = numbers[first - start : last - start].tolist()
        else:
            found[first:last] = known
    return left
