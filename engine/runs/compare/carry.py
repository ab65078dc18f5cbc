# SPDX-License-Identifier: Apache-2.0
"""What can be bought in place of a volatility index: what holding it cost, and how well it hedged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.pair.hedge import FEWEST, Hedge, hedge
from engine.analytics.pair.relation import Estimate, correlation, slope
from engine.analytics.pair.sides import Pair, Side
from engine.errors import DataError, Problem
from engine.market.calendar import among
from engine.market.lines import Line


@dataclass(frozen=True)
class Carry:
    """A line on the sessions that it shares with the pair.

    held, index_held  growth of one unit a year of the line and of the index, fractions, over the same sessions
    correlation, beta of the line's simple returns with the index's
    hedge             the fund hedged with it
    """

    symbol: str
    first: str
    last: str
    sessions: int
    held: float
    index_held: float
    correlation: float
    beta: Estimate
    hedge: Hedge


def carry_of(pair: Pair, line: Line, regimes: Mapping[str, NDArray[np.bool_]], window: int) -> Carry:
    """Raises DataError where the line shares too few sessions with the pair, or is ever 0 or below."""
    days = pair.sessions.astype(np.int64)
    rows = np.flatnonzero(among(days, line.sessions))
    if len(rows) < window + FEWEST + 1:
        allowed = f"{window + FEWEST + 1} or more"
        message = f"{line.symbol} shares too few sessions with the two"
        raise DataError(Problem(message, path="--carry", found=f"{len(rows):,}", allowed=allowed))
    own = np.searchsorted(line.sessions, days[rows])
    bought = Side(line.symbol, np.asarray(line.level[own]), np.asarray(line.growth[own]))
    fund, index = (Side(one.symbol, one.level[rows], one.growth[rows], one.volatility) for one in pair.by_kind)
    kept = {name: inside[rows] for name, inside in regimes.items()}
    found = hedge(fund, bought, kept, window, pair.per_year)
    if found is None or not bought.logs or not index.logs:
        message = f"{line.symbol} cannot stand in for {index.symbol}: it never changes, or is at times 0 or below"
        raise DataError(Problem(message, path="--carry", allowed="prices of something that is bought"))
    years = (len(rows) - 1) / pair.per_year
    return Carry(
        symbol=line.symbol,
        first=str(pair.sessions[rows[0]]),
        last=str(pair.sessions[rows[-1]]),
        sessions=len(rows),
        held=_a_year(bought, years),
        index_held=_a_year(index, years),
        correlation=correlation(bought.returns, index.returns),
        beta=slope(bought.returns, index.returns),
        hedge=found,
    )


def _a_year(side: Side, years: float) -> float:
    return float((side.growth[-1] / side.growth[0]) ** (1 / years) - 1)
