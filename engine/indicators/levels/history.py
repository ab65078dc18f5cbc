# SPDX-License-Identifier: Apache-2.0
"""What closes have done about a level since it was first touched: when one last lay below, how often they crossed.

A support that closes crossed every other week is congestion, whatever its strength; one that no close has been below
for half a year breaks for the first time in a long while.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class LevelHistory:
    """Each (T,) float64, NaN where there is no level. From the closes between its first touch and the bar before.

    since_below  bars from the last close below the level to this bar, 1 where it was the bar before; the level's age
                 where there was none
    crossings    how many times a close lay on another side of the level than the one before that was not on it
    """

    since_below: FloatArray
    crossings: FloatArray


def level_history(close: FloatArray, level: FloatArray, age: FloatArray) -> LevelHistory:
    """The history of a level column, such as `price_levels(...).support`, bar by bar.

    close, level  (T,) prices on one scale; the level of row t stands before bar t. age: bars since its first touch
    """
    since, crossings = np.full(len(close), np.nan), np.full(len(close), np.nan)
    rows = np.flatnonzero(np.isfinite(level) & (age >= 0.0))
    if not len(rows):
        return LevelHistory(since, crossings)
    first = rows - age[rows].astype(np.int64)
    parts = (np.diff(rows) != 1) | (np.diff(level[rows]) != 0.0) | (np.diff(first) != 0)
    starts = np.concatenate(([0], np.flatnonzero(parts) + 1))
    for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(rows)], strict=True):
        begin, here = int(first[start]), rows[start:stop]
        side = np.nan_to_num(np.sign(close[begin : int(here[-1])] - level[here[0]]))
        known = np.flatnonzero(side)
        places = here - begin
        below = known[side[known] < 0.0]
        seen = np.searchsorted(below, places, side="left")
        last = np.where(seen > 0, below[np.maximum(seen - 1, 0)], 0) if len(below) else np.zeros(len(here), np.int64)
        since[here] = places - last
        turns = known[1:][np.diff(side[known]) != 0.0]
        crossings[here] = np.searchsorted(turns, places, side="left")
    return LevelHistory(since, crossings)
