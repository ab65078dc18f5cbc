# SPDX-License-Identifier: Apache-2.0
"""What a sweep shows beside its best: where the others lie, whether the best stands alone, and what luck would do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.significance.found_ratio import FEWEST, found_ratio
from engine.analytics.significance.overfitting import GROUPS, Overfitting, grouped, overfitting
from engine.analytics.significance.purged_paths import PurgedPaths, purged_paths
from engine.analytics.significance.sharpe_ratio import expected_best
from engine.analytics.significance.superior import Superior, superior
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import RunCode
from engine.runs.backtest import backtest
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.contradictions import all_contradict
from engine.runs.sweep.figures import MANY, MOST_SETS, Objective, ruined, scores_of, stretch_bounds
from engine.runs.sweep.front import by_score, front_of
from engine.runs.sweep.grid import Grid, alike, neighbours
from engine.runs.sweep.profiles import Profile, median, profile, worth_of

FOLLOWED = (
    "most combinations were chosen by how those before them did on all of the bars, so no half of the bars is new to "
    "them, and what was passed over is missing; as many tries with --search random are judged"
)


SPIKE = 0.1
"""Part of the best's score that its neighbours must lack: of sets that are all alike none is a spike."""


@dataclass(frozen=True)
class Whole:
    """One combination run whole, as a backtest; place is its row among those tried."""

    place: int
    values: dict[str, Any]
    result: RunRecord
    analysis: Analysis


@dataclass(frozen=True)
class Luck:
    """The best of a sweep against the best that luck alone would have, ratios a year.

    tries      combinations that count: those that have a ratio or were ruined; of a search all that it could have
               chosen, because it finds no more than the best of these, and how many independent ones it is worth nobody
               knows
    drawn      those of which the ratios' deviation is: all of them; of a search the ones that were drawn at random
    sharpe     Sharpe ratio of the best, run whole
    expected   of the best of so many independent tries without any merit
    deflated   probability that the best is better than that, 0 to 1
    """

    tries: int
    drawn: int
    sharpe: float
    expected: float
    deflated: float


@dataclass(frozen=True)
class Many:
    """What all combinations together say of choosing the best of them, and of the best.

    Each is None where it cannot be said, and `unsaid` is why; of all but the first where there are too many for them,
    of the last alone where too much is purged.
    """

    overfitting: Overfitting | None = None
    superior: Superior | None = None
    paths: PurgedPaths | None = None
    unsaid: str = ""


@dataclass(frozen=True)
class Sweep:
    """What was tried and found. figures and scores have a row a combination, in the order of numbers.

    numbers     the combinations of the grid that were tried
    figures     (N,) `engine.runs.sweep.figures.FIGURES`
    objectives  K of them; what needs one goes by the first
    scores      (N, K) the objectives, more is better; NaN of runs that have none
    free        so many first ones were chosen before any was known; the others where those before them did well
    whole       the best, run as backtests, best first, of several objectives some of the front; then the median one
    own         the configuration as it is
    """

    grid: Grid
    numbers: NDArray[np.int64]
    figures: NDArray[Any]
    objectives: tuple[Objective, ...]
    scores: FloatArray
    free: int
    seed: int
    whole: tuple[Whole, ...]
    own: Whole
    luck: Luck | None
    many: Many

    @property
    def objective(self) -> Objective:
        """The first objective."""
        return self.objectives[0]

    @property
    def score(self) -> FloatArray:
        """(N,) the first objective of each, in its own unit."""
        return self.scores[:, 0]

    @cached_property
    def worth(self) -> FloatArray:
        """(N,) the score, in its own unit, by which a combination stands: -inf where it ruined and so has none."""
        return worth_of(self.score, ruined(self.figures))

    @property
    def followed(self) -> bool:
        """Whether combinations were chosen by what those before them did."""
        return self.free < len(self.numbers)

    @cached_property
    def front(self) -> NDArray[np.int64]:
        """Rows that no other beats, the highest score first; of one objective the best."""
        return front_of(self.scores)

    @property
    def best(self) -> Whole:
        """The combination with the highest score."""
        return self.whole[0]

    @property
    def middle(self) -> Whole:
        """The combination whose score is the median, the lower of two; of a search, of those drawn at random.

        Who chooses blindly may meet a ruined account too: it counts as worse than any.
        """
        return self.whole[-1]

    @property
    def complete(self) -> bool:
        """Whether every combination of the grid was tried."""
        return len(self.numbers) == self.grid.size

    @cached_property
    def stopped(self) -> NDArray[np.int64]:
        """Rows of runs that stopped before their end."""
        return np.flatnonzero(self.figures["error"] != RunCode.OK)

    @cached_property
    def around(self) -> FloatArray:
        """(N,) the mean score, in its own unit, of a combination's neighbours: one step away along one axis of numbers.

        NaN where it has none, and where not every combination was tried.
        """
        if not self.complete:
            return np.full(len(self.score), math.nan)
        return neighbours(self.grid, self.score)

    @property
    def lonely(self) -> bool:
        """Whether the best is a spike: its neighbours' mean is nearer to the median of all, and well below the best."""
        place = self.best.place
        best, near, middle = float(self.score[place]), float(self.around[place]), float(self.score[self.middle.place])
        return math.isfinite(near) and best - near > max(near - middle, SPIKE * abs(best))

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """What the score does along each axis."""
        places = self.grid.places(self.numbers)
        return tuple(profile(one, places[:, at], self.worth) for at, one in enumerate(self.grid.axes))

    def pair(self, first: int, second: int) -> FloatArray:
        """(V, W) the median score, in its own unit, by the values of two axes over all others; NaN where none has."""
        places = self.grid.places(self.numbers)
        made = np.full([len(self.grid.axes[at].values) for at in (first, second)], math.nan)
        for rows in alike(places[:, (first, second)]):
            made[tuple(places[rows[0], (first, second)])] = median(self.worth[rows])
        return made


