# SPDX-License-Identifier: Apache-2.0
"""A strategy checked against the rows that it will see, and its features over a market."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import columns_of, taken_over
from engine.errors import Problem, StrategyError
from engine.market.panel import FixedMarket, Market
from engine.strategy.base import Strategy
from engine.strategy.border import Read, check_features, check_on_bar, check_strategy
from engine.strategy.interpretation_checks import check_interpreted_features
from engine.strategy.own_code import explain_error
from engine.strategy.params import ParamValues, record_dtype

if TYPE_CHECKING:
    from engine.indicators.sharing import Memory


@cache
def check_once(
    strategy: Any,
    features: tuple[str, ...] | None = None,
    roles: tuple[str, ...] = (),
    series: tuple[str, ...] = (),
    *,
    interpreted: bool = False,
) -> Read:
    """The strategy by itself, or its on_bar against the rows it will see; once a process, for sources do not change.

    interpreted  nothing is compiled: print and breakpoint are allowed
    Returns what on_bar reads, where it was asked for.
    """
    if features is None:
        check_strategy(strategy, interpreted=interpreted)
        return Read((), debugs=False)
    read = check_on_bar(strategy, features, roles, series, interpreted=interpreted)
    check_interpreted_features(strategy, features)
    return read


def feature_table(strategy: type[Strategy], market: Market, params: dict[str, int | float]) -> NDArray[Any]:
    """(T,) records of the strategy's features, each in its own unit. Raises StrategyError on a wrong shape or name."""
    return _feature_table(strategy, market, ParamValues(**params))


def in_columns_of(table: NDArray[Any], like: np.dtype[Any]) -> NDArray[Any]:
    """The features in the columns of other parameters' table: those that on_bar is compiled for.

    A features() may give the same names in another order, as where it fills its dict in two branches.
    Raises StrategyError where it gives other names.
    """
    if table.dtype == like:
        return table
    found, wanted = table.dtype.names or (), like.names or ()
    if set(found) != set(wanted):
        allowed = f"the same for all parameters: {', '.join(wanted)}"
        raise StrategyError(Problem("features() gives other names", found=", ".join(found), allowed=allowed))
    ordered = np.empty(len(table), like)
    for name in wanted:
        ordered[name] = table[name]
    return ordered


def watched_features(
    strategy: type[Strategy], market: FixedMarket, params: dict[str, int | float], memory: Memory
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The feature table, and the names of the parameters that features() looked at on the way to it.

    Sets that agree with `params` in these have the same table: with the same answers it asks the same questions.
    params are numbers, each in its own unit; memory holds what indicators made for the sets before. Nobody can write
    into the market's columns and into results of indicators, which many sets share. A features() that does so is asked
    again with columns and results of its own, as a single run gives them.
    """
    if not memory.private:
        try:
            return _watched(strategy, market, params, memory)
        except StrategyError:  # what else may be wrong with it comes again below
            memory.private = True
    return _watched(strategy, market.writable, params, memory)


def _watched(
    strategy: type[Strategy], market: Market, params: dict[str, int | float], memory: Memory
) -> tuple[NDArray[Any], tuple[str, ...]]:
    watched = _WatchedParams(params)
    with memory.used():
        table = _feature_table(strategy, market, watched)
    return table, tuple(name for name in params if name in watched.read)


class _WatchedParams:
    """Parameters that remember which of them were read."""

    def __init__(self, params: dict[str, int | float]) -> None:
        self._params = params
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> int | float:
        if name.startswith("_"):  # copy asks for some before there are parameters
            raise AttributeError(name)
        if name not in self._params:
            getattr(ParamValues(**self._params), name)  # which says what there is
        self.read.add(name)
        return self._params[name]


@cache
def _record_of(names: tuple[str, ...]) -> np.dtype[Any]:
    """One object for all tables with these features: what is kept by record types is found without a comparison."""
    return record_dtype(dict.fromkeys(names, float))


def _feature_table(strategy: type[Strategy], market: Market, p: Any) -> NDArray[Any]:
    try:
        with np.errstate(all="ignore"):  # check_features judges what a division by zero left
            arrays = check_features(strategy, strategy().features(market, p), len(market))
    except (Exception, SystemExit) as error:  # an author's code may raise anything
        raise explain_error(error, strategy.features) from error
    made_of = _record_of(tuple(arrays))
    whole = columns_of(list(arrays.values()))
    if whole is not None and taken_over(whole):
        return whole.view(made_of).reshape(len(market))
    table = (np.empty if arrays else np.zeros)(len(market), made_of)
    for name, values in arrays.items():
        table[name] = values
    return table
