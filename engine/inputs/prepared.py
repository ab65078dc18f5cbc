# SPDX-License-Identifier: Apache-2.0
"""Everything one run needs, checked and computed, before an engine and a mode are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.inputs.option_inputs import bar_minutes, build_option_inputs
from engine.inputs.rules import build_rules
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.option_quote import OPTION_TERMS
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import book_dtype
from engine.strategy.base import Strategy
from engine.strategy.border import check_features, check_on_bar, check_strategy
from engine.strategy.compile_errors import explain_features_error
from engine.strategy.interpretation_checks import check_told_features
from engine.strategy.params import declared_params, declared_state, record_dtype, resolve_params


@dataclass(frozen=True)
class Prepared:
    """Everything one run needs, before the mode is chosen: (T,) bars with their features, parameters, rules, terms.

    option_inputs is (T,) for a strategy with option slots, else one empty row. past is the market from its first bar
    to the last of the run: what `known_levels` is asked about; None where it is not kept.
    """

    strategy: type[Strategy]
    config: RunConfig
    market: Market
    features: NDArray[Any]
    params: dict[str, int | float]
    rules: NDArray[Any]
    terms: NDArray[Any]
    benchmark: FloatArray
    option_inputs: NDArray[Any]
    past: Market | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """Option slots by position."""
        return tuple(self.strategy.options)

    @property
    def params_dtype(self) -> np.dtype[Any]:
        return record_dtype({name: spec.kind for name, spec in declared_params(self.strategy.Params).items()})

    @property
    def state_dtype(self) -> np.dtype[Any]:
        return record_dtype({name: kind for name, (kind, _) in declared_state(self.strategy.State).items()})

    def first_state(self, runs: int = 1) -> NDArray[Any]:
        """(runs,) state records as the strategy declares them."""
        state = np.zeros(runs, self.state_dtype)
        for name, (_, value) in declared_state(self.strategy.State).items():
            state[name] = value
        return state

    @property
    def state_names(self) -> tuple[str, ...]:
        """Fields of the state that the strategy declares."""
        return tuple(declared_state(self.strategy.State))

    @property
    def slots(self) -> dict[str, str]:
        """Option slot -> role of its underlying."""
        return dict(self.strategy.options)

    def first_book(self, runs: int = 1) -> NDArray[Any]:
        """(runs,) empty books."""
        return empty_books(runs, self.market, self.config, self.rules, self.slots)

    def params_row(self) -> NDArray[Any]:
        """(1,) parameter record."""
        row = np.zeros(1, self.params_dtype)
        for name, value in self.params.items():
            row[name] = value
        return row


def empty_books(
    runs: int,
    market: Market,
    config: RunConfig,
    rules: NDArray[Any],
    slots: Mapping[str, str],
    sleeves: int = 1,
) -> NDArray[Any]:
    """(runs,) books before the first bar. slots: option slot -> role of its underlying."""
    book = np.zeros(runs, book_dtype(len(market.symbols), sleeves))
    book["whole_shares"] = config.fills.whole_shares
    book["month"] = -1
    for name in OPTION_TERMS:
        book[name] = rules[name]
    book["contract"]["role"] = -1
    for slot, role in enumerate(slots.values()):
        book["contract"]["role"][:, slot] = market.roles.index(role)
    return book


def prepare(
    config: RunConfig,
    strategy: type[Strategy],
    market: Market,
    start: int = 0,
    stop: int | None = None,
    *,
    recording: bool = True,
) -> Prepared:
    """Check the strategy, compute its features over the whole market, cut rows start..stop-1.

    Raises StrategyError for anything the compile border refuses, ConfigError and DataError for the cost tables.
    """
    _checked(cast("Any", strategy))
    params = resolve_params(strategy.Params, config.params)
    features = feature_table(strategy, market, params)
    _checked(cast("Any", strategy), features.dtype.names, market.roles, (*market.series, *market.missing))
    stop = len(market) if stop is None else stop
    window, past = market.slice(start, stop), market.head(stop)
    slots = strategy.options
    option_inputs = build_option_inputs(market, config, slots)
    rules = build_rules(config, recording=recording, options=bool(slots), bar_minutes=bar_minutes(market))
    terms = build_terms(window, config.costs, config.account.margin)
    benchmark = benchmark_rates(window, config.costs)
    option_inputs = option_inputs[start:stop] if slots else option_inputs
    return Prepared(
        strategy, config, window, features[start:stop], params, rules, terms, benchmark, option_inputs, past
    )


@cache
def _checked(
    strategy: Any, features: tuple[str, ...] | None = None, roles: tuple[str, ...] = (), series: tuple[str, ...] = ()
) -> None:
    """The strategy by itself, or its on_bar against the rows it will see; once a process, for sources do not change."""
    if features is None:
        check_strategy(strategy)
    else:
        check_on_bar(strategy, features, roles, series)
        check_told_features(strategy, features)


def feature_table(strategy: type[Strategy], market: Market, params: dict[str, int | float]) -> NDArray[Any]:
    """(T,) records of the strategy's features. Raises StrategyError on a wrong shape or name."""
    return _feature_table(strategy, market, SimpleNamespace(**params))


def features_read(strategy: type[Strategy], market: Market, params: dict[str, int | float]) -> tuple[str, ...]:
    """Names of the parameters that features() looked at: sets that agree in these share their features."""
    watched = _WatchedParams(params)
    _feature_table(strategy, market, watched)
    return tuple(name for name in params if name in watched.read)


class _WatchedParams:
    """Parameters that remember which of them were read."""

    def __init__(self, params: dict[str, int | float]) -> None:
        self._params = params
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> int | float:
        if name not in self._params:
            raise AttributeError(name)
        self.read.add(name)
        return self._params[name]


def _feature_table(strategy: type[Strategy], market: Market, p: Any) -> NDArray[Any]:
    try:
        with np.errstate(all="ignore"):  # check_features judges what a division by zero left
            arrays = check_features(strategy, strategy().features(market, p), len(market))
    except Exception as error:  # an author's code may raise anything
        raise explain_features_error(error, strategy) from error
    table = np.zeros(len(market), record_dtype(dict.fromkeys(arrays, float)))
    for name, values in arrays.items():
        table[name] = values
    return table
