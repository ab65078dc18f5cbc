# SPDX-License-Identifier: Apache-2.0
"""A bear and a bull on small caps: short when long-standing support breaks, small longs against the bounces.

DoubleAgent trades one symbol, both agents netted; in DoubleAgentFund the bear buys an inverse fund. Idea, rules and
what the data said: docs/strategies/double_agent.md.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np

from engine.indicators import (
    atr,
    break_depth,
    cross_down,
    cross_up,
    double_tops,
    momentum,
    price_levels,
    published_rising,
    quiet_new_low,
    relative_volume,
    rolling_mean,
    rolling_std,
    rsi,
    share_below_mean,
)
from engine.market.panel import FloatArray, Market
from engine.strategy import ReasonCode, Strategy, param

SMALL, INVERSE = 0, 1
SHORT, FUND = -1.0, 1.0  # sign of the bear's shares
DUST = 1e-6  # shares
CHEAPEST = 0.01  # a translated price is never less


class Trigger(IntEnum):
    SUPPORT = 0
    CROSS = 1
    EITHER = 2


class Bear(IntEnum):
    """Stages of the bear."""

    WATCHING = 0
    TESTING = 1  # closes below a level that are not decisive yet
    HOLDING = 2
    REDUCED = 3


class Bull(IntEnum):
    """Stages of the bull."""

    OUT = 0
    BOUNCE = 1
    REVERSAL = 2


class Reason(ReasonCode):
    BEAR_BREACH = 1, "bear: a decisive close below the level, the first tier is sold"
    BEAR_TIER_2 = 2, "bear: second tier, on a rebound toward the broken level"
    BEAR_TIER_3 = 3, "bear: third tier, on a rebound toward the broken level"
    BEAR_STOP = 4, "bear: the ATR stop"
    BEAR_REDUCE = 5, "bear: the fall is tiring, a step is covered"
    BEAR_TARGET = 6, "bear: the double top's measured move is reached, all is covered"
    BEAR_RECLAIMED = 7, "bear: the close is back above the broken level, all is covered"
    BULL_BOUNCE = 8, "bull: oversold and a new low on drying volume, a small counter-trend long"
    BULL_REVERSAL = 9, "bull: the broken level is won back, long again"
    BULL_STOP = 10, "bull: the ATR stop"
    BULL_DONE = 11, "bull: the bounce has come, the long is sold"
    BULL_TIME = 12, "bull: the holding limit"
    BULL_YIELD = 13, "bull: a level broke, the long makes room for the bear"
    BOTH_CLOSED = 14, "an order was refused or the broker closed something: both agents start anew"


class DoubleAgent(Strategy):
    """Both agents trade the small caps themselves; the position is the bull's shares less the bear's."""

    roles: ClassVar[tuple[str, ...]] = ("small",)
    optional_series = ("short_interest", "kre", "xle", "xly")

    class Params:
        trigger: Trigger = param(Trigger.SUPPORT, doc="what the bear acts on: a broken support, averages crossing down")
        pivot: int = param(10, low=2, high=100, unit="bars", doc="on each side of a swing high or low")
        tolerance: float = param(0.015, low=0.001, high=0.1, unit="of price", doc="how near touches of one level are")
        touches: int = param(4, low=2, high=20, doc="a level counts from this many touches on")
        min_age: int = param(378, low=1, high=2500, unit="bars", doc="a level counts from this age on")
        memory: int = param(1250, low=10, high=5000, unit="bars", doc="without a touch, then a level is forgotten")
        min_strength: float = param(0.0, low=0, high=100, doc="least strength of a support whose break counts")
        fast: int = param(50, low=2, high=1000, unit="bars", doc="the fast average")
        slow: int = param(200, low=2, high=2000, unit="bars", doc="the slow average; below it is a sell-off")
        margin: float = param(0.5, low=0, high=10, unit="ATR", doc="a close this far below the level is decisive")
        closes: int = param(1, low=1, high=20, unit="bars", doc="closes below the level before a break is decisive")
        confirm_within: int = param(10, low=1, high=250, unit="bars", doc="closes below after which a test is over")
        score: float = param(0.0, low=0, high=1, doc="least score of the validators; 0 asks for none")
        weigh_interest: float = param(1.0, low=0, high=10, doc="weight of rising short interest; 0 is off")
        weigh_sectors: float = param(1.0, low=0, high=10, doc="weight of the share of weak sectors; 0 is off")
        weigh_volume: float = param(1.0, low=0, high=10, doc="weight of high volume; 0 is off")
        weigh_top: float = param(1.0, low=0, high=10, doc="weight of a double top's broken neckline; 0 is off")
        sector_window: int = param(100, low=2, high=1000, unit="bars", doc="of the averages that sectors are held to")
        high_volume: float = param(1.2, low=0, high=20, unit="x median", doc="volume that confirms a break")
        target_volatility: float = param(0.12, low=0.005, high=2, unit="a year", doc="the bear's size aims at it")
        cap: float = param(0.8, low=0.05, high=3, unit="x equity", doc="most exposure of the bear, in small caps")
        full_depth: float = param(1.5, low=0.1, high=20, unit="ATR", doc="depth of a break that earns full size")
        least: float = param(0.5, low=0, high=1, unit="of size", doc="size at a break of no depth")
        tier_1: float = param(0.5, low=0, high=1, unit="of size", doc="sold on the breach")
        tier_2: float = param(0.25, low=0, high=1, unit="of size", doc="sold on a rebound; the tiers' sum is at most 1")
        tier_3: float = param(0.25, low=0, high=1, unit="of size", doc="sold on a greater rebound")
        rebound_2: float = param(0.5, low=0, high=1, unit="of the way", doc="second tier, from close back to level")
        rebound_3: float = param(1.0, low=0, high=1, unit="of the way", doc="third tier, from close back to level")
        expiry_2: int = param(10, low=1, high=250, unit="bars", doc="life of the second tier's order")
        expiry_3: int = param(20, low=1, high=250, unit="bars", doc="life of the third tier's order")
        bear_stop: float = param(4.0, low=0.5, high=50, unit="ATR", doc="the bear's stop above the lowest low")
        bull_stop: float = param(2.5, low=0.5, high=50, unit="ATR", doc="the bull's stop below the highest high")
        widen: float = param(0.5, low=0, high=3, doc="stops widen by this share of volatility above its yearly mean")
        atr_window: int = param(20, low=2, high=250, unit="bars", doc="look-back of the average true range")
        volatility_window: int = param(40, low=5, high=500, unit="bars", doc="look-back of the volatility")
        rsi_window: int = param(14, low=2, high=250, unit="bars", doc="look-back of the RSI")
        oversold: float = param(30.0, low=0, high=100, doc="RSI below it is oversold, back above it turns up")
        low_window: int = param(20, low=2, high=250, unit="bars", doc="of the low that a quiet new low is held to")
        step: float = param(0.34, low=0, high=1, unit="of position", doc="covered at each sign of a reversal; 0 is off")
        pause: int = param(5, low=1, high=250, unit="bars", doc="between two steps, and after a bull that ended")
        reclaim: float = param(0.5, low=0, high=10, unit="ATR", doc="a close this far above the level ends the bear")
        take_target: bool = param(False, doc="cover at the measured move of a double top")
        bull_size: float = param(0.15, low=0, high=2, unit="x equity", doc="of the counter-trend long; 0 is off")
        bull_hold: int = param(10, low=1, high=250, unit="bars", doc="longest counter-trend long")
        bull_done: float = param(50.0, low=0, high=100, doc="RSI at which the bounce has come")
        reversal_size: float = param(0.3, low=0, high=2, unit="x equity", doc="long after a level won back; 0 is off")
        reversal_hold: int = param(60, low=1, high=1000, unit="bars", doc="longest long after a level won back")
        whipsaws: int = param(2, low=1, high=20, doc="stops in a row that start the cool-down")
        whipsaw_bars: int = param(60, low=1, high=1000, unit="bars", doc="from stop to stop that counts as in a row")
        cool_down: int = param(40, low=0, high=1000, unit="bars", doc="without a new bear after that many stops")

    class State:
        bear_stage: Bear = Bear.WATCHING
        bull_stage: Bull = Bull.OUT
        level: float = 0.0  # that broke; all prices here are ones that no split moves
        target: float = 0.0  # of the double top; 0: none
        closes: int = 0  # below the level
        bear: float = 0.0  # shares held by each agent, signed
        bull: float = 0.0
        full: float = 0.0  # most shares the bear has held in this trade, unsigned
        entry: float = 0.0  # close on the breach
        bear_best: float = 0.0  # lowest low since the breach
        bear_level: float = 0.0  # of the stop
        bull_best: float = 0.0
        bull_level: float = 0.0
        bear_age: int = 0  # bars since the breach, since the last step
        since_step: int = 0
        bull_age: int = 0
        bull_wait: int = 0
        stops: int = 0  # in a row
        since_stop: int = 100_000
        cooling: int = 0
        bear_order: int = 0  # ids: the agent's market order, its tiers, its stop
        tier_2: int = 0
        tier_3: int = 0
        bear_protection: int = 0
        bull_order: int = 0
        bull_protection: int = 0
        busy: bool = False  # an agent holds something or an order is on its way
        bear_left: float = 0.0  # signed shares that the agent's orders had still to fill
        bull_left: float = 0.0

    Reason = Reason
    watch: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "support": (),
        "depth": ("margin", "full_depth"),
        "strength": ("min_strength",),
        "score": ("score",),
        "interest": ("weigh_interest",),
        "sectors": ("weigh_sectors",),
        "volume": ("high_volume", "weigh_volume"),
        "top": ("weigh_top",),
        "rsi": ("oversold", "bull_done"),
        "volatility": ("target_volatility",),
        "bear_range": ("bear_stop", "widen"),
        "bull_range": ("bull_stop", "widen"),
    }

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Support with strength, age and role; double top; averages; validators and score; ranges; signs of a turn."""
        small = market.small
        high, low, close, volume = small.high, small.low, small.close, small.volume
        width = {"left": p.pivot, "right": p.pivot}
        rules = {"tolerance": p.tolerance, "min_touches": p.touches, "min_age": p.min_age, "max_age": p.memory}
        floor = price_levels(high, low, close, volume, **width, **rules).support
        top = double_tops(high, low, close, **width)
        slow, average_range = rolling_mean(close, p.slow), atr(high, low, close, p.atr_window)
        volatility = rolling_std(momentum(close, 1), p.volatility_window) * np.sqrt(market.bars_per_year)
        usual = rolling_mean(volatility, 252)
        above_usual = np.where(usual > 0.0, volatility / np.where(usual > 0.0, usual, 1.0) - 1.0, 0.0)
        wide = average_range * (1.0 + p.widen * np.clip(above_usual, 0.0, 2.0))
        strength = rsi(close, n=p.rsi_window)
        broken = np.where(top.neckline > close, 1.0, 0.0)
        validators = {
            "interest": published_rising(market.short_interest),
            "sectors": share_below_mean((market.kre, market.xle, market.xly), p.sector_window),
            "volume": relative_volume(volume),
            "top": np.where(np.isnan(top.active), np.nan, broken),
        }
        return {
            "support": floor.price, "strength": floor.strength, "age": floor.age, "reversed": floor.role_reversed,
            "depth": break_depth(close, floor.price, average_range), "atr": average_range, "volatility": volatility,
            "target": np.where(broken == 1.0, top.target, 0.0), "slow": slow,
            "cross": cross_down(rolling_mean(close, p.fast), slow),
            **validators, "score": score_of(validators, p),
            "rsi": strength, "turn": cross_up(strength, p.oversold),
            "quiet_low": quiet_new_low(low, volume, p.low_window),
            "bear_range": p.bear_stop * wide, "bull_range": p.bull_stop * wide,
        }  # fmt: skip

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_warming(f) or account.frozen == 1 or account.equity <= 0.0:
            return
        unsettled = s.busy or account.small.qty != 0.0
        if unsettled and not settle(bar.small.split, account.small.qty, s, orders):
            orders.close(SMALL, Reason.BOTH_CLOSED)
            start_anew(s)
            return
        act(bar.small, bar.small, f, p, s, account.equity, orders, SMALL, SHORT, 1.0)


