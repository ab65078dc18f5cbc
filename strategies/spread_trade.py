# SPDX-License-Identifier: Apache-2.0
"""The crowded spread: long large caps against short small caps while their ratio trends, out when the crowd unwinds.

Idea, rules and what the data said: docs/strategies/spread_trade.md.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.indicators import (
    atr,
    log_ratio,
    momentum,
    ratio_atr,
    rolling_beta,
    rolling_mean,
    rolling_std,
    shock,
    zscore,
)
from engine.market.panel import Market
from engine.strategy import Strategy, lookback, param
from strategies.spreads.outlook import SPREAD_REMEMBERS, spread_conditions
from strategies.spreads.words import LARGE, SMALL, Direction, Hedge, Pyramid, Reason, Stage


class SpreadTrade(Strategy):
    """Long one leg, short the other, sized by the volatility of the pair."""

    roles = ("large", "small")

    class Params:
        direction: Direction = param(
            Direction.LONG_LARGE_SHORT_SMALL, doc="which leg is long; the reverse is the classic hedge-fund book"
        )
        momentum_window: int = lookback(60, low=2, high=1000, doc="look-back of the ratio's momentum")
        z_window: int = lookback(250, low=10, high=2000, doc="look-back of the ratio's z-score")
        enter: float = param(
            0.5, low=-5, high=5, not_below="exit", unit="sigma", doc="z-score, in the trade's direction, that opens it"
        )
        exit: float = param(-1.0, low=-5, high=5, unit="sigma", doc="z-score that closes it")
        trend_window: int = lookback(0, low=0, high=1000, doc="the ratio must be beyond its average over this; 0: off")
        hedge: Hedge = param(Hedge.BETA, doc="size of the small leg: equal dollars, equal beta or equal volatility")
        hedge_window: int = lookback(
            120, low=10, high=1000, doc="look-back of the hedge ratio and of the spread's volatility"
        )
        target_volatility: float = param(
            0.05, low=0.005, high=1, unit="a year", doc="volatility of the spread the size aims at"
        )
        gross_cap: float = param(1.6, low=0.1, high=6, unit="x equity", doc="most gross exposure; Reg T opens up to 2")
        pyramid: Pyramid = param(
            Pyramid.NONE,
            doc="size added as the ratio widens: none; follow takes it off again; ratchet only at the exit",
        )
        pyramid_step: float = param(
            0.5, low=0, high=2, unit="of size", doc="what the pyramid adds per sigma of widening beyond entry"
        )
        rebalance_band: float = param(0.10, low=0, high=1, unit="of target", doc="drift of a leg that is left alone")
        unwind_days: int = lookback(15, low=2, high=250, doc="length of the shock the guard watches")
        unwind_shock: float = param(-2.5, low=-20, high=0, unit="sigma", doc="shock that cuts half; -20 is off")
        unwind_flat: float = param(-3.5, low=-20, high=0, unit="sigma", doc="shock that cuts all at once")
        unwind_patience: int = param(
            3, low=1, high=250, unit="bars", doc="a shock that lasts this long after the first cut takes the rest"
        )
        reentry_shock: float = param(
            -1.0, low=-20, high=5, unit="sigma", doc="shock must recover to this before size comes back"
        )
        cool_down: int = param(20, low=0, high=1000, unit="bars", doc="no entry for this long after a guard or a stop")
        ratio_stop: float = param(20.0, low=0, high=100, unit="ATR", doc="stop off the best ratio since entry; 0: off")
        leg_stop: float = param(0.0, low=0, high=100, unit="ATR", doc="protective stop order on each leg; 0 is off")
        atr_window: int = lookback(20, low=2, high=250, doc="look-back of the average true ranges")

    class State:
        side: bool = False  # in the trade
        stage: Stage = Stage.CALM
        since_cut: int = 0  # bars since the first cut
        cooling: int = 0  # bars left without entries
        best: float = 0.0  # best ratio since entry, in the trade's direction
        widest: float = 0.0  # sigma beyond entry that the ratchet stands on
        weight: float = 0.0  # weight of the large leg aimed at, unsigned
        order_large: int = 0  # ids of the orders that are to bring the legs to size, while they work
        order_small: int = 0
        stop_large: int = 0  # ids, levels and sizes of the leg stops
        stop_small: int = 0
        level_large: float = 0.0
        level_small: float = 0.0

    Reason = Reason
    gross_cap = "gross_cap"
    remembers = SPREAD_REMEMBERS
    conditions = spread_conditions
    watch = {  # noqa: RUF012  (ClassVar in the base)
        "z": ("enter", "exit"),
        "shock": ("unwind_shock", "unwind_flat", "reentry_shock"),
        "momentum": (),
        "volatility": ("target_volatility",),
    }

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Log ratio large/small with its momentum, z-score, trend and shock; hedge ratio; volatilities and ranges."""
        large, small = market.large, market.small
        quotient, ratio = large.close / small.close, log_ratio(large.close, small.close)
        large_return, small_return = momentum(large.close, 1), momentum(small.close, 1)
        hedge = self._hedge(large_return, small_return, p)
        spread_return = large_return - hedge * small_return
        return {
            "ratio": ratio,
            "momentum": momentum(quotient, p.momentum_window),
            "z": zscore(ratio, p.z_window),
            "trend": ratio - rolling_mean(ratio, p.trend_window) if p.trend_window > 1 else np.zeros(len(market)),
            "hedge": hedge,
            "volatility": rolling_std(spread_return, p.hedge_window) * np.sqrt(market.bars_per_year),
            "shock": shock(quotient, p.unwind_days, p.hedge_window),
            "ratio_atr": ratio_atr(large.close, small.close, p.atr_window) / quotient,
            "large_atr": atr(large.high, large.low, large.close, p.atr_window),
            "small_atr": atr(small.high, small.low, small.close, p.atr_window),
        }

    @staticmethod
    def _hedge(large_return: FloatArray, small_return: FloatArray, p: Any) -> FloatArray:
        """(T,) dollars of the small leg for one dollar of the large leg."""
        if p.hedge == Hedge.DOLLAR:
            return np.ones(len(large_return))
        if p.hedge == Hedge.BETA:
            return 1.0 / np.clip(rolling_beta(small_return, large_return, p.hedge_window), 0.25, 4.0)
        return np.clip(rolling_std(large_return, p.hedge_window) / rolling_std(small_return, p.hedge_window), 0.25, 4.0)

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        warming = f.z != f.z or f.volatility != f.volatility or f.shock != f.shock or f.ratio_atr != f.ratio_atr
        if warming or account.frozen == 1:  # while the broker liquidates, every order would be refused
            return
        side = float(p.direction)
        s.cooling = max(0, s.cooling - 1)
        s.best = max(s.best, side * f.ratio)
        if s.side and p.pyramid == Pyramid.RATCHET:
            s.widest = max(s.widest, side * f.z - p.enter)
        if s.order_large > 0 or s.order_small > 0:
            forget_filled(s, orders)
        if not s.side:
            if s.cooling == 0 and wants_in(f, p, side):
                enter(f, p, s, orders, side)
        elif is_broken(s, account):
            leave(s, orders, Reason.BROKEN_PAIR, p.cool_down)
        elif p.ratio_stop > 0.0 and side * f.ratio < s.best - p.ratio_stop * f.ratio_atr:
            leave(s, orders, Reason.RATIO_STOP, p.cool_down)
        elif side * f.z <= p.exit:
            leave(s, orders, Reason.EXIT, 0)
        elif not guard(f, p, s, orders, side) and has_drifted(f, p, s, account, side):
            resize(f, p, s, orders, side, Reason.REBALANCE)
        if s.side and p.leg_stop > 0.0:
            protect(bar, f, p, s, account, orders, side)


