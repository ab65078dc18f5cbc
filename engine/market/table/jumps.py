# SPDX-License-Identifier: Apache-2.0
"""Moves that no market makes: a price on another scale for a bar, a price on another base from a bar on.

A move is held against the usual one of its days: the greater of the median sizes of the ten returns before and after.
A crash raises it, for a crash does not come alone; a wrong price does not. The largest moves of twenty years of funds,
three times leveraged ones among them, are eight times the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.market.sources.table import PRICES

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

WINDOW = 10
LEAST_USUAL = 0.003
"""A bill fund hardly moves; what it does then is not far out for being many times nothing."""
SURE = float(np.log(3.0))
"""Size of a move, as a log, that no fund makes there and back, or overnight without a word."""
SPIKE, SPIKE_TIMES = 0.12, 6.5
"""A bar that leaves and comes back by this log and this many usual moves is doubted."""
GAP, GAP_TIMES = 0.16, 8.0
"""A night and its day that both move by this log and this many usual moves are doubted; so is a lone price."""
LEAST_SPLIT = 0.1
"""A night and its day that both move as a whole split does are doubted from this log on: 1.2 for 1 on a good day."""
SPLIT_RATIOS = (1.2, 1.25, 4 / 3, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
SPLIT_TOLERANCE = 0.04
"""How far an overnight ratio may be from a whole split, as a log: the market also moves that night."""
LEAST_REFUSED_SPLIT = float(np.log(1.45))
"""From 1.5 for 1 on, a whole ratio overnight is a split; a bad report can make a company fall by a fifth."""


@dataclass(frozen=True, eq=False)
class Moves:
    """(T,) logs, with the dividends and splits on record: close to close, close to open, open to close; the usual size.

    NaN in the first row of the first two.
    """

    day: Floats = field(repr=False)
    night: Floats = field(repr=False)
    within: Floats = field(repr=False)
    usual: Floats = field(repr=False)


def moves(frame: pd.DataFrame, *, splits: bool) -> Moves:
    """The moves of bars; splits: the prices are as traded, those on record are taken out."""
    open_, close, dividend = (np.asarray(frame[name], np.float64) for name in ("open", "close", "dividend"))
    split = np.asarray(frame["split"], np.float64) if splits else np.ones(len(close))
    day, night = np.full(len(close), np.nan), np.full(len(close), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        day[1:] = np.log((close[1:] + dividend[1:]) * split[1:] / close[:-1])
        night[1:] = np.log((open_[1:] + dividend[1:]) * split[1:] / close[:-1])
        within = np.log(close / open_)
    return Moves(day, night, within, usual_size(day))


def usual_size(moved: Floats) -> Floats:
    """(T,) the greater of the median sizes of the ten moves before and after each; at least 0.3 %."""
    size = np.abs(moved)
    padded = np.concatenate([np.full(WINDOW, np.nan), size, np.full(WINDOW, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)
    known = np.isfinite(windows)
    middle = np.sort(np.where(known, windows, np.inf), axis=1)
    count = known.sum(axis=1)
    at = np.clip((count - 1) // 2, 0, WINDOW - 1)
    medians = np.where(count >= 3, middle[np.arange(len(middle)), at], 0.0)
    return np.maximum(np.maximum(medians[: len(size)], medians[WINDOW + 1 :]), LEAST_USUAL)


def spikes(found: Moves) -> tuple[Rows, Floats]:
    """Bars that leave the price before and come back to it in the next: rows, and how far, as a log."""
    out, back = found.day[1:-1], found.day[2:]
    with np.errstate(invalid="ignore"):
        leg = np.where(out * back < 0, np.minimum(np.abs(out), np.abs(back)), 0.0)
        home = np.abs(out + back) < 0.5 * leg
        far = home & (leg > SPIKE) & (leg > SPIKE_TIMES * np.maximum(found.usual[1:-1], found.usual[2:]))
    rows = np.flatnonzero(far) + 1
    return rows, found.day[rows]


def lone_opens(found: Moves) -> tuple[Rows, Floats]:
    """Bars whose open leaves the close before, which the bar's own close comes back to: rows, and how far, as a log."""
    rows = _there_and_back(found.night, found.within, found.usual)
    return rows, found.night[rows]