class DoubleAgentFund(DoubleAgent):
    """The bear buys an inverse fund; the bull trades the small caps. All levels are those of the small caps."""

    roles = ("small", "inverse")

    class Params(DoubleAgent.Params):
        factor: float = param(1.0, low=1, high=3, doc="the fund makes minus this times the index, day by day")
        most_decay: float = param(1.0, low=0.01, high=20, unit="a year", doc="expected decay that halts new bears")

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Those of the base, and the yearly loss to the fund's daily reset, at the volatility now, if prices stay."""
        found = super().features(market, p)
        variance = found["volatility"] * found["volatility"]
        return {**found, "decay": 0.5 * p.factor * (p.factor + 1.0) * variance}

    watch: ClassVar[Mapping[str, tuple[str, ...]]] = {**DoubleAgent.watch, "decay": ("most_decay",)}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_warming(f) or account.frozen == 1 or account.equity <= 0.0:
            return
        s.bear = account.inverse.qty
        s.bull = account.small.qty
        if s.bear < 0.0 or s.bull < 0.0:
            orders.close(SMALL, Reason.BOTH_CLOSED)
            orders.close(INVERSE, Reason.BOTH_CLOSED)
            start_anew(s)
            return
        if f.decay > p.most_decay:
            s.cooling = max(s.cooling, 2)  # one is taken off before the bear looks
        act(bar.small, bar.inverse, f, p, s, account.equity, orders, INVERSE, FUND, -p.factor)


