# SPDX-License-Identifier: Apache-2.0
"""RWM, TWM and SRTY: inverse funds on IWM by the leveraged-fund model, priced as traded.

Over 25 years an inverse fund loses nearly everything, so real ones merge their shares again and again. Here too: prices
are as traded and `split` says when four shares became one. (Adjusted for later splits, SRTY would start at millions.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.market.leveraged import leveraged_path
from engine.market.sample.bars import Columns, cents, volume
from engine.market.sample.funds import ex_rows
from engine.market.sample.streams import sessions

EXPENSE = 0.0095
MERGE_BELOW, MERGE = 15.0, 0.25
DIVIDE_ABOVE, DIVIDE = 150.0, 2.0


@dataclass(frozen=True, slots=True)
class InverseFund:
    symbol: str
    factor: float
    price: float
    dollars: float


INVERSE_FUNDS: tuple[InverseFund, ...] = (
    InverseFund("RWM", -1.0, 60.0, 5e7),
    InverseFund("TWM", -2.0, 60.0, 4e7),
    InverseFund("SRTY", -3.0, 60.0, 9e7),
)


def inverse_columns(seed: int, fund: InverseFund, index: Columns, tbill: FloatArray, log_vix: FloatArray) -> Columns:
    """Columns of one inverse fund, each (T,), from IWM's columns; `tbill` is per cent a year."""
    night = np.concatenate([tbill[:1], tbill[:-1]]) / 100.0
    grown = _grown(fund.factor, index, night)
    pays = _payout(night)
    count = len(night)
    split, start = np.ones(count), np.empty(count)  # start: the close before, in today's shares
    merges, close = _month_starts(), fund.price
    for t, growth in enumerate((grown["close"] - pays).tolist()):
        if merges[t]:
            split[t] = MERGE if close < MERGE_BELOW else DIVIDE if close > DIVIDE_ABOVE else 1.0
        start[t] = close / split[t]
        close = start[t] * growth
    prices = {name: cents(start * (grown[name] - pays)) for name in ("open", "high", "low", "close")}
    moved = np.abs(grown["close"] - 1.0) / (0.015 * abs(fund.factor))
    traded = volume(seed, fund.symbol, fund.dollars, start * grown["close"], log_vix, moved)
    return {**prices, "volume": traded, "dividend": np.round(start * pays, 4), "split": split}


def _grown(factor: float, index: Columns, night: FloatArray) -> Columns:
    """The fund's net assets at each of IWM's four prices as a multiple of the close before; 1 on the first session."""
    before = np.concatenate([index["open"][:1], index["close"][:-1]])
    grown = {}
    for name in ("open", "high", "low", "close"):
        returns = (index[name] + index["dividend"]) / before - 1.0
        grown[name] = 1.0 + leveraged_path(returns, factor, night, EXPENSE)
    grown["high"], grown["low"] = grown["low"], grown["high"]
    return grown


def _payout(night: FloatArray) -> FloatArray:
    """(T,) quarterly distributions of the interest above the fund's expenses, as a fraction of the close before."""
    rows = ex_rows(2)
    pays = np.zeros(len(night))
    pays[rows] = np.maximum(night[rows] - EXPENSE, 0.0) / 4.0
    return pays


def _month_starts() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    months = sessions().astype("M8[D]").astype("M8[M]")
    return np.concatenate([[False], months[1:] != months[:-1]])
