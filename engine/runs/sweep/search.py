# SPDX-License-Identifier: Apache-2.0
"""Which combinations are tried: all, some drawn at random, or some chosen where those before them did well.

A sweep asks part by part. What a part is made of is a function of the records of the parts before it, so a sweep that
was stopped goes on as one that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError, Problem
from engine.model.sweep import Sweep
from engine.runs.sweep.figures import OBJECTIVES, Objective, scores_of
from engine.runs.sweep.grid import Grid, drawn

BATCH = 16
"""Combinations that a search chooses at once, whatever runs them: each learns from all batches before its own."""

MOST_DRAWN = 64
"""Combinations that a search draws at random first at most: else a quarter of all, rounded up to whole batches."""

MOST_SEARCHED = 2_000
"""Combinations of a search: each choice looks at all before it."""


class Search(Protocol):
    """What a sweep tries, part by part.

    total   combinations in all
    size    of one part
    free    so many first ones are chosen before anything is known of any: all of a grid and of a draw
    """

    @property
    def total(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def free(self) -> int: ...

    def reach(self, done: int) -> int:
        """How many first combinations can be chosen where `done` of them are known."""
        ...

    def numbers(self, done: NDArray[Any]) -> NDArray[np.int64]:
        """The combinations that can be chosen next, given (N,) records of all before them."""
        ...

    def told(self) -> dict[str, Any]:
        """What decides the choice, as plain data."""
        ...


@dataclass(frozen=True)
class Listed:
    """Combinations that are known beforehand."""

    listed: Sequence[int]
    size: int
    asked: tuple[Any, ...]

    @property
    def total(self) -> int:
        return len(self.listed)

    @property
    def free(self) -> int:
        return len(self.listed)

    def reach(self, done: int) -> int:
        return len(self.listed)

    def numbers(self, done: NDArray[Any]) -> NDArray[np.int64]:
        return np.asarray(self.listed[len(done) :], np.int64)

    def told(self) -> dict[str, Any]:
        return {"asked": (*self.asked, self.size)}


@dataclass(frozen=True)
class Following:
    """Combinations chosen by Optuna's estimator, a batch at a time; the first ones are drawn at random."""

    grid: Grid
    total: int
    seed: int
    objectives: tuple[Objective, ...]
    size: int = BATCH

    @property
    def free(self) -> int:
        return min(MOST_DRAWN, -(-self.total // (4 * BATCH)) * BATCH)

    def reach(self, done: int) -> int:
        return self.free if done < self.free else min(done + self.size, self.total)

    def numbers(self, done: NDArray[Any]) -> NDArray[np.int64]:
        if len(done) < self.free:
            return np.array(drawn(self.grid, self.free, self.seed), np.int64)
        from engine.runs.sweep.tpe import suggested

        scores, count = scores_of(done, self.objectives), self.reach(len(done)) - len(done)
        return suggested(self.grid, done["combination"], scores, (self.seed, len(done)), count)

    def told(self) -> dict[str, Any]:
        from engine.runs.sweep.tpe import VERSION

        names = [one.name for one in self.objectives]
        return {"search": ("tpe", VERSION, self.total, self.seed, self.size, self.free, names)}


def search_of(grid: Grid, asked: Sweep, seed: int, size: int) -> Search:
    """What is tried of `grid`; `size` combinations a part where they are known beforehand."""
    if asked.search == "tpe":
        return Following(grid, asked.tries or 0, seed, tuple(OBJECTIVES[name] for name in asked.objectives))
    return Listed(drawn(grid, asked.tries or grid.size, seed), size, (asked.tries, seed))


def check_search(grid: Grid, asked: Sweep) -> None:
    """Raise ConfigError for a search that cannot be made, MissingExtra where what it needs is not installed."""
    if asked.search != "tpe":
        return
    problems = [
        Problem("one value: there is nothing to search along it", file=one.place, path=one.name,
                allowed=f"two values or more; one that stays is a setting: {one.setting(one.values[0])}")
        for one in grid.axes if len(one.values) == 1
    ]  # fmt: skip
    if asked.tries is None:
        allowed = f"tries from {BATCH + 1} to {MOST_SEARCHED:,}"
        problems.append(Problem("a search needs a number of tries", path="sweep.tries", allowed=allowed))
    elif not BATCH < asked.tries <= MOST_SEARCHED:
        allowed = f"from {BATCH + 1} to {MOST_SEARCHED:,}: fewer are drawn by search random, and so are more"
        problems.append(
            Problem("no number for a search", path="sweep.tries", found=f"{asked.tries:,}", allowed=allowed)
        )
    elif asked.tries >= grid.size:
        found = f"{asked.tries:,} tries of {grid.size:,} combinations"
        allowed = "more values, fewer tries, or search random, which then runs every combination"
        problems.append(Problem("nothing to search", path="sweep.tries", found=found, allowed=allowed))
    if problems:
        raise ConfigError(problems)
    from engine.runs.sweep import tpe  # noqa: F401 - says what is missing before anything is run