def wants_in(f: Any, p: Any, side: float) -> bool:
    """Whether the ratio trends in the trade's direction beyond the entry band, with no shock under way."""
    trending = side * f.momentum > 0.0 and side * f.trend >= 0.0
    return trending and side * f.z >= p.enter and side * f.shock > p.reentry_shock


def wanted_weight(f: Any, p: Any, s: Any, side: float) -> float:
    """Weight of the large leg: volatility target, pyramid, gross cap, and half after the guard's first cut."""
    weight = p.target_volatility / f.volatility
    if p.pyramid == Pyramid.FOLLOW:
        weight *= 1.0 + p.pyramid_step * max(0.0, side * f.z - p.enter)
    elif p.pyramid == Pyramid.RATCHET:
        weight *= 1.0 + p.pyramid_step * s.widest
    weight = min(weight, p.gross_cap / (1.0 + f.hedge))
    return 0.5 * weight if s.stage == Stage.HALVED else weight


def enter(f: Any, p: Any, s: Any, orders: Any, side: float) -> None:
    """Open both legs."""
    s.side = True
    s.stage = Stage.CALM
    s.best = side * f.ratio
    s.widest = side * f.z - p.enter if p.pyramid == Pyramid.RATCHET else 0.0
    s.level_large = 0.0
    s.level_small = 0.0
    resize(f, p, s, orders, side, Reason.ENTER)


