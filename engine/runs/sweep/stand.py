# SPDX-License-Identifier: Apache-2.0
"""One configuration of a sweep with its bars and the features made last: what sets of parameters run over."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from numpy.typing import NDArray

from engine.config.loader import LoadedConfig
from engine.indicators.sharing import Memory
from engine.inputs.features import watched_features
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import FixedMarket, Market


@dataclass(frozen=True)
class Stand:
    """One configuration with its bars, ready for any parameters.

    market     all bars, also those before the run: features look back
    prepared   the run of its own parameters, which records nothing
    parsed     the values of each parameter among the axes, as on_bar sees them, once they are known
    last       the feature table made last, the parameters that features() looked at for it, and what it saw there
    """

    ready: LoadedConfig
    market: Market
    start: int
    stop: int
    prepared: Prepared
    parsed: dict[str, NDArray[Any]] = field(default_factory=dict)
    last: list[tuple[NDArray[Any], tuple[str, ...], list[str]]] = field(default_factory=list)

    @cached_property
    def seen(self) -> FixedMarket:
        """All bars, as features() is given them by many sets."""
        return FixedMarket.of(self.market)

    def features(self, params: dict[str, int | float], memory: Memory) -> tuple[NDArray[Any], tuple[str, ...]]:
        """`watched_features` of these parameters, numbers in their own units; the last table made is kept.

        A sweep that goes through its sets chunk by chunk comes back to it with each.
        """
        for kept, read, answers in self.last:
            if [repr(params[name]) for name in read] == answers:
                return kept, read
        table, read = watched_features(cast("Any", self.ready.strategy), self.seen, params, memory)
        self.last[:] = [(table, read, [repr(params[name]) for name in read])]
        return table, read


def stand_of(ready: LoadedConfig, market: Market, start: int, stop: int) -> Stand:
    """A stand over the rows start..stop-1 of a market."""
    prepared = prepare(ready.config, ready.strategies, market, start, stop, recording=False)
    return Stand(ready, market, start, stop, prepared)
