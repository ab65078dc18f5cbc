# SPDX-License-Identifier: Apache-2.0
"""What an account loses from this close where its stops are hit, the entries that wait before them filled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.runs.signals.account_decision import AccountOrder, AccountPosition


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
    """Stops close the entries that filled on the way first, then what is held: sleeves share a symbol, not a stop."""
    worst = min(side * order.stop for order in stops)
    waiting = [
        (abs(order.quantity), order.limit)
        for order in own
        if order.quantity * side > 0.0 and math.isnan(order.stop) and worst < side * order.limit
    ]
    held, covered = max(0.0, side * one.target), sum(abs(order.quantity) for order in stops)
    price = sum(abs(order.quantity) * order.stop for order in stops) / covered
    filled = sum(shares for shares, _ in waiting)
    entries, closed = min(filled, covered), min(held, max(0.0, covered - filled))
    lost = closed * (one.close - price) * side
    if filled:
        lost += entries / filled * sum(shares * (limit - price) * side for shares, limit in waiting)
    cost = (entries + closed) / covered * sum(order.cost for order in stops)
    return StopLoss(one.symbol, side * (entries + closed), price, side * entries, lost + cost, side * (held - closed))