def score_of(validators: Mapping[str, FloatArray], p: Any) -> FloatArray:
    """(T,) weighted mean of the validators that are known, 0 to 1; 1 where nobody is asked or nothing is known."""
    said = {**validators, "volume": np.where(np.isnan(validators["volume"]), np.nan, 0.0)}
    said["volume"] = said["volume"] + (validators["volume"] >= p.high_volume)
    total, weights = np.zeros(len(said["top"])), np.zeros(len(said["top"]))
    for name, values in said.items():
        weight = np.where(np.isnan(values), 0.0, getattr(p, f"weigh_{name}"))
        total += weight * np.nan_to_num(values)
        weights += weight
    return np.divide(total, weights, out=np.ones(len(total)), where=weights > 0.0)


def is_warming(f: Any) -> bool:
    """Whether something that sizes, stops or turns is not known yet."""
    return not (f.atr > 0.0 and f.volatility > 0.0) or f.rsi != f.rsi or f.slow != f.slow


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


def bear_working(s: Any, orders: Any) -> float:
    """Signed shares that the bear's orders have still to fill."""
    return bear_entries(s, orders) + orders.quantity(s.bear_protection)


def bear_entries(s: Any, orders: Any) -> float:
    """The same without its stop."""
    return orders.quantity(s.bear_order) + orders.quantity(s.tier_2) + orders.quantity(s.tier_3)


