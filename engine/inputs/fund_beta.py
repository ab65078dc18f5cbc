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
"""Bars below which nothing is measured."""

OFF = 0.15
"""The part of a factor by which a measured beta may miss it. Daily closes of RWM, TWM and SRTY come within 0.03."""


def fund_notices(strategy: type[Strategy], market: Market, params: Mapping[str, float]) -> tuple[Notice, ...]:
    """What is loud of the inverse funds of a run: a beta far from the factor.

    Raises DataError where the bars of a fund move with the index and not against it.
    """
    said = []
    for role, (index, factor) in strategy.inverse_funds.items():
        beta = measured_beta(market.bars[role]["close"], market.bars[index]["close"])
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


def measured_beta(fund: FloatArray, index: FloatArray) -> float:
    """The beta: slope of the fund's bar-to-bar returns on the index's; NaN of fewer than FEWEST bars."""
    if len(fund) < FEWEST:
        return float("nan")
    own, moves = np.diff(fund) / fund[:-1], np.diff(index) / index[:-1]
    spread = moves - moves.mean()
    variance = float(spread @ spread)
    return float(own @ spread) / variance if variance > 0.0 else float("nan")
