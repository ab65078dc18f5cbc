# SPDX-License-Identifier: Apache-2.0
"""Two agents in one position: what each one holds is told by what is left of its own orders."""

from typing import Any

from strategies.agents.bear import Bear, bear_working
from strategies.agents.bull import Bull, bull_working
from strategies.agents.orders import DUST


def settle(split: float, qty: float, s: Any, orders: Any) -> bool:
    """Tell each agent what its orders have filled, from what is left of them. False where the account disagrees."""
    bear_filled = s.bear_left * split - bear_working(s, orders)
    bull_filled = s.bull_left * split - bull_working(s, orders)
    s.bear = s.bear * split + bear_filled
    s.bull = s.bull * split + bull_filled
    slack = DUST * (1.0 + abs(qty)) if split == 1.0 else 3.0  # a split pays fractions of a share in cash
    if abs(s.bear + s.bull - qty) > slack or s.bear > slack or s.bull < -slack:
        return False
    if s.bull <= slack:
        s.bull = 0.0
    s.bear = qty - s.bull
    return True


def remember(s: Any, orders: Any) -> None:
    """What the agents' orders have still to fill: while one holds, its stop is for the rest of what works for it."""
    holding, long = s.bear_stage >= Bear.HOLDING, s.bull_stage != Bull.OUT
    s.bear_left = 0.0 - s.bear if holding else orders.quantity(s.bear_order)
    s.bull_left = 0.0 - s.bull if long else orders.quantity(s.bull_order)
    s.busy = holding or long or s.bear_left != 0.0 or s.bull_left != 0.0


def start_anew(s: Any) -> None:
    """Both agents hold nothing and have no orders."""
    s.bear_stage = Bear.WATCHING
    s.bull_stage = Bull.OUT
    s.bear = 0.0
    s.bull = 0.0
    s.bear_left = 0.0
    s.bull_left = 0.0