def bull_working(s: Any, orders: Any) -> float:
    """Signed shares that the bull's orders have still to fill."""
    return orders.quantity(s.bull_order) + orders.quantity(s.bull_protection)


def start_anew(s: Any) -> None:
    """Both agents hold nothing and have no orders."""
    s.bear_stage = Bear.WATCHING
    s.bull_stage = Bull.OUT
    s.bear = 0.0
    s.bull = 0.0
    s.bear_left = 0.0
    s.bull_left = 0.0


def act(
    small: Any, leg: Any, f: Any, p: Any, s: Any, equity: float, orders: Any, role: int, side: float, gear: float
) -> None:
    """One bar of both agents. leg is what the bear trades, gear its move for a move of one in the small caps."""
    close, low, high = small.close * small.factor, small.low * small.factor, small.high * small.factor
    s.cooling = max(0, s.cooling - 1)
    s.bull_wait = max(0, s.bull_wait - 1)
    s.since_stop += 1
    if s.bull_stage != Bull.OUT:
        hold_bull(high, f, p, s, orders)
    elif wants_bounce(close, f, p, s) and is_idle(s.bull, s.bull_order, orders):
        open_bull(small, f, s, equity, orders, p.bull_size, Bull.BOUNCE, Reason.BULL_BOUNCE)
    if s.bear_stage >= Bear.HOLDING:
        hold_bear(close, low, leg.split, f, p, s, orders, role)
        if s.bear_stage == Bear.WATCHING and is_reclaimed(close, f, p, s) and wants_long(p, s, orders):
            open_bull(small, f, s, equity, orders, p.reversal_size, Bull.REVERSAL, Reason.BULL_REVERSAL)
    elif is_breached(close, f, p, s) and s.cooling == 0 and is_idle(s.bear, s.bear_order, orders):
        shares = side * bear_exposure(close, f, p, s) * equity / (abs(gear) * leg.close)
        open_bear(close, low, leg, f, p, s, shares, orders, role, gear)
    protect_bear(close, leg, p, s, orders, role, gear)
    protect_bull(small, s, orders)
    remember(s, orders)