def conclude(
    bench: Bench, numbers: Sequence[int], figures: NDArray[Any], objectives: Sequence[Objective], top: int, seed: int,
    free: int | None = None, apart: int = 1,
) -> Sweep:  # fmt: skip
    """Order what was tried, and run the `top` best and the median one whole; of several objectives, some of the front.

    free   so many first ones were chosen before any was known; None: all
    apart  as `judge_many` has it
    """
    free = len(numbers) if free is None else free
    scores = scores_of(figures, objectives)
    order = by_score(scores)
    ended = figures["error"][order] != RunCode.OK
    order = np.concatenate((order[~ended], order[ended]))  # without any score the first one that was run stands first
    if (figures["error"] == RunCode.CONTRADICTION).all():
        raise all_contradict(f"{len(figures):,} of {bench.grid.size:,}", "more tries, or other values")
    known = int(np.isfinite(scores[:, 0]).sum())
    best = order[: min(top, max(known, 1))]
    if len(objectives) > 1 and len(front := front_of(scores)):
        best = front[np.unique(np.linspace(0, len(front) - 1, min(top, len(front))).astype(int))]
    worth = worth_of(scores[:, 0], ruined(figures))
    blind = order[(order < free) & ~np.isnan(worth[order])]
    middle = blind[len(blind) // 2] if known and len(blind) else order[0]
    whole = [_whole(bench, numbers, int(place), glance=at == 0) for at, place in enumerate((*best, middle))]
    own = backtest(bench.stands.configure(()), glance=False)
    luck = luck_of(figures, whole[0], free, bench.grid.size)
    many = judge_many(figures, seed, apart) if free == len(numbers) else Many(unsaid=FOLLOWED)
    return Sweep(
        bench.grid, np.asarray(numbers, np.int64), figures, tuple(objectives), scores, free, seed, tuple(whole),
        Whole(-1, {}, own, analyse(own)), luck, many,
    )  # fmt: skip


def _whole(bench: Bench, numbers: Sequence[int], place: int, *, glance: bool) -> Whole:
    values = bench.grid.values(numbers[place])
    settings = [one.setting(values[one.name]) for one in bench.grid.axes]
    result = backtest(bench.stands.configure(settings), glance=glance)
    return Whole(place, values, result, analyse(result))


def luck_of(figures: NDArray[Any], best: Whole, free: int, size: int) -> Luck | None:
    """None where there is nothing to judge: fewer than two ratios, none of the best, or FEWEST sessions it has not.

    The best is run whole, so its ratio and the shape of its returns are those of any run: sessions, over cash. Of the
    others the kernel keeps mean and deviation bar to bar, not the path: the deviation over the tries is of their reward
    to variability, whose mean is over cash and whose deviation still has the rate's own movement in it. A rate moves by
    a hundredth of what an account does, and what is added is its square: a ratio is off in its fourth decimal, all of
    them alike, and so is `expected`, of which two are shown. An account that moves no more than its interest, and bars
    within a day, whose ratio a year is another estimate of the same, are off by more.

    A search gathers where ratios are alike, so the deviation is that of its first `free` combinations, which lie
    anywhere in the grid of `size`.
    """
    ratios = figures["reward_to_variability"]
    there = np.isfinite(ratios) & (figures["error"] == RunCode.OK)
    known, own = ratios[:free][there[:free]], found_ratio(best.analysis.facts)
    if len(known) < 2 or not math.isfinite(own.ratio) or own.sessions < FEWEST:
        return None
    run = int(np.count_nonzero(there | ruined(figures)))
    tries, spread = size if free < len(figures) else run, float(np.std(known, ddof=1))
    return Luck(tries, len(known), own.sharpe, expected_best(tries, spread), own.deflated(tries, spread))


def judge_many(figures: NDArray[Any], seed: int, apart: int = 1) -> Many:
    """What (N,) records of `kept_dtype` say of choosing the best of them; runs without a ratio do not count.

    apart  stretches of the bars on either side of a test that purged paths do not choose from
    """
    kept = figures[np.isfinite(figures["reward_to_variability"]) & (figures["error"] == RunCode.OK)]
    stretches = figures["total"].shape[1]
    if len(kept) < 2:
        return Many(unsaid="fewer than two combinations have a ratio")
    if any(len(np.unique(kept[name])) > 1 for name in ("first", "last", "bars")):
        return Many(unsaid="the combinations do not run over the same bars")
    bars = np.diff(stretch_bounds(int(kept["bars"][0]), stretches))
    if bars.min() == 0 or grouped(bars).min() < 2:
        return Many(unsaid=f"the bars are fewer than {max(stretches, 2 * GROUPS)}")
    found = overfitting(grouped(kept["total"]), grouped(kept["squares"]), grouped(bars), seed)
    if stretches < MANY:
        return Many(found, unsaid=f"they are of up to {MOST_SETS:,} combinations")
    tested = superior(kept["total"].T, kept["deviation"], seed)
    if apart > stretches // GROUPS:
        return Many(found, tested, unsaid=f"the purge is longer than a {GROUPS}th of the bars")
    return Many(found, tested, purged_paths(kept["total"], kept["squares"], bars, GROUPS, apart=apart))
