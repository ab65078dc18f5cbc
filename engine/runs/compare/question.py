# SPDX-License-Identifier: Apache-2.0
"""What a person asks of two lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import InputError, Problem

WINDOW, SHORTEST, LONGEST = 90, 20, 1260
"""Sessions of the window: by default, at least, at most."""


@dataclass(frozen=True)
class Question:
    """Which two, and how they are looked at. Each is a role or a series of a configuration, or a symbol of the data.

    window      sessions of window statistics, rolling correlation and rolling beta, 20 to 1260
    asof        last session to look at, and the day from which ages are counted; None: all there is, and today
    volatility  of the two, those that are indexes of implied volatility beside the known ones
    edges       of the correlation's bands, ascending within (-1, 1); None: `bands.VOLATILITY` or `bands.OTHERS`
    carry       what is bought in place of the volatility index, VXX say
    scenarios   moves in words: VIX +10 points, small -7 % against large in 15 days

    Raises InputError for a question that makes no sense.
    """

    first: str
    second: str
    window: int = WINDOW
    asof: dt.date | None = None
    volatility: Sequence[str] = ()
    edges: tuple[float, float] | None = None
    carry: str | None = None
    scenarios: Sequence[str] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every line that is read."""
        return (self.first, self.second, *([self.carry] if self.carry else []))

    def __post_init__(self) -> None:
        problems = []
        if self.first == self.second:
            problems.append(Problem("the two are one symbol", found=self.first, allowed="two different ones"))
        if not SHORTEST <= self.window <= LONGEST:
            allowed = f"{SHORTEST} to {LONGEST} sessions"
            problems.append(Problem("out of range", path="--window", found=str(self.window), allowed=allowed))
        both = f"{self.first}, {self.second}"
        problems += [
            Problem("this is neither of the two", path="--volatility", found=one, allowed=both)
            for one in self.volatility
            if one not in {self.first, self.second}
        ]
        if self.edges is not None and not -1 < self.edges[0] < self.edges[1] < 1:
            found = " ".join(f"{edge:g}" for edge in self.edges)
            allowed = "two, ascending, within -1 and 1"
            problems.append(Problem("no edges of bands", path="--bands", found=found, allowed=allowed))
        if self.carry in {self.first, self.second}:
            allowed = "a third line, which can be bought"
            problems.append(Problem("this is one of the two", path="--carry", found=self.carry or "", allowed=allowed))
        if problems:
            raise InputError(problems)
