# SPDX-License-Identifier: Apache-2.0
"""How far an order has come: a function of what the broker has said of it, whatever the order of its words.

Fills decide quantities, statuses decide what still lives. A status that ends an order counts once the fills that it
speaks of are here; Inactive neither lives nor has ended: a shelved order may still fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.paper.instructions import IntentState

ENDED = frozenset({"Cancelled", "ApiCancelled", "Filled"})
SHELVED = "Inactive"
BY_BROKER = "the broker: "
"""Stands before the status that ended a dead order at the broker, in the words of why it is dead."""


@dataclass(frozen=True)
class Standing:
    """One order at the broker: whether it has ended, unsigned shares told as filled, signed shares filled."""

    ended: bool
    told: float
    filled: float


def state_of(quantity: float, filled: float, orders: Sequence[Standing], *, sent: bool) -> IntentState:
    """The state of an intent for `quantity` signed shares of which `filled` signed shares are executed.

    orders are the broker's orders under its reference: one, or more where a reference was forked. sent says whether an
    order may have left this house.
    """
    if any(not one.ended and abs(one.filled) < abs(quantity) for one in orders):
        return IntentState.WORKING
    if abs(filled) >= abs(quantity):
        return IntentState.FILLED
    if orders:
        owed = any(one.told > abs(one.filled) for one in orders)
        return IntentState.WORKING if owed else IntentState.DEAD
    if filled:
        return IntentState.WORKING
    return IntentState.SENT if sent else IntentState.INTENT


def split_execution(exec_id: str) -> tuple[str, int]:
    """The name of an execution for good, and its revision: `0000e0d5.6571.01.02` is `0000e0d5.6571.01`, 2."""
    base, _, last = exec_id.rpartition(".")
    return (base, int(last)) if base and last.isdecimal() else (exec_id, 0)
