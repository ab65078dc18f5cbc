# SPDX-License-Identifier: Apache-2.0
"""From an instruction to the broker's words: type, action, time in force."""

from __future__ import annotations

from engine.kernel.codes import OrderKind
from engine.paper.broker.port import Wire
from engine.paper.instructions import Instruction

TYPES = {
    OrderKind.MARKET: "MKT",
    OrderKind.LIMIT: "LMT",
    OrderKind.STOP: "STP",
    OrderKind.STOP_LIMIT: "STP LMT",
    OrderKind.TRAIL: "TRAIL",
    OrderKind.TRAIL_PERCENT: "TRAIL",
    OrderKind.MARKET_ON_CLOSE: "MOC",
    OrderKind.MARKET_ON_OPEN: "MKT",
}
"""The broker's type of each kind; at the open is a market order whose time in force is OPG."""


LIVES = {
    **dict.fromkeys(TYPES, ("DAY", "GTC")),
    OrderKind.MARKET_ON_CLOSE: ("DAY",),
    OrderKind.MARKET_ON_OPEN: ("OPG",),
}
"""How long an order of each kind may live; an auction is over in a day."""


def tif_of(kind: OrderKind, *, day: bool) -> str:
    """How long an order lives that ends with its session (`day`) or works until cancelled, in the broker's words.

    What a bar's volume leaves of a market order is one for the next bar, as in a backtest.
    """
    wanted = "DAY" if day else "GTC"
    lives = LIVES.get(kind, (wanted,))
    return wanted if wanted in lives else lives[0]


def wire_of(one: Instruction, order_id: int, account: str, *, parent_id: int = 0, transmit: bool = True) -> Wire:
    """The order as it goes out. Only whole shares get this far; a share of per cent is told in per cent."""
    percent, trails = one.kind is OrderKind.TRAIL_PERCENT, one.trail is not None
    return Wire(
        order_id=order_id,
        ref=one.ref,
        account=account,
        symbol=one.symbol,
        action="BUY" if one.quantity > 0 else "SELL",
        kind=TYPES[one.kind],
        quantity=int(abs(one.quantity)),
        tif=one.tif,
        limit=one.limit,
        stop=None if trails else one.stop,
        trail=None if percent else one.trail,
        trail_percent=round(one.trail * 100.0, 10) if percent and one.trail is not None else None,
        trail_stop=one.stop if trails else None,
        parent_id=parent_id,
        transmit=transmit,
        group=one.group,
    )
