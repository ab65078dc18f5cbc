# SPDX-License-Identifier: Apache-2.0
"""What a stress test found. Fractions inside; the report words them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.model.stress import ScanRates, StressShock, StressWindow
from engine.notice import Notice
from engine.runs.stress.book import Book, Standing
from engine.runs.stress.frozen import Uncalled
from engine.runs.stress.hold import Held
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.passage import Passage
from engine.runs.stress.shocks import Exposure, Shock
from engine.runs.stress.spiral import Spiral
from engine.runs.stress.trading import Trading
from engine.runs.stress.volatility import VolatilityRule


@dataclass(frozen=True)
class Ladder:
    """A frozen book at each leverage, and the lowest leverages at which it is called and at which it dies.

    None: not even at 100 times.
    """

    held: tuple[Held, ...]
    called_at: float | None
    dies_at: float | None


@dataclass(frozen=True)
class Ends:
    """The lowest leverages at which a frozen book is called and at which it dies; None: not even at 100 times."""

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
class FrozenFinding:
    """What a book met in a window, unmanaged.

    ladder     with the calls of the account it ran in
    portfolio  with the calls of portfolio margin; None for a book with options
    uncalled   where nobody calls;  reverse: the same with every sign turned; None with options
    spiral     behind its worst moment, as one sudden move; None where it never lost
    """

    ladder: Ladder
    uncalled: Uncalled
    portfolio: Ends | None
    reverse: Uncalled | None
    reverse_ends: Ends | None
    spiral: SpiralLadder | None


@dataclass(frozen=True)
class WindowFinding:
    """One window. first and last are the sessions that the run has of it, None where it has none.

    whole    whether the run covers all of it, and has a close before it
    trading  the strategy at other leverages; None where the run has no two closes of it
    book     what entered it; None where nothing was ever held by then;  standing: since when, and until when
    frozen   None without a book, and where the run has no close before the window's last
    """

    window: StressWindow
    first: dt.date | None = None
    last: dt.date | None = None
    whole: bool = False
    passage: Passage | None = None
    trading: Trading | None = None
    book: Book | None = None
    standing: Standing | None = None
    frozen: FrozenFinding | None = None

    @property
    def ladder(self) -> Ladder | None:
        """The frozen book with the calls of its account."""
        return self.frozen.ladder if self.frozen else None

    @property
    def spiral(self) -> SpiralLadder | None:
        """Behind the frozen book's worst moment."""
        return self.frozen.spiral if self.frozen else None


@dataclass(frozen=True)
class ShockFinding:
    """One hypothetical shock of the grid; moves are those of the N roles. spiral for shocks of one session alone.

    path_dies_at  the leverage at which equity is gone where nobody calls; None beyond 100
    """

    shock: Shock
    moves: tuple[float, ...]
    ladder: Ladder
    path_dies_at: float | None
    spiral: SpiralLadder | None


@dataclass(frozen=True)
class OwnShock:
    """One shock of the configuration's own; the rest as in `ShockFinding`."""

    shock: StressShock
    moves: tuple[float, ...]
    ladder: Ladder
    path_dies_at: float | None
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
    shocks       empty, like `own_shocks`, and `sensitivity` None, where nothing was ever held by `asof`
    scan         symbol -> what portfolio margin asks of it
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
    own_shocks: tuple[OwnShock, ...]
    sensitivity: Sensitivity | None
    notices: tuple[Notice, ...]
    scan: Mapping[str, ScanRates]
    volatility: VolatilityRule | None = None
