# SPDX-License-Identifier: Apache-2.0
"""The look-ahead test of a run: how thorough, and on which of its bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.lookahead.cuts import begun, blind_kinds, columns_of, near_kinds, seen_kinds, spread_kinds, take
from engine.strategy.lookahead.finding import Finding
from engine.strategy.lookahead.probe import Features, PrefixTest, unlike
from engine.strategy.outside import heard, kept_tables
from engine.strategy.params import ParamValues
from engine.strategy.roles import bound_as, by_column
from engine.strategy.source.loading import anew


@dataclass(frozen=True, slots=True)
class Effort:
    """How many pasts are tried, and how many times the bars of the market they may hold together.

    blind     before the features of all bars are known
    seen      where a feature of few values changes, at extremes, period ends and events; `each` of a kind
    orders    at bars that sent orders
    bars      how many bars are no effort, however short the market is
    replaced  how often all bars are given with another future, where features fail on a past
    near      only where pasts are short: soon after the features have begun
    """

    blind: int
    seen: int
    each: int
    orders: int
    times: float
    bars: int
    replaced: int
    near: bool = False

    def most(self, market: Market) -> int:
        """Bars that the pasts of one group may hold together."""
        return max(int(self.times * len(market)), self.bars)


THOROUGH = Effort(blind=48, seen=240, each=12, orders=240, times=40.0, bars=20_000, replaced=3)
GLANCE = Effort(blind=2, seen=14, each=6, orders=3, times=0.25, bars=3_000, replaced=1, near=True)
"""Beside a backtest: at most about as long as computing the features takes, and far less on long markets."""


MEMORY = 500
"""Bars of the past on which a strategy is held against itself loaded anew: no past that is learnt first is as long."""


class LookAheadTest:
    """Made before the features of all bars are computed, and ended with them and with the orders of the run.

    market  all bars there are, also before and after the period of the run
    """

    def __init__(
        self, strategy: type[Strategy], params: Mapping[str, int | float], market: Market, effort: Effort, seed: int
    ) -> None:
        self._market, self._effort, self._seed = market, effort, seed
        self._opened: set[str] = set()
        self._kept = kept_tables(strategy)
        self._strategy, self._params = strategy, ParamValues(**params)
        self._test = PrefixTest(self._features_of(strategy), market, replaced=effort.replaced)
        if effort.near:
            self._blind: dict[str, list[int]] = {}
            learnt: Iterable[int] = (len(market) // 3, 300)
            self._test.learn(cut for cut in learnt if 0 < cut < min(len(market), 1_000))
            return
        self._blind = spread_kinds({**blind_kinds(market), "drawn": self._drawn(64)}, seed)
        # What is learnt is held in memory until it is compared.
        bars = max(2 * len(market), effort.bars)
        self._test.learn(take(self._blind, len(market), count=effort.blind, bars=bars, each=effort.blind))

    def end(self, whole: NDArray[Any], sent: NDArray[np.int64]) -> Finding:
        """What was found.

        whole  (T,) records of the features of all bars;  sent  rows of the market that sent an order, maybe repeated
        """
        rows, effort = len(self._market), self._effort
        features, bars = columns_of(whole), effort.most(self._market)
        self._test.reveal(features)
        orders, kinds = self._near(features, sent) if effort.near else self._everywhere(features, sent)
        self._test.hold(take({"order": orders}, rows, count=effort.orders, bars=bars, each=effort.orders))
        self._test.hold(take(kinds, rows, count=effort.seen, bars=bars, each=effort.each))
        outside = (*sorted(self._opened), *self._kept)
        return replace(self._test.finding, outside=outside, remembered=self._remembered())

    def _features_of(self, strategy: type[Strategy]) -> Features:
        def features(known: Market) -> Mapping[str, Any]:
            with np.errstate(all="ignore"), heard(self._opened):
                found = strategy().features(known, self._params)
            return by_column(strategy.roles, found) if isinstance(found, Mapping) else found

        return features

    def _remembered(self) -> tuple[str, ...] | None:
        """Features of a past that are others in a strategy that has seen no other past than it."""
        again = anew(self._strategy)
        if again is None or not issubclass(again, Strategy):
            return None
        fresh = bound_as(again, self._strategy)
        past = self._market.head(min(len(self._market), MEMORY))
        return unlike(self._features_of(fresh), self._features_of(self._strategy), past)

    def _everywhere(
        self, features: Mapping[str, FloatArray], sent: NDArray[np.int64]
    ) -> tuple[list[int], dict[str, list[int]]]:
        orders = np.random.default_rng(self._seed).permutation(np.unique(sent)) + 1
        return orders.tolist(), {**self._blind, **spread_kinds(seen_kinds(features), self._seed)}

    def _near(
        self, features: Mapping[str, FloatArray], sent: NDArray[np.int64]
    ) -> tuple[list[int], dict[str, list[int]]]:
        first = begun(features)
        kinds = near_kinds(self._market, features, first)
        drawn = np.random.default_rng(self._seed).integers(first + 1, 2 * first + 61, self._effort.each)
        return (np.unique(sent) + 1).tolist(), {**kinds, "drawn": drawn.tolist()}

    def _drawn(self, count: int) -> list[int]:
        """Cuts drawn by the seed, and the one that leaves out the last bar alone."""
        rows = len(self._market)
        if rows < 2:
            return []
        return [rows - 1, *np.random.default_rng(self._seed).integers(1, rows, count).tolist()]
