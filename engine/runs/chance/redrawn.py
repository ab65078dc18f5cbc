# SPDX-License-Identifier: Apache-2.0
"""The same clock with the moves of other bars: a market that may have happened, in which what hung together is cut.

A bar's move is its open, high, low, close and dividend over the close before. Moves are drawn in blocks of neighbours,
by the stationary bootstrap of Politis and Romano, Journal of the American Statistical Association 89 (1994).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import InputError, Problem
from engine.market.panel import Market

FEWEST = 60
"""Bars below which a draw has nothing to draw from."""

SERIES = "series"
"""The group of all series."""


def groups_of(market: Market) -> dict[str, tuple[str, ...]]:
    """What hangs together whatever is cut: the roles of one symbol, and all series; by symbol, and SERIES."""
    found: dict[str, list[str]] = {}
    for role, symbol in market.symbols.items():
        found.setdefault(symbol, []).append(role)
    groups = {f"symbol {symbol}": tuple(roles) for symbol, roles in found.items()}
    return groups | ({SERIES: tuple(market.series)} if market.series else {})


def first_drawn(market: Market, start: int, stop: int) -> int:
    """The first of the bars start..stop-1 whose move is known, and every series that has a value in them.

    Raises InputError for intraday bars, and where fewer than FEWEST bars are left.
    """
    refuse_intraday(market)
    first = max(start, 1)
    for name in market.series:
        known = np.flatnonzero(np.isfinite(market.bars[name][first:stop]))
        first += int(known[0]) if len(known) else 0
    if stop - first < FEWEST:
        allowed = f"{FEWEST} bars or more in which every series is known"
        raise InputError(Problem("too few bars to draw from", found=f"{max(0, stop - first)}", allowed=allowed))
    return first


def refuse_intraday(market: Market) -> None:
    """Raise InputError for intraday bars: what is drawn from them would move overnight within a session."""
    if market.bar_minutes:
        allowed = "bars of a day or longer: within a session every bar has its place"
        raise InputError(Problem("intraday bars are not drawn", found=market.frequency, allowed=allowed))


def redrawn(market: Market, first: int, stop: int, sources: Mapping[str, NDArray[np.int64]]) -> Market:
    """Bars 0..stop-1, those from `first` on with the moves of other bars.

    sources  group of `groups_of` -> (stop - first,) bars, 1 or later, whose moves they take

    Stamps, sessions and splits stay; so do the bars before `first`. The close before a drawn bar is that of the bar
    before it here. Every bar is moved by the same small factor, so that each role ends where it does in truth: what
    it earned by being held is not left to the draw. A volume is such that as much money changes hands as in the
    source. A series takes the values of its sources, not their changes: it never leaves its range. Notices, doubts
    and the fingerprint are gone, for they are of other bars.
    """
    bars = market.bars[:stop].copy()
    for group, members in groups_of(market).items():
        rows = sources[group]
        for name in members:
            if group == SERIES:
                bars[name][first:] = market.bars[name][rows]
            else:
                _redraw(bars[name], market.bars[name], first, rows)
    bars.setflags(write=False)
    return replace(market, bars=bars, notices=(), doubts=(), fingerprint="", label=f"null market of {market.label}")


def moves(market: Market, role: str, first: int, stop: int) -> FloatArray:
    """(stop - first,) log returns: of each bar from the close before, over splits, without dividends."""
    close = market.bars[role]["close"] * market.bars[role]["factor"]
    return np.asarray(np.log(close[first:stop] / close[first - 1 : stop - 1]))


def _redraw(to: NDArray[Any], of: NDArray[Any], first: int, rows: NDArray[np.int64]) -> None:
    """Write the moves of `rows` of a role's records from `first` on, one after the other."""
    factor = of["factor"]
    before = of["close"][rows - 1] * factor[rows - 1]
    start = of["close"][first - 1] * factor[first - 1]
    close = of["close"][rows] * factor[rows] / before
    goal = of["close"][first + len(rows) - 1] * factor[first + len(rows) - 1]
    drift = np.exp((np.log(goal / start) - np.log(close).sum()) / len(rows))
    close *= drift
    path = np.cumprod(np.append(start, close))  # path[:-1] * close is path[1:] to the bit, so no high is below a close
    here = to["factor"][first:]
    for name in ("open", "high", "low", "close", "dividend"):
        to[name][first:] = path[:-1] * (of[name][rows] * factor[rows] / before * drift) / here
    with np.errstate(divide="ignore", invalid="ignore"):
        to["volume"][first:] = of["volume"][rows] * of["close"][rows] / to["close"][first:]


def sources_of(
    market: Market, first: int, stop: int, block: float, seed: Sequence[int], *, apart: bool
) -> dict[str, NDArray[np.int64]]:
    """For each group of `groups_of` the bars first..stop-1 in blocks of random place and length, as many as there are.

    block  mean length in bars, 1 or more;  apart  whether each group has its own draw, else all have the same
    """
    groups = groups_of(market)
    draws = [_drawn(stop - first, block, (*seed, number)) for number in range(len(groups) if apart else 1)]
    return {group: first + draws[at if apart else 0] for at, group in enumerate(groups)}


def _drawn(count: int, block: float, seed: Sequence[int]) -> NDArray[np.int64]:
    from arch.bootstrap import StationaryBootstrap

    length: Any = block  # the library takes fractions of a bar, its types do not
    sample = StationaryBootstrap(length, np.arange(count), seed=np.random.default_rng(seed))
    positional, _ = next(iter(sample.bootstrap(1)))
    return np.asarray(positional[0], np.int64)
