# SPDX-License-Identifier: Apache-2.0
"""What a stress test found. Fractions inside; the report words them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.notice import Notice
from engine.runs.stress.book import Book
from engine.runs.stress.hold import Held
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.passage import Passage
from engine.runs.stress.shocks import Exposure, Shock
from engine.runs.stress.spiral import Spiral
from engine.runs.stress.volatility import VolatilityRule
from engine.runs.stress.windows import Window


@dataclass(frozen=True)
class Ladder:
    """A frozen book at each leverage, and the lowest leverages at which it is called and at which it dies.

    None: not even at 100 times.
    """

    held: tuple[Held, ...]
    called_at: float | None
    dies_at: float | None


@dataclass(frozen=True)
class SpiralLadder:
    """A sudden move of the roles, (N,) fractions, and the spiral behind it at each leverage.

    losses         fraction of the equity before the move, at the end of each spiral
    dies_at        lowest leverage at which the book is wiped out; dies_alone_at: the same without any impact
    """

    moves: tuple[float, ...]
    leverages: tuple[float, ...]
    spirals: tuple[Spiral, ...] = field(repr=False)
    losses: tuple[float, ...]
    called_at: float | None
    dies_at: float | None
    dies_alone_at: float | None


@dataclass(frozen=True)
class WindowFinding:
    """One window. first and last are the sessions that the run has of it, None where it has none.

    whole   whether the run covers all of it, and has a close before it
    book    what entered it; None where nothing was ever held by then
    spiral  behind the book's worst moment in the window, as one sudden move; None where the book never lost
    """

    window: Window
    first: dt.date | None = None
    last: dt.date | None = None
    whole: bool = False
    passage: Passage | None = None
    book: Book | None = None
    ladder: Ladder | None = None
    spiral: SpiralLadder | None = None


@dataclass(frozen=True)
class ShockFinding:
    """One hypothetical shock; moves are those of the N roles. spiral for shocks of one session alone."""

    shock: Shock
    moves: tuple[float, ...]
    ladder: Ladder
    spiral: SpiralLadder | None


@dataclass(frozen=True)
class Sensitivity:
    """Leverage that dies in the reference shock: a row by coefficient, a column by crowd (times the book)."""

    shock: Shock
    coefficients: tuple[float, ...]
    crowds: tuple[float, ...]
    dies_at: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Stress:
    """The whole test.

    leverages    of every ladder, ascending; own is the one of the configuration
    crowd        size of the crowd in times the book;  crowd_days: with it, days of volume in the largest leg at 1x
    shocks       empty, like `sensitivity` is None, where nothing was ever held by `asof`
    volatility   how the implied volatilities of a strategy with option slots answer to the shocks; None without slots
    """

    result: RunRecord = field(repr=False)
    asof: dt.date
    leverages: tuple[float, ...]
    own: float
    own_words: str
    windows: tuple[WindowFinding, ...]
    book: Book | None
    exposure: Exposure | None
    liquidity: Liquidity
    weights: FloatArray | None
    coefficient: float
    crowd: float
    crowd_days: float
    shocks: tuple[ShockFinding, ...]
    sensitivity: Sensitivity | None
    notices: tuple[Notice, ...]
    volatility: VolatilityRule | None = None
