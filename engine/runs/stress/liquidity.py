# SPDX-License-Identifier: Apache-2.0
"""How much of each role trades in a day, how far it moves in one, and what follows what: measured before the stress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError
from engine.inputs.liquidity import daily, session_closes
from engine.market.panel import Market
from engine.market.spacing import SESSIONS_A_YEAR

BETA_SESSIONS = 250
LEAST_SESSIONS = 20


@dataclass(frozen=True)
class Liquidity:
    """Of N roles, over the last sessions of a market.

    sigma   (N,) sample standard deviation of daily log returns, a fraction
    volume  (N,) mean shares a day, in today's shares; NaN where the data has no volume
    """

    sigma: FloatArray
    volume: FloatArray

    @property
    def known(self) -> bool:
        """Whether every role has a volume."""
        return bool(np.all(self.volume > 0))


def liquidity(market: Market) -> Liquidity:
    """What a backtest knows after the last session of `market`. DataError where that is too young.

    Of bars that are not daily the deviation and the volume are those of a bar, and a day is its part of them.
    """
    known = daily(market)
    sessions = len(known.sigma) - 1
    if sessions <= LEAST_SESSIONS:
        raise DataError(
            f"only {sessions} sessions by {market.sessions[-1]}: a stress needs {LEAST_SESSIONS + 1} for "
            "volatility and volume"
        )
    factors = np.array([market.bars[role]["factor"][-1] for role in market.roles])
    days = SESSIONS_A_YEAR / market.sessions_per_year
    return Liquidity(known.sigma[-1] / np.sqrt(days), known.volume[-1] * factors / days)


def daily_returns(market: Market) -> FloatArray:
    """(S - 1, N) log returns between session closes, splits taken out."""
    return np.asarray(np.diff(np.log(session_closes(market)), axis=0))


def betas(market: Market, large: int, small: int) -> FloatArray:
    """(N, 2) betas of each role to the large and to the small role: least squares over BETA_SESSIONS.

    The two roles themselves are (1, 0) and (0, 1), like all others of their symbols; of one symbol alone it is (0, 1).
    """
    symbols = np.array(list(market.symbols.values()))
    found = np.zeros((len(symbols), 2))
    found[symbols == symbols[large]] = 1.0, 0.0
    found[symbols == symbols[small]] = 0.0, 1.0
    others = np.flatnonzero((symbols != symbols[large]) & (symbols != symbols[small]))
    if len(others):
        returns = daily_returns(market)[-BETA_SESSIONS:]
        centred = returns - returns.mean(axis=0)
        found[others] = np.linalg.lstsq(centred[:, [large, small]], centred[:, others], rcond=None)[0].T
    return found
