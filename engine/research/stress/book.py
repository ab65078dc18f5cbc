# SPDX-License-Identifier: Apache-2.0
"""The book that is stressed: what a run held at a close, as weights that can be scaled to any leverage."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from engine.analytics.ledger_paths import role_closes
from engine.market.panel import FloatArray
from engine.result import Result


@dataclass(frozen=True)
class Book:
    """Positions of N roles as parts of their gross.

    weights   (N,) signed value / gross; the absolute ones add up to 1
    session   of the close at which the run held it
    asked     of the close it was asked for: later than `session` where the run was flat then
    leverage  gross / equity of the run at `session`
    equity    of the run at `asked`, money; what the stressed account starts with
    """

    weights: FloatArray
    session: dt.date
    asked: dt.date
    leverage: float
    equity: float

    @property
    def was_flat(self) -> bool:
        """Whether the run held nothing when it was asked, so that this is the last book it held before."""
        return self.session != self.asked

    def quantities(self, prices: FloatArray, leverage: float) -> FloatArray:
        """(N,) signed shares of the book at a gross of `leverage` times equity, not rounded."""
        return np.asarray(leverage * self.equity * self.weights / prices)


def book_at(result: Result, positions: FloatArray, row: int) -> Book | None:
    """What the run held at the close of `row`, or at the last close before on which it held anything.

    positions  (T, N) shares at each close (`engine.analytics.ledger_paths`)
    None where it never held anything by then, or where its equity is gone.
    """
    values = positions[: row + 1] * role_closes(result)[: row + 1]
    gross = np.abs(values).sum(axis=1)
    equity = result.points["equity"][: row + 1]
    held = np.flatnonzero((gross > 0) & (equity > 0))
    if len(held) == 0 or equity[row] <= 0:
        return None
    last, sessions = int(held[-1]), result.market.sessions
    return Book(
        weights=values[last] / gross[last],
        session=sessions[last].item(),
        asked=sessions[row].item(),
        leverage=float(gross[last] / equity[last]),
        equity=float(equity[row]),
    )
