# SPDX-License-Identifier: Apache-2.0
"""The rules of the YAML files beside, and of `configs/rules_*_sample.yaml`, as an author writes them in Python."""

import math

import numpy as np

from engine.indicators import atr, by_name, find, realised_vol, rsi, sma, zscore
from engine.strategy import Strategy, lookback, param

STOCK = 0
LARGE, SMALL = 0, 1


def before_this(highest):
    """What an array was a bar ago."""
    return np.concatenate(([np.nan], highest[:-1]))


class Pair(Strategy):
    roles = ("large", "small")

    class Params:
        window: int = lookback(120)
        entry: float = param(2.0)
        patience: int = param(40)

    class State:
        side: int = 0
        age: int = 0

    def features(self, market, p):
        return {"z": zscore(np.log(market.large.close / market.small.close), p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.z != f.z:
            return
        s.age += 1
        wanted = s.side
        if s.side * f.z >= 0.0 or s.age >= p.patience:
            wanted = 0
        if f.z < -p.entry and s.side <= 0:
            wanted = 1
        if f.z > p.entry and s.side >= 0:
            wanted = -1
        if wanted != s.side:
            s.side = wanted
            s.age = 0
            orders.target(LARGE, 0.5 * s.side)
            orders.target(SMALL, -0.5 * s.side)


class Dip(Strategy):
    roles = ("stock",)

    class State:
        age: int = 0

    def features(self, market, p):
        close = market.stock.close
        return {"fast": rsi(close, 2), "above": close - sma(close, 200)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.age = s.age + 1 if account.stock.qty > 0.0 else 0
        if account.stock.qty == 0.0 and f.fast < 10.0 and f.above > 0.0:
            orders.target(STOCK, 0.95)
        elif account.stock.qty > 0.0 and (f.fast > 70.0 or s.age >= 10):
            orders.target(STOCK, 0.0)


class Breakout(Strategy):
    roles = ("stock",)

    def features(self, market, p):
        stock = market.stock
        highest, lowest = find("talib.max"), find("talib.min")
        average = atr(stock.high, stock.low, stock.close, 20)
        return {
            "close": stock.close,
            "top": before_this(highest(stock.high, 55)),
            "floor": before_this(lowest(stock.low, 55)),
            "way_out": before_this(lowest(stock.low, 20)),
            "way_up": before_this(highest(stock.high, 20)),
            "range": average,
            "weight": np.minimum(1.0, 0.01 * stock.close / (2.5 * average)),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        held = account.stock.qty
        if held <= 0.0 and f.close > f.top and f.weight > 0.0:
            enter(bar, f, orders, f.weight)
        elif held >= 0.0 and f.close < f.floor and f.weight > 0.0:
            enter(bar, f, orders, -f.weight)
        elif (held > 0.0 and f.close < f.way_out) or (held < 0.0 and f.close > f.way_up):
            orders.close(STOCK)


def enter(bar, f, orders, weight):
    orders.cancel_all(STOCK)
    entry = orders.target(STOCK, weight)
    stop = orders.stop_loss(entry, 2.5 * f.range / bar.stock.factor)
    orders.reduce_only(stop)


class Weekly(Strategy):
    roles = ("stock",)

    def features(self, market, p):
        return {"above": market.stock.close - sma(market.stock.close, 150)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.week_last != 1:
            return
        if f.above > 0.0 and account.stock.qty == 0.0:
            orders.target(STOCK, 1.0)
        if f.above < 0.0 and account.stock.qty > 0.0:
            orders.target(STOCK, 0.0)


class Volatility(Strategy):
    roles = ("stock",)

    def features(self, market, p):
        return {"volatility": realised_vol(market.stock.close, 20)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.volatility > 0.0:
            weight = min(1.5, 0.12 / f.volatility)
            now = account.stock.value / account.equity
            if account.stock.qty == 0.0 or math.fabs(weight - now) > 0.1:
                orders.target(STOCK, weight)


class TaRule(Strategy):
    roles = ("stock",)

    def features(self, market, p):
        return {
            "strength": by_name("ta.trend.adx", window=14).of(market.stock),
            "turn": by_name("ta.trend.macd_diff")(market.stock.close),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        held = account.stock.qty
        side = 0
        if f.strength > 20.0:
            side = (f.turn > 0.0) - (f.turn < 0.0)
        if (side > 0 and held <= 0.0) or (side < 0 and held >= 0.0):
            orders.cancel_all(STOCK)
            entry = orders.target(STOCK, 0.6 * side)
            orders.reduce_only(orders.take_profit_percent(entry, 0.08))
        elif held * f.turn < 0.0:
            orders.close(STOCK)


class Trailing(Strategy):
    """The stop is one from the fill that on_bar moves itself."""

    roles = ("stock",)

    class State:
        stop: int = 0
        far: float = 0.0
        best: float = 0.0

    def features(self, market, p):
        stock = market.stock
        highest, lowest = find("talib.max"), find("talib.min")
        return {
            "close": stock.close,
            "top": before_this(highest(stock.high, 20)),
            "floor": before_this(lowest(stock.low, 20)),
            "range": atr(stock.high, stock.low, stock.close, 14),
        }

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        held = account.stock.qty
        if held > 0.0:
            s.best = max(s.best, bar.stock.high, account.stock.avg_price)
            orders.move(s.stop, s.best - s.far)
        if held < 0.0:
            s.best = min(s.best, bar.stock.low, account.stock.avg_price)
            orders.move(s.stop, s.best + s.far)
        side = (f.close > f.top) - (f.close < f.floor)
        if f.range > 0.0 and ((side > 0 and held <= 0.0) or (side < 0 and held >= 0.0)):
            orders.cancel_all(STOCK)
            s.far = 2.0 * f.range / bar.stock.factor
            s.best = 0.0 if side > 0 else np.inf
            s.stop = orders.reduce_only(orders.stop_loss(orders.target(STOCK, 0.5 * side), s.far))
