# SPDX-License-Identifier: Apache-2.0
"""Everything one run needs, checked and computed, before an engine and a mode are chosen.

A run is an account of sleeves, one strategy each. A single run has one sleeve, and that has no name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, copies_of
from engine.inputs.dates import with_dates
from engine.inputs.features import check_once, feature_table
from engine.inputs.first_book import empty_book
from engine.inputs.fund_beta import fund_notices
from engine.inputs.liquidity import build_cost_inputs
from engine.inputs.parts import part_of, parts_of
from engine.inputs.rates import check_rates
from engine.inputs.rules import bar_minutes, build_rules
from engine.inputs.spans import check_spans, declared_ends
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.machine.allocator import keep_freed_memory
from engine.kernel.views import Part, side_by_side
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.model.sleeves import alone, weights
from engine.notice import Notice, note
from engine.records import option_input_dtype
from engine.strategy.base import Strategy
from engine.strategy.border import Read
from engine.strategy.foreign import foreign_class
from engine.strategy.params import declared_state, params_dtype, resolve_params, state_dtype

DEBUGS = note(
    "on_bar prints or stops (print, breakpoint), which mode: interpreted allows; compiled runs and sweeps refuse it"
)

Strategies = type[Strategy] | Mapping[str, type[Strategy]]
"""Sleeve -> its class, in the order of the configuration; a class by itself is the sleeve without a name."""


@dataclass(frozen=True)
class PreparedSleeve:
    """One strategy of an account under its own names: its (T,) bars with their features, its parameters.

    part  where it stands in the account
    past  the market from its first bar to the last of the run: what `known_levels` is asked about; None where it is
          not kept
    all_features  features of all bars of the market, also of those before and after the run
    """

    part: Part
    strategy: type[Strategy]
    market: Market
    features: NDArray[Any]
    params: dict[str, int | float]
    all_features: NDArray[Any]
    past: Market | None = None

    @property
    def record_types(self) -> tuple[np.dtype[Any], np.dtype[Any]]:
        """The records of parameters and of the state."""
        return params_dtype(self.strategy.Params), state_dtype(self.strategy.State)

    def first_state(self) -> NDArray[Any]:
        """(1,) state record as the strategy declares it."""
        state = np.zeros(1, state_dtype(self.strategy.State))
        for name, (_, value) in declared_state(self.strategy.State).items():
            state[name] = value
        return state

    def params_row(self) -> NDArray[Any]:
        """(1,) parameter record."""
        row = np.zeros(1, params_dtype(self.strategy.Params))
        for name, value in self.params.items():
            row[name] = value
        return row


@dataclass(frozen=True)
class Stretch:
    """Bars start..stop-1 of a run, under the same parameters.

    params  (1,) record, each in its own unit
    closes  instead of the strategy being asked, all that is held is sold; after it the strategy remembers nothing
    """

    start: int
    stop: int
    params: NDArray[Any]
    closes: bool = False


@dataclass(frozen=True)
class Prepared:
    """An account before the mode is chosen: (T,) bars of all sleeves, and the rules and the terms that they share.

    market         role `hedge.small` is the sleeve hedge's small; of a sleeve without a name it is `small`
    option_inputs  (T,) where a sleeve has option slots, else one empty row
    cost_inputs    (T,) what is known of liquidity before each bar, and shares as traded
    pays           (N,) what a share of a role pays at its end; NaN where nothing is declared, or it ends elsewhere
    changes        the run from its first bar to its last where its parameters change on the way; else empty

    Option slots, parameters, features and fields of the state are named as the roles are.
    """

    config: RunConfig
    market: Market
    sleeves: tuple[PreparedSleeve, ...]
    rules: NDArray[Any]
    terms: NDArray[Any]
    benchmark: FloatArray
    option_inputs: NDArray[Any]
    cost_inputs: NDArray[Any]
    pays: FloatArray
    changes: tuple[Stretch, ...] = ()

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The run from its first bar to its last, by parameters."""
        return self.changes or (Stretch(0, len(self.market), self.params_row()),)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Where each sleeve stands in the account."""
        return tuple(sleeve.part for sleeve in self.sleeves)

    @property
    def lone(self) -> PreparedSleeve | None:
        """The one sleeve without a name, which sees the account itself; None in a portfolio."""
        return None if self.sleeves[0].part.name else self.sleeves[0]

    @cached_property
    def slots(self) -> dict[str, str]:
        """Option slot -> role of its underlying, by position."""
        return {
            sleeve.part.named(slot): sleeve.part.named(role)
            for sleeve in self.sleeves
            for slot, role in sleeve.strategy.options.items()
        }

    @cached_property
    def params(self) -> dict[str, int | float]:
        """Parameters by name, each in its own unit."""
        return {sleeve.part.named(name): value for sleeve in self.sleeves for name, value in sleeve.params.items()}

    @property
    def state_names(self) -> tuple[str, ...]:
        """Fields of the state that the strategies declare."""
        return tuple(
            sleeve.part.named(name) for sleeve in self.sleeves for name in declared_state(sleeve.strategy.State)
        )

    @cached_property
    def features(self) -> NDArray[Any]:
        """(T,) records, one f8 a feature."""
        return self._whole(lambda sleeve: sleeve.features)

    def first_state(self) -> NDArray[Any]:
        """(1,) state record as the strategies declare it."""
        return self._whole(PreparedSleeve.first_state)

    def params_row(self) -> NDArray[Any]:
        """(1,) parameter record."""
        return self._whole(PreparedSleeve.params_row)

    def _whole(self, table: Callable[[PreparedSleeve], NDArray[Any]]) -> NDArray[Any]:
        """The account's table of the sleeves' tables; that of a lone strategy as it is."""
        return table(self.lone) if self.lone else side_by_side(self.parts, map(table, self.sleeves))

    @property
    def record_types(self) -> tuple[np.dtype[Any], np.dtype[Any]]:
        """The records of parameters and of the state."""
        if self.lone:
            return self.lone.record_types
        return self.params_row().dtype, self.first_state().dtype

    def first_book(self, runs: int = 1) -> NDArray[Any]:
        """(runs,) books before the first bar."""
        roles, spans = self.market.roles, bool(self.market.partial_roles)
        underlyings = tuple(roles.index(role) for role in self.slots.values())
        symbols, orders = tuple(self.market.symbols.values()), self.config.account.orders
        book = copies_of(empty_book(symbols, self.parts, orders, underlyings=underlyings, spans=spans), runs)
        book["rules"] = self.rules
        book["multiplier"] = self.config.options.multiplier
        book["sleeve"]["weight"] = list(weights(self.config).values())
        if spans:
            book["pays"] = self.pays
        return book


def prepare(
    config: RunConfig,
    strategies: Strategies,
    market: Market,
    start: int = 0,
    stop: int | None = None,
    *,
    recording: bool = True,
) -> Prepared:
    """Check the strategies, compute their features over the whole market, cut rows start..stop-1.

    Raises StrategyError for what the compile border refuses, ConfigError and DataError for costs and option slots.
    """
    keep_freed_memory()  # before the features, or their tables come anew with the second run
    runs = {"": strategies} if isinstance(strategies, type) else strategies
    parts = parts_of(runs)
    stop = len(market) if stop is None else stop
    sleeves, priced = [], []
    said: list[Notice] = []
    debugging = recording and config.mode == "interpreted"
    found = [
        _features(runs[part.name], alone(config, part.name), part_of(market, part), interpreted=debugging)
        for part in parts
    ]
    market = with_dates(market, [name for one in found for name in one[2].dates], start, stop)
    if any(one[2].debugs for one in found):
        market = replace(market, notices=(*market.notices, DEBUGS))
    for part, (features, params, _) in zip(parts, found, strict=True):
        own, seen, strategy = alone(config, part.name), part_of(market, part), runs[part.name]
        of_run, past = seen.slice(start, stop), seen.head(stop)
        sleeves.append(PreparedSleeve(part, strategy, of_run, features[start:stop], params, features, past))
        said += fund_notices(strategy, of_run, params)
        if part.options:
            from engine.inputs.option_inputs import build_option_inputs

            priced.append(build_option_inputs(seen, own, strategy.options)[start:stop])
    window, options = market.slice(start, stop), any(part.options for part in parts)
    window = replace(window, notices=(*window.notices, *said)) if said else window
    rates = [name for strategy in runs.values() for name in strategy.rates]
    check_rates(window, config, [config.costs.benchmark, *rates])
    check_spans(window, config, runs.values())
    minutes = bar_minutes(market) if options else 0.0
    rules = build_rules(config, recording=recording, options=options, bar_minutes=minutes)
    terms = build_terms(window, config.costs, config.account.margin, monthly=config.rebalance != "never")
    benchmark = benchmark_rates(window, config.costs)
    option_inputs = _option_inputs(parts, priced, window)
    cost_inputs = build_cost_inputs(market.head(stop), config)[start:]
    pays = declared_ends(market, config, start, stop)
    return Prepared(config, window, tuple(sleeves), rules, terms, benchmark, option_inputs, cost_inputs, pays)


def _features(
    strategy: type[Strategy], config: RunConfig, market: Market, *, interpreted: bool
) -> tuple[NDArray[Any], dict[str, int | float], Read]:
    """The features of a checked strategy over the whole market, its parameters, what is known of its on_bar.

    A strategy of another engine's kind keeps its features to itself, and its parameters are its own.
    """
    if foreign_class(strategy) is not None:
        numbers = {name: value for name, value in config.params.items() if isinstance(value, int | float)}
        return np.zeros(len(market), [("unused", "i8")]), numbers, Read((), debugs=False)
    check_once(cast("Any", strategy), interpreted=interpreted)
    params = resolve_params(strategy.Params, config.params)
    features = feature_table(strategy, market, params)
    series = (*market.series, *market.missing)
    names = features.dtype.names
    read = check_once(cast("Any", strategy), names, strategy.roles, series, interpreted=interpreted)
    return features, params, read


def _option_inputs(parts: Sequence[Part], own: Sequence[NDArray[Any]], market: Market) -> NDArray[Any]:
    """(T,) option inputs of every role, from `own`, those of the sleeves with option slots; else one empty row."""
    whole = np.zeros(len(market) if own else 1, option_input_dtype(len(market.roles)))
    if not own:
        return whole
    whole["volatility"] = np.nan
    for part, one in zip((part for part in parts if part.options), own, strict=True):
        whole["left"] = one["left"]
        whole["until"] = one["until"]
        whole["volatility"][:, part.first_role : part.first_role + len(part.roles)] = one["volatility"]
    return whole
