# SPDX-License-Identifier: Apache-2.0
"""Orders that still work at the end of a run, and why they have not traded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.kernel.codes import OrderKind, OrderStatus
from engine.kernel.flows import TRADE_KINDS
from engine.kernel.order_kinds import takes_any_price
from engine.notice import Notice, loud, note
from engine.report.kit.words import counted

NO_PRICE = "the price has not been reached"
NOT_THROUGH = "the limit was touched and not traded through"
NO_PARENT = "what is attached waits for a parent to fill"
NO_POSITION = "what may only reduce a position has none to reduce"

WAITS_FOR_TRIGGER = (OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAIL, OrderKind.TRAIL_PERCENT)


def idle_orders(result: RunRecord) -> list[Notice]:
    """A notice for each symbol and reason; loud where the cap on volume keeps an order that takes any price.

    A symbol without any volume has been told of with its bars.
    """
    groups: dict[tuple[str, str], list[Any]] = {}
    live = result.orders[result.orders["status"] <= OrderStatus.HELD]
    for order in live.view(np.recarray):
        why = reason_of(result, order)
        if why:
            groups.setdefault((result.symbol(int(order["role"]), int(order["id"])), why), []).append(order)
    return [_told(result, symbol, why, orders) for (symbol, why), orders in groups.items()]


def reason_of(result: RunRecord, order: Any) -> str:
    """Why a live order has not traded on the bars it has worked in; empty where none was its turn, or it is said."""
    bars = result.market.bars[int(order["born"]) + 1 :]
    if order["kind"] == OrderKind.OPTION or not len(bars):
        return ""
    if order["status"] == OrderStatus.HELD:
        return NO_PARENT
    own = bars[result.market.roles[int(order["role"])]]
    due = _due(order, bars, own)
    if not due.any():
        return "" if takes_any_price(order) else NO_PRICE
    if order["parent"] != 0 and order["filled"] == 0.0 and not _guards(result, order):
        return NO_POSITION
    if order["triggered"] == 0 and order["kind"] in WAITS_FOR_TRIGGER:
        return NO_PRICE  # it has followed the price, or was moved: those bars found it elsewhere
    if result.config.fills.participation is not None and not _traded(result, int(order["role"])):
        return ""
    return _capped(result, own["volume"][due]) or NOT_THROUGH


def _guards(result: RunRecord, order: Any) -> bool:
    """Whether what is held at the end is what the order would reduce."""
    ledger = result.ledger
    own = np.isin(ledger["kind"], TRADE_KINDS) & (ledger["role"] == order["role"])
    return bool(ledger["qty"][own].sum() * order["qty"] < 0.0)


def _traded(result: RunRecord, role: int) -> bool:
    """Whether any bar of the run has a volume, known or not, but 0."""
    return bool(result.market.bars[result.market.roles[role]]["volume"].any())


def _due(order: Any, bars: NDArray[Any], own: NDArray[Any]) -> NDArray[np.bool_]:
    """(W,) the bars that the order could have filled in, volume apart: at its price, in the shares of the last bar."""
    if order["kind"] == OrderKind.MARKET_ON_CLOSE:
        return np.asarray(bars["last"] == 1)
    if order["kind"] == OrderKind.MARKET_ON_OPEN:
        return np.asarray(bars["days"] > 0)
    if takes_any_price(order):
        return np.ones(len(bars), np.bool_)
    scale = own["factor"] / own["factor"][-1]
    resting = order["kind"] == OrderKind.LIMIT or order["triggered"] == 1
    level, buys = order["limit"] if resting else order["stop"], order["qty"] > 0.0
    if bool(buys) == bool(resting):
        return np.asarray(own["low"] * scale <= level)
    return np.asarray(own["high"] * scale >= level)


def _capped(result: RunRecord, volume: NDArray[Any]) -> str:
    """What the cap on volume has to do with it; empty where there is none, or it leaves room for a share."""
    cap = result.config.fills.participation
    if cap is None or not np.isfinite(volume).all():
        return ""
    if not volume.any():
        return (
            f"the volume is 0 on every bar that could have filled, and fills.participation lets {cap:.0%} of it trade"
        )
    return f"fills.participation lets {cap:.0%} of a bar's volume trade, at most {cap * volume.max():,.0f} shares"


def _told(result: RunRecord, symbol: str, why: str, orders: list[Any]) -> Notice:
    since = result.market.sessions[min(int(order["born"]) for order in orders)]
    works = "works" if len(orders) == 1 else "work"
    text = f"{counted(len(orders), 'order')} for {symbol} still {works} at the end, the first since {since}: {why}."
    stuck = any(takes_any_price(order) and order["filled"] == 0.0 for order in orders)
    if stuck and "fills.participation" in why:
        return loud(f"{text} Bars with their volume, or a larger fills.participation (null is no cap), let more fill.")
    return note(text)
