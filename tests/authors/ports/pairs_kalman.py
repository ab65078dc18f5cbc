# SPDX-License-Identifier: Apache-2.0
"""Pair by a Kalman filter: intercept and slope walk at random, the forecast's error in its own sigma is traded."""

import numpy as np

from engine.strategy import ReasonCode, Strategy, param

Y, X = 0, 1


class Reason(ReasonCode):
    WIDE = 1, "the price is a sigma from the filter's forecast"
    BACK = 2, "the price is back at the forecast"


class PairsKalman(Strategy):
    """The hedge ratio follows the data at the speed that `drift` allows."""

    roles = ("y", "x")

    class Params:
        drift: float = param(1e-5, low=1e-8, high=0.1, doc="share of its variance that the state gains a bar")
        noise: float = param(1e-4, low=1e-8, unit="squared log price", doc="variance of the measurement")
        settle: int = param(120, low=1, unit="bars", doc="bars before the first trade")

    class State:
        side: int = 0

    Reason = Reason

    def features(self, market, p):
        y, x = np.log(market.y.close), np.log(market.x.close)
        slope, z = np.full(len(y), np.nan), np.full(len(y), np.nan)
        state, spread = np.zeros(2), np.eye(2)
        for t in range(len(y)):
            spread = spread + p.drift / (1.0 - p.drift) * np.eye(2)
            row = np.array([1.0, x[t]])
            error, variance = y[t] - row @ state, row @ spread @ row + p.noise
            gain = spread @ row / variance
            state, spread = state + gain * error, spread - np.outer(gain, row @ spread)
            if t >= p.settle:
                slope[t], z[t] = state[1], error / np.sqrt(variance)
        return {"slope": slope, "z": z}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.side == 0 and abs(f.z) > 1.0:
            s.side = -1 if f.z > 0.0 else 1
            orders.target(Y, s.side / (1.0 + abs(f.slope)), Reason.WIDE)
            orders.target(X, -s.side * f.slope / (1.0 + abs(f.slope)), Reason.WIDE)
        elif s.side * f.z > 0.0:
            s.side = 0
            orders.close(Y, Reason.BACK)
            orders.close(X, Reason.BACK)
