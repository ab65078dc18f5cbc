# SPDX-License-Identifier: Apache-2.0
"""Splits for a broker that has none: its cash, its positions and its working orders, before the open of the bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.market.panel import Market

SharesAfter = Callable[[float, float], float]
"""(signed shares, ratio) to the signed shares that are left after the split, cut as the run trades them."""

SplitOf = dict[int, list[tuple[int, float]]]
"""Row to (role, ratio), ratio in new shares for one old."""


def splits_of(market: Market) -> SplitOf:
    """The splits of each row; not those of the first, before which nothing is held."""
    found: SplitOf = {}
    for role, name in enumerate(market.roles):
        ratios = market.bars[name]["split"]
        for row in np.flatnonzero((ratios != 1.0) & (market.bars["days"] > 0)).tolist():
            if row > 0:
                found.setdefault(row, []).append((role, float(ratios[row])))
    return found


def split_position(position: Any, ratio: float, close: float, after: SharesAfter) -> float:
    """Split backtrader's position; returns the cash in lieu of the fraction of a share, paid by a short position.

    close  the last before the split
    """
    exact = position.size * ratio
    kept = after(position.size, ratio)
    position.size = kept
    position.price = position.price / ratio if kept else 0.0
    return float((exact - kept) * close / ratio)


def split_order(order: Any, ratio: float, after: SharesAfter) -> bool:
    """Split what is left of one of backtrader's orders, and its prices; False where less than a share is left.

    A trailing stop is a stop that we move: its distance is kept where it is computed.
    """
    order.executed.remsize = after(order.executed.remsize, ratio)
    order.created.price /= ratio
    order.created.pricelimit /= ratio
    return bool(order.executed.remsize != 0.0)
