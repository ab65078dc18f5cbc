# SPDX-License-Identifier: Apache-2.0
"""A bear and a bull on small caps: short when long-standing support breaks, small longs against the bounces.

DoubleAgent trades one symbol, both agents netted; in DoubleAgentFund the bear buys an inverse fund. What each agent
does stands in strategies/agents. Idea, rules and what the data said: docs/strategies/double_agent.md.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from engine.arrays import FloatArray
from engine.indicators import (
    atr,
    break_depth,
    cross_down,
    cross_up,
    double_tops,
    level_history,
    momentum,
    price_levels,
    quiet_new_low,
    rolling_mean,
    rolling_std,
    rsi,
)
from engine.market.panel import Market
from engine.strategy import DatedLevel, Level, Strategy, lookback, param
from engine.strategy.known_levels import standing_double_tops, standing_levels
from strategies.agents.acting import act_on_level, count_bars, is_warming
from strategies.agents.bear import Bear, LevelRole, Measure, Trigger
from strategies.agents.bull import Bull, hold_bull, open_bull, wants_bounce
from strategies.agents.netting import settle, start_anew
from strategies.agents.orders import SMALL, Reason, is_idle
from strategies.agents.outlook import AGENTS_REMEMBER, agents_conditions
from strategies.agents.validators import LEFT_OUT, Interest, score_of, validators_of

INVERSE = 1  # position in `roles`
SHORT, FUND = -1.0, 1.0  # sign of the bear's shares


class DoubleAgent(Strategy):
    """Both agents trade the small caps themselves; the position is the bull's shares less the bear's."""

    roles: ClassVar[tuple[str, ...]] = ("small",)
    optional_series: ClassVar[Mapping[str, str]] = LEFT_OUT

    class Params:
        trigger: Trigger = param(Trigger.SUPPORT, doc="what the bear acts on: a broken support, averages crossing down")
        pivot: int = lookback(10, low=2, high=100, doc="on each side of a swing high or low")
        tolerance: float = param(0.015, low=0.001, high=0.1, unit="of price", doc="how near touches of one level are")
        touches: int = param(4, low=2, high=20, doc="a level counts from this many touches on")
        min_age: int = lookback(378, low=1, high=2500, doc="a level counts from this age on")
        memory: int = lookback(1250, low=10, high=5000, doc="without a touch, then a level is forgotten")
        min_strength: float = param(0.0, low=0, high=100, doc="least strength of a support whose break counts")
        role: LevelRole = param(LevelRole.REVERSED, doc="what a support must be: one that was a ceiling, or any")
        fresh: int = param(126, low=0, high=5000, unit="bars", doc="least time since a close below the support")
        max_crossings: int = param(1000, low=0, high=1000, doc="most times that closes have crossed the support")
        fast: int = lookback(50, low=2, high=1000, doc="the fast average")
        slow: int = lookback(200, low=2, high=2000, doc="the slow average; below it is a sell-off")
        margin: float = param(0.5, low=0, high=10, unit="ATR", doc="a close this far below the level is decisive")
        closes: int = param(1, low=1, high=20, unit="bars", doc="closes below the level before a break is decisive")
        confirm_within: int = param(10, low=1, high=250, unit="bars", doc="closes below after which a test is over")
        score: float = param(0.5, low=0, high=1, doc="least score of the validators; 0 asks for none")
        weigh_interest: float = param(1.0, low=0, high=10, doc="weight of short interest; 0 is off")
        weigh_sectors: float = param(1.0, low=0, high=10, doc="weight of the share of weak sectors; 0 is off")
        weigh_volume: float = param(0.0, low=0, high=10, doc="weight of high volume; 0 is off")
        weigh_top: float = param(0.0, low=0, high=10, doc="weight of a double top's broken neckline; 0 is off")
        interest: Interest = param(Interest.YEAR, doc="short interest by level and year, or by its last change")
        interest_window: int = lookback(1260, low=2, high=5000, doc="of the values that it is ranked among")
        interest_high: float = param(0.5, low=0, high=1, unit="of them", doc="rank from which short interest is high")
        interest_year: int = lookback(252, low=1, high=2500, doc="over which short interest is to have risen")
        interest_rise: float = param(0.0, low=-1, high=100, unit="of itself", doc="a rise above this is one")
        sector_window: int = lookback(100, low=2, high=1000, doc="of the averages that sectors are held to")
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
        atr_window: int = lookback(20, low=2, high=250, doc="look-back of the average true range")
        volatility_window: int = lookback(40, low=5, high=500, doc="look-back of the volatility")
        rsi_window: int = lookback(14, low=2, high=250, doc="look-back of the RSI")
        oversold: float = param(30.0, low=0, high=100, doc="RSI below it is oversold, back above it turns up")
        low_window: int = lookback(20, low=2, high=250, doc="of the low that a quiet new low is held to")
        step: float = param(0.34, low=0, high=1, unit="of position", doc="covered at each sign of a reversal; 0 is off")
        step_pause: int = param(1, low=1, high=250, unit="bars", doc="from the breach or a step to the next step")
        pause: int = param(5, low=1, high=250, unit="bars", doc="of the bull, after one that ended")
        reclaim: float = param(0.5, low=0, high=10, unit="ATR", doc="a close this far above the level ends the bear")
        measure: Measure = param(Measure.LOG, doc="a double top's height: by log distance, or in price")
        take_target: bool = param(False, doc="cover at the measured move of a double top")
        bull_size: float = param(0.15, low=0, high=2, unit="x equity", doc="of the counter-trend long; 0 is off")
        bull_hold: int = param(10, low=1, high=250, unit="bars", doc="longest counter-trend long")
        bull_done: float = param(50.0, low=0, high=100, not_below="oversold", doc="RSI at which the bounce has come")
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
        "since_below": ("fresh",),
        "crossings": ("max_crossings",),
        "score": ("score",),
        "interest": ("weigh_interest",),
        "interest_level": ("interest_high",),
        "interest_change": ("interest_rise",),
        "sectors": ("weigh_sectors", "sector_window"),
        "volume": ("high_volume", "weigh_volume"),
        "top": ("weigh_top",),
        "rsi": ("oversold", "bull_done"),
        "volatility": ("target_volatility",),
        "bear_range": ("bear_stop", "widen"),
        "bull_range": ("bull_stop", "widen"),
    }
    agents = ("bear", "bull")
    remembers = AGENTS_REMEMBER
    conditions = agents_conditions
    levels: ClassVar[Mapping[str, Level]] = {
        "support": Level("small", said=("strength", "touches", "age", "reversed")),
        "neckline": Level("small"),
        "target": Level("small"),
    }

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Support with strength, age and role; double top; averages; validators and score; ranges; signs of a turn."""
        small = market.small
        high, low, close, volume = small.high, small.low, small.close, small.volume
        floor = price_levels(high, low, close, volume, **pivots(p), **level_rules(p)).support
        past, top = level_history(close, floor.price, floor.age), double_tops(high, low, close, **pivots(p))
        target = top.target if p.measure == Measure.PRICE else top.neckline * top.neckline / top.top
        slow, average_range = rolling_mean(close, p.slow), atr(high, low, close, p.atr_window)
        volatility = rolling_std(momentum(close, 1), p.volatility_window) * np.sqrt(market.bars_per_year)
        usual = rolling_mean(volatility, 252)
        above_usual = np.where(usual > 0.0, volatility / np.where(usual > 0.0, usual, 1.0) - 1.0, 0.0)
        wide = average_range * (1.0 + p.widen * np.clip(above_usual, 0.0, 2.0))
        strength = rsi(close, n=p.rsi_window)
        broken = np.where(top.neckline > close, 1.0, 0.0)
        validators = validators_of(market, np.where(np.isnan(top.active), np.nan, broken), p)
        return {
            "support": floor.price, "strength": floor.strength, "touches": floor.touches, "age": floor.age,
            "reversed": floor.role_reversed, "since_below": past.since_below, "crossings": past.crossings,
            "neckline": top.neckline,
            "depth": break_depth(close, floor.price, average_range), "atr": average_range, "volatility": volatility,
            "target": np.where(broken == 1.0, target, 0.0), "slow": slow,
            "cross": cross_down(rolling_mean(close, p.fast), slow),
            **validators, "score": score_of(validators, p),
            "rsi": strength, "turn": cross_up(strength, p.oversold),
            "quiet_low": quiet_new_low(low, volume, p.low_window),
            "bear_range": p.bear_stop * wide, "bull_range": p.bull_stop * wide,
        }  # fmt: skip

    def known_levels(self, market: Market, p: Any) -> Iterable[DatedLevel]:
        """Every support and resistance that stands at the last close, and the double tops."""
        yield from standing_levels(market, "small", **pivots(p), **level_rules(p))
        yield from standing_double_tops(market, "small", **pivots(p))

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
    inverse_funds: ClassVar[Mapping[str, tuple[str, str]]] = {"inverse": ("small", "factor")}

    class Params(DoubleAgent.Params):
        factor: float = param(1.0, low=1, high=3, doc="the fund makes minus this a day: by its table")
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


def pivots(p: Any) -> dict[str, Any]:
    """Widths of the swing highs and lows."""
    return {"left": p.pivot, "right": p.pivot}


def level_rules(p: Any) -> dict[str, Any]:
    """What makes a level, beside its pivots."""
    return {
        "tolerance": p.tolerance,
        "min_touches": p.touches,
        "min_age": p.min_age,
        "max_age": p.memory,
        "kind": LevelRole(p.role).name.lower(),
    }


def act(
    small: Any, leg: Any, f: Any, p: Any, s: Any, equity: float, orders: Any, role: int, side: float, gear: float
) -> None:
    """One bar of both agents. leg is what the bear trades, gear its move for a move of one in the small caps."""
    count_bars(s)
    if s.bull_stage != Bull.OUT:
        hold_bull(small.high * small.factor, f, p, s, orders)
    elif wants_bounce(small.close * small.factor, f, p, s) and is_idle(s.bull, s.bull_order, orders):
        open_bull(small, f, s, equity, orders, p.bull_size, Bull.BOUNCE, Reason.BULL_BOUNCE)
    act_on_level(small, leg, f, p, s, equity, orders, role, side, gear)