def remember(s: Any, orders: Any) -> None:
    """What the agents' orders have still to fill: while one holds, its stop is for the rest of what works for it."""
    holding, long = s.bear_stage >= Bear.HOLDING, s.bull_stage != Bull.OUT
    s.bear_left = 0.0 - s.bear if holding else orders.quantity(s.bear_order)
    s.bull_left = 0.0 - s.bull if long else orders.quantity(s.bull_order)
    s.busy = holding or long or s.bear_left != 0.0 or s.bull_left != 0.0


def is_breached(close: float, f: Any, p: Any, s: Any) -> bool:
    """Whether a level is broken decisively: by enough closes, far enough, and validated."""
    if s.bear_stage == Bear.WATCHING:
        by_support = p.trigger != Trigger.CROSS and close < f.support and f.strength >= p.min_strength
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
    return s.closes >= p.closes and s.level - close >= p.margin * f.atr and f.score >= p.score


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
    elif p.step > 0.0 and s.since_step >= p.pause and (f.turn == 1.0 or f.quiet_low == 1.0):
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


def wants_bounce(close: float, f: Any, p: Any, s: Any) -> bool:
    """Whether a sell-off is oversold and makes its new low on less volume."""
    sell_off = close < f.slow and f.rsi < p.oversold
    return sell_off and f.quiet_low == 1.0 and p.bull_size > 0.0 and s.bull_wait == 0


def wants_long(p: Any, s: Any, orders: Any) -> bool:
    """Whether the bull holds nothing and is to come back."""
    return p.reversal_size > 0.0 and s.bull_stage == Bull.OUT and is_idle(s.bull, s.bull_order, orders)


def open_bull(small: Any, f: Any, s: Any, equity: float, orders: Any, weight: float, stage: int, reason: int) -> None:
    """A long of `weight` at the next open."""
    s.bull_stage = stage
    s.bull_age = 0
    s.bull_best = small.high * small.factor
    s.bull_level = small.close * small.factor - f.bull_range
    s.bull_protection = 0
    s.bull_order = orders.market(SMALL, weight * equity / small.close, reason)


def hold_bull(high: float, f: Any, p: Any, s: Any, orders: Any) -> None:
    """Ratchet the stop; leave when the bounce has come or time is up."""
    s.bull_age += 1
    s.bull_best = max(s.bull_best, high)
    s.bull_level = max(s.bull_level, s.bull_best - f.bull_range)
    bounce = s.bull_stage == Bull.BOUNCE
    if is_idle(s.bull, s.bull_order, orders):
        leave_bull(p, s, orders, Reason.BULL_STOP)
    elif bounce and f.rsi >= p.bull_done:
        leave_bull(p, s, orders, Reason.BULL_DONE)
    elif s.bull_age >= (p.bull_hold if bounce else p.reversal_hold):
        leave_bull(p, s, orders, Reason.BULL_TIME)


def leave_bull(p: Any, s: Any, orders: Any, reason: int) -> None:
    """Sell all, with everything that works for the bull."""
    orders.cancel(s.bull_order)
    orders.cancel(s.bull_protection)
    s.bull_order = orders.market(SMALL, -s.bull, reason)
    s.bull_stage = Bull.OUT
    s.bull_wait = p.pause


def protect_bull(small: Any, s: Any, orders: Any) -> None:
    """Keep one stop order for what the bull holds or is about to."""
    if s.bull_stage != Bull.OUT:
        qty = -(s.bull + orders.quantity(s.bull_order))
        price = max(CHEAPEST, s.bull_level / small.factor)
        s.bull_protection = renew(orders, s.bull_protection, SMALL, qty, price, Reason.BULL_STOP)


def is_idle(held: float, order: int, orders: Any) -> bool:
    """Whether an agent holds nothing and nothing is on its way."""
    return abs(held) <= DUST and not orders.working(order)


def renew(orders: Any, order: int, role: int, qty: float, price: float, reason: int) -> int:
    """Move a stop to its new price, in a new order when it has another size."""
    if orders.quantity(order) == qty:
        return orders.move(order, price)
    orders.cancel(order)
    return orders.stop(role, qty, price, reason)
