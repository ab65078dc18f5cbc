# SPDX-License-Identifier: Apache-2.0
"""From daily returns to bars: open, high, low and close that fit together, volume, dividends."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.market.sample.funds import OVERNIGHT, Fund, FundPath
from engine.market.sample.streams import reverting, stream

Columns = dict[str, FloatArray]

LOT = 100.0


def fund_columns(seed: int, fund: Fund, path: FundPath, log_vix: FloatArray) -> Columns:
    """Columns of one unleveraged fund, each (T,), prices in whole cents."""
    close = np.asarray(fund.price * np.cumprod(np.exp(path.total) - path.payout), dtype=np.float64)
    before = np.concatenate([[fund.price], close[:-1]])
    opening: FloatArray = before * (np.exp(path.overnight) - path.payout)
    day = np.log(close / opening)
    sigma = np.maximum(np.sqrt(1.0 - OVERNIGHT) * path.sigma, 0.5 * np.abs(day))
    sigma[0] = path.sigma[1]
    moved = np.abs(path.total) / np.maximum(path.sigma, 1e-9)
    up, down = extremes(stream(seed, f"range {fund.symbol}"), day, sigma)
    return {
        "open": cents(opening),
        "high": cents(opening * np.exp(up)),
        "low": cents(opening * np.exp(down)),
        "close": cents(close),
        "volume": volume(seed, fund.symbol, fund.dollars, close, log_vix, moved),
        "dividend": np.round(before * path.payout, 4),
        "split": np.ones(len(close)),
    }


def extremes(rng: np.random.Generator, day: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log returns from the open to high and low of a day that ends at `day`: high >= max(0, day), low <= min(0, day).

    The maximum of a Brownian bridge from 0 to x with variance s^2 is (x + sqrt(x^2 - 2 s^2 log u)) / 2 with u uniform
    (Beskos, Papaspiliopoulos and Roberts 2006); the minimum mirrors it. Their dependence is left out.
    """
    uniforms = np.log(1.0 - rng.random((2, len(day))))
    spread = np.sqrt(day * day - 2.0 * sigma * sigma * uniforms)
    return (day + spread[0]) / 2.0, (day - spread[1]) / 2.0


def volume(seed: int, symbol: str, dollars: float, close: FloatArray, log_vix: FloatArray, z: FloatArray) -> FloatArray:
    """Shares traded, in round lots: more when the VIX is high, on days of large moves, and when all funds trade more.

    Measured on SPY: log volume rises 0.97 times with log VIX and 0.19 a standard deviation of the day's move; the rest
    has a standard deviation of 0.26 and an autocorrelation of 0.4, and is 0.6 correlated across funds.
    """
    shared = stream(seed, "volume").standard_normal(len(close))
    own = stream(seed, f"volume {symbol}").standard_normal(len(close))
    slow = reverting(stream(seed, f"attention {symbol}"), 40.0, len(close))
    drift = 0.02 * (np.arange(len(close)) / 252.0 - 12.5)
    calm = log_vix - np.median(log_vix)
    level = drift + 0.85 * calm + 0.17 * (np.minimum(z, 8.0) - 0.8) + 0.20 * shared + 0.20 * own + 0.15 * slow
    return np.maximum(np.round(dollars * np.exp(level) / close / LOT), 1.0) * LOT


def cents(prices: FloatArray) -> FloatArray:
    """Prices in whole cents: rounding also hides the last bits in which mathematical libraries differ."""
    return np.round(prices, 2)
