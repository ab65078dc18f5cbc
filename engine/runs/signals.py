# SPDX-License-Identifier: Apache-2.0
"""Signals: what a strategy decided at one close, read off a backtest that ends there."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import DataError, Problem, StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.codes import OrderKind, OrderStatus
from engine.kernel.flows import TRADE_KINDS
from engine.market.panel import Market
from engine.runs.backtest import Config, load_bars, loaded, placed
from engine.runs.interpretation import has_levels, read
from engine.strategy.base import Strategy
from engine.strategy.foreign import foreign_class

IMMEDIATE = (OrderKind.MARKET, OrderKind.MARKET_ON_CLOSE)
"""Orders that fill at the next price; what they ask for is the target."""


@dataclass(frozen=True)
class OptionTarget:
    """One contract of one slot: signed contracts now and once the option orders to send have filled.

    price  modelled mark of a share now, NaN where the contract is not held
    """

    slot: str
    contract: str
    price: float
    held: float
    target: float


@dataclass(frozen=True)
class Signals:
    """One day's decision. Orders are records of `engine.records.ORDER`; quantities are signed shares by role.

    asof      session of the decision, the last one the run knew
    sent      orders of this decision, in the order of on_bar
    working   orders of earlier decisions that still stand
    ended     orders that this decision cancelled or replaced
    held      position of each role at this close
    targets   position of each role once this decision's market orders have filled
    contracts option contracts held or asked for, by slot
    watched   (feature, value, {parameter: threshold}) of what the strategy watches
    """

    result: RunRecord
    strategy: type[Strategy]
    asof: dt.date
    sent: NDArray[Any] = field(repr=False)
    working: NDArray[Any] = field(repr=False)
    ended: NDArray[Any] = field(repr=False)
    held: tuple[float, ...]
    targets: tuple[float, ...]
    watched: tuple[tuple[str, float, dict[str, float]], ...]
    contracts: tuple[OptionTarget, ...] = ()

    @property
    def tells_levels(self) -> bool:
        """Whether the strategy declares levels; its waiting orders are then among them."""
        return has_levels(self.strategy)


def signals(config: Config, asof: dt.date | None = None) -> Signals:
    """The decision at the close of `asof`, or of the last session there is.

    Nothing later than `asof` is read, not even by features. Raises what `backtest` raises, and DataError where
    `asof` lies before the first bar of the period. For a configuration with sleeves: `portfolio_signals`.
    """
    ready = loaded(config)
    if foreign_class(ready.strategy) is not None:
        raise StrategyError(f"{ready.strategy.__name__} is written for backtrader: it keeps its decisions to itself")
    with placed(ready):
        market, start, stop = load_bars(ready)
    stop = last_row(market, start, stop, asof)
    with placed(ready):
        run = prepare(ready.config, ready.strategy, market.head(stop), start, stop)
    result = native.run(run, ready.config.mode)
    return read_decision(replace(result, reading=read(result, run.sleeves[0])), ready.strategy)


def last_row(market: Market, start: int, stop: int, asof: dt.date | None) -> int:
    """The row after the last one that a decision of `asof` knows, of the rows start..stop-1 of a period."""
    if asof is not None:
        stop = min(stop, int(np.searchsorted(market.sessions, np.datetime64(asof), side="right")))
    if stop <= start:
        allowed = f"{market.sessions[start]} or later"
        raise DataError(Problem("no decision that early", path="--asof", found=str(asof), allowed=allowed))
    return stop


def read_decision(result: RunRecord, strategy: type[Strategy]) -> Signals:
    """The decision at the last bar of a finished run."""
    last = len(result.market) - 1
    orders = result.orders
    live = orders["status"] <= OrderStatus.HELD
    sent = orders[orders["born"] == last]
    held = positions(result)
    targets = held.copy()
    for order in sent[np.isin(sent["kind"], IMMEDIATE) & (sent["status"] == OrderStatus.WORKING)]:
        targets[order["role"]] += order["qty"]
    return Signals(
        result=result,
        strategy=strategy,
        asof=result.market.sessions[last].item(),
        sent=sent,
        working=orders[live & (orders["born"] < last)],
        ended=orders[(orders["ended"] == last) & (orders["status"] == OrderStatus.CANCELLED)],
        held=tuple(held.tolist()),
        targets=tuple(targets.tolist()),
        watched=tuple(_watched(result, strategy, last)),
        contracts=option_targets(result, sent),
    )


def positions(result: RunRecord) -> NDArray[np.float64]:
    """(N,) signed shares of each role after the last bar: the sum of the ledger's quantities."""
    ledger = result.ledger
    moves = ledger[np.isin(ledger["kind"], TRADE_KINDS)]
    moves = moves[moves["role"] < len(result.market.roles)]
    held = np.zeros(len(result.market.roles))
    np.add.at(held, moves["role"], moves["qty"])
    return held


def option_targets(result: RunRecord, sent: NDArray[Any]) -> tuple[OptionTarget, ...]:
    """Contracts held after the last bar, then those that `sent`, records of ORDER, would open."""
    roles, last = len(result.market.roles), len(result.market) - 1
    found: dict[tuple[int, str], OptionTarget] = {}
    latest = {int(result.ledger[at]["role"]) - roles: str(one) for at, one in sorted(result.entry_contracts.items())}
    moves = result.ledger[np.isin(result.ledger["kind"], TRADE_KINDS)]
    for mark in result.marks[result.marks["t"] == last]:
        slot = int(mark["slot"])
        held = float(moves["qty"][moves["role"] == roles + slot].sum())
        name = latest[slot]
        found[slot, name] = OptionTarget(result.legs[roles + slot], name, float(mark["price"]), held, held)
    for order in sent[(sent["kind"] == OrderKind.OPTION) & (sent["status"] == OrderStatus.WORKING)]:
        key = (int(order["role"]) - roles, str(result.contracts[int(order["id"])]))
        one = found.get(key, OptionTarget(result.legs[roles + key[0]], key[1], math.nan, 0.0, 0.0))
        found[key] = replace(one, target=one.target + float(order["qty"]))
    return tuple(found.values())


def _watched(result: RunRecord, strategy: type[Strategy], row: int) -> list[tuple[str, float, dict[str, float]]]:
    return [
        (name, float(result.features[name][row]), {param: float(result.params[param]) for param in thresholds})
        for name, thresholds in strategy.watch.items()
    ]
