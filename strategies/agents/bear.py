# SPDX-License-Identifier: Apache-2.0
"""The bear: a test of a level, the breach, three tiers in, steps out, and one stop for all of it.

role is the position of what the bear trades, leg its bar, gear its move for a move of one in the small caps: 1 for the
small caps themselves, less than 0 for an inverse fund. All levels are prices of the small caps that no split moves.
"""

from enum import IntEnum
from typing import Any

from strategies.agents.bull import Bull, leave_bull
from strategies.agents.orders import CHEAPEST, DUST, Reason, is_idle, renew


class Trigger(IntEnum):
    SUPPORT = 0
    CROSS = 1
    EITHER = 2


class LevelRole(IntEnum):
    """What a support must have been to count."""

    ANY = 0
    REVERSED = 1  # a ceiling, before it held as a floor


class Measure(IntEnum):
    """In what the height of a double top is taken off its neckline."""

    LOG = 0
    PRICE = 1


class Bear(IntEnum):
    """Stages of the bear."""

    WATCHING = 0
    TESTING = 1  # closes below a level that are not decisive yet
    HOLDING = 2
    REDUCED = 3


def is_breached(close: float, f: Any, p: Any, s: Any) -> bool:
    """Whether a level is broken decisively: by enough closes, far enough, and validated."""
    if s.bear_stage == Bear.WATCHING:
        by_support = p.trigger != Trigger.CROSS and close < f.support and f.strength >= p.min_strength
        by_support = by_support and f.since_below >= p.fresh and f.crossings <= p.max_crossings
        by_cross = p.trigger != Trigger.SUPPORT and f.cross == 1.0 and close < f.slow
        if not (by_support or by_cross):
            return False
        s.level = f.support if by_support else f.slow
        s.closes = 0
        s.bear_stage = Bear.TESTING
    s.closes += 1
    if close >= s.level or s.closes > p.confirm_within:
        s.bear_stage = Bear.WATCHING
        return False
    return s.closes >= p.closes and s.level - close >= p.margin * f.atr and is_validated(f, p)


def is_validated(f: Any, p: Any) -> bool:
    """Whether enough speaks for it, where that is asked: a score that is not known is not enough."""
    return p.score == 0.0 or f.score >= p.score


def bear_exposure(close: float, f: Any, p: Any, s: Any) -> float:
    """To small caps, as a part of equity: by volatility up to the cap, less for a shallow break."""
    depth = min(1.0, (s.level - close) / (p.full_depth * f.atr))
    return min(p.cap, p.target_volatility / f.volatility) * (p.least + (1.0 - p.least) * depth)


def open_bear(
    close: float, low: float, leg: Any, f: Any, p: Any, s: Any, shares: float, orders: Any, role: int, gear: float
) -> None:
    """The first tier at the next open, the others as limit orders on the way back to the level."""
    s.bear_stage = Bear.HOLDING
    s.entry = close
    s.target = f.target
    s.full = 0.0
    s.bear_best = low
    s.bear_level = max(close, s.level) + f.bear_range
    s.bear_age = 0
    s.since_step = 0
    shares = shares / max(1.0, p.tier_1 + p.tier_2 + p.tier_3)
    second = translate(tier_level(p.rebound_2, s), close, leg.close, gear)
    third = translate(tier_level(p.rebound_3, s), close, leg.close, gear)
    s.bear_order = orders.market(role, p.tier_1 * shares, Reason.BEAR_BREACH)
    s.tier_2 = orders.limit(role, p.tier_2 * shares, second, Reason.BEAR_TIER_2)
    s.tier_3 = orders.limit(role, p.tier_3 * shares, third, Reason.BEAR_TIER_3)
    s.bear_protection = 0
    if s.bull_stage == Bull.REVERSAL:
        leave_bull(p, s, orders, Reason.BULL_YIELD)


def tier_level(rebound: float, s: Any) -> float:
    """Price of the small caps at which a tier is sold."""
    return s.entry + rebound * (s.level - s.entry)


def translate(level: float, close: float, leg_close: float, gear: float) -> float:
    """Today's price of what the bear trades for a price of the small caps; a fund is exact for one session."""
    return max(CHEAPEST, leg_close * (1.0 + gear * (level / close - 1.0)))


