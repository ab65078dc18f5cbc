# SPDX-License-Identifier: Apache-2.0
"""A frozen book that nobody calls: how far it falls inside a window, and the leverage at which it dies of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.sessions import session_rows
from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.runs.stress.book import Book
from engine.runs.stress.hold import Held
from engine.runs.stress.survival import MOST_LEVERAGE

NEAR = 0.98
"""Part of the leverage that the moves at 1x would kill, at which the path is walked again: interest is not linear."""


@dataclass(frozen=True)
class Fall:
    """From the highest close so far to the lowest behind it: a fraction of the higher one, 1 or more with nothing left.

    The first peak is the opening close. No fall: 0, with both dates those of the opening.
    """

    size: float
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Moment:
    """What a book loses from the close before a session, at a gross of 1x; lost is a fraction of equity, > 0.

    session  the day of the loss; of a starting day the close at which the book is set up
    end      the close at which the loss is largest
    """

    session: dt.date
    end: dt.date
    lost: float

    @property
    def dies_at(self) -> float | None:
        """Gross, times equity, at which the loss is all of it; None beyond MOST_LEVERAGE."""
        return 1.0 / self.lost if self.lost * MOST_LEVERAGE >= 1.0 else None


@dataclass(frozen=True)
class Uncalled:
    """A frozen book through a window, with fees, interest and dividends, and no margin calls.

    falls    within the window, by leverage of the ladder
    dies_at  lowest leverage at which its equity is gone at some close, measured from the opening; None beyond 100
    day      its worst day, its weights as at the opening; of prices and dividends alone; None where no day lost
    start    the worst close to set it up at, with these weights, until the window's end; None with options
    """

    falls: tuple[Fall, ...]
    dies_at: float | None
    day: Moment | None
    start: Moment | None


def uncalled(
    book: Book, stretch: Market, leverages: tuple[float, ...], at: Callable[[float], Held], *, dividends: bool
) -> Uncalled:
    """Walk the book through a stretch whose first bar is the opening close.

    leverages are times equity
    at  leverage -> what becomes of the book where nobody calls;  dividends: whether they are paid
    """
    sessions = stretch.sessions
    rows = session_rows(stretch.bars["session"])
    falls = tuple(fall(at(leverage).equity, sessions) for leverage in leverages)
    if book.legs:
        gains = np.diff(at(1.0).equity[rows])
        worst = sessions[rows[1 + int(np.argmin(gains))]]
        return Uncalled(falls, path_dies_at(at), _lost(float(gains.min()), worst, worst), None)
    held = np.flatnonzero(book.weights)
    closes, paid = _closes(stretch, held, rows, dividends=dividends)
    return Uncalled(falls, path_dies_at(at), *_moments(book.weights[held], closes, paid, sessions[rows]))


def fall(equity: FloatArray, sessions: NDArray[np.datetime64]) -> Fall:
    """The deepest fall of (T,) equity at each close; sessions are (T,) dates."""
    highest = np.maximum.accumulate(equity)
    depth = 1.0 - equity / highest
    low = int(np.argmax(depth))
    high = int(np.argmax(equity[: low + 1])) if depth[low] > 0 else low
    return Fall(float(depth[low]), sessions[high].item(), sessions[low].item())


def path_dies_at(at: Callable[[float], Held]) -> float | None:
    """The leverage at which the lowest equity of a book that nobody calls is 0; None beyond MOST_LEVERAGE.

    at: leverage -> what becomes of the book. Equity is linear in the leverage but for steps of interest and of shares.
    """
    lost = at(1.0).worst
    for _ in range(2):
        if lost * MOST_LEVERAGE < 1.0:
            return None
        near = NEAR / lost
        lost = at(near).worst / near
    return 1.0 / lost


def _moments(
    weights: FloatArray, closes: FloatArray, paid: FloatArray, days: NDArray[np.datetime64]
) -> tuple[Moment | None, Moment | None]:
    """The worst day and the worst start of weights, (N,); closes and dividends so far are (S, N) at each session."""
    behind = [
        ((closes[start + 1 :] + paid[start + 1 :] - paid[start]) / closes[start] - 1.0) @ weights
        for start in range(len(closes) - 1)
    ]
    if not behind:
        return None, None
    day = int(np.argmin([later[0] for later in behind]))
    start = int(np.argmin([later.min() for later in behind]))
    end = start + 1 + int(np.argmin(behind[start]))
    return (
        _lost(behind[day][0], days[day + 1], days[day + 1]),
        _lost(behind[start].min(), days[start], days[end]),
    )


def _lost(moved: float, session: np.datetime64, end: np.datetime64) -> Moment | None:
    return Moment(session.astype(dt.date), end.astype(dt.date), -float(moved)) if moved < 0 else None


def _closes(
    stretch: Market, held: NDArray[np.int64], rows: NDArray[np.int64], *, dividends: bool
) -> tuple[FloatArray, FloatArray]:
    """(S, N) closes and dividends paid since the first, of one share as it was at the opening, at the closes `rows`.

    held are the numbers of the N roles.
    """
    roles = [getattr(stretch, stretch.roles[number]) for number in held]
    closes = np.column_stack([role.close for role in roles])
    paid = np.cumsum(np.column_stack([role.dividend for role in roles]), axis=0) * dividends
    return closes[rows], paid[rows]