def lone_closes(found: Moves, spikes: Rows) -> tuple[Rows, Floats]:
    """Bars but `spikes` whose close leaves their open, to which the next open comes back: rows, and the log of it."""
    rows = np.setdiff1d(_there_and_back(found.within[:-1], found.night[1:], found.usual[:-1]), spikes)
    return rows, found.within[rows]


def _there_and_back(out: Floats, back: Floats, usual: Floats) -> Rows:
    with np.errstate(invalid="ignore"):
        leg = np.where(out * back < 0, np.minimum(np.abs(out), np.abs(back)), 0.0)
        far = (np.abs(out + back) < 0.5 * leg) & (leg > GAP) & (leg > GAP_TIMES * usual)
    return np.flatnonzero(far)


def last_move(found: Moves) -> tuple[float, float]:
    """The last close's move as a log, and how many usual ones it is: no bar after it says whether it holds.

    Zeros where fewer than three moves before it say what is usual.
    """
    if len(found.day) < 5:
        return 0.0, 0.0
    size = float(found.day[-1])
    return size, abs(size) / float(found.usual[-1])


def gaps(found: Moves, skip: Rows) -> tuple[Rows, Floats]:
    """Bars from which on the price stands elsewhere: rows, and the move as a log. `skip` left and came back."""
    with np.errstate(invalid="ignore"):
        least = np.where(found.day * found.night > 0, np.minimum(np.abs(found.day), np.abs(found.night)), 0.0)
        far = np.flatnonzero((least > LEAST_SPLIT) & (least > GAP_TIMES * found.usual))
    kept = [bool(least[at] > GAP or whole_split(found.night[at], found.day[at])) for at in far]
    rows = np.setdiff1d(far[np.array(kept, bool)], np.concatenate([skip, skip + 1]))
    return rows, found.night[rows]


def whole_split(night: float, day: float) -> float:
    """New shares per old one that a move of these logs is, 0 where it is none: 2 where the price halved."""
    whole = np.array(SPLIT_RATIOS)
    whole = np.concatenate([whole, 1.0 / whole])
    ratio = float(whole[np.argmin(np.abs(-night - np.log(whole)))])
    off = abs(-night - np.log(ratio)), abs(-day - np.log(ratio))
    return ratio if off[0] < SPLIT_TOLERANCE and off[1] < 2 * SPLIT_TOLERANCE else 0.0


def far_out(found: Moves, skip: Rows) -> tuple[Rows, Floats]:
    """Other closes as far out as `gaps` are, whatever the open did: a crash within the bar. `skip` are told already."""
    with np.errstate(invalid="ignore"):
        far = (np.abs(found.day) > GAP) & (np.abs(found.day) > GAP_TIMES * found.usual)
    rows = np.setdiff1d(np.flatnonzero(far), skip)
    return rows, found.day[rows]


def still(frame: pd.DataFrame) -> list[tuple[int, int]]:
    """(first row, bars) of every run of bars with the same open, high, low and close."""
    prices = np.asarray(frame[list(PRICES)], np.float64)
    same = np.concatenate([[False], (prices[1:] == prices[:-1]).all(axis=1), [False]])
    edges = np.flatnonzero(np.diff(same.astype(np.int8)))
    return [(int(start), int(end - start + 1)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def wicks(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    """Bars whose high or low alone is three times away from both open and close: rows, and the price."""
    open_, high, low, close = (np.asarray(frame[name], np.float64) for name in ("open", "high", "low", "close"))
    above, below = high / np.maximum(open_, close), np.minimum(open_, close) / low
    rows = np.flatnonzero(np.maximum(above, below) > 3.0)
    return rows, np.where(above[rows] > below[rows], high[rows], low[rows])
