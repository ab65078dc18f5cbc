# SPDX-License-Identifier: Apache-2.0
"""What a person may ask of a run and chance, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.analytics.analysis import Analysis
from engine.analytics.significance.trip_order import TripOrder, trip_order
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.progress import Watch, unwatched
from engine.runs.chance.again import Again, refuse_another
from engine.runs.chance.null_markets import NullMarkets, null_markets
from engine.runs.chance.random_entries import RandomEntries, random_entries


@dataclass(frozen=True)
class Asked:
    """How many runs of each kind; None where it is not asked.

    null_block  mean length of a block of the null markets in bars; None: measured
    """

    null_markets: int | None = None
    null_block: float | None = None
    random_entries: int | None = None
    trip_orders: int | None = None

    @property
    def anything(self) -> bool:
        return self != Asked()


@dataclass(frozen=True)
class AgainstChance:
    """What was asked for; None of the rest."""

    null: NullMarkets | None = None
    entries: RandomEntries | None = None
    order: TripOrder | None = None


def against_chance(
    run: Callable[[], Again], result: RunRecord, analysis: Analysis, asked: Asked, watch: Watch = unwatched
) -> AgainstChance:
    """A run against chance. Raises InputError as each question does.

    run  makes it ready to be made again, and is called where a question needs that;  result, analysis  as it was
    """
    if asked.null_markets is None and asked.null_block is not None:
        allowed = "--null-markets N beside it"
        raise InputError(Problem("a block of no markets", path="--null-block", allowed=allowed))
    order = None
    if asked.trip_orders is not None:
        order = trip_order(result, analysis, asked.trip_orders, result.config.seed)
    if asked.null_markets is None and asked.random_entries is None:
        return AgainstChance(order=order)
    made, null, entries = run(), None, None
    refuse_another(made, result)
    if asked.null_markets is not None:
        null = null_markets(made, asked.null_markets, asked.null_block, watch)
    if asked.random_entries is not None:
        entries = random_entries(made, result, analysis, asked.random_entries, watch)
    return AgainstChance(null, entries, order)
