# SPDX-License-Identifier: Apache-2.0
"""Splits that prices hold already, told by the steps they stand on: as traded, prices are whole cents.

Split two for one, the prices before stand on half cents; one for four, on every fourth cent. Dividends taken out of
prices leave them on no steps at all, and say nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.market.sources.table import PRICES
from engine.market.table.payouts import digits

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DECIMAL = int(np.datetime64("2001-05-01", "D").astype(int))
"""From then on exchanges in the United States quote cents; sixteenths before it are steps of their own."""
FORWARD = (1.2, 1.25, 4 / 3, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0)
"""In this order: what is whole times 1.5 is so times 3 too."""
REVERSE = (50, 40, 30, 25, 20, 15, 10, 8, 7, 6, 5, 4, 3, 2)
FEWEST = 60
"""Bars on either side of a split, and a third as many prices of them, that a verdict needs."""
WINDOW = 250
MOST_SLACK = 0.2
"""Of a cent: what rounding to so few digits may leave, a price between steps lands on by chance two times in five."""
NEAR = 10
"""A close stands on the other side's steps by chance, for a few bars in a row: open, high and low tell the day."""


def split_held(frame: pd.DataFrame, days: NDArray[np.int64]) -> tuple[int, float] | None:
    """(row, new shares for an old one) of a split that the prices before that row hold; None where no steps tell one.

    frame holds bars in dollars, days their sessions since 1970-01-01. Of several splits the last that shows is told.
    """
    first = int(np.searchsorted(days, DECIMAL))
    cents = 100.0 * np.asarray(frame[list(PRICES)], np.float64)[first:]
    found = _forward(cents) or _reverse(cents)
    return (first + found[0], found[1]) if found else None


def _on(cents: Floats, slack: float = 0.0) -> Bools:
    """Whether each is a whole number of steps, as exactly as a price in single precision or its digits tell."""
    return np.asarray(np.abs(cents - np.round(cents)) < np.maximum(1e-6 * cents, 2e-3) + slack)


def _enough(close: Floats) -> bool:
    return len(close) >= FEWEST and len(np.unique(np.round(close, 2))) >= FEWEST // 3


def _forward(cents: Floats) -> tuple[int, float] | None:
    """The last price between whole cents is the last before the split."""
    close = cents[:, PRICES.index("close")]
    between = np.flatnonzero(~_on(close))
    if not len(between):
        return None
    row = int(between[-1]) + 1
    before, after = close[max(0, row - WINDOW) : row], close[row : row + WINDOW]
    if not (_enough(before) and _enough(after)) or (~_on(before)).mean() < 0.15:
        return None
    rounded = 50.0 * 10.0 ** -digits(before / 100.0)
    for ratio, slack in (*((one, 0.0) for one in FORWARD), *((one, one * rounded) for one in FORWARD)):
        if slack < MOST_SLACK and _on(before * ratio, slack).all():
            near = cents[row : row + NEAR]
            held = np.flatnonzero(~_on(near).all(axis=1) & _on(near * ratio, slack).all(axis=1))
            return (row + int(held[-1]) + 1 if len(held) else row), ratio
    return None


def _reverse(cents: Floats) -> tuple[int, float] | None:
    """The first price that is no multiple of the step before it is the first after the split."""
    close = cents[:, PRICES.index("close")]
    if not _on(close).all():
        return None
    for step in REVERSE:
        off = np.flatnonzero(~_on(close / step))
        if len(off) and _enough(close[: off[0]]) and _enough(close[off[0] :]):
            start = max(0, int(off[0]) - NEAR)
            traded = np.flatnonzero(~_on(cents[start : off[0]] / step).all(axis=1))
            return (start + int(traded[0]) if len(traded) else int(off[0])), 1.0 / step
    return None
