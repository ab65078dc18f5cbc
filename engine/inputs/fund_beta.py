# SPDX-License-Identifier: Apache-2.0
"""What an inverse fund has made of its index, on the bars of a run, against what the strategy is told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.market.panel import Market
from engine.notice import Notice, loud
from engine.strategy.base import Strategy

FEWEST = 60
"""Returns below which nothing is measured."""

OFF = 0.15
"""The part of a factor by which a measured beta may miss it. Daily closes of RWM, TWM and SRTY come within 0.03."""


def fund_notices(strategy: type[Strategy], market: Market, params: Mapping[str, float]) -> tuple[Notice, ...]:
    """What is loud of the inverse funds of a run: a beta far from the factor.

    Raises DataError where the bars of a fund move with the index and not against it.
    """
    said = []
    for role, (index, factor) in strategy.inverse_funds.items():
        beta = measured_beta(_total_returns(market, role), _total_returns(market, index))
        fund, other, told = market.symbols[role], market.symbols[index], float(params[factor])
        span = f"over the {len(market):,} bars from {market.sessions[0]} to {market.sessions[-1]}"
        if beta > 0.0:
            message = f"{fund} is bound as an inverse fund and moves with {other}: its beta to it is {beta:+.2f} {span}"
            raise DataError(Problem(message, path=f"roles.{role}", found=fund, allowed="a fund that moves against it"))
        if abs(beta + told) > OFF * told:
            words = (
                f"{fund} has a beta of {beta:+.2f} to {other} {span}, and the hedge is sized by a factor of {told:g}"
            )
            said.append(loud(f"{words}: bind the fund that is meant, or params.{factor}"))
    return tuple(said)


def measured_beta(own: FloatArray, moves: FloatArray) -> float:
    """The beta: slope of a fund's simple returns on its index's; NaN of fewer than FEWEST."""
    if len(own) < FEWEST:
        return float("nan")
    spread = moves - moves.mean()
    variance = float(spread @ spread)
    return float(own @ spread) / variance if variance > 0.0 else float("nan")


def _total_returns(market: Market, role: str) -> FloatArray:
    """Simple returns from bar to bar with what was paid: one fund paid a quarter of its price on one day."""
    close, paid = market.bars[role]["close"], market.bars[role]["dividend"]
    return np.asarray((close[1:] + paid[1:]) / close[:-1] - 1.0)
