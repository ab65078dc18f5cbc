# SPDX-License-Identifier: Apache-2.0
"""What one stress test is about: a finished run, and the books that it held, put into accounts of any leverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.facts import over_equity
from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.errors import DataError, Problem
from engine.inputs.liquidity import build_cost_inputs
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.runs.stress.book import Book, book_at
from engine.runs.stress.crowded import Crowded
from engine.runs.stress.findings import Ends, Ladder
from engine.runs.stress.frozen import Uncalled, path_dies_at, uncalled
from engine.runs.stress.hold import ACCOUNT, NOBODY, CallRule, Held, OptionInputs, hold
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.option_side import OptionSide
from engine.runs.stress.survival import PRECISION, lowest_leverage
from engine.runs.stress.windows import scan_rates

LIGHT = 1.0
"""Gross over equity of the book whose path says where the first call may come."""


@dataclass(frozen=True)
class Asked:
    """What one stress test is about, worked out once."""

    ready: LoadedConfig
    result: RunRecord
    leverages: tuple[float, ...]
    coefficient: float
    crowd: float | None

    @property
    def config(self) -> RunConfig:
        return self.result.config

    @property
    def market(self) -> Market:
        return self.result.market

    @cached_property
    def analysis(self) -> Analysis:
        return analyse(self.result)

    @cached_property
    def options(self) -> OptionSide | None:
        return OptionSide.of(self.ready, self.result, self.analysis.paths.positions)

    def book(self, row: int) -> Book | None:
        held = self.options.held if self.options else None
        return book_at(self.result, self.analysis.paths.positions, row, held)

    def crowded(self, book: Book, row: int, market: Liquidity) -> Crowded:
        answers = self.options.rule(row) if self.options and book.legs else None
        return Crowded.at_close(book, self.market, row, self.config, market, self.coefficient, self.crowd, answers)

    @cached_property
    def cost_inputs(self) -> NDArray[Any]:
        """(T,) what an order is charged on in each bar of the run's market."""
        return build_cost_inputs(self.market, self.config)

    @cached_property
    def portfolio_margin(self) -> CallRule:
        """Calls by the rates of portfolio margin, a leg at a time."""
        rates = scan_rates(self.ready)
        asked = [rates[symbol] for symbol in self.market.symbols.values()]
        return CallRule("portfolio", np.array([[one.long, one.short] for one in asked]))

    def ladder(self, book: Book, stretch: Market, costs: NDArray[Any], options: OptionInputs | None) -> Ladder:
        """The frozen book over a stretch that begins with its opening bar; costs are the (T,) rows of its bars."""
        at = self._holds(book, stretch, costs, options, ACCOUNT)
        ends = _ends(at)
        return Ladder(tuple(at(leverage) for leverage in self.leverages), ends.called_at, ends.dies_at)

    def ends(self, book: Book, stretch: Market, costs: NDArray[Any], rule: CallRule) -> Ends:
        """The first call and the death of a book without options under a rule."""
        return _ends(self._holds(book, stretch, costs, None, rule))

    def uncalled(self, book: Book, stretch: Market, costs: NDArray[Any], options: OptionInputs | None) -> Uncalled:
        """The same book where nobody calls."""
        at = self._holds(book, stretch, costs, options, NOBODY)
        return uncalled(book, stretch, self.leverages, at, dividends=self.config.costs.dividends)

    def path_dies_at(
        self, book: Book, stretch: Market, costs: NDArray[Any], options: OptionInputs | None
    ) -> float | None:
        """The leverage, times equity, at which the same book is gone where nobody calls; None beyond 100."""
        return path_dies_at(self._holds(book, stretch, costs, options, NOBODY))

    def _holds(
        self, book: Book, stretch: Market, costs: NDArray[Any], options: OptionInputs | None, rule: CallRule
    ) -> Callable[[float], Held]:
        @cache
        def at(leverage: float) -> Held:
            return hold(book, stretch, self.config, leverage, options, costs, rule)

        return at


def _ends(at: Callable[[float], Held]) -> Ends:
    called_at = lowest_leverage(lambda leverage: at(leverage).calls > 0, near=_first_call(at(LIGHT)))
    if called_at is None:  # who dies is called, at the latest when nothing is left
        return Ends(None, None)
    dies_at = lowest_leverage(lambda leverage: at(leverage).fate == "dead", called_at - PRECISION)
    return Ends(called_at, dies_at)


def _first_call(light: Held) -> float | None:
    """Where maintenance would first be above equity, from a book that nobody called: both are linear in the leverage.

    But for steps of interest, of shares and of floors: it is a guess.
    """
    most = float(np.max((light.maintenance + 1.0 - light.equity)[1:], initial=0.0)) / light.leverage
    return 1.0 / most if most > 0.0 else None


def reverse(book: Book) -> Book:
    """The same book with every sign turned; of shares alone."""
    return replace(book, weights=np.asarray(-book.weights))


def own_leverage(ready: LoadedConfig, result: RunRecord) -> tuple[float, str]:
    """The leverage of the configuration, gross over equity (a ratio), rounded to hundredths, and where it is from."""
    cap = "" if ready.config.sleeves else ready.strategy.gross_cap
    if cap and result.params[cap]:
        return round(float(result.params[cap]), 2), f"params.{cap}"
    gross = over_equity(result, result.gross)
    most = float(np.nanmax(gross)) if np.isfinite(gross).any() else 0.0
    return (round(most, 2), "the run's largest gross") if most >= 0.01 else (1.0, "nothing was ever held")


def row_of(result: RunRecord, asof: dt.date | None) -> int:
    """The last row of the session `asof`, or of the last session before it."""
    sessions = result.market.sessions
    if asof is None:
        return len(sessions) - 1
    row = int(np.searchsorted(sessions, np.datetime64(asof), side="right")) - 1
    if row < 0:
        raise DataError(Problem("no bar that early", path="--asof", found=str(asof), allowed=f"{sessions[0]} or later"))
    return row


def closes_of(market: Market, first: int, last: int) -> FloatArray:
    """(W, N) closing prices of rows first..last, splits taken out."""
    return np.column_stack([getattr(market, role).close for role in market.roles])[first : last + 1]
