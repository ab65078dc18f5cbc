# SPDX-License-Identifier: Apache-2.0
"""The notice on orders that traded for days, though they take any price: the position was not the one decided on."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.analytics.ledger_paths import of_kind
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind, OrderStatus
from engine.kernel.order_kinds import becomes_market, takes_any_price
from engine.notice import Notice, loud
from engine.report.kit.words import counted

MOST_SESSIONS = 5
"""An order that takes any price and trades for longer is told."""


def slow_fills(result: RunRecord) -> list[Notice]:
    """A loud notice for each symbol with ended orders at any price that took more than MOST_SESSIONS to fill.

    They begin with the bar after the decision; a stop, and what waited for its parent, with the first fill. Orders that
    still work at the end have words of their own.
    """
    cap = result.config.fills.participation
    if cap is None:
        return []
    fills = result.ledger[of_kind(result.ledger, EntryKind.FILL, EntryKind.LIQUIDATION)]
    session = np.cumsum(result.market.bars["days"] > 0)
    ids, first = np.unique(fills["order"], return_index=True)
    last = len(fills) - 1 - np.unique(fills["order"][::-1], return_index=True)[1]
    orders = result.orders[np.searchsorted(result.orders["id"], ids)].view(np.recarray)
    begins, ends = fills["t"][first], fills["t"][last]
    slow: dict[str, list[tuple[int, Any, int]]] = {}
    for place in np.flatnonzero(session[ends] - session[orders["born"]] >= MOST_SESSIONS):
        order, row = orders[place], int(begins[place])
        if not becomes_market(order) and order["parent"] == 0:
            row = min(row, int(order["born"]) + 1)
        took = int(session[ends[place]] - session[row]) + 1
        if took > MOST_SESSIONS and order["status"] > OrderStatus.HELD and takes_any_price(order):
            symbol = result.symbol(int(order["role"]), int(order["id"]))
            slow.setdefault(symbol, []).append((took, order, row))
    return [_told(result, symbol, found, cap) for symbol, found in slow.items()]


def _told(result: RunRecord, symbol: str, orders: list[tuple[int, Any, int]], cap: float) -> Notice:
    took, order, row = max(orders, key=lambda one: one[0])
    since, shares = result.market.sessions[row], abs(float(order["asked"]))
    return loud(
        f"{counted(len(orders), 'order')} for {symbol} took more than {MOST_SESSIONS} sessions to fill; the slowest, "
        f"for {shares:,.10g} shares, {took} of them from {since} on: fills.participation lets {cap:.0%} of a bar's "
        "volume trade. Where the volume is in thousands or millions, write it in shares; else trade less of the "
        "symbol, or raise fills.participation (null is no cap)."
    )