def resize(f: Any, p: Any, s: Any, orders: Any, side: float, reason: int) -> None:
    """Bring both legs to the wanted weights."""
    s.weight = wanted_weight(f, p, s, side)
    s.order_large = orders.target(LARGE, side * s.weight, reason)
    s.order_small = orders.target(SMALL, -side * s.weight * f.hedge, reason)


def forget_filled(s: Any, orders: Any) -> None:
    """Forget the ids of orders that work no more."""
    if not orders.working(s.order_large):
        s.order_large = 0
    if not orders.working(s.order_small):
        s.order_small = 0


def is_broken(s: Any, account: Any) -> bool:
    """Whether a leg is gone, and no order is on its way to bring it."""
    no_large = account.large.qty == 0.0 and s.order_large == 0
    no_small = account.small.qty == 0.0 and s.order_small == 0
    return no_large or no_small


def has_drifted(f: Any, p: Any, s: Any, account: Any, side: float) -> bool:
    """Whether a leg's value is out of its band around the wanted one."""
    large = wanted_weight(f, p, s, side) * account.equity
    small = large * f.hedge
    large_off = abs(abs(account.large.value) - large) > p.rebalance_band * large
    return large_off or abs(abs(account.small.value) - small) > p.rebalance_band * small


def leave(s: Any, orders: Any, reason: int, cooling: int) -> None:
    """Close both legs with everything that works for them."""
    orders.close(LARGE, reason)
    orders.close(SMALL, reason)
    s.side = False
    s.stage = Stage.CALM
    s.widest = 0.0
    s.weight = 0.0
    s.stop_large = 0
    s.stop_small = 0
    s.cooling = cooling


def guard(f: Any, p: Any, s: Any, orders: Any, side: float) -> bool:
    """Half at the first shock, flat if it deepens or lasts, back when it has passed. True if it acted."""
    shock_now = side * f.shock
    s.since_cut += 1
    if shock_now <= p.unwind_flat:
        leave(s, orders, Reason.UNWIND_FLAT, p.cool_down)
        return True
    if s.stage == Stage.CALM and shock_now <= p.unwind_shock:
        s.stage = Stage.HALVED
        s.since_cut = 0
        resize(f, p, s, orders, side, Reason.UNWIND_HALF)
        return True
    if s.stage == Stage.HALVED and shock_now <= p.unwind_shock and s.since_cut >= p.unwind_patience:
        leave(s, orders, Reason.UNWIND_FLAT, p.cool_down)
        return True
    if s.stage == Stage.HALVED and shock_now > p.reentry_shock and s.since_cut >= p.cool_down:
        s.stage = Stage.CALM
        resize(f, p, s, orders, side, Reason.RESTORE)
        return True
    return False


def protect(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any, side: float) -> None:
    """Keep one stop order on each leg, a multiple of its ATR behind the best close, never moving back.

    It covers what the leg's working order will make of it, so that an entry is protected from its first bar. Levels
    are remembered in prices that no split moves, as features are; the order's price is today's.
    """
    long_large = side > 0.0
    large, small = bar.large.factor, bar.small.factor
    s.level_large = ratchet(s.level_large, bar.large.close * large, p.leg_stop * f.large_atr, long_large)
    s.level_small = ratchet(s.level_small, bar.small.close * small, p.leg_stop * f.small_atr, not long_large)
    held_large, held_small = account.large.qty, account.small.qty
    if s.order_large > 0 or s.order_small > 0:
        held_large += orders.quantity(s.order_large)
        held_small += orders.quantity(s.order_small)
    s.stop_large = renew(orders, s.stop_large, LARGE, -held_large, s.level_large / large)
    s.stop_small = renew(orders, s.stop_small, SMALL, -held_small, s.level_small / small)


def ratchet(level: float, close: float, distance: float, is_long: bool) -> float:
    """The stop's level after this close; 0 means there is none yet."""
    fresh = close - distance if is_long else close + distance
    if level == 0.0:
        return fresh
    return max(level, fresh) if is_long else min(level, fresh)


def renew(orders: Any, order: int, role: int, qty: float, level: float) -> int:
    """Move the leg's stop to its new level, in a new order when the leg has another size."""
    if orders.quantity(order) == qty:
        return orders.move(order, level)
    orders.cancel(order)
    return orders.reduce_only(orders.stop(role, qty, level, Reason.LEG_STOP))
