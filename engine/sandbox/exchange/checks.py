# SPDX-License-Identifier: Apache-2.0
"""What the broker refuses at sight, with its codes and words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.sandbox.exchange.hours import moment
from engine.sandbox.exchange.orders import KINDS, TIFS
from engine.sandbox.tickets import Contract, Notice, Ticket

ROUNDING = 1e-12
"""Of a quantity: what a sum of steps such as 0.1 may be off."""


def mistake(ticket: Ticket, accounts: Sequence[str], found: Sequence[Contract], step: float, now: int) -> Notice | None:
    """Why a ticket is no order, or None.

    found are the contracts that it may mean, step the shares of which quantities are multiples, now is in ns UTC.
    """
    if ticket.account not in accounts:
        return Notice(321, f"Error validating request: Invalid account code '{ticket.account}'.")
    if len(found) != 1:
        return Notice(200, "No security definition has been found for the request")
    if found[0].kind != "STK":
        return Notice(460, "No trading permissions.")
    if ticket.action not in {"BUY", "SELL"}:
        return Notice(321, f"Error validating request: Invalid order action '{ticket.action}'.")
    if not math.isfinite(ticket.quantity) or ticket.quantity <= 0.0:
        return Notice(434, "The order size cannot be zero.")
    if not in_whole_steps(ticket.quantity, step):
        allowed = "no fractions of a share" if step == 1.0 else f"fractions of a share in steps of {step:g} alone"
        return Notice(10243, f"Fractional-sized order cannot be placed: the account trades {allowed}.")
    if ticket.kind not in KINDS:
        return Notice(387, "Unsupported order type for this exchange and security type.")
    if ticket.tif not in TIFS or (ticket.tif == "OPG" and ticket.kind != "MKT"):
        return Notice(111, "The TIF (Tif type) and the order type are incompatible.")
    if ticket.tif == "GTD":
        until = good_till(ticket)
        if until is None or until < now:
            return Notice(391, "Missing or invalid good till date." if until is None else "The good till date is past.")
    if ticket.oca_type not in ((1, 2, 3) if ticket.oca_group else (0, 1, 2, 3)):
        return Notice(321, f"Error validating request: Invalid OCA type {ticket.oca_type}: it is 1, 2 or 3.")
    return _price_mistake(ticket)


def _price_mistake(ticket: Ticket) -> Notice | None:
    if ticket.kind in {"LMT", "STP LMT"} and not _is_price(ticket.limit):
        return Notice(321, "Error validating request: Invalid limit price.")
    if ticket.kind in {"STP", "STP LMT"} and not _is_price(ticket.aux):
        return Notice(403, "Invalid stop price.")
    if ticket.kind == "TRAIL":
        percent = ticket.trail_percent
        if percent is None and not _is_price(ticket.aux):
            return Notice(321, "Error validating request: Invalid trailing amount.")
        if percent is not None and not 0.0 < percent < 100.0:
            return Notice(321, "Error validating request: Invalid trailing percent.")
        if ticket.trail_stop is not None and not _is_price(ticket.trail_stop):
            return Notice(403, "Invalid stop price.")
    return None


def _is_price(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0.0


def in_whole_steps(quantity: float, step: float) -> bool:
    """Whether shares are a multiple of the step, but for the rounding of floats."""
    return abs(math.remainder(quantity, step)) <= ROUNDING * abs(quantity)


def good_till(ticket: Ticket) -> int | None:
    """The last instant of a GTD order, ns UTC; a date alone means its end. None where the text says no time."""
    try:
        return moment(ticket.good_till)
    except ValueError:
        return None
