# SPDX-License-Identifier: Apache-2.0
"""The decision of one sleeve at one close, read off a finished run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.interpretation import has_levels
from engine.engines.run_record import RunRecord
from engine.kernel.codes import Cause, OrderKind, OrderStatus
from engine.kernel.flows import TRADE_KINDS
from engine.market.panel import Market
from engine.notice import Notice, loud, note
from engine.runs.signals.exit_sizes import excesses
from engine.runs.signals.guarded import Guards
from engine.runs.signals.outlook import told_conditions
from engine.strategy.base import Strategy
from engine.strategy.conditions import ToldCondition


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
class Decision:
    """What one sleeve decided at the last bar of `result`, its own part of the account.

    Orders are records of `engine.records.ORDER`; quantities are signed shares by role.

    sent      orders of this decision that the account takes, in the order of on_bar
    working   orders of earlier decisions that still stand
    ended     orders to take back: those that this decision cancelled or replaced, without those that closed their
              position themselves, and those of earlier decisions in `outlived`
    outlived  by id, orders that guard a position which closes or turns at the next open -> the order that does it
    held      position of each role at this close
    targets   position of each role once this decision's market orders have filled
    contracts option contracts held or asked for, by slot
    conditions  what it says it would do at which later close
    sizes     signed shares that the orders above are told with, by id: no more than the position that one guards
    watched   (feature, value, {parameter: threshold}) of what the strategy watches
    notices   what a broker would do with these orders that the backtest does not
    """

    result: RunRecord
    strategy: type[Strategy]
    sent: NDArray[Any] = field(repr=False)
    working: NDArray[Any] = field(repr=False)
    ended: NDArray[Any] = field(repr=False)
    held: tuple[float, ...]
    targets: tuple[float, ...]
    watched: tuple[tuple[str, float, dict[str, float]], ...]
    contracts: tuple[OptionTarget, ...] = ()
    conditions: tuple[ToldCondition, ...] = ()
    sizes: Mapping[int, float] = field(default_factory=dict)
    outlived: Mapping[int, int] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @property
    def tells_levels(self) -> bool:
        """Whether the strategy declares levels; its waiting orders are then among them."""
        return has_levels(self.strategy)


def read_decision(result: RunRecord, strategy: type[Strategy], past: Market | None = None) -> Decision:
    """The decision at the last bar of a run of `strategy` alone, or of its part of an account.

    past  the market from its first bar to that one, which conditions are worked out from; without, none are
    """
    last = len(result.market) - 1
    orders = result.orders
    live = orders["status"] <= OrderStatus.HELD
    sent = orders[orders["born"] == last]
    refused, sent = (sent[(sent["status"] == OrderStatus.REJECTED) == wanted] for wanted in (True, False))
    guards = Guards(result)
    ended = orders[(orders["ended"] == last) & (orders["status"] == OrderStatus.CANCELLED)]
    ended = ended[np.array([not guards.is_filled(order) for order in ended], np.bool_)]
    working = orders[live & (orders["born"] < last)]
    gone = np.array(list(guards.outlived), np.int64)
    unsent, sent = (sent[np.isin(sent["id"], gone, invert=stays)] for stays in (False, True))
    taken, working = (working[np.isin(working["id"], gone, invert=stays)] for stays in (False, True))
    ended = np.concatenate([ended, taken])
    held = positions(result)
    targets = held.copy()
    for order in sent[at_any_price(sent) & (sent["status"] == OrderStatus.WORKING)]:
        targets[order["role"]] += order["qty"]
    sizes = {
        int(order["id"]): guards.shares(order, float(order["asked"]))
        for part in (sent, working, ended)
        for order in part
    }
    stands = {int(order["id"]): sizes[int(order["id"])] for part in (sent, working) for order in part}
    return Decision(
        result=result,
        strategy=strategy,
        sent=sent,
        working=working,
        ended=ended,
        held=tuple(held.tolist()),
        targets=tuple(targets.tolist()),
        watched=tuple(_watched(result, strategy, last)),
        contracts=option_targets(result, sent),
        conditions=() if past is None else told_conditions(result, strategy, past),
        sizes=sizes,
        outlived=guards.outlived,
        notices=(*_refused(result, refused), *_unsent(result, guards, unsent), *excesses(result, guards, stands)),
    )


def _refused(result: RunRecord, orders: NDArray[Any]) -> Iterator[Notice]:
    """Orders of this decision that the account refuses: the backtest goes on without them."""
    cases = Counter(zip(orders["role"].tolist(), orders["cause"].tolist(), strict=True))
    for (role, cause), number in cases.items():
        first = orders[(orders["role"] == role) & (orders["cause"] == cause)][0]
        symbol, why = result.symbol(role, int(first["id"])), Cause(cause).name.lower().replace("_", " ")
        were = "an order of this decision is" if number == 1 else f"{number} orders of this decision are"
        yield loud(f"{symbol}: {were} refused ({why}) and not to be sent")


def _unsent(result: RunRecord, guards: Guards, orders: NDArray[Any]) -> Iterator[Notice]:
    """Orders of this decision that end with their position before they can fill: they are not among those to send."""
    for order in orders:
        symbol, why = result.symbol(int(order["role"]), int(order["id"])), result.reasons[int(order["reason"])].words
        closes = guards.orders[guards.orders["id"] == guards.outlived[int(order["id"])]][0]
        ends = result.reasons[int(closes["reason"])].words
        yield note(f"{symbol}: {why}, of this decision, is not to be sent: its position ends at the next open ({ends})")


def at_any_price(orders: NDArray[Any]) -> NDArray[np.bool_]:
    """Which orders for shares wait for no price: they fill at an open or a close, and their size is the target."""
    priced = ~np.isnan(orders["limit"]) | ~np.isnan(orders["stop"])
    return np.asarray(~priced & (orders["kind"] != OrderKind.OPTION), np.bool_)


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
