# SPDX-License-Identifier: Apache-2.0
"""How implied volatility answers to a shock: it moves with its underlying, as it has done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.sessions import session_rows
from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.runs.stress.liquidity import BETA_SESSIONS, LEAST_SESSIONS


@dataclass(frozen=True)
class VolatilityRule:
    """Implied volatility at the money of N roles: start x (price / prices) ^ beta, between low and high. All (N,).

    start   a year, at `prices`; NaN for roles without options
    beta    of daily changes of the logarithm of the volatility on those of the price; 0 where it cannot be measured
    low     least and high largest volatility of the run by then
    """

    start: FloatArray
    prices: FloatArray
    beta: FloatArray
    low: FloatArray
    high: FloatArray

    def at(self, prices: FloatArray) -> FloatArray:
        """(N,) volatility, or (T, N) for (T, N) prices."""
        return np.asarray(np.clip(self.start * (prices / self.prices) ** self.beta, self.low, self.high))

    def seen(self, volatility: FloatArray, prices: FloatArray) -> VolatilityRule:
        """This rule from another moment, whose volatility, a fraction a year, is known; it widens the bounds."""
        low, high = np.fmin(self.low, volatility), np.fmax(self.high, volatility)
        return replace(self, start=volatility, prices=prices, low=low, high=high)


def last_known(known: NDArray[Any]) -> NDArray[Any]:
    """The same option inputs, (T,), with the last known volatility where none is known: what the kernel marks with."""
    filled = known.copy()
    volatility = known["volatility"]
    rows = np.maximum.accumulate(np.where(np.isnan(volatility), -1, np.arange(len(known))[:, None]), axis=0)
    known = np.take_along_axis(volatility, np.maximum(rows, 0), axis=0)
    filled["volatility"] = np.where(rows < 0, np.nan, known)
    return filled


def volatility_rule(market: Market, volatility: FloatArray) -> VolatilityRule:
    """From the last bar of `market` on; volatility is (T, N), as `last_known` leaves it.

    beta is least squares with an intercept over the last BETA_SESSIONS session closes.
    """
    roles, rows = market.roles, session_rows(market.bars["session"])
    beta = np.zeros(len(roles))
    for number, role in enumerate(roles):
        changes = np.diff(np.log(np.column_stack([getattr(market, role).close, volatility[:, number]])[rows]), axis=0)
        beta[number] = _slope(changes[~np.isnan(changes).any(axis=1)][-BETA_SESSIONS:])
    return VolatilityRule(
        start=volatility[-1],
        prices=np.array([market.bars[role]["close"][-1] for role in roles]),
        beta=beta,
        low=np.fmin.reduce(volatility, axis=0),
        high=np.fmax.reduce(volatility, axis=0),
    )


def _slope(pairs: FloatArray) -> float:
    """Of the second column on the first; 0 for fewer than LEAST_SESSIONS rows."""
    if len(pairs) < LEAST_SESSIONS:
        return 0.0
    moves, answers = (pairs - pairs.mean(axis=0)).T
    spread = float(moves @ moves)
    return float(moves @ answers) / spread if spread > 0.0 else 0.0
