# SPDX-License-Identifier: Apache-2.0
"""Clients' orders in the broker's words and in the kernel's, and how they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.kernel.codes import Cause, OrderKind, OrderStatus, TimeInForce
from engine.sandbox.exchange.account import Order
from engine.sandbox.tickets import OrderKey, OrderView, Ticket

KINDS = {
    "MKT": OrderKind.MARKET,
    "MOC": OrderKind.MARKET_ON_CLOSE,
    "LMT": OrderKind.LIMIT,
    "STP": OrderKind.STOP,
    "STP LMT": OrderKind.STOP_LIMIT,
    "TRAIL": OrderKind.TRAIL,
}
"""Order types that are traded here. A TRAIL by per cent is a TRAIL_PERCENT, a MKT with tif OPG a MARKET_ON_OPEN."""

TIFS = ("DAY", "GTC", "GTD", "OPG")

LOCATE, LINK = "locate", "link"

UNSENT = "PendingSubmit"
WAITING = "PreSubmitted"
WORKING = "Submitted"
FILLED, CANCELLED, INACTIVE = "Filled", "Cancelled", "Inactive"
LIVE = (UNSENT, WAITING, WORKING)
DONE = (FILLED, CANCELLED, INACTIVE)

ON_THE_BOOK = ("MKT", "LMT")
"""Types that work at the exchange as soon as it is open; the broker holds the others until their time or trigger."""

CAUSES = {
    Cause.BY_STRATEGY: "Cancelled by Trader",
    Cause.OCO_SIBLING_FILLED: "Cancelled by OCA group",
    Cause.PARENT_ENDED: "Parent order is being cancelled",
    Cause.END_OF_DAY: "Cancelled at the end of its time in force",
    Cause.POSITION_CLOSED: "Position closed",
    Cause.MARGIN_CALL: "Cancelled by margin call",
    Cause.CHILD_FILLED: "A child has traded",
    Cause.LESS_THAN_A_SHARE: "Less than a share is left after a split",
}
"""What a completed order says of its end."""

REFUSALS = {
    Cause.INITIAL_MARGIN: (
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE [{equity:.2f} "
        "USD] MUST EXCEED THE INITIAL MARGIN [{needed:.2f} USD]"
    ),
    Cause.CASH_ACCOUNT: "The account has not enough settled cash, or the order would sell short in a cash account",
    Cause.NOT_SHORTABLE: "The contract is not available for short sale",
    Cause.MARGIN_CALL: "The account is in a margin call: only closing orders of the broker are accepted",
    Cause.ACCOUNT_RUINED: "The account has no equity left",
    Cause.BAD_ORDER: "The order cannot be carried out",
}
"""What follows "Order rejected - reason:" in an error 201."""


def refusal_text(cause: int, equity: float, needed: float) -> str:
    """The broker's reason for a refusal; needed is the initial margin that the account would have to carry."""
    return REFUSALS.get(Cause(cause), REFUSALS[Cause.BAD_ORDER]).format(equity=equity, needed=needed)


def order_of(ticket: Ticket, role: int) -> Order:
    """The kernel's order of a ticket that has been found in order."""
    sign = 1.0 if ticket.action == "BUY" else -1.0
    kind: int = KINDS[ticket.kind]
    limit = stop = trail = math.nan
    if kind == OrderKind.MARKET and ticket.tif == "OPG":
        kind = OrderKind.MARKET_ON_OPEN
    elif kind == OrderKind.TRAIL:
        by_part = ticket.trail_percent is not None
        kind = OrderKind.TRAIL_PERCENT if by_part else OrderKind.TRAIL
        trail = _number(ticket.trail_percent) / 100.0 if by_part else _number(ticket.aux)
        stop = _number(ticket.trail_stop)
    else:
        limit = _number(ticket.limit) if kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT} else math.nan
        stop = _number(ticket.aux) if kind in {OrderKind.STOP, OrderKind.STOP_LIMIT} else math.nan
    at_auction = kind in {OrderKind.MARKET_ON_OPEN, OrderKind.MARKET_ON_CLOSE}
    day = TimeInForce.DAY if ticket.tif == "DAY" and not at_auction else TimeInForce.GTC
    return Order(role, kind, sign * ticket.quantity, limit, stop, trail, day)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


@dataclass
class Standing:
    """One order of a client, alive or ended.

    number  its id in the account's book; 0 while it has not been transmitted or is parked
    parked  why it is not sent though it is to be: "locate" for shares to borrow, "link" while the broker is cut off
    value   sum of filled quantity * price, unsigned
    """

    key: OrderKey
    perm_id: int
    ticket: Ticket
    status: str
    number: int = 0
    filled: float = 0.0
    value: float = 0.0
    last_price: float = 0.0
    parked: str = ""
    born: int = 0
    ended: int = 0
    cause: str = ""

    @property
    def done(self) -> bool:
        """Whether it has left the book for good."""
        return self.status in DONE

    @property
    def average(self) -> float:
        """Mean price of what has filled; 0 before."""
        return self.value / self.filled if self.filled else 0.0

    def view(self) -> OrderView:
        """How it stands, for clients."""
        left = 0.0 if self.status == "Filled" else max(0.0, self.ticket.quantity - self.filled)
        return OrderView(
            key=self.key, perm_id=self.perm_id, ticket=self.ticket, status=self.status, filled=self.filled,
            remaining=left, average=self.average, last_price=self.last_price,
            why_held=LOCATE if self.parked == LOCATE else "",
            born=self.born, ended=self.ended, cause=self.cause,
        )  # fmt: skip


def live_status(ticket: Ticket, row_status: int, *, triggered: bool, open_: bool) -> str:
    """The broker's word for an order that lives: Submitted where it works at an exchange that is open."""
    if row_status == OrderStatus.HELD or not open_:
        return WAITING
    at_work = ticket.kind in ON_THE_BOOK and ticket.tif != "OPG"
    return WORKING if at_work or triggered else WAITING
