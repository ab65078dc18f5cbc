# SPDX-License-Identifier: Apache-2.0
"""What the broker refuses at sight, with its codes and words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.sandbox.exchange.orders import KINDS, TIFS
from engine.sandbox.exchange.tickets import Contract, Notice, Ticket


def mistake(ticket: Ticket, accounts: Sequence[str], found: Sequence[Contract]) -> Notice | None:
    """Why a ticket is no order, or None. found are the contracts that it may mean."""
    if ticket.account not in accounts:
        return Notice(321, f"Error validating request.-'b0' : cause - Invalid account code '{ticket.account}'.")
    if len(found) != 1:
        return Notice(200, "No security definition has been found for the request")
    if ticket.action not in {"BUY", "SELL"}:
        return Notice(10021, f"Invalid order action {ticket.action!r}")
    if not math.isfinite(ticket.quantity) or ticket.quantity <= 0.0:
        return Notice(434, "The order size cannot be zero.")
    if ticket.kind not in KINDS:
        return Notice(387, "Unsupported order type for this exchange and security type.")
    if ticket.tif not in TIFS or (ticket.tif == "OPG" and ticket.kind != "MKT"):
        return Notice(111, "The TIF (Tif type) and the order type are incompatible.")
    return _price_mistake(ticket)


def _price_mistake(ticket: Ticket) -> Notice | None:
    if ticket.kind in {"LMT", "STP LMT"} and not _is_price(ticket.limit):
        return Notice(109, "Price is out of the range defined by the Precautionary Settings at order type level.")
    if ticket.kind in {"STP", "STP LMT"} and not _is_price(ticket.aux):
        return Notice(403, "Invalid stop price.")
    if ticket.kind == "TRAIL":
        percent = ticket.trail_percent
        if percent is None and not _is_price(ticket.aux):
            return Notice(404, "Invalid trailing amount.")
        if percent is not None and not 0.0 < percent < 100.0:
            return Notice(404, "Invalid trailing percent.")
    return None


def _is_price(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0.0
