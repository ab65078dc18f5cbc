# SPDX-License-Identifier: Apache-2.0
"""What an account loses from this close where its stops are hit, the entries that wait before them filled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.runs.account_decision import AccountOrder, AccountPosition


@dataclass(frozen=True)
class StopLoss:
    """One symbol: the shares that its stop orders close, where, and what that comes to.

    shares  signed shares that are held then and that stops close
    stop    their prices, weighted by shares
    entries signed shares of them that fill at a limit on the way
    loss    money lost from this close, at the stops' prices and with their costs; below 0 it is a gain
    bare    signed shares of the target that no stop closes
    """

    symbol: str
    shares: float
    stop: float
    entries: float
    loss: float
    bare: float


def stop_losses(positions: Iterable[AccountPosition], waiting: tuple[AccountOrder, ...]) -> Iterator[StopLoss]:
    """Each symbol that is to be held, or that a waiting order opens, and that a stop closes."""
    for one in positions:
        own = [order for order in waiting if order.symbol == one.symbol]
        stops = [order for order in own if not math.isnan(order.stop)]
        for side in (1.0, -1.0):
            closing = [
                order for order in stops if order.quantity * side < 0.0 and (one.close - order.stop) * side > 0.0
            ]
            if closing:
                yield _loss(one, side, closing, own)


def _loss(one: AccountPosition, side: float, stops: list[AccountOrder], own: list[AccountOrder]) -> StopLoss:
    worst = min(side * order.stop for order in stops)
    lots = [(max(0.0, side * one.target), one.close)]
    lots += [
        (abs(order.quantity), order.limit)
        for order in own
        if order.quantity * side > 0.0 and math.isnan(order.stop) and worst < side * order.limit
    ]
    held, covered = sum(shares for shares, _ in lots), sum(abs(order.quantity) for order in stops)
    share = min(1.0, covered / held) if held else 0.0
    used = min(1.0, held / covered)
    price = sum(abs(order.quantity) * order.stop for order in stops) / covered
    lost = share * sum(shares * (entry - price) * side for shares, entry in lots)
    cost = used * sum(order.cost for order in stops)
    closed = side * share * held
    entries = side * share * sum(shares for shares, _ in lots[1:])
    return StopLoss(one.symbol, closed, price, entries, lost + cost, side * held - closed)
