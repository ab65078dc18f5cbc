# SPDX-License-Identifier: Apache-2.0
"""What a run held, trade by trade, as shares of its equity, and the same trades at other times.

A trade is the legs that were open together: `engine.analytics.round_trips.spread_trades`. It is moved as a whole, so
that its legs, their sides, sizes and holding times, and what was added and cut on the way, stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.ledger_paths import of_kind
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.flows import FILL_KINDS


@dataclass(frozen=True)
class Episode:
    """One trade: it is open at the closes of rows first..first + length - 1.

    weights  (length, N) value of each role as a share of equity, signed, at the closes of rows in which it traded; NaN
             where nothing traded and what is held stays
    """

    first: int
    weights: FloatArray

    @property
    def length(self) -> int:
        return len(self.weights)


def episodes_of(result: RunRecord, analysis: Analysis) -> tuple[Episode, ...]:
    """The trades that were open at a close, in their order; one that opened and closed within a bar is none."""
    rows, roles = len(result.points), len(result.market.roles)
    held = analysis.paths.positions[:, :roles]
    close = np.column_stack([result.market.bars[role]["close"] for role in result.market.roles])
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = held * close / result.points["equity"][:, None]
    traded = np.zeros((rows, roles), bool)
    fills = result.ledger[of_kind(result.ledger, *FILL_KINDS)]
    traded[fills["t"], fills["role"]] = True
    known = np.where(traded & np.isfinite(weights), weights, np.nan)
    found = []
    for trade in analysis.spreads:
        stop = rows if trade["close_row"] < 0 else int(trade["close_row"])
        if stop > trade["open_row"]:
            found.append(Episode(int(trade["open_row"]), known[trade["open_row"] : stop]))
    return tuple(found)


def planned(episodes: Sequence[Episode], firsts: Sequence[int], rows: int) -> FloatArray:
    """(rows, N) shares of equity to trade to in each row, NaN to let be: these trades, each from its own first row.

    They are in the order of their rows and do not overlap; what a trade held is sold in the row after its last.
    """
    plan = np.full((rows, episodes[0].weights.shape[1]), np.nan)
    for one, first in zip(episodes, firsts, strict=True):
        last = first + one.length
        plan[first:last] = np.where(np.isfinite(one.weights), one.weights, plan[first:last])
        if last < rows:
            plan[last] = np.where(np.isfinite(one.weights).any(axis=0), 0.0, plan[last])
    return plan


def scattered(lengths: Sequence[int], rows: int, drawn: np.random.Generator) -> tuple[NDArray[np.int64], list[int]]:
    """(order, first rows) of trades of these lengths among `rows` rows: every order and every gap is as likely.

    A row at least lies between two trades, where there is room for that in all; else they may touch. The rows between
    are dealt out by choosing K of the free rows and K bars between them ("stars and bars": Feller, An Introduction to
    Probability Theory and Its Applications, vol. 1, II.5). Raises ValueError where the trades are longer than the rows.
    """
    count = len(lengths)
    order = drawn.permutation(count)
    free = rows - sum(lengths)
    if free < 0:
        raise ValueError(f"{sum(lengths)} rows of trades among {rows}")
    apart = 1 if free >= count - 1 else 0
    left = free - apart * (count - 1)
    bars = np.sort(drawn.choice(left + count, count, replace=False)) - np.arange(count)
    firsts, before = [], 0
    for place, trade in enumerate(order.tolist()):
        firsts.append(int(bars[place]) + before + apart * place)
        before += lengths[trade]
    return order, firsts
