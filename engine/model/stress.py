# SPDX-License-Identifier: Apache-2.0
"""What `tandem stress` puts a strategy through: windows of history, shocks, rates of portfolio margin."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.fields import Day, Kind, Name, Section, Symbol, Unit

Move = Annotated[float, Field(gt=-1, le=10)]
Rate = Annotated[float, Field(gt=0, le=1)]

MOST_SESSIONS = 250
"""Longest shock, sessions."""


class StressWindow(Section):
    """A stretch of history, first and last session inclusive."""

    name: Name
    """What programs call it."""
    title: str = ""
    """What tables call it; left out: the name."""
    first: Day
    """First session."""
    last: Day
    """Last session."""
    words: str = ""
    """What happened, a sentence."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"the window ends before it starts: {self.first} to {self.last}")
        return self


class StressShock(Section):
    """Moves of symbols in a straight line; what is not named stands still."""

    moves: Annotated[dict[Symbol, Annotated[Move, Unit("fraction of the price")]], Field(min_length=1)]
    """Symbol to move: {IWM: 0.15, SPY: -0.05}."""
    sessions: Annotated[int, Field(ge=1, le=MOST_SESSIONS), Unit("sessions")] = 1
    """How many sessions it takes."""


class ScanRates(Section):
    """What portfolio margin asks of one symbol."""

    long: Annotated[Rate, Unit("fraction of market value")]
    """Of a long position: the loss of a fall by so much."""
    short: Annotated[Rate, Unit("fraction of market value")]
    """Of a short position: the loss of a rise by so much."""


class Stress(Section):
    """What `tandem stress` reads beside the run itself; a backtest reads nothing of it."""

    history: Annotated[Name, Kind("the name of a list of windows, or none")] = "history"
    """The list of windows: NAME.yaml beside this file, else in configs/stress; none: those of `windows` alone."""
    windows: list[StressWindow] = Field(default=[])
    """Windows of your own, after those of the list."""
    shocks: list[StressShock] = Field(default=[])
    """Shocks of your own, after the grid."""
    portfolio_margin: dict[Symbol, ScanRates] = Field(default={})
    """Rates in place of those in configs/stress/portfolio_margin.yaml, by symbol, with `default` for the rest."""
