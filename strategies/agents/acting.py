# SPDX-License-Identifier: Apache-2.0
"""One bar of both agents, whatever the bear and the bull trade."""

from typing import Any

from strategies.agents.bear import Bear, bear_exposure, hold_bear, is_breached, is_reclaimed, open_bear, protect_bear
from strategies.agents.bull import Bull, open_bull, protect_bull, wants_long
from strategies.agents.netting import remember
from strategies.agents.orders import Reason, is_idle


def is_warming(f: Any) -> bool:
    """Whether something that sizes, stops or turns is not known yet."""
    return not (f.atr > 0.0 and f.volatility > 0.0) or f.rsi != f.rsi or f.slow != f.slow


def count_bars(s: Any) -> None:
    """One bar more of the cool-down, of the bull's pause and since the last stop."""
    s.cooling = max(0, s.cooling - 1)
    s.bull_wait = max(0, s.bull_wait - 1)
    s.since_stop += 1


def act_on_level(
    small: Any, leg: Any, f: Any, p: Any, s: Any, equity: float, orders: Any, role: int, side: float, gear: float
) -> None:
    """The bear, the long that comes when its level is won back, and the stops of both. leg and gear: see the bear."""
    close, low = small.close * small.factor, small.low * small.factor
    if s.bear_stage >= Bear.HOLDING:
        hold_bear(close, low, leg.split, f, p, s, orders, role)
        if is_reclaimed(close, f, p, s) and wants_long(p, s, orders):
            open_bull(small, f, s, equity, orders, p.reversal_size, Bull.REVERSAL, Reason.BULL_REVERSAL)
    elif is_breached(close, f, p, s) and s.cooling == 0 and is_idle(s.bear, s.bear_order, orders):
        shares = side * bear_exposure(close, f, p, s) * equity / (abs(gear) * leg.close)
        open_bear(close, low, leg, f, p, s, shares, orders, role, gear)
    protect_bear(close, leg, p, s, orders, role, gear)
    protect_bull(small, s, orders)
    remember(s, orders)
