# SPDX-License-Identifier: Apache-2.0
"""Whether a strategy's `features` see the future.

Look-ahead is possible in `features` alone (a decision gets one row and nothing else), and there it is caught by
computing them again on a shorter past: features(market.head(t)) must equal features(market)[:t], bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.market.panel import Market

Features = Callable[[Market], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Leak:
    """A row whose feature changes once later bars are known.

    known is the value with bars 0..cut-1, revised the value with all of them; row < cut.
    """

    feature: str
    row: int
    cut: int
    known: float
    revised: float

    def __str__(self) -> str:
        return (
            f"feature {self.feature} looks ahead: with {self.cut} bars its row {self.row} is {self.known!r}, "
            f"with all bars it is {self.revised!r}"
        )


def first_leak(features: Features, market: Market, cuts: Iterable[int]) -> Leak | None:
    """The earliest row that changes when the bars after one of `cuts` become known; None when none does.

    A cut is a number of leading bars, 0 to len(market); `choose_cuts` makes a good set. What is compared is bits:
    NaN equals NaN, and a difference in the last digit is a difference. A clean result says that nothing leaks at
    these cuts; it is proof for rows that no cut is near only as far as all rows are computed alike.
    Raises StrategyError when features fail on a shorter market, or differ in their names or lengths.
    """
    whole = _columns(features, market)
    for cut in sorted(set(cuts)):
        if not 0 <= cut <= len(market):
            raise ValueError(f"cut {cut} is outside 0..{len(market)}")
        known = _columns(features, market.head(cut))
        _same_names(whole, known, cut)
        leaks = [
            Leak(name, row, cut, float(known[name][row]), float(whole[name][row]))
            for name in whole
            if (row := _first_difference(known[name], whole[name][:cut])) >= 0
        ]
        if leaks:
            return min(leaks, key=lambda leak: (leak.row, leak.feature))
    return None


def choose_cuts(rows: int, seed: int = 0, count: int = 8, episodes: Sequence[int] = ()) -> tuple[int, ...]:
    """`count` cuts drawn by `seed`, both ends of the series, and around each row of `episodes`; sorted, 1..rows - 1.

    An episode is a row where something special happens (a split, a crash, the turn of a month); it is cut just
    before, at and just after it.
    """
    if rows < 2:
        return ()
    drawn = np.random.default_rng(seed).integers(1, rows, size=count).tolist()
    around = [row + shift for row in episodes for shift in (0, 1, 2)]
    return tuple(sorted({1, rows - 1, *drawn, *(cut for cut in around if 0 < cut < rows)}))


def _columns(features: Features, market: Market) -> dict[str, FloatArray]:
    """The features of `market`, each checked to be one number a row."""
    rows = len(market)
    try:
        found = features(market)
    except StrategyError:
        raise
    except Exception as error:
        raise StrategyError(
            Problem(
                f"features fails on {rows} bars: {type(error).__name__}: {error}",
                allowed="any number of bars, 0 included",
            )
        ) from error
    columns: dict[str, NDArray[np.float64]] = {}
    for name, values in found.items():
        column = np.asarray(values, dtype=np.float64)
        if column.shape != (rows,):
            raise StrategyError(
                Problem(
                    "a feature has one number a bar",
                    path=name,
                    found=f"shape {column.shape}",
                    allowed=f"shape ({rows},)",
                )
            )
        columns[name] = column
    return columns


def _same_names(whole: Mapping[str, Any], part: Mapping[str, Any], rows: int) -> None:
    odd = sorted(set(whole) ^ set(part))
    if odd:
        raise StrategyError(
            Problem(f"features are not the same on {rows} bars as on all: {', '.join(odd)}", path=odd[0])
        )


def _first_difference(known: FloatArray, revised: FloatArray) -> int:
    """First row where two columns differ, -1 if they are equal bit for bit; NaN equals NaN."""
    same = (known == revised) & (np.signbit(known) == np.signbit(revised))
    same |= np.isnan(known) & np.isnan(revised)
    return -1 if same.all() else int(np.argmin(same))
