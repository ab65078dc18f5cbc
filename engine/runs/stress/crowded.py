# SPDX-License-Identifier: Apache-2.0
"""A book and its crowd behind a sudden move, at one leverage or at many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.rows import rows_of
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Sensitivity, SpiralLadder
from engine.runs.stress.impact import Covering
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.option_desk import OptionDesk
from engine.runs.stress.shocks import Shock
from engine.runs.stress.spiral import Options, Shocked, Spiral, crowd_of_a_day, run_spiral
from engine.runs.stress.survival import lowest_leverage
from engine.runs.stress.volatility import VolatilityRule

COEFFICIENTS = (0.0, 0.5, 1.0, 2.0)
CROWDS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Of the sensitivity: the law's coefficient, and the crowd in times the one that was asked for."""


@dataclass(frozen=True)
class Crowded:
    """A book at a close, and what covering it meets. prices are (N,); crowd is in times the book.

    rate      benchmark of the close, a year
    answers   how the volatility of a book with contracts answers to prices
    after     (N,) volatility after the sudden move, where it is known; else it is what `answers` says
    """

    book: Book
    prices: FloatArray
    config: RunConfig
    terms: Any
    liquidity: Liquidity
    coefficient: float
    crowd: float
    rate: float = 0.0
    answers: VolatilityRule | None = None
    after: FloatArray | None = None

    @classmethod
    def at_close(
        cls,
        book: Book,
        market: Market,
        row: int,
        config: RunConfig,
        liquidity: Liquidity,
        coefficient: float,
        crowd: float | None,
        answers: VolatilityRule | None = None,
    ) -> Crowded:
        """At the close of `row`. The crowd is a multiple of the book; None is `crowd_of_a_day` at a gross of 1x."""
        prices = np.array([market.bars[role]["close"][row] for role in market.roles])
        terms = build_terms(market.slice(row, row + 1), config.costs, config.account.margin)
        if crowd is None:
            crowd = crowd_of_a_day(book.quantities(prices, 1.0), liquidity.volume)
        rate = float(benchmark_rates(market.slice(row, row + 1), config.costs)[-1])
        return cls(book, prices, config, rows_of(terms)[0], liquidity, coefficient, crowd, rate, answers)

    @property
    def days(self) -> float:
        """Days of volume in the largest leg of book and crowd, at a gross of 1x."""
        shares = np.abs(self.book.quantities(self.prices, 1.0))
        return float((1.0 + self.crowd) * np.max(shares / self.liquidity.volume))

    def spiral(self, leverage: float, moves: FloatArray) -> Spiral:
        """What follows a sudden move of the prices by `moves`, (N,) fractions."""
        quantities = self.book.quantities(self.prices, leverage)
        prices = self.prices * (1.0 + moves)
        options, gained = self._options(leverage, prices)
        equity = self.book.equity + float(quantities * self.prices @ moves) + gained
        start = Shocked(quantities, prices, equity, self.config.account.margin, self.terms, options)
        return run_spiral(start, Covering.of(quantities, self.crowd, self.liquidity, self.coefficient))

    def _options(self, leverage: float, prices: FloatArray) -> tuple[Options | None, float]:
        """What the contracts are worth at other prices from now on, and what the move to `prices` made of them."""
        rule = self.answers
        if rule is None or not self.book.legs:
            return None, 0.0
        desk = OptionDesk(self.book, self.prices, leverage, self.config, self.rate)
        before = desk.worth(self.prices, rule.start)[0]
        moved = rule if self.after is None else rule.seen(self.after, prices)

        def options(at: FloatArray) -> tuple[float, float]:
            return desk.worth(at, moved.at(at))

        return options, options(prices)[0] - before

    def ladder(self, leverages: Sequence[float], moves: FloatArray) -> SpiralLadder:
        """The spiral at each leverage, and where it begins and kills. moves (N,) are fractions of the price."""
        spirals = tuple(self.spiral(leverage, moves) for leverage in leverages)
        alone = replace(self, coefficient=0.0)
        return SpiralLadder(
            moves=tuple(moves.tolist()),
            leverages=tuple(leverages),
            spirals=spirals,
            losses=tuple(1.0 - one.equity / self.book.equity for one in spirals),
            called_at=lowest_leverage(lambda leverage: alone.spiral(leverage, moves).ending != "not called"),
            dies_at=self.dies_at(moves),
            dies_alone_at=alone.dies_at(moves),
        )

    def dies_at(self, moves: FloatArray) -> float | None:
        """Lowest leverage, a multiple of equity, at which moves (N,), fractions of the price, wipe the book out."""
        return lowest_leverage(lambda leverage: self.spiral(leverage, moves).ending == "wiped out")

    def sensitivity(self, shock: Shock, moves: FloatArray) -> Sensitivity:
        """The leverage, a multiple of equity, that dies under other coefficients and other crowds."""
        crowds = tuple(self.crowd * times for times in CROWDS) if self.crowd > 0 else (0.0,)
        rows = tuple(
            tuple(replace(self, coefficient=coefficient, crowd=crowd).dies_at(moves) for crowd in crowds)
            for coefficient in COEFFICIENTS
        )
        return Sensitivity(shock, COEFFICIENTS, crowds, rows)
