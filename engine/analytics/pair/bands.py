# SPDX-License-Identifier: Apache-2.0
"""Bands of the rolling correlation: named, with edges that are given and not fitted to the data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.analytics.pair.sides import Pair
from engine.arrays import FloatArray

VOLATILITY = (-0.8, -0.5)
OTHERS = (-0.5, 0.5)
"""Edges of the bands of a fund with a volatility index, and of any other two."""


@dataclass(frozen=True)
class Band:
    """A band of the correlation, low < correlation <= high; the lowest holds its low end too.

    inside  (T,) whether the correlation known at each close is in it
    """

    name: str
    words: str
    low: float
    high: float
    inside: NDArray[np.bool_] = field(repr=False)


def bands(pair: Pair, rolling: FloatArray, edges: tuple[float, float]) -> tuple[Band, ...]:
    """The three bands from low to high."""
    low, high = edges
    names: tuple[tuple[str, str], ...]
    if pair.index is not None:
        fund, index = pair.by_kind
        names = (
            ("stress", f"{fund.symbol} and {index.symbol} move as one, against each other"),
            ("risk-on", f"{fund.symbol} rises while {index.symbol} falls, as usual"),
            ("breakdown", f"{index.symbol} no longer answers {fund.symbol}: the link that hedges rely on is loose"),
        )
    else:
        names = (
            ("opposed", "one rises when the other falls"),
            ("loose", "neither says much of the other"),
            ("together", "both rise and fall at once"),
        )
    inside = (rolling <= low, (rolling > low) & (rolling <= high), rolling > high)
    ends = ((-1.0, low), (low, high), (high, 1.0))
    return tuple(Band(*name, *end, mask) for name, end, mask in zip(names, ends, inside, strict=True))
