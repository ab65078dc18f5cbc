# SPDX-License-Identifier: Apache-2.0
"""Where the combinations of a sweep are run: by threads of this process, or by workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.runs.sweep.bench import Bench

Found = tuple[int, NDArray[np.int64], NDArray[Any]]
"""A part, rows of it, and their figures."""


class Executor(Protocol):
    """Runs combinations, in whatever order suits it; what they come to does not depend on who runs them."""

    def run(self, bench: Bench, parts: Mapping[int, Sequence[int]], stretches: int) -> Iterator[Found]:
        """Every combination of every part once: (part, (K,) rows of the part, (K,) `kept_dtype`)."""
        ...


class Threads:
    """The threads of the bench itself, part by part."""

    def run(self, bench: Bench, parts: Mapping[int, Sequence[int]], stretches: int) -> Iterator[Found]:
        """Each part whole."""
        for part, numbers in parts.items():
            yield part, np.arange(len(numbers)), bench.figures(numbers, stretches)


def figures_by(executor: Executor, bench: Bench, numbers: Sequence[int], stretches: int = 1) -> NDArray[Any]:
    """(N,) `kept_dtype` of the combinations with these numbers, in their order."""
    found = list(executor.run(bench, {0: numbers}, stretches))
    order = np.argsort(np.concatenate([rows for _, rows, _ in found]))
    figures: NDArray[Any] = np.concatenate([figures for _, _, figures in found])[order]
    return figures
