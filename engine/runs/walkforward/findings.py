# SPDX-License-Identifier: Apache-2.0
"""What a walk-forward found: each choice, what it was worth before and after, and the account that made them all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.model.walkforward import WalkForward
from engine.runs.sweep.findings import Sweep
from engine.runs.sweep.grid import Axis, Grid
from engine.runs.sweep.profiles import median, worth_of
from engine.runs.walkforward.windows import Window


@dataclass(frozen=True)
class Fold:
    """One choice. Scores are the objective, more is better, NaN where a run has none.

    number        the combination that was chosen, of the grid
    values        its values by the names of the axes
    inside        (N,) the score of every combination that was tried over the sessions the choice was made from
    outside       (N,) the same over the sessions on which it was used, each as a run of its own that begins flat
    gone          (N,) whether each was ruined there: without a score it is worse than any that has one
    place         the row of the chosen one in all
    account       total return of the walk-forward's own account over the test, a fraction; NaN after a ruin
    """

    window: Window
    number: int
    values: dict[str, Any]
    inside: FloatArray
    outside: FloatArray
    gone: NDArray[np.bool_]
    place: int
    account: float

    @property
    def promised(self) -> float:
        """The score of the chosen one where it was chosen, in its own unit."""
        return float(self.inside[self.place])

    @property
    def kept(self) -> float:
        """Its score in the test, in its own unit."""
        return float(self.outside[self.place])

    @property
    def rank(self) -> float:
        """The fraction of the other combinations that did worse in the test, ties count half; NaN without others.

        0.5 is what a blind choice has on average.
        """
        worth = self.worth
        own, others = float(worth[self.place]), np.delete(worth, self.place)
        others = others[~np.isnan(others)]
        if not len(others) or math.isnan(own):
            return math.nan
        below = np.count_nonzero(others < own) + 0.5 * np.count_nonzero(others == own)
        return float(below / len(others))

    @property
    def worth(self) -> FloatArray:
        """(N,) the scores of the test, in their own unit, by which combinations are ranked: -inf after a ruin."""
        return worth_of(self.outside, self.gone)

    @property
    def lost(self) -> bool:
        """Whether the chosen one was ruined where it was used, by itself, and has no score of that."""
        return bool(np.isneginf(self.worth[self.place]))


@dataclass(frozen=True)
class WalkForwardFound:
    """A walk-forward from its first choice to its last.

    stitched   the account that used each choice in its turn, from the first test to the last; analysis is its
    after      every combination over the same sessions, each as one run: what hindsight, a blind choice and the
               configuration as it is would have had; its purged paths are other histories of choosing
    """

    plan: WalkForward
    grid: Grid
    folds: tuple[Fold, ...]
    stitched: RunRecord
    analysis: Analysis
    after: Sweep

    @property
    def judged(self) -> tuple[Fold, ...]:
        """The choices that have a score both where they were made and where they were used: what means compare."""
        return tuple(fold for fold in self.folds if math.isfinite(fold.promised) and math.isfinite(fold.kept))

    @property
    def unused(self) -> int:
        """How many choices have a score where they were made and none where they were used, as without a trade."""
        return sum(math.isfinite(fold.promised) for fold in self.folds) - len(self.judged) - self.lost

    @property
    def lost(self) -> int:
        """How many choices have a score where they were made and were ruined where they were used, by themselves."""
        return sum(fold.lost and math.isfinite(fold.promised) for fold in self.folds)

    @property
    def promised(self) -> float:
        """Mean score of the judged choices where they were made, in its own unit; NaN without any."""
        return self._mean(lambda fold: fold.promised)

    @property
    def kept(self) -> float:
        """Mean score of the judged choices where they were used, in its own unit; NaN without any."""
        return self._mean(lambda fold: fold.kept)

    @property
    def rank(self) -> float:
        """Mean fraction of the others that did worse where the choices were used; NaN where none has one.

        Of the judged choices, and of those that were ruined: nothing is worse.
        """
        ranks = [fold.rank for fold in self.folds if math.isfinite(fold.promised) and math.isfinite(fold.rank)]
        return float(np.mean(ranks)) if ranks else math.nan

    @property
    def blind(self) -> float:
        """Mean over the same tests of the median score of all combinations, in its own unit; NaN without any."""
        return self._mean(lambda fold: median(fold.worth))

    @property
    def paths(self) -> FloatArray:
        """(P,) ratios over cash, a year, of choosing by what lies around each test, before it and after it.

        From the lowest; of the same sessions as the account. Empty where it cannot be said: `after.many.unsaid`.
        """
        if self.after.many.paths is None:
            return np.empty(0)
        return math.sqrt(self.stitched.market.bars_per_year) * self.after.many.paths.paths

    @property
    def changes(self) -> int:
        """How often a choice differs from the one before."""
        numbers = [fold.number for fold in self.folds]
        return sum(one != other for one, other in zip(numbers[1:], numbers[:-1], strict=True))

    def path(self, axis: Axis) -> list[Any]:
        """The value of an axis at each choice."""
        return [fold.values[axis.name] for fold in self.folds]

    def _mean(self, of: Callable[[Fold], float]) -> float:
        known = [value for value in map(of, self.judged) if math.isfinite(value)]
        return float(np.mean(known)) if known else math.nan
