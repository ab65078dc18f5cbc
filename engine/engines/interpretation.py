# SPDX-License-Identifier: Apache-2.0
"""What a strategy's declarations come to in a finished run: its regimes bar by bar, its levels with dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.order_prices import PRICE_MOVE, OrderPrices
from engine.engines.run_record import RunRecord
from engine.errors import Problem, StrategyError
from engine.inputs.prepared import PreparedSleeve
from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.interpretation import DatedLevel, Interpretation, KnownLevel, Level, RegimePath, Regimes, Stretch
from engine.strategy.interpretation_checks import path_method
from engine.strategy.own_code import called, listed
from engine.strategy.params import ParamValues

NO_REGIME = np.iinfo(np.int64).min
"""The code of a bar whose regime is not a number."""


def has_levels(strategy: type[Strategy]) -> bool:
    """Whether the strategy declares levels of either kind."""
    return bool(strategy.levels) or strategy.known_levels is not Strategy.known_levels


def interpret(result: RunRecord, sleeve: PreparedSleeve, prices: OrderPrices | None = None) -> Interpretation:
    """What the declarations of `sleeve` come to in a run of it alone, or in its part of an account.

    prices  where its orders waited; without, orders have no levels
    Raises StrategyError where a regime path or a level is not what it must be.
    """
    strategy = sleeve.strategy
    regimes = None if strategy.regimes is None else regime_path(result, strategy, strategy.regimes)
    if not has_levels(strategy):
        return Interpretation(strategy.agents, regimes, replica=strategy.replica)
    moves = np.zeros(0, PRICE_MOVE) if prices is None else prices.table()
    found = [stretch for name, level in strategy.levels.items() for stretch in _of_feature(result, name, level)]
    found += _of_orders(result, moves)
    found.sort(key=lambda one: (one.first_row, one.order, one.name))
    known = _known(result, strategy, sleeve.past)
    return Interpretation(strategy.agents, regimes, tuple(found), known, strategy.replica)


def regime_path(result: RunRecord, strategy: type[Strategy], declared: Regimes) -> RegimePath:
    """The regimes of a run, by the feature or the static method that the strategy names."""
    method = path_method(strategy)
    codes = result.features[declared.path] if method is None else called(method, result.features, result.params)
    values = np.asarray(codes)
    if values.shape != result.features.shape or values.dtype.kind not in "fiub":
        path, allowed = f"{strategy.__name__}.{declared.path}", f"({len(result.features)},), one code a bar"
        raise StrategyError(
            Problem("no path of regimes", path=path, found=f"{values.dtype} of shape {values.shape}", allowed=allowed)
        )
    whole = np.where(np.isfinite(values) & (values == np.floor(values)), values, 0.0)
    codes = np.where(np.isfinite(values) & (values == whole), whole.astype(np.int64), NO_REGIME)
    names = {int(one): one.name.lower() for one in declared.names}
    base = float(result.params[declared.base]) if declared.base else 0.0
    return RegimePath(names, codes, declared.hedged, declared.hedges, base)


def _of_feature(result: RunRecord, name: str, level: Level) -> Iterator[Stretch]:
    """Stretches over which a feature stood still."""
    values: FloatArray = result.features[name]
    prices = np.where(np.isfinite(values) & (values > 0.0), values, 0.0)
    edges = np.flatnonzero(np.diff(prices)) + 1
    for first, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(prices)], strict=True):
        if prices[first] > 0.0:
            said = {one: float(result.features[one][stop - 1]) for one in level.said}
            yield Stretch(level.role, name, float(prices[first]), first, stop - 1, said=said)


def _of_orders(result: RunRecord, moves: NDArray[Any]) -> Iterator[Stretch]:
    """Stretches over which an order waited at one price, from the decision to the bar that ended or moved it."""
    places = np.searchsorted(result.orders["id"], moves["order"])
    order_of_time = np.lexsort((moves["t"], moves["order"]))
    last = len(result.market) - 1
    for place, following in zip(order_of_time, np.append(order_of_time, -1)[1:], strict=True):
        move, order = moves[place], result.orders[places[place]]
        ended = int(order["ended"]) if order["ended"] >= 0 else last
        moved = following >= 0 and moves["order"][following] == move["order"]
        role = result.market.roles[int(order["role"])]
        first, stop = int(move["t"]), int(moves["t"][following]) if moved else ended
        price = float(move["price"] * result.market.bars[role]["factor"][first])
        name = result.reasons[int(order["reason"])][0]
        yield Stretch(role, name, price, first, stop, int(order["id"]))


def _known(result: RunRecord, strategy: type[Strategy], past: Market | None) -> tuple[KnownLevel, ...]:
    """Dated levels at the last close, as traded then; the highest price first."""
    if past is None:
        return ()
    levels = listed(strategy().known_levels, past, ParamValues(**result.params))
    for level in levels:
        _check(level, strategy, past)
    levels.sort(key=lambda level: (past.roles.index(level.role), -level.price, level.name))
    return tuple(_dated(level, past) for level in levels)


def _dated(level: DatedLevel, past: Market) -> KnownLevel:
    sessions, factor = past.bars["session"], float(past.bars[level.role]["factor"][-1])
    first, last = (np.datetime64(int(sessions[row]), "D").item() for row in (level.first_row, level.last_row))
    price = level.price / factor
    return KnownLevel(level.role, level.name, price, first, last, level.touches, level.strength, level.note)


def _check(level: DatedLevel, strategy: type[Strategy], past: Market) -> None:
    path = f"{strategy.__name__}.known_levels"
    if not isinstance(level, DatedLevel):
        raise StrategyError(Problem("must give DatedLevel", path=path, found=type(level).__name__))
    if level.role not in past.roles:
        raise StrategyError(Problem("no such role", path=path, found=repr(level.role), allowed=", ".join(past.roles)))
    if not 0 <= level.first_row <= level.last_row < len(past):
        found = f"{level.first_row} to {level.last_row}"
        raise StrategyError(Problem("rows of no bar", path=path, found=found, allowed=f"0 to {len(past) - 1}"))
    if not (np.isfinite(level.price) and level.price > 0.0):
        raise StrategyError(Problem("a level needs a price", path=path, found=str(level.price), allowed="above 0"))
