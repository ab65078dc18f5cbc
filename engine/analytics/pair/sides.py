# SPDX-License-Identifier: Apache-2.0
"""Two lines on their common sessions, and the unit in which each of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two, (T,) each.

    level       close or value
    growth      the same with dividends put in again; what changes and drawdowns are made of
    volatility  whether it is an index of implied volatility, whose moves are told in points
    """

    symbol: str
    level: FloatArray = field(repr=False)
    growth: FloatArray = field(repr=False)
    volatility: bool = False

    @cached_property
    def logs(self) -> bool:
        """Whether its changes are logarithms; a line that is ever 0 or below changes in points of its own unit."""
        return bool((self.growth > 0).all())

    @property
    def points(self) -> bool:
        """Whether its moves over some sessions are differences: of a volatility index, and where logarithms fail."""
        return self.volatility or not self.logs

    @cached_property
    def changes(self) -> FloatArray:
        """(T - 1,) from session to session: log changes with dividends, or differences where there are none."""
        return np.diff(np.log(self.growth) if self.logs else self.growth)

    @cached_property
    def returns(self) -> FloatArray:
        """(T - 1,) what a position earns from session to session: simple changes, or differences without logarithms."""
        return self.growth[1:] / self.growth[:-1] - 1 if self.logs else np.diff(self.growth)

    def moves(self, sessions: int) -> FloatArray:
        """(T,) change over the last `sessions`: a fraction, or points; NaN on the first of them."""
        moved = np.full(len(self.growth), np.nan)
        if sessions < len(moved):
            now, then = self.growth[sessions:], self.growth[:-sessions]
            moved[sessions:] = now - then if self.points else now / then - 1
        return moved

    def later(self, sessions: int, delay: int = 0) -> FloatArray:
        """(T,) the same over the `sessions` that begin `delay` after each close; NaN where they are not over."""
        found = np.full(len(self.growth), np.nan)
        if sessions + delay < len(found):
            found[: -(sessions + delay)] = self.moves(sessions)[sessions + delay :]
        return found


@dataclass(frozen=True, eq=False)
class Pair:
    """sessions (T,) datetime64[D], common to both; per_year of them in a year."""

    sessions: NDArray[np.datetime64] = field(repr=False)
    first: Side
    second: Side
    per_year: float

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second

    @property
    def index(self) -> Side | None:
        """The volatility index, where one of the two is one and the other is none."""
        return self.by_kind[1] if self.first.volatility != self.second.volatility else None

    @property
    def by_kind(self) -> tuple[Side, Side]:
        """(fund, volatility index) where there is one; else the two in their order."""
        return (self.second, self.first) if self.first.volatility and not self.second.volatility else self.sides

    def swapped(self) -> Pair:
        """The same with the second one first."""
        return Pair(self.sessions, self.second, self.first, self.per_year)

    def head(self, rows: int) -> Pair:
        """What was known at the close of row `rows - 1`."""
        first, second = (Side(s.symbol, s.level[:rows], s.growth[:rows], s.volatility) for s in self.sides)
        return Pair(self.sessions[:rows], first, second, self.per_year)

    @property
    def at(self) -> Mapping[str, Side]:
        """The sides by symbol."""
        return {side.symbol: side for side in self.sides}


def flat(values: FloatArray) -> bool:
    """Whether nothing but rounding moves: a mean or a deviation of equal numbers may be off by their last bits.

    In whatever unit the values are.
    """
    return bool(np.ptp(values) <= 1e-12 * float(np.abs(values).max()))
