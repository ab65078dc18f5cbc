# SPDX-License-Identifier: Apache-2.0
"""What a sweep tries: axes with their values, and every combination of them by number."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.config.canonical import NOT_IN_HASH
from engine.config.draft import in_python, parse_path
from engine.config.yaml_reader import shown
from engine.errors import ConfigError, InputError, Problem
from engine.model.fields import Section
from engine.model.run import RunConfig

PARAMS = "params"

KEYS = frozenset(
    name
    for name, field in RunConfig.model_fields.items()
    if name not in NOT_IN_HASH and not isinstance(field.default, Section | dict) and not field.is_required()
)
"""Keys of a configuration that stand in no section, so have no dot: `strategy`, `benchmark`, `seed` and their like."""

BARS = frozenset({"roles", "series", "spans", "data", "period", "strategy", "sleeves"})
"""Sections and keys that bars are read and cut by."""

MOST = 2**62


@dataclass(frozen=True)
class Axis:
    """One setting with the values to try: a parameter of the strategy, or any key of the configuration.

    name  as it was asked for
    path  the key that it stands for; a name without a dot is one of KEYS, else a parameter's
    place  where a person reads of a mistake in it; empty where a program gave it
    """

    name: str
    path: tuple[str, ...]
    values: tuple[Any, ...]
    place: str = ""

    @property
    def parameter(self) -> str:
        """The parameter of a single run's strategy that it changes; "" where it changes something else."""
        return self.path[1] if self.path[0] == PARAMS and len(self.path) == 2 else ""

    @property
    def chooses_bars(self) -> bool:
        """Whether a run may have other bars by another of its values."""
        return self.path[0] in BARS and PARAMS not in self.path

    def setting(self, value: Any) -> str:
        """One of its values as `--set` takes it: path=value."""
        return f"{shown(self.path)}={json.dumps(in_python(value).data, default=str)}"

    def located(self, problem: Problem) -> Problem:
        """A problem with one of its values, at the place where the values stand."""
        return replace(problem, file=self.place, line=0, column=0)

    @property
    def ordered(self) -> bool:
        """Whether its values are numbers that rise or fall, so that one is next to another."""
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values):
            return False
        return list(self.values) in (sorted(self.values), sorted(self.values, reverse=True))

    @property
    def grows(self) -> bool:
        """Whether its values are three or more numbers, each so many times the one before, as `0.01:10:x10` makes."""
        if not self.ordered or len(self.values) < 3 or 0 in self.values:
            return False
        factors = [there / here for here, there in itertools.pairwise(self.values)]
        return all(math.isclose(factor, factors[0], rel_tol=1e-9) for factor in factors)


def axis(name: str, values: Sequence[Any], place: str = "") -> Axis:
    """An axis. Raises ConfigError for a name that is no key, InputError for no values or one that is there twice.

    place  what a person reads as the place of a mistake
    """
    try:
        path = parse_path(name if "." in name or name in KEYS else f"{PARAMS}.{name}")
    except ValueError:
        path = (0,)
    if not all(isinstance(part, str) for part in path):
        allowed = "a parameter, or a key of the configuration with its dots"
        raise ConfigError(Problem("no name of a setting", file=place, path=name, allowed=allowed))
    if path[0] in NOT_IN_HASH:
        raise ConfigError(Problem("it changes no figure: every value gives the same run", file=place, path=name))
    if not values:
        raise InputError(Problem("no values to try", file=place, path=name, allowed="a list of its values"))
    values = [one.item() if isinstance(one, np.number | np.bool_ | np.str_) else one for one in values]
    known: set[object] = set()
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        same = value if number else repr(value)  # 1 and 1.0 are one number, 0.0 and -0.0 too
        if same in known:
            raise InputError(Problem("a value that is there twice", file=place, path=name, found=repr(value)))
        known.add(same)
    return Axis(name, tuple(map(str, path)), tuple(values), place)


@dataclass(frozen=True)
class Grid:
    """Every combination of the axes' values, numbered from 0, the last axis fastest."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        """Raise InputError where nothing is tried, or two names stand for one setting: only the last would count."""
        if not self.axes:
            raise InputError(Problem("no values to try", path="grid", allowed="a name and a list of its values"))
        if self.size > MOST:
            allowed = "fewer values, or fewer axes"
            raise InputError(Problem("more combinations than can be numbered", found=f"{self.size:,}", allowed=allowed))
        known: dict[tuple[str, ...], Axis] = {}
        for one in self.axes:
            other = known.setdefault(one.path, one)
            if other is one:
                continue
            message = "an axis that is there twice" if other.name == one.name else "one setting under two names"
            found, allowed = other.place or other.name, "one of them, with all its values"
            raise InputError(Problem(message, file=one.place, path=one.name, found=found, allowed=allowed))

    @cached_property
    def size(self) -> int:
        """How many combinations there are."""
        return math.prod(len(one.values) for one in self.axes)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Combinations between one value of an axis and its next, an axis each."""
        return tuple(math.prod(len(one.values) for one in self.axes[at + 1 :]) for at in range(len(self.axes)))

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N, axes) which value of each axis the combinations have."""
        sizes = np.array([len(one.values) for one in self.axes], np.int64)
        places: NDArray[np.int64] = numbers[:, None] // np.array(self.strides, np.int64) % sizes
        return places

    def values(self, number: int) -> dict[str, Any]:
        """The values of a combination by the names of their axes."""
        return {
            one.name: one.values[number // stride % len(one.values)]
            for one, stride in zip(self.axes, self.strides, strict=True)
        }


def grid_of(tried: Mapping[str, Sequence[Any]]) -> Grid:
    """The grid of names and their values."""
    return Grid(tuple(axis(name, values) for name, values in tried.items()))


def alike(places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """(N, K) rows as groups of the same: numbers of rows in order, groups by their first row."""
    if not places.shape[1]:
        return [np.arange(len(places))]
    _, group = np.unique(places, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.flatnonzero(np.diff(group.ravel()[order])) + 1
    return sorted(np.split(order, ends), key=lambda members: int(members[0])) if len(order) else []


def neighbours(grid: Grid, score: FloatArray, *, own: bool = False) -> FloatArray:
    """(N,) the mean score, in its own unit, of what lies one step away along one axis of numbers; all are scored.

    own  whether the combination itself counts too. NaN where nothing counts.
    """
    shape = [len(one.values) for one in grid.axes]
    cube = score.reshape(shape)
    known = np.isfinite(cube)
    worth = np.where(known, cube, 0.0)
    total, count = (worth.copy(), known.astype(float)) if own else (np.zeros(shape), np.zeros(shape))
    for at, one in enumerate(grid.axes):
        if one.ordered:
            for here, there in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
                onto, beside = [slice(None)] * len(shape), [slice(None)] * len(shape)
                onto[at], beside[at] = here, there
                total[tuple(onto)] += worth[tuple(beside)]
                count[tuple(onto)] += known[tuple(beside)]
    with np.errstate(all="ignore"):
        return (total / count).ravel()


def drawn(grid: Grid, tries: int, seed: int) -> list[int]:
    """`tries` different combinations at random, in order; all of them where there are no more."""
    if tries >= grid.size:
        return list(range(grid.size))
    return sorted(random.Random(seed).sample(range(grid.size), tries))  # noqa: S311 - no secret
