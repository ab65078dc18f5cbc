# SPDX-License-Identifier: Apache-2.0
"""What the closest days in history say of a scenario, and what it does to a configuration's book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.analytics.pair.analogues import COUNT, closest
from engine.analytics.pair.sides import Pair
from engine.analytics.sessions import session_rows
from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.errors import DataError, Problem
from engine.inputs.liquidity import session_closes
from engine.market.panel import Market
from engine.notice import Notice, loud, note
from engine.progress import Watch, unwatched
from engine.runs.backtest import load_bars
from engine.runs.compare.scenario import Scenario
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Ladder
from engine.runs.stress.moves import StandingBook, standing_book

FEWEST = 5
"""Days with bars of every role below which no book is put under a scenario."""


@dataclass(frozen=True)
class BookUnder:
    """The book under the roles' median moves of the closest days, and under those of the day that hurt it most.

    days          of the closest, those on which every role has bars
    moves, worst  role -> fraction
    """

    book: Book
    own: float
    days: int
    moves: dict[str, float]
    typical: Ladder
    worst_day: dt.date
    worst: dict[str, float]
    worst_ladder: Ladder


@dataclass(frozen=True)
class Outcome:
    """One scenario.

    rows    of the closest stretches' last sessions, ascending; moved (len(rows),) is what they moved in its kind
    beyond  whether history has no move as large, of that sign
    most    the largest move of that sign in history
    is_one  (T,) true at `rows`
    """

    scenario: Scenario
    rows: NDArray[np.int64] = field(repr=False)
    moved: FloatArray = field(repr=False)
    beyond: bool
    most: float
    is_one: NDArray[np.bool_] = field(repr=False)
    book: BookUnder | None = None


def outcome(pair: Pair, asked: Scenario) -> Outcome:
    """The closest days to a scenario. Raises DataError where the pair has not one stretch as long."""
    moved = asked.moved(pair)
    rows = closest(moved, asked.size, asked.sessions)
    if not len(rows):
        found, allowed = f"{len(pair.sessions):,} sessions", f"more than {asked.sessions}"
        raise DataError(
            Problem("history is shorter than the scenario", path="--scenario", found=found, allowed=allowed)
        )
    sign = np.sign(asked.size)
    most = sign * float(np.nanmax(sign * moved))
    is_one = np.zeros(len(moved), np.bool_)
    is_one[rows] = True
    return Outcome(asked, rows, moved[rows], bool(abs(most) < abs(asked.size) or sign * most < 0), most, is_one)


def doubts(outcomes: Sequence[Outcome]) -> list[Notice]:
    """What can be wrong with the answers: a move that history does not have is answered by smaller ones."""
    said = []
    for one in outcomes:
        asked = one.scenario
        unlike = int((np.abs(one.moved - asked.size) > abs(asked.size) / 2).sum())
        if one.beyond:
            words = f"history has no such move, the largest is {_size(asked, one.most)}"
            said.append(loud(f"{asked.text}: {words}; what follows is of smaller ones"))
        elif unlike:
            words = f"{unlike} of the {len(one.rows)} closest are off by more than half of it"
            said.append(loud(f"{asked.text}: {words}: history has too few such moves; longer data may have more"))
        if len(one.rows) < COUNT:
            said.append(note(f"{asked.text}: history has {len(one.rows)} stretches of {asked.sessions} sessions apart"))
    return said


def _size(asked: Scenario, size: float) -> str:
    return f"{size:+.2f} points" if asked.points else f"{100 * size:+.1f} %"


def under(
    pair: Pair, outcomes: Sequence[Outcome], ready: LoadedConfig, watch: Watch = unwatched
) -> tuple[list[BookUnder | None], list[Notice]]:
    """The book of a configuration under each scenario, and why there is none where there is none.

    Raises what `backtest` raises, ConfigError for several sleeves.
    """
    asof = pair.sessions[-1].item()
    standing = standing_book(ready, asof, watch)
    if standing is None:
        return [None] * len(outcomes), [note(f"{ready.config.name}: nothing was held by {asof}, so there is no book")]
    watch("putting the book under scenarios")
    market, _, _ = load_bars(ready)
    found = [_under(pair, one, standing, market) for one in outcomes]
    words = "has no bars of every role on as many of the closest days, so its book is left out"
    said = [
        note(f"{one.scenario.text}: {ready.config.name} {words} ({FEWEST})")
        for one, book in zip(outcomes, found, strict=True)
        if book is None
    ]
    return found, said


def _under(pair: Pair, one: Outcome, standing: StandingBook, market: Market) -> BookUnder | None:
    moves = _role_moves(market, pair, one)
    there = np.isfinite(moves).all(axis=1)
    if int(there.sum()) < FEWEST:
        return None
    typical = np.median(moves[there], axis=0)
    gained = np.where(there, moves @ standing.book.exposures, np.inf)
    hurt = int(np.argmin(gained))
    length = one.scenario.sessions
    return BookUnder(
        book=standing.book,
        own=standing.own,
        days=int(there.sum()),
        moves=dict(zip(market.roles, typical.tolist(), strict=True)),
        typical=standing.under(typical, length),
        worst_day=pair.sessions[one.rows[hurt]].item(),
        worst=dict(zip(market.roles, moves[hurt].tolist(), strict=True)),
        worst_ladder=standing.under(moves[hurt], length),
    )


def _role_moves(market: Market, pair: Pair, one: Outcome) -> FloatArray:
    """(len(rows), N) moves of the roles' closes over each stretch, splits taken out; NaN where a session is missing."""
    closes = session_closes(market)
    days = market.bars["session"][session_rows(market.bars["session"])].astype(np.int64)
    ends = pair.sessions[one.rows].astype(np.int64)
    starts = pair.sessions[one.rows - one.scenario.sessions].astype(np.int64)
    moves = np.full((len(ends), closes.shape[1]), np.nan)
    at = [np.searchsorted(days, which) for which in (starts, ends)]
    there = np.ones(len(ends), np.bool_)
    for places, which in zip(at, (starts, ends), strict=True):
        there &= days[np.minimum(places, len(days) - 1)] == which
    moves[there] = closes[at[1][there]] / closes[at[0][there]] - 1
    return moves
