# SPDX-License-Identifier: Apache-2.0
"""The square-root law of market impact: how far covering moves a price, and what it pays on the way.

After q shares of a role the price has moved by coefficient x sigma x sqrt(q / volume), a fraction of the price before,
against whoever covers. The law holds over decades of size with an exponent near 1/2 and a coefficient of order one:
Toth et al., Anomalous Price Impact and the Critical Nature of Liquidity, 2011; Almgren et al., Direct Estimation of
Equity Market Impact, 2005 (0.6). A path along a square root pays two thirds of its end on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.model.run import IMPACT
from engine.runs.stress.liquidity import Liquidity

COEFFICIENT = IMPACT
"""Default, the one that a backtest charges by."""

LARGEST_FALL = 0.99
"""Selling takes a price down by no more than this part of it."""


@dataclass(frozen=True)
class Covering:
    """A crowd that covers N roles in step.

    full    (N,) move of each price, a fraction >= 0, once all of it has been covered and nothing holds it back
    buying  (N,) 1 where shorts are bought back, -1 where longs are sold
    """

    full: FloatArray
    buying: FloatArray

    @classmethod
    def of(cls, quantities: FloatArray, crowd: float, market: Liquidity, coefficient: float) -> Covering:
        """Of a book of `quantities`, (N,) signed shares, and a crowd of `crowd` times as much of the same."""
        shares = (1.0 + crowd) * np.abs(quantities)
        full = coefficient * market.sigma * np.sqrt(shares / market.volume)
        return cls(np.asarray(full), np.where(quantities < 0, 1.0, -1.0))

    @property
    def _bound(self) -> FloatArray:
        return np.where(self.buying > 0, np.inf, LARGEST_FALL)

    def move(self, covered: float) -> FloatArray:
        """(N,) signed move of each price, a fraction, when the part `covered` (0 to 1) of everything is covered."""
        return np.asarray(self.buying * np.minimum(self.full * np.sqrt(covered), self._bound) + 0.0)

    def paid(self, covered: float) -> FloatArray:
        """(N,) what covering has cost so far, >= 0, as a fraction of the value that the whole position had before.

        The integral of the move's size from 0 to `covered`.
        """
        reached = np.full(len(self.full), covered)
        limited = self.full * np.sqrt(covered) > self._bound
        reached[limited] = (self._bound[limited] / self.full[limited]) ** 2
        beyond = np.where(limited, LARGEST_FALL, 0.0) * (covered - reached)
        return np.asarray(self.full * reached**1.5 * 2 / 3 + beyond)
