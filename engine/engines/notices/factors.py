# SPDX-License-Identifier: Apache-2.0
"""What a run says of factors that a strategy regresses on and that move together: their weights are not told apart."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.notice import Notice, loud

MOST_INFLATED = 10.0
"""Variance inflation of a weight from which on a regression is called collinear (Marquardt 1970)."""

FEWEST = 24
"""Months below which nothing is said."""


def alike_factors(prepared: Prepared) -> tuple[Notice, ...]:
    """A loud notice for each strategy that declares the factors of its `replica`, where some are alike in this run."""
    return tuple(said for sleeve in prepared.sleeves for said in _of_one(sleeve))


def inflation(months: FloatArray) -> FloatArray:
    """(K,) how many times the others make the variance of each factor's weight; inf where they are all of it.

    months (M, K) are returns as fractions: the diagonal of the inverse of their correlations.
    """
    alike: FloatArray = np.asarray(np.corrcoef(months.T), np.float64)
    if np.linalg.matrix_rank(alike) < len(alike):
        return np.full(len(alike), np.inf)
    return np.asarray(np.diag(np.linalg.inv(alike)))


def _of_one(sleeve: PreparedSleeve) -> list[Notice]:
    replica, market = sleeve.strategy.replica, sleeve.market
    if replica is None:
        return []
    from engine.indicators.months import month_ends, month_returns  # other runs need not load the indicators

    ends = month_ends(market)  # of minute bars it takes a third of a run
    if len(ends) <= FEWEST:
        return []
    used = [role for role, weight in replica.factors.items() if np.any(np.nan_to_num(sleeve.features[weight]) != 0.0)]
    if len(used) < 2:
        return []
    columns = [getattr(market, role) for role in used]
    months = np.stack([month_returns(one.close, one.dividend, ends) for one in columns], axis=1)
    known = np.isfinite(months).all(axis=1)
    months, sessions = months[known], market.sessions[ends][known].astype("M8[M]")
    if len(months) < FEWEST or not (months.std(axis=0) > 0.0).all():
        return []
    inflated = inflation(months)
    if inflated.max() < MOST_INFLATED:
        return []
    symbols = [market.symbols[role] for role in used]
    alike = np.corrcoef(months.T) - np.eye(len(used))
    one, other = np.unravel_index(int(np.argmax(np.abs(alike))), alike.shape)
    named = ", ".join(name for name, times in zip(symbols, inflated, strict=True) if times >= MOST_INFLATED)
    return [
        loud(
            f"{sleeve.part.named('replica')}: the factors {named} move together, and a regression does not tell their "
            f"weights apart. The months of {symbols[one]} and {symbols[other]} have a correlation of "
            f"{alike[one, other]:.2f} ({sessions[0]} to {sessions[-1]}), and the others make the error of a weight up "
            f"to {np.sqrt(inflated.max()):.1f} times as large. Read these weights as one, or leave a factor out by the "
            "strategy's parameters."
        )
    ]
