# SPDX-License-Identifier: Apache-2.0
"""The cheap look-ahead test beside every backtest: some short pasts, and a loud notice where one shows a leak."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.errors import StrategyError
from engine.inputs.parts import part_of, parts_of
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.model.sleeves import alone
from engine.notice import Notice, loud
from engine.runs.look_ahead import GLANCE, LookAheadTest
from engine.strategy.base import Strategy
from engine.strategy.foreign import foreign_class
from engine.strategy.params import resolve_params


class Glance:
    """Made before the features of all bars are computed; `notices` then tells what was found.

    A strategy without features, or written for another engine, has nothing to test.
    """

    def __init__(self, config: RunConfig, strategies: Mapping[str, type[Strategy]], market: Market) -> None:
        self._tests: dict[str, LookAheadTest] = {}
        self._failed: dict[str, str] = {}
        for part in parts_of(strategies):
            strategy = strategies[part.name]
            if foreign_class(strategy) is None and strategy.features is not Strategy.features:
                params = resolve_params(strategy.Params, alone(config, part.name).params)
                try:
                    self._tests[part.name] = LookAheadTest(strategy, params, part_of(market, part), GLANCE, config.seed)
                except StrategyError as error:
                    self._failed[part.name] = str(error)

    def notices(self, prepared: Prepared, result: RunRecord, start: int) -> tuple[Notice, ...]:
        """One loud notice for each strategy whose features look ahead, differ by themselves, or cannot be tested.

        start  row of the market with the first bar of the run
        """
        owners = result.sleeve_numbers(result.orders["role"])
        said = []
        for sleeve in prepared.sleeves:
            words = self._words(sleeve, start + result.orders["born"][owners == sleeve.part.number])
            if words:
                of = f" of {sleeve.part.name}" if sleeve.part.name else ""
                said.append(loud(f"Look-ahead{of}: {words}. See tandem verify."))
        return tuple(said)

    def _words(self, sleeve: PreparedSleeve, sent: NDArray[np.int64]) -> str:
        """What is wrong with the features of a sleeve that sent orders at these rows; empty where nothing is."""
        name = sleeve.part.name
        if name not in self._tests:
            return self._failed.get(name, "")
        try:
            found = self._tests[name].end(sleeve.all_features, sent)
        except StrategyError as error:
            return str(error)
        impossible = ". No live session gives these figures" if found.leak else ""
        return "" if found.passed else found.words + impossible
