# SPDX-License-Identifier: Apache-2.0
"""Named episodes: a fund that rallies while fear is high, and one that is weak while fear is low."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.analytics.pair.sides import Pair
from engine.arrays import FloatArray

YEAR = 252
"""Sessions behind a close that its index level and the fund's usual move are measured against."""

ELEVATED, CALM = 0.8, 0.4
"""Rank of the index among its last year: elevated from the one on, calm up to the other."""

SPAN, SIZE = 10, 1.0
"""Sessions of the fund's move, and how many of its usual moves of that length make a rally or a weakness."""

APART = 21
"""Sessions without a day of the kind that end an episode."""


@dataclass(frozen=True)
class Episode:
    """Rows of its first and its last day of the kind, and how many such days it has.

    level  of the index at the first close; moved is the fund's change over the SPAN sessions to it, a fraction
    """

    first: int
    last: int
    days: int
    level: float
    moved: float


@dataclass(frozen=True)
class Episodes:
    """One kind: its name, what it says, its rule in words, its episodes.

    begins  (T,) true on each first day, on which the episode is known
    alike   (T,) true where the index alone is as the rule asks, whatever the fund does
    level   `high` or `calm`
    """

    name: str
    words: str
    rule: str
    found: tuple[Episode, ...]
    begins: NDArray[np.bool_] = field(repr=False)
    alike: NDArray[np.bool_] = field(repr=False)
    level: str

    @property
    def kinds(self) -> dict[str, NDArray[np.bool_]]:
        """Kinds of days: the first ones of the episodes, and all on which the index is at that level."""
        return {self.name: self.begins, self.level: self.alike}


def episodes(pair: Pair) -> tuple[Episodes, ...]:
    """Credit support and credit concern; nothing for a pair without one volatility index and one line with log changes.

    Everything is of closes up to the day alone.
    """
    fund, index = pair.by_kind
    if pair.index is None or not fund.logs:
        return ()
    rank, move = trailing_rank(index.level), usual_moves(fund.changes)
    elevated, calm = f"{index.symbol} at or above", f"{index.symbol} at or below"
    of_a_year = "of its last 252 values"
    moves = f"over {SPAN} sessions by {SIZE:g} of its usual moves of that length or more"
    support = Episodes(
        "credit support",
        f"{fund.symbol} rallies although {index.symbol} is high: credit overrides fear",
        f"{elevated} {100 * ELEVATED:g} % {of_a_year}, {fund.symbol} up {moves}",
        *_gathered(high := rank >= ELEVATED, move >= SIZE, pair),
        alike=high,
        level="high",
    )
    concern = Episodes(
        "credit concern",
        f"{fund.symbol} is weak although {index.symbol} is low: fear does not see what credit does",
        f"{calm} {100 * CALM:g} % {of_a_year}, {fund.symbol} down {moves}",
        *_gathered(low := rank <= CALM, move <= -SIZE, pair),
        alike=low,
        level="calm",
    )
    return support, concern


def trailing_rank(level: FloatArray) -> FloatArray:
    """(T,) fraction of the last YEAR values, the day's own among them, at or below it; NaN before there are as many."""
    found = np.full(len(level), np.nan)
    if len(level) >= YEAR:
        found[YEAR - 1 :] = (sliding_window_view(level, YEAR) <= level[YEAR - 1 :, None]).mean(axis=1)
    return found


def usual_moves(changes: FloatArray) -> FloatArray:
    """(T,) change over SPAN sessions in units of the deviation of the last YEAR daily changes times the root of SPAN.

    NaN before there are as many, or where nothing moved.
    """
    found = np.full(len(changes) + 1, np.nan)
    if len(changes) >= YEAR:
        year = sliding_window_view(changes, YEAR)
        usual = year.std(axis=1, ddof=1) * np.sqrt(SPAN)
        usual[usual == 0] = np.nan
        found[YEAR:] = year[:, -SPAN:].sum(axis=1) / usual
    return found


def _gathered(
    level: NDArray[np.bool_], move: NDArray[np.bool_], pair: Pair
) -> tuple[tuple[Episode, ...], NDArray[np.bool_]]:
    """The episodes of the days on which both hold, and (T,) true on each first day."""
    fund, index = pair.by_kind
    moved = fund.moves(SPAN)
    rows = np.flatnonzero(level & move)
    begins = np.zeros(len(level), np.bool_)
    if not len(rows):
        return (), begins
    starts = np.flatnonzero(np.append(True, np.diff(rows) > APART))
    stops = np.append(starts[1:], len(rows))
    found = tuple(
        Episode(int(rows[a]), int(rows[b - 1]), int(b - a), float(index.level[rows[a]]), float(moved[rows[a]]))
        for a, b in zip(starts, stops, strict=True)
    )
    begins[rows[starts]] = True
    return found, begins
