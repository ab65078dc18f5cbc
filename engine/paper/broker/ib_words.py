# SPDX-License-Identifier: Apache-2.0
"""The TWS API's words: orders out, hours, figures and dates in. Of the library's objects the fields alone are known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.paper.broker.port import WhatIf, Wire

CENT = 0.01
"""The least variation of US shares, where the broker was not asked for it."""
CURRENCY = "USD"
"""What everything here is counted in."""
UNSET = 1.7976931348623157e308
UNSET_INTEGER = 2147483647


def signed(action: str, quantity: float) -> float:
    """Signed shares of a broker's action."""
    return float(quantity) if action == "BUY" else -float(quantity)


def name_of(contract: Any) -> str:
    """Shares by their symbol; everything else by kind and local name, which tells it from the shares."""
    shares = contract.secType == "STK"
    return str(contract.symbol if shares else f"{contract.secType} {contract.localSymbol or contract.symbol}")


def on_step(price: float, step: float) -> float:
    """The nearest price that the broker takes, at least one step: it refuses all others (error 110).

    step is the contract's least variation in dollars; 0: it takes any price.
    """
    if not step > 0.0:
        return price
    least = Decimal(repr(step))
    steps = max(round(Decimal(repr(price)) / least), 1)
    return float(steps * least)


def order_of(order: Any, wire: Wire, order_id: int, step: float) -> Any:
    """The library's order, filled in, its prices on the contract's steps; what it lacks stays unset.

    Regular hours only, and one of a group at a time.
    """
    order.orderId, order.action, order.totalQuantity = order_id, wire.action, wire.quantity
    order.orderType, order.tif, order.account, order.orderRef = wire.kind, wire.tif, wire.account, wire.ref
    order.parentId, order.transmit, order.outsideRth = wire.parent_id, wire.transmit, False
    prices = {"lmtPrice": wire.limit, "auxPrice": wire.stop if wire.trail is None else wire.trail}
    for name, price in {**prices, "trailStopPrice": wire.trail_stop}.items():
        if price is not None:
            setattr(order, name, on_step(price, step))
    if wire.trail_percent is not None:
        order.trailingPercent = wire.trail_percent
    if wire.group:
        order.ocaGroup, order.ocaType = wire.group, 1
    return order


def parse_hours(text: str, zone: str) -> tuple[tuple[int, int], ...]:
    """Sessions of a contract's hours, such as `20260105:0930-20260105:1600;20260106:CLOSED`, in ns UTC.

    A zone or a day that cannot be read gives no session: then the market counts as closed for ever.
    """
    try:
        where = ZoneInfo(zone.split(" ", maxsplit=1)[0])
    except (KeyError, ValueError, OSError):
        return ()
    sessions = []
    for part in text.split(";"):
        begin, dash, end = part.partition("-")
        if dash:
            moments = [dt.datetime.strptime(one, "%Y%m%d:%H%M").replace(tzinfo=where) for one in (begin, end)]
            sessions.append(tuple(int(one.timestamp()) * 1_000_000_000 for one in moments))
    return tuple(sessions)  # type: ignore[arg-type]


def as_number(text: str | float) -> float:
    """A figure of a what-if answer; NaN where the broker left it out."""
    try:
        value = float(text)
    except ValueError:
        return float("nan")
    return value if value < UNSET else float("nan")


def what_if_of(state: Any) -> WhatIf:
    """The broker's answer about margin."""
    return WhatIf(
        initial_after=as_number(state.initMarginAfter),
        maintenance_after=as_number(state.maintMarginAfter),
        equity_after=as_number(state.equityWithLoanAfter),
        warning=state.warningText,
    )


def as_session(date: str | dt.date) -> str:
    """YYYY-MM-DD of a daily bar's date."""
    text = date.isoformat() if isinstance(date, dt.date) else date
    return str(text) if "-" in text else f"{text[:4]}-{text[4:6]}-{text[6:8]}"
