# SPDX-License-Identifier: Apache-2.0
"""From an instruction to the broker's words: type, action, time in force."""

from __future__ import annotations

from engine.kernel.codes import OrderKind
from engine.paper.broker import Wire
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


def tif_of(one: Instruction) -> str:
    """How long the order lives, in the broker's words; every kind of order has one.

    What a bar's volume leaves of a market order is one for the next bar, as in a backtest. An auction is over in a day.
    """
    if one.kind is OrderKind.MARKET_ON_OPEN:
        return "OPG"
    return "DAY" if one.day or one.kind is OrderKind.MARKET_ON_CLOSE else "GTC"


def life_of(one: Instruction) -> str:
    """The same as it is shown: gtc, day, or opg for the open alone."""
    return tif_of(one).lower()


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
        tif=tif_of(one),
        limit=one.limit,
        stop=None if trails else one.stop,
        trail=None if percent else one.trail,
        trail_percent=round(one.trail * 100.0, 10) if percent and one.trail is not None else None,
        trail_stop=one.stop if trails else None,
        parent_id=parent_id,
        transmit=transmit,
        group=one.group,
    )
