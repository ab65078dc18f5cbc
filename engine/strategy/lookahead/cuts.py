# SPDX-License-Identifier: Apache-2.0
"""Where a look into the future would show: after how many bars features are computed again.

A cut is a number of leading bars. What looks ahead is wrong in its last rows, and only where the future differs from
what stands in for it. A back-filled weekly flag, for one, is right on most bars of most weeks. So pasts end where a
feature of few values changes, at the ends and starts of calendar periods, at extremes, and where orders were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.panel import Market

AROUND = (0, 1, 2)
"""Cuts about row r: known is all to the row before it, to r itself, and to the row after it."""

STEADY = 1 / 3
"""Share of bars on which a feature may change and still count as one of few values: weekly ones change on a fifth."""

Rows = NDArray[np.int64]


def choose_cuts(rows: int, seed: int = 0, count: int = 8, episodes: Sequence[int] = ()) -> tuple[int, ...]:
    """`count` cuts drawn by `seed`, both ends of the series, and around each row of `episodes`; sorted, 1..rows - 1.

    An episode is a row where something special happens (a split, a crash, the turn of a month); it is cut just
    before, at and just after it.
    """
    if rows < 2:
        return ()
    drawn = np.random.default_rng(seed).integers(1, rows, size=count).tolist()
    return tuple(sorted({1, rows - 1, *drawn, *_inside(around(episodes), rows)}))


def around(rows: Iterable[int]) -> list[int]:
    """Cuts just before, at and just after each of `rows`, in their order."""
    return [int(row) + shift for row in rows for shift in AROUND]


def period_ends(market: Market) -> dict[str, Rows]:
    """Last rows of the calendar's periods by name: weeks, months, quarters, years, of intraday bars sessions too."""
    days = market.sessions.astype(np.int64)
    months = market.sessions.astype("datetime64[M]").astype(np.int64)
    periods = {
        "week": (days + 3) // 7,
        "month": months,
        "quarter": months // 3,
        "year": months // 12,
    }  # day 0: Thursday
    if len(days) > 1 and (np.diff(days) == 0).any():
        periods["session"] = days
    return {name: np.flatnonzero(np.diff(number)) for name, number in periods.items()}


def changes(values: FloatArray) -> Rows:
    """Rows whose value, in its own unit, is another than the row's before, where few bars have that; NaN equals NaN."""
    before, after = values[:-1], values[1:]
    changed: Rows = 1 + np.flatnonzero((before != after) & ~(np.isnan(before) & np.isnan(after)))
    return changed if len(changed) <= STEADY * len(values) else changed[:0]


def extremes(values: FloatArray, count: int = 2) -> Rows:
    """Rows of the `count` highest, lowest and most abruptly changed values, in their own unit; NaN is none of them."""
    steps = np.abs(np.diff(values, prepend=np.nan))
    found = [_highest(column, count) for column in (values, -values, steps)]
    return np.unique(np.concatenate(found))


def events(market: Market, count: int = 4) -> Rows:
    """Rows of the largest moves from close to close of each role, and of its first splits and dividends."""
    found = [np.zeros(0, np.int64)]
    for role in market.roles:
        bars = market.bars[role]
        with np.errstate(all="ignore"):
            moves = np.abs(np.diff(np.log(bars["close"] * bars["factor"]), prepend=np.nan))
        found += [_highest(moves, count), np.flatnonzero(bars["split"] != 1.0)[:count]]
        found += [np.flatnonzero(bars["dividend"] != 0.0)[:count]]
    return np.unique(np.concatenate(found))


def blind_kinds(market: Market) -> dict[str, list[int]]:
    """Cuts by kind that need no feature: about period ends and events."""
    kinds = {name: around(ends) for name, ends in period_ends(market).items()}
    return {**kinds, "event": around(events(market))}


def seen_kinds(features: Mapping[str, FloatArray]) -> dict[str, list[int]]:
    """Cuts by kind that features, each in its own unit, show on all bars: about steady ones' changes, and extremes."""
    kinds = {f"change of {name}": around(changes(values)) for name, values in features.items()}
    return kinds | {f"extreme of {name}": around(extremes(values)) for name, values in features.items()}


def begun(features: Mapping[str, FloatArray]) -> int:
    """The row by which features, each in its own unit, have first values, if in the first quarter of the bars."""
    first = (int(np.argmax(known)) for known in (~np.isnan(values) for values in features.values()) if known.any())
    quarter = max((len(values) // 4 for values in features.values()), default=0)
    return max((row for row in first if row <= quarter), default=0)


def near_kinds(market: Market, features: Mapping[str, FloatArray], first: int) -> dict[str, list[int]]:
    """Cuts by kind after row `first`: where steady features, each in its own unit, change, and about ends of periods.

    Each feature gives its first two changes before any gives more.
    """
    changed: list[int] = []
    later: list[int] = []
    for values in features.values():
        rows = [int(row) + 1 for row in changes(values) if row > first]
        changed += rows[:2]
        later += rows[2:40]
    ends = {name: [int(row) for row in rows if row > first] for name, rows in period_ends(market).items()}
    about = {name: [row + AROUND[-1 - at % 3] for at, row in enumerate(rows)] for name, rows in ends.items()}
    return {"change": [*sorted(changed), *sorted(later)], **about}


def spread_kinds(kinds: Mapping[str, Sequence[int]], seed: int) -> dict[str, list[int]]:
    """Each kind in an order that takes from its beginning, where pasts are short, and from all over it, by turns."""
    drawn = np.random.default_rng(seed)
    return {
        name: [int(cut) for pair in zip(sorted(cuts), drawn.permutation(cuts), strict=True) for cut in pair]
        for name, cuts in kinds.items()
    }


def take(kinds: Mapping[str, Sequence[int]], rows: int, *, count: int, bars: int, each: int) -> tuple[int, ...]:
    """Cuts taken from the kinds by turns, each kind in its order; sorted, 1..rows - 1.

    count and each say how many in all and how many of a kind
    bars  what all the pasts together may hold; a cut that would pass it is left out
    """
    turns = zip_longest(*([*dict.fromkeys(_inside(cuts, rows))][:each] for cuts in kinds.values()))
    taken: set[int] = set()
    left = bars
    for cut in (cut for turn in turns for cut in turn if cut is not None):
        if len(taken) == count:
            break
        if cut not in taken and cut <= left:
            taken.add(cut)
            left -= cut
    return tuple(sorted(taken))


def columns_of(table: NDArray[Any]) -> dict[str, FloatArray]:
    """Name -> (T,) float64 of a table of features, each in its own unit; none where its records are not of floats."""
    return {
        name: np.ascontiguousarray(table[name]) for name in table.dtype.names or () if table.dtype[name].kind == "f"
    }


def _inside(cuts: Iterable[int], rows: int) -> Iterator[int]:
    return (int(cut) for cut in cuts if 0 < cut < rows)


def _highest(values: FloatArray, count: int) -> Rows:
    """Rows of the `count` highest finite values."""
    finite = np.flatnonzero(np.isfinite(values))
    order: Rows = finite[np.argsort(-values[finite], kind="stable")[:count]]
    return order
