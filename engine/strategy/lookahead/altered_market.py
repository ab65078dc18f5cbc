# SPDX-License-Identifier: Apache-2.0
"""The same market with one thing changed: its last bits, or all that comes after a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.arrays import FloatArray
from engine.market.panel import Market

BIT = float(np.finfo(np.float64).eps)
"""Relative size of a float64's last bit."""

PRICES = ("open", "high", "low", "close", "dividend")


def copied(market: Market, rows: int) -> Market:
    """The first `rows` bars in memory of their own: no view of them leads to a later bar."""
    bars = market.bars[:rows].copy()
    bars.setflags(write=False)
    return replace(market, bars=bars)


def nudged(market: Market, seed: int) -> Market:
    """Every price, volume and value of a series up or down by one last bit or not at all, drawn by `seed`."""
    drawn = np.random.default_rng(seed)
    bars = market.bars.copy()
    columns = [bars[role][name] for role in market.roles for name in (*PRICES, "volume")]
    columns += [bars[name] for name in market.series]
    for column in columns:
        np.multiply(column, 1.0 + BIT * drawn.integers(-1, 2, len(bars)), out=column)
    bars.setflags(write=False)
    return replace(market, bars=bars)


def with_another_future(market: Market, row: int, way: float, seed: int = 0) -> Market:
    """The same stamps and bars before `row`; from there on other prices, volumes and series, drawn by `seed`.

    way  1.0: a half higher and more from `row` on; -1.0: lower by as much. Splits stay, and so does what the prices
         of one bar are to each other; dividends fall on other bars.
    """
    drawn = np.random.default_rng(seed)
    bars = market.bars.copy()
    later = len(bars) - row
    for role in market.roles:
        away = _elsewhere(drawn, later, way)
        for name in PRICES:
            bars[role][name][row:] *= away
        bars[role]["volume"][row:] *= _elsewhere(drawn, later, way)
        bars[role]["dividend"][row:] = np.roll(bars[role]["dividend"][row:], 5)
    for name in market.series:
        values = bars[name]
        spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
        values[row:] += way * (spread + 0.5 * np.abs(values[row:])) * (1.0 + drawn.random(later))
    bars.setflags(write=False)
    return replace(market, bars=bars)


def _elsewhere(drawn: np.random.Generator, rows: int, way: float) -> FloatArray:
    """(rows,) factors that wander between e^0.4 and e^0.8, or their inverse."""
    walk: FloatArray = np.exp(way * (0.6 + 0.2 * np.sin(np.cumsum(drawn.normal(0.0, 0.5, rows)))))
    return walk
