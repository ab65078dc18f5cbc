# SPDX-License-Identifier: Apache-2.0
"""What the Double Agent does at which close of the small caps, and what it remembers, in words."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from engine.market.panel import Market
from engine.strategy import Condition
from strategies.agents.bear import Bear, Trigger, is_validated
from strategies.agents.bull import Bull

RANGE = "at today's average range"

AGENTS_REMEMBER: Mapping[str, str | tuple[str, str]] = {
    "bear_stage": "the bear is {}",
    "level": ("the level that it broke or tested last is {:,.2f}", "small"),
    "entry": ("it went in last on a close of {:,.2f}", "small"),
    "bull_stage": "the bull's long: {}",
    "bull_wait": "bars without a bounce to come: {}",
    "stops": "bear's stops in a row: {}",
    "cooling": "bars without a new bear to come: {}",
}
"""Fields of the state in words; a pair names the role whose price it is."""


def agents_conditions(  # what a method takes
    self: Any,  # noqa: ARG001
    market: Market,  # noqa: ARG001
    f: Any,
    p: Any,
    s: Any,
) -> Iterator[Condition]:
    """Of the bear, then of the bull. Stops and tiers are orders and stand among the levels."""
    if not (f.atr > 0.0 and f.volatility > 0.0) or math.isnan(f.rsi + f.slow):
        return
    yield from _bear_in(f, p, s) if s.bear_stage < Bear.HOLDING else _bear_out(f, p, s)
    if s.bull_stage == Bull.BOUNCE:
        yield Condition("the bull sells, the bounce has come", "the RSI", True, p.bull_done, "points", f.rsi)
    elif s.bull_stage == Bull.OUT and p.bull_size > 0.0:
        asked = [f"below its average of {p.slow} bars", "with a new low on less volume"]
        asked += [f"not for {s.bull_wait - 1} more closes"] if s.bull_wait > 1 else []
        words = ", ".join(asked)
        yield Condition("the bull buys a small long", "the RSI", False, p.oversold, "points", f.rsi, words)


def _bear_in(f: Any, p: Any, s: Any) -> Iterator[Condition]:
    """The decisive close below the support, or below the level that is being tested."""
    testing = s.bear_stage == Bear.TESTING
    level = s.level if testing else f.support
    if (not testing and p.trigger == Trigger.CROSS) or not level > 0.0:
        return
    asked = [RANGE]
    left = p.closes - 1 - (s.closes if testing else 0)
    asked += [f"after {left} closes below the level"] if left > 0 else []
    asked += [f"with a strength of {p.min_strength:g}, now {f.strength:.1f}"] if f.strength < p.min_strength else []
    asked += _history(f, p) if not testing else []
    asked += _score(f, p)
    asked += [f"not for {s.cooling - 1} more closes: it cools down"] if s.cooling > 1 else []
    yield Condition("the bear goes in", "small", False, level - p.margin * f.atr, when=", ".join(asked))


def _history(f: Any, p: Any) -> list[str]:
    """What the support's past asks for before its break counts."""
    said = (
        [f"once no close has been below it for {p.fresh} bars, now {f.since_below:.0f}"]
        if f.since_below < p.fresh
        else []
    )
    crossed = f"with at most {p.max_crossings} crossings, now {f.crossings:.0f}"
    return said + ([crossed] if f.crossings > p.max_crossings else [])


def _score(f: Any, p: Any) -> list[str]:
    """What the validators have still to say."""
    if is_validated(f, p):
        return []
    now = "where no validator is known now" if math.isnan(f.score) else f"now {f.score:.2f}"
    return [f"with a score of {p.score:g}, {now}"]


def _bear_out(f: Any, p: Any, s: Any) -> Iterator[Condition]:
    """The level won back, the target, and the sign of a turn."""
    won = s.level + p.reclaim * f.atr
    yield Condition("the bear covers all, the level is won back", "small", True, won, when=RANGE)
    if p.take_target:
        yield Condition("the bear covers all, its target is reached", "small", False, s.target)
    if p.step > 0.0 and f.rsi < p.oversold:
        yield Condition("the bear covers a step, the fall turns", "the RSI", True, p.oversold, "points", f.rsi)
