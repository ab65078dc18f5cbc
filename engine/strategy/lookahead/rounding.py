# SPDX-License-Identifier: Apache-2.0
"""How far a feature may move when its past gets longer, and have moved by rounding alone.

Matrix products and Fourier transforms add up in another order when there are more rows, so the last bits of an honest
feature may differ. Rounding in a sound algorithm does what a change of its input by some last bits would do (Higham,
Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, sections 1.5 and 1.6). So that is tried: every price is
moved by its last bit, and a feature may move by TIMES as much as it moves then, and by LARGEST of its size at most. A
feature that does not answer to last bits, such as a flag, may not move at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.strategy.lookahead.altered_market import nudged

TIMES = 100.0
"""Rounding of a transform grows with the logarithm of its length, and mixes large rows into small ones."""

LARGEST = 1e-6
"""Of the typical size of a feature: more than that is no rounding, whatever the feature makes of last bits."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """The largest difference that was taken for rounding, and what would have been, in its own unit, the feature's."""

    feature: str
    difference: float
    allowed: float

    def __str__(self) -> str:
        return (
            f"differences up to {self.difference:.1e} in {self.feature} are rounding: up to {self.allowed:.1e} is what "
            f"it moves by, {TIMES:.0f} times over, when every price moves by its last bit"
        )

    def document(self) -> dict[str, str | float]:
        """For JSON; differences in its own unit, the feature's."""
        return {"feature": self.feature, "difference": self.difference, "allowed": self.allowed}


class Tolerance:
    """What rounding may do to each feature of a market; the features are computed once more when it is first asked."""

    def __init__(
        self, features: Callable[[Market], Mapping[str, FloatArray]], market: Market, whole: Mapping[str, FloatArray]
    ) -> None:
        self._features, self._market, self._whole = features, market, whole

    @cached_property
    def of(self) -> dict[str, float]:
        """Feature -> largest difference that is rounding, in its own unit, the feature's."""
        moved = self._features(nudged(self._market, 0))
        return {name: _allowed(values, moved[name]) for name, values in self._whole.items() if name in moved}

    def differs(self, name: str, known: FloatArray, revised: FloatArray) -> tuple[NDArray[np.bool_], float]:
        """(rows that differ by more, largest difference that was rounding, in its own unit); NaN equals NaN."""
        other = (known != revised) & ~(np.isnan(known) & np.isnan(revised))
        finite = other & np.isfinite(known) & np.isfinite(revised)
        if not finite.any():
            return other, 0.0
        apart = np.zeros(len(known))
        apart[finite] = np.abs(known[finite] - revised[finite])
        if not (apart[finite] <= LARGEST * _size(self._whole[name])).any():
            return other, 0.0
        rounded = finite & (apart <= self.of.get(name, 0.0))
        return other & ~rounded, float(apart[rounded].max(initial=0.0))


def _allowed(values: FloatArray, moved: FloatArray) -> float:
    both = np.isfinite(values) & np.isfinite(moved)
    if not both.any():
        return 0.0
    answer = float(np.quantile(np.abs(values[both] - moved[both]), 0.95))
    return min(TIMES * answer, LARGEST * _size(values))


def _size(values: FloatArray) -> float:
    """Typical size of a feature: the median of what is finite and not 0."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0.0)])
    return float(np.median(sizes)) if len(sizes) else 0.0
