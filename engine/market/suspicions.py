# SPDX-License-Identifier: Apache-2.0
"""What looks wrong in bars without being impossible: pure functions on a frame in the normal form.

Each returns the rows concerned, and values that say why, row by row. Frames are ordered by time, each stamp once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.market.sources.table import PRICES

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

OUTLIER_DEVIATIONS = 10.0
OUTLIER_RETURN = 0.15
SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
LEAST_SPLIT = 0.25
"""Size of a move, as a log, from which a split can be told from a bad night."""
SPLIT_TOLERANCE = 0.04
"""How far an overnight ratio may be from a whole split, relative: the market also moves that night."""
STALE_RUN = 3
MISMATCH = 0.005
"""Difference of two returns of one day from which a close is suspect."""
DIVIDEND = 0.001
"""Smallest dividend, relative to the price, that the comparison with adj_close can tell from rounding."""
MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""


def returns(frame: pd.DataFrame) -> Floats:
    """(T,) simple return close to close with the recorded split and dividend of the day; NaN in the first row."""
    close, dividend = (np.asarray(frame[name], np.float64) for name in ("close", "dividend"))
    moved = np.full(len(close), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved[1:] = (close[1:] + dividend[1:]) * np.asarray(frame["split"], np.float64)[1:] / close[:-1] - 1.0
    return moved


def outliers(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    """Returns beyond 15 % and beyond 10 robust standard deviations (1.4826 x MAD about the median)."""
    moved = returns(frame)
    usual = moved[np.isfinite(moved)]
    if len(usual) < 20:
        return np.empty(0, np.int64), np.empty(0)
    middle = float(np.median(usual))
    deviation = MAD_TO_DEVIATION * float(np.median(np.abs(usual - middle)))
    away = np.abs(moved - middle)
    rows = np.flatnonzero((away > OUTLIER_DEVIATIONS * deviation) & (np.abs(moved) > OUTLIER_RETURN))
    return rows, moved[rows]


def unadjusted_splits(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    """Nights over which open and close both move by a whole split ratio that is not on record.

    The value is new shares per old share: 2.0 where the price halved, 0.25 for a reverse split of four into one. A
    crash seldom does all of its move before the open and lands on a whole ratio; a split always does.
    """
    close, open_ = (np.asarray(frame[name], np.float64) for name in ("close", "open"))
    split = np.asarray(frame["split"], np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        night, day = close[:-1] / open_[1:], close[:-1] / close[1:]
        far = np.flatnonzero((np.abs(np.log(night)) > LEAST_SPLIT) & np.isfinite(night) & (split[1:] == 1.0))
    night, day = night[far], day[far]
    whole = np.array([*SPLIT_RATIOS, *(1.0 / ratio for ratio in SPLIT_RATIOS)])
    nearest = whole[np.argmin(np.abs(np.log(night)[:, None] - np.log(whole)), axis=1)]
    near = (np.abs(night / nearest - 1.0) < SPLIT_TOLERANCE) & (np.abs(day / nearest - 1.0) < 2 * SPLIT_TOLERANCE)
    return far[near] + 1, nearest[near]


def volume_change(frame: pd.DataFrame, row: int, window: int = 10) -> float:
    """Median volume of the bars from `row` on over that of the bars before; NaN where either is unknown or zero."""
    volume = np.asarray(frame["volume"], np.float64)
    before, after = volume[max(0, row - window) : row], volume[row : row + window]
    if not np.isfinite(before).any() or not np.isfinite(after).any():
        return float("nan")
    base = float(np.nanmedian(before))
    return float(np.nanmedian(after)) / base if base > 0 else float("nan")


def stale_runs(frame: pd.DataFrame) -> list[tuple[int, int]]:
    """(first row, bars) of every run of three or more bars with the same open, high, low and close."""
    prices = np.asarray(frame[list(PRICES)], np.float64)
    same = np.concatenate([[False], (prices[1:] == prices[:-1]).all(axis=1), [False]])
    edges = np.flatnonzero(np.diff(same.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    return [
        (int(start), int(end - start + 1))
        for start, end in zip(starts, ends, strict=True)
        if end - start + 1 >= STALE_RUN
    ]


def zero_volume(frame: pd.DataFrame) -> Rows:
    """Bars in which nothing traded."""
    return np.flatnonzero(np.asarray(frame["volume"], np.float64) == 0)


def adjusted_base(frame: pd.DataFrame) -> float:
    """Last adj_close over last close: 1 where both stand on the same base. NaN without adj_close."""
    if "adj_close" not in frame.columns or not len(frame):
        return float("nan")
    last = frame[["adj_close", "close"]].dropna()
    return float(last["adj_close"].iloc[-1] / last["close"].iloc[-1]) if len(last) else float("nan")


def return_difference(frame: pd.DataFrame) -> Floats:
    """(T,) return of adj_close minus return of close with its recorded split and dividend; NaN where either is unknown.

    Zero but for rounding where close, dividend, split and adj_close tell one story.
    """
    if "adj_close" not in frame.columns:
        return np.full(len(frame), np.nan)
    adjusted = np.asarray(frame["adj_close"], np.float64)
    earned = np.full(len(adjusted), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        earned[1:] = adjusted[1:] / adjusted[:-1] - 1.0
    return earned - returns(frame)


def mismatches(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    """Days on which adj_close and close + dividend differ by more than 0.5 % in return: one of them is wrong."""
    difference = return_difference(frame)
    missing = missing_dividends(frame)[0]
    rows = np.setdiff1d(np.flatnonzero(np.abs(difference) > MISMATCH), missing)
    return rows, difference[rows]


def missing_dividends(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    """Days without a dividend on which adj_close earned more than close, and no neighbouring day takes it back.

    The value is the dividend as a fraction of the price. A bad close shows as a pair of opposite differences instead.
    """
    difference = return_difference(frame)
    extra = np.nan_to_num(difference)
    around = np.minimum(np.concatenate([[0.0], extra[:-1]]), np.concatenate([extra[1:], [0.0]]))
    unpaid = np.asarray(frame["dividend"], np.float64) == 0
    rows = np.flatnonzero(unpaid & (extra > DIVIDEND) & (extra + around > extra / 2))
    return rows, extra[rows]
