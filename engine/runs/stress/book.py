# SPDX-License-Identifier: Apache-2.0
"""The book that is stressed: what a run held at a close, as weights that can be scaled to any leverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.engines.exposure import role_closes
from engine.engines.run_record import RunRecord
from engine.runs.stress.option_legs import HeldOptions, OptionLeg

LEAST_GROSS = 0.01
"""Of equity: a run that trades options and holds less is flat. Worthless options are no book to be scaled."""


@dataclass(frozen=True)
class Book:
    """Positions of N roles as parts of their gross.

    weights   (N,) signed value / gross; the absolute ones add up to 1, less what the options' shares have of it. What
              sleeves hold of one symbol is netted, and stands at the first of its roles
    session   of the close at which the run held it
    asked     of the close it was asked for: later than `session` where the run was flat then
    leverage  gross / equity of the run at `session`
    equity    of the run at `asked`, money; what the stressed account starts with
    legs      option contracts; gross counts the shares that they move like
    """

    weights: FloatArray
    session: dt.date
    asked: dt.date
    leverage: float
    equity: float
    legs: tuple[OptionLeg, ...] = ()

    @property
    def was_flat(self) -> bool:
        """Whether the run held nothing when it was asked, so that this is the last book it held before."""
        return self.session != self.asked

    @property
    def exposures(self) -> FloatArray:
        """(N,) weights with the shares that the options move like."""
        total = self.weights.copy()
        for leg in self.legs:
            total[leg.role] += leg.weight * leg.delta
        return total

    def quantities(self, prices: FloatArray, leverage: float) -> FloatArray:
        """(N,) signed shares of the book at a gross of `leverage` times equity, not rounded."""
        value = leverage * self.equity * self.weights
        return np.asarray(np.divide(value, prices, out=np.zeros(len(value)), where=value != 0.0))


@dataclass(frozen=True)
class Standing:
    """How long the strategy itself stood on the sides of a book.

    since  first close of the stretch on these sides
    left   first close at which it no longer stood there: another side, or flat; None by the end of what was looked at
    """

    since: dt.date
    left: dt.date | None


def standing(result: RunRecord, positions: FloatArray, book: Book, last: int) -> Standing:
    """Read off (T, N) positions in shares at each close, columns of option slots behind; `last` is looked at last."""
    sessions = result.market.sessions
    held = int(np.searchsorted(sessions, np.datetime64(book.session), side="right")) - 1
    same = (np.sign(positions) == np.sign(positions[held])).all(axis=1)
    before = np.flatnonzero(~same[: held + 1])
    after = np.flatnonzero(~same[held : last + 1])
    since = int(before[-1]) + 1 if len(before) else 0
    return Standing(sessions[since].item(), sessions[held + int(after[0])].item() if len(after) else None)


def book_at(result: RunRecord, positions: FloatArray, row: int, options: HeldOptions | None = None) -> Book | None:
    """What the run held at the close of `row`, or at the last close before on which it held anything.

    positions  (T, N) shares at each close, columns of option slots behind them (`engine.analytics.ledger_paths`)
    options    those of the run; None where its strategy has no slots
    None where it never held anything by then, or where its equity is gone.
    """
    shares = positions[: row + 1, : len(result.market.roles)]
    values = np.where(shares != 0.0, shares * role_closes(result)[: row + 1], 0.0)  # a role may have no price yet
    values = _netted(values, list(result.market.symbols.values()))
    gross = np.abs(values).sum(axis=1)
    equity = result.points["equity"][: row + 1]
    least = np.zeros(row + 1)
    if options is not None:
        gross = gross + options.gross[: row + 1]
        least = LEAST_GROSS * equity
    held = np.flatnonzero((gross > least) & (equity > 0))
    if len(held) == 0 or equity[row] <= 0:
        return None
    last, sessions = int(held[-1]), result.market.sessions
    return Book(
        weights=values[last] / gross[last],
        session=sessions[last].item(),
        asked=sessions[row].item(),
        leverage=float(gross[last] / equity[last]),
        equity=float(equity[row]),
        legs=() if options is None else options.legs(last, float(gross[last])),
    )


def _netted(values: FloatArray, symbols: Sequence[str]) -> FloatArray:
    """(T, N) values of roles, those of one symbol at its first role: what is held against itself is nothing."""
    firsts = [symbols.index(symbol) for symbol in symbols]
    if firsts == list(range(len(symbols))):
        return values
    found = np.zeros_like(values)
    for role, first in enumerate(firsts):
        found[:, first] += values[:, role]
    return found
