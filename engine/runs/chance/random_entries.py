# SPDX-License-Identifier: Apache-2.0
"""The run's own trades on other days: as many, as long, as large, on the same sides, entered at random.

Each trade keeps its legs, their sides, their sizes as shares of equity, and what was added and cut on the way; only the
day on which it begins is drawn. So exposure is what it was, and what is left is the choice of days. A strategy that
trades as it is told takes the place of the run's, and the engine charges it as it charges any: fills, commissions,
slippage, borrow and interest of those days. The idea is the benchmark of random entry of Aronson, "Evidence-Based
Technical Analysis" (2006), chapter 5, with the positions of the rule in a random order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.significance.chance import Chance
from engine.analytics.significance.episodes import Episode, episodes_of, planned, scattered
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.inputs.prepared import Prepared, prepare
from engine.progress import Watch, unwatched
from engine.runs.chance.again import Again, against, refuse_count, run_figures
from engine.runs.chance.redrawn import refuse_intraday
from engine.runs.chance.scheduled import Scheduled
from engine.strategy.roles import bound_to

FEWEST = 10
"""Trades below which there is no choice of days to judge."""


@dataclass(frozen=True)
class RandomEntries:
    """A run among its own trades, entered at random.

    trades   that are moved;  within  trades that opened and closed in one bar, and are left out
    held     part of the bars at whose close a trade is open
    kept     ratio a year of the same trades on their own days: what is lost by trading at market orders alone
    """

    trades: int
    within: int
    held: float
    kept: float
    chance: Chance


def random_entries(
    run: Again, result: RunRecord, analysis: Analysis, count: int, watch: Watch = unwatched
) -> RandomEntries:
    """The run among `count` draws of its entries; the configuration's seed draws them.

    result, analysis  the run as it was
    Raises InputError for a number that cannot be, fewer than FEWEST trades, a portfolio and intraday bars.
    """
    refuse_count(count, "--random-entries")
    refuse_intraday(run.market)
    if run.ready.config.sleeves:
        allowed = "a run of one strategy: ask of each sleeve by itself"
        raise InputError(Problem("a portfolio has no entries of its own", path="sleeves", allowed=allowed))
    episodes = episodes_of(result, analysis)
    if len(episodes) < FEWEST:
        allowed = f"{FEWEST} trades or more from flat to flat; null markets ask of what is always invested"
        raise InputError(Problem("too few round trips to scatter", found=f"{len(episodes)}", allowed=allowed))
    desk, seed = Desk.of(run), run.ready.config.seed
    lengths = [one.length for one in episodes]

    def other(number: int) -> Prepared:
        order, firsts = scattered(lengths, desk.rows, np.random.default_rng((seed, number)))
        return desk.told([episodes[at] for at in order], firsts)

    chance = against(run, count, other, watch, f"entering {len(episodes):,} trades at random, {count:,} times")
    own = run_figures(desk.told(episodes, [max(0, one.first - desk.delay) for one in episodes]))
    return RandomEntries(
        trades=len(episodes),
        within=len(analysis.spreads) - len(episodes),
        held=sum(lengths) / len(result.points),
        kept=float(own["reward_to_variability"]),
        chance=chance,
    )


@dataclass(frozen=True)
class Desk:
    """The account of a run with a strategy that trades as it is told.

    delay  bars from a decision to its fill;  rows  decisions that can fill
    """

    prepared: Prepared
    delay: int

    @classmethod
    def of(cls, run: Again) -> Desk:
        market = run.market.head(run.stop)
        config = run.ready.config.model_copy(update={"params": {}, "rules": None})
        strategy = bound_to(Scheduled, {"leg": market.roles})
        made = prepare(config, strategy, market, run.start, run.stop, recording=False)
        return cls(made, 0 if config.fills.at == "this_close" else 1)

    @property
    def rows(self) -> int:
        return len(self.prepared.market) - self.delay

    def told(self, episodes: Sequence[Episode], firsts: Sequence[int]) -> Prepared:
        """The run of these trades, each filled `delay` bars after its first row."""
        (sleeve,) = self.prepared.sleeves
        plan = np.full((len(self.prepared.market), len(sleeve.market.roles)), np.nan)
        plan[: self.rows] = planned(episodes, firsts, self.rows)
        table = np.zeros(len(plan), sleeve.features.dtype)
        for name, column in zip(table.dtype.names or (), plan.T, strict=True):
            table[name] = column
        return replace(self.prepared, sleeves=(replace(sleeve, features=table),))
