# SPDX-License-Identifier: Apache-2.0
"""A ridge regression walked forward: fitted anew each quarter on two years, long while it forecasts a rise.

scikit-learn is no dependency of the tests, so `Ridge` is like its estimator, in numpy: scaled, penalised, with `fit`
and `predict`.
"""

import numpy as np

from engine.indicators import momentum, realised_vol, rsi
from engine.strategy import ReasonCode, Strategy, lookback, param


class Reason(ReasonCode):
    RISE = 1, "the model forecasts a rise"
    FALL = 2, "the model forecasts none"


class Ridge:
    def __init__(self, alpha):
        self.alpha = alpha

    def fit(self, x, y):
        self.centre, self.scale, self.mean = x.mean(axis=0), x.std(axis=0), y.mean()
        scaled = (x - self.centre) / self.scale
        self.weights = np.linalg.solve(scaled.T @ scaled + self.alpha * np.eye(x.shape[1]), scaled.T @ (y - self.mean))
        return self

    def predict(self, x):
        return (x - self.centre) / self.scale @ self.weights + self.mean


class RidgeWalked(Strategy):
    """What is learned from ends where its answers are known: `ahead` bars before the model is fitted."""

    roles = ("stock",)

    class Params:
        train: int = lookback(504, low=100, high=2000, doc="rows that a model learns from")
        every: int = param(63, low=1, unit="bars", doc="bars from one model to the next")
        ahead: int = param(5, low=1, high=60, unit="bars", doc="what is forecast: the return of so many bars")
        alpha: float = param(10.0, low=0, doc="penalty on the weights")

    Reason = Reason

    def features(self, market, p):
        close = market.stock.close
        x = np.column_stack([momentum(close, 5), momentum(close, 60), realised_vol(close, 20), rsi(close, 14)])
        y = np.log(close[p.ahead :] / close[: -p.ahead])  # row t is known at t + ahead
        forecast = np.full(len(close), np.nan)
        for t in range(p.train + 60 + p.ahead, len(close), p.every):
            known = slice(t - p.ahead - p.train, t - p.ahead)
            rows = slice(t, t + p.every)
            forecast[rows] = Ridge(p.alpha).fit(x[known], y[known]).predict(x[rows])
        return {"forecast": forecast}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.forecast > 0.0 and account.stock.qty == 0.0:
            orders.target(0, 0.95, Reason.RISE)
        elif f.forecast <= 0.0:
            orders.close(0, Reason.FALL)
