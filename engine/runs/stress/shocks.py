# SPDX-License-Identifier: Apache-2.0
"""Hypothetical shocks: small caps against large caps by a given size in given days, turned against the book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.runs.stress.hold import open_at
from engine.runs.stress.liquidity import Liquidity, betas

SIZES = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
LENGTHS = (1, 3, 5, 15)
LARGE_MOVES = (0.0, -0.05)

AFTER = 2
"""Quiet sessions behind a shock, in which the call of its last close is carried out."""

LEAST_PRICE = 0.01
"""A fund that would lose all and more keeps this part of its price."""

NS_A_DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Shock:
    """Small caps move by `small` and large caps by `large`, fractions, in a straight line over `sessions`.

    Signs are those of a book that is short small caps and long large caps. A squeeze is another thing: all that the
    book is short rises by `small`, and its longs stand still.
    """

    small: float
    large: float
    sessions: int
    squeeze: bool = False


GRID: tuple[Shock, ...] = (
    *(Shock(small, large, sessions) for large in LARGE_MOVES for sessions in LENGTHS for small in SIZES),
    *(Shock(small, 0.0, sessions, squeeze=True) for sessions in LENGTHS for small in SIZES),
)


@dataclass(frozen=True)
class Exposure:
    """How a book meets a shock.

    large, small  positions of these roles in the market's order
    betas         (N, 2) moves of each role for one of large and one of small
    signs         of the moves of large and small that hurt: 1 for a book long large caps, 1 for one short small caps
    short         (N,) which roles the book is short of
    """

    large: int
    small: int
    betas: FloatArray
    signs: tuple[float, float]
    short: NDArray[np.bool_]

    def moves(self, shock: Shock) -> FloatArray:
        """(N,) move of each role, a fraction of its price, against the book."""
        if shock.squeeze:
            return np.where(self.short, shock.small, 0.0)
        return np.asarray(np.maximum(self.betas @ np.array(self.pair(shock)), LEAST_PRICE - 1))

    def pair(self, shock: Shock) -> tuple[float, float]:
        """The moves of large and of small against the book, fractions of the price."""
        return self.signs[0] * shock.large, self.signs[1] * shock.small


def apart(shocks: Iterable[Shock], meets: Exposure) -> tuple[Shock, ...]:
    """The shocks without those that move the book as an earlier one does: of one role, moves of the other are none.

    And without squeezes of a book that is short of nothing.
    """
    found: dict[tuple[float, ...], Shock] = {}
    for shock in shocks:
        if not shock.squeeze or meets.short.any():
            found.setdefault((shock.sessions, *meets.moves(shock).tolist()), shock)
    return tuple(found.values())


def exposure(market: Market, weights: FloatArray) -> Exposure:
    """The roles named large and small, or else the first and the second; other roles follow the two by their betas.

    weights  (N,) of the book; its weights in large and in small caps count what the other roles add to them
    """
    names = [role.rpartition(".")[2] for role in market.roles]  # of sleeves, `spread.large`
    large = names.index("large") if "large" in names else 0
    symbols = list(market.symbols.values())
    others = [role for role in range(len(names)) if symbols[role] != symbols[large]]
    small = next((role for role in others if names[role] == "small"), (others or [large])[0])
    if "large" not in names and "small" in names and names.index("small") == large and others:
        large, small = others[0], large
    follow = betas(market, large, small)
    in_large, in_small = (weights @ follow).tolist()
    signs = (-1.0 if in_large < 0 else 1.0, -1.0 if in_small > 0 else 1.0)
    return Exposure(large, small, follow, signs, np.asarray(weights < 0))


def shocked(market: Market, moves: FloatArray, sessions: int, liquidity: Liquidity) -> Market:
    """The last bar of `market` as an opening bar, then `sessions` daily bars in a straight line, then AFTER quiet ones.

    The open lies half-way between two closes; volume is the average; dates are weekdays. Series keep their last value.
    """
    count = sessions + AFTER
    bars = np.repeat(market.bars[-1:], count + 1)
    first = int(bars["session"][0])
    days = np.busday_offset(np.datetime64(first, "D"), np.arange(1, count + 1), roll="backward").astype(np.int64)
    bars["session"][1:] = days
    bars["days"][1:] = np.diff(days, prepend=first)
    bars["ts"] += (bars["session"].astype(np.int64) - first) * NS_A_DAY
    bars["last"] = 1
    done = np.minimum(np.arange(count + 1) / sessions, 1.0)
    for number, role in enumerate(market.roles):
        column = bars[role]
        close = column["close"][0] * (1.0 + moves[number] * done)
        opened = np.append(close[:1], (close[:-1] + close[1:]) / 2)
        column["open"], column["close"] = opened, close
        column["high"], column["low"] = np.maximum(opened, close), np.minimum(opened, close)
        column["volume"] = liquidity.volume[number]
        column["dividend"], column["split"] = 0.0, 1.0
    label = f"{market.label}, then a hypothetical shock"
    return open_at(replace(market, bars=bars, label=label, synthetic=True))
