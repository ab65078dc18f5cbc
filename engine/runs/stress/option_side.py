# SPDX-License-Identifier: Apache-2.0
"""The option side of one stress test: what the run held in option slots, and the volatility that it is valued with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.inputs.option_inputs import build_option_inputs
from engine.inputs.terms import benchmark_rates
from engine.market.panel import Market
from engine.records import option_input_dtype
from engine.runs.backtest import load_bars, prepare
from engine.runs.stress.book import Book
from engine.runs.stress.hold import OptionInputs
from engine.runs.stress.option_desk import OptionDesk
from engine.runs.stress.option_legs import HeldOptions
from engine.runs.stress.volatility import VolatilityRule, last_known, volatility_rule


@dataclass(frozen=True)
class OptionSide:
    """Of a run of T bars whose strategy has option slots: slot -> role; (T,) option inputs; what it held."""

    slots: Mapping[str, str]
    option_inputs: NDArray[Any]
    held: HeldOptions
    result: RunRecord

    @classmethod
    def of(cls, ready: LoadedConfig, result: RunRecord, positions: FloatArray) -> OptionSide | None:
        """None for a strategy without option slots.

        positions, shares and contracts, are those of `engine.analytics.ledger_paths`.
        """
        slots = result.options
        if not slots:
            return None
        option_inputs = last_known(_option_inputs(ready, slots))
        return cls(slots, option_inputs, HeldOptions.of(result, positions), result)

    def rule(self, row: int) -> VolatilityRule:
        """How volatility answers to a shock behind the close of `row`."""
        return volatility_rule(self.result.market.head(row + 1), self.option_inputs["volatility"][: row + 1])

    def through(self, first: int, last: int) -> OptionInputs:
        """Rows first..last as they were."""
        return OptionInputs(self.slots, self.option_inputs[first : last + 1])

    def shocked(self, row: int, path: Market) -> OptionInputs:
        """Daily bars of a hypothetical path behind the close of `row`, whose first bar is that close."""
        option_inputs = np.zeros(len(path), option_input_dtype(len(path.roles)))
        closes = np.column_stack([path.bars[role]["close"] for role in path.roles])
        option_inputs["volatility"] = self.rule(row).at(closes)
        return OptionInputs(self.slots, option_inputs)

    def gained(self, book: Book, before: int, closes: FloatArray) -> FloatArray:
        """(W,) what the book's contracts had gained at 1x by each of W closes behind `before`, a part of equity.

        closes are (W, N), the first at `before`, later splits taken out; each is a sudden move: no time passes.
        """
        market, config = self.result.market, self.result.config
        rate = float(benchmark_rates(market.slice(before, before + 1), config.costs)[-1])
        prices = np.array([market.bars[role]["close"][before] for role in market.roles])
        desk = OptionDesk(book, prices, 1.0, config, rate)
        implied = self.option_inputs["volatility"][before : before + len(closes)]
        worth = [desk.worth(prices * close / closes[0], now)[0] for close, now in zip(closes, implied, strict=True)]
        return np.asarray(np.array(worth) - worth[0]) / book.equity


def _option_inputs(ready: LoadedConfig, slots: Mapping[str, str]) -> NDArray[Any]:
    """(T,) of the run's period; the period alone does not have the look-back of a realised volatility."""
    if ready.config.sleeves:
        return prepare(ready).option_inputs
    market, start, stop = load_bars(ready)
    return build_option_inputs(market, ready.config, slots)[start:stop]
