# SPDX-License-Identifier: Apache-2.0
"""Pair by least squares: fade the residual of one log price on another, fitted on the last bars."""

import numpy as np

from engine.indicators import rolling_beta, rolling_corr, rolling_mean, rolling_std
from engine.strategy import ReasonCode, Strategy, lookback, param

Y, X = 0, 1


class Reason(ReasonCode):
    WIDE = 1, "the residual is far from zero"
    CLOSED = 2, "the residual crossed zero"


class PairsOls(Strategy):
    """Short what is dear against its own regression, long the other leg by its beta."""

    roles = ("y", "x")

    class Params:
        window: int = lookback(60, low=20, doc="bars of the regression")
        enter: float = param(2.0, low=0, unit="sigma", doc="residual that opens the pair")

    class State:
        side: int = 0

    Reason = Reason

    def features(self, market, p):
        y, x, n = np.log(market.y.close), np.log(market.x.close), p.window
        beta, fit = rolling_beta(y, x, n), rolling_corr(y, x, n)
        residual = (y - rolling_mean(y, n)) - beta * (x - rolling_mean(x, n))
        return {"beta": beta, "z": residual / (rolling_std(y, n) * np.sqrt(1.0 - fit * fit))}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.side == 0 and abs(f.z) > p.enter:
            s.side = -1 if f.z > 0.0 else 1
            orders.target(Y, s.side / (1.0 + abs(f.beta)), Reason.WIDE)
            orders.target(X, -s.side * f.beta / (1.0 + abs(f.beta)), Reason.WIDE)
        elif s.side * f.z > 0.0:
            s.side = 0
            orders.close(Y, Reason.CLOSED)
            orders.close(X, Reason.CLOSED)