def hold_bear(close: float, low: float, split: float, f: Any, p: Any, s: Any, orders: Any, role: int) -> None:
    """Ratchet the stop, let tiers expire, and shrink or leave where the fall turns."""
    s.bear_age += 1
    s.since_step += 1
    s.full = max(s.full * split, abs(s.bear))
    s.bear_best = min(s.bear_best, low)
    s.bear_level = min(s.bear_level, s.bear_best + f.bear_range)
    if s.tier_2 > 0 and (s.bear_age >= p.expiry_2 or tier_level(p.rebound_2, s) >= s.bear_level):
        orders.cancel(s.tier_2)
        s.tier_2 = 0
    if s.tier_3 > 0 and (s.bear_age >= p.expiry_3 or tier_level(p.rebound_3, s) >= s.bear_level):
        orders.cancel(s.tier_3)
        s.tier_3 = 0
    if is_idle(s.bear, s.bear_order, orders):
        if not orders.working(s.bear_protection):
            count_stop(p, s)
        leave_bear(s, orders, role, Reason.BEAR_STOP)
    elif is_reclaimed(close, f, p, s):
        leave_bear(s, orders, role, Reason.BEAR_RECLAIMED)
    elif p.take_target and close <= s.target:
        leave_bear(s, orders, role, Reason.BEAR_TARGET)
    elif p.step > 0.0 and s.since_step >= p.step_pause and (f.turn == 1.0 or f.quiet_low == 1.0):
        reduce_bear(p, s, orders, role)


def is_reclaimed(close: float, f: Any, p: Any, s: Any) -> bool:
    """Whether the close is back above the level that broke."""
    return close > s.level + p.reclaim * f.atr


def reduce_bear(p: Any, s: Any, orders: Any, role: int) -> None:
    """Cover a step, and add no more."""
    share = p.step * s.full / max(abs(s.bear), DUST)
    if share >= 1.0:
        leave_bear(s, orders, role, Reason.BEAR_REDUCE)
        return
    orders.cancel(s.tier_2)
    orders.cancel(s.tier_3)
    orders.cancel(s.bear_order)
    s.bear_order = orders.market(role, -share * s.bear, Reason.BEAR_REDUCE)
    s.bear_stage = Bear.REDUCED
    s.since_step = 0


def leave_bear(s: Any, orders: Any, role: int, reason: int) -> None:
    """Cover all, with everything that works for the bear."""
    orders.cancel(s.tier_2)
    orders.cancel(s.tier_3)
    orders.cancel(s.bear_order)
    orders.cancel(s.bear_protection)
    s.bear_order = orders.market(role, -s.bear, reason)
    s.bear_stage = Bear.WATCHING


def count_stop(p: Any, s: Any) -> None:
    """One more stop in a row, or the first; enough of them start the cool-down."""
    s.stops = s.stops + 1 if s.since_stop <= p.whipsaw_bars else 1
    s.since_stop = 0
    if s.stops >= p.whipsaws:
        s.cooling = p.cool_down
        s.stops = 0


def protect_bear(close: float, leg: Any, p: Any, s: Any, orders: Any, role: int, gear: float) -> None:
    """Keep one stop order for all that the bear holds or may hold after a bar: the tiers lie before the stop."""
    if s.bear_stage >= Bear.HOLDING:
        if gear < 0.0:  # the daily reset moves the fund's prices for the levels
            orders.move(s.tier_2, translate(tier_level(p.rebound_2, s), close, leg.close, gear))
            orders.move(s.tier_3, translate(tier_level(p.rebound_3, s), close, leg.close, gear))
        price = translate(s.bear_level, close, leg.close, gear)
        qty = -(s.bear + bear_entries(s, orders))
        s.bear_protection = renew(orders, s.bear_protection, role, qty, price, Reason.BEAR_STOP)


def bear_entries(s: Any, orders: Any) -> float:
    """The same without its stop."""
    return orders.quantity(s.bear_order) + orders.quantity(s.tier_2) + orders.quantity(s.tier_3)


def bear_working(s: Any, orders: Any) -> float:
    """Signed shares that the bear's orders have still to fill."""
    return bear_entries(s, orders) + orders.quantity(s.bear_protection)
