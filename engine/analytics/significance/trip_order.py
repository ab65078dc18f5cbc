# SPDX-License-Identifier: Apache-2.0
"""The run's trades in another order: how deep it might have fallen with the same gains and losses.

A permutation distribution: every order of the trades is as likely as any other, as it is where none of them knows of
the one before. The product of all gains is the same in each, so only the way is another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.significance.chance import p_of_rank
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem

FEWEST = 10
"""Closed trades below which their order says little."""

MOST = 1_000_000

AT_A_TIME = 1 << 20
"""Trades of all orders in memory together."""


@dataclass(frozen=True)
class TripOrder:
    """The largest loss from a peak, a fraction >= 0, looked at where trades close, one after the other.

    trades  closed trades;  open  trades that were open at the end, and are left out
    own     of the order in which they came;  drawn  (N,) of N orders drawn at random
    p       probability that an order falls as deep as the run's, above 0 and up to 1: near 1 the order was a kind one
    """

    trades: int
    open: int
    own: float
    drawn: FloatArray
    p: float

    def quantile(self, part: float) -> float:
        """The drawdown that this part of the orders stays within."""
        return float(np.quantile(self.drawn, part, method="higher"))


def trip_order(result: RunRecord, analysis: Analysis, count: int, seed: int) -> TripOrder:
    """The drawdowns of `count` orders of the run's trades.

    A trade is the legs that were open together. Its return is its net profit over the equity at the close before it
    opened, costs and borrow inside; interest on cash belongs to no trade. Raises InputError for a number that cannot be
    and for fewer than FEWEST closed trades.
    """
    if not 1 <= count <= MOST:
        allowed = f"1 to {MOST:,}; 1,000 tell one order in twenty"
        raise InputError(Problem("not a number of orders", path="--trip-orders", found=f"{count:,}", allowed=allowed))
    closed = analysis.spreads[analysis.spreads["close_row"] >= 0]
    if len(closed) < FEWEST:
        allowed = f"{FEWEST} closed trades or more"
        raise InputError(
            Problem("too few round trips to put in another order", found=f"{len(closed)}", allowed=allowed)
        )
    closed = closed[np.argsort(closed["close_row"], kind="stable")]
    equity = np.append(result.config.account.cash, result.points["equity"])
    returns = closed["net_pnl"] / equity[closed["open_row"]]
    own, drawn = float(drawdowns(returns[None, :])[0]), shuffled(returns, count, seed)
    return TripOrder(len(closed), len(analysis.spreads) - len(closed), own, drawn, p_of_rank(own, drawn))


def shuffled(returns: FloatArray, count: int, seed: int) -> FloatArray:
    """(count,) drawdowns of (K,) returns in orders drawn at random; more orders begin with the same ones."""
    drawn, found = np.random.default_rng(seed), []
    step = max(1, AT_A_TIME // len(returns))
    for start in range(0, count, step):
        rows = min(step, count - start)
        found.append(drawdowns(drawn.permuted(np.tile(returns, (rows, 1)), axis=1)))
    return np.concatenate(found)


def drawdowns(returns: NDArray[np.float64]) -> FloatArray:
    """(N,) largest part of a peak that is lost on the way through (N, K) returns; a loss of all and more is 1."""
    path = np.cumprod(np.maximum(1.0 + returns, 0.0), axis=1)
    peak = np.maximum(np.maximum.accumulate(path, axis=1), 1.0)
    return np.asarray(np.max(1.0 - path / peak, axis=1, initial=0.0))
