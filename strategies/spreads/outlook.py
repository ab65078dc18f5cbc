# SPDX-License-Identifier: Apache-2.0
"""What the spread trade does at which ratio of the next close: its rules solved for the ratio, the other way round."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from engine.indicators.next_value import next_at_mean, next_at_momentum, next_at_shock, next_at_zscore
from engine.market.panel import Market
from engine.strategy import Condition

RATIO = "large/small"

SPREAD_REMEMBERS: Mapping[str, str] = {
    "side": "the spread is on",
    "stage": "the guard has the book {}",
    "cooling": "bars without an entry to come: {}",
    "widest": "the pyramid stands on {:.2f} sigma beyond entry",
    "weight": "{:.1%} of equity aimed at in the large leg",
}
"""Fields of the state in words."""


def spread_conditions(self: Any, market: Market, f: Any, p: Any, s: Any) -> Iterator[Condition]:  # noqa: ARG001
    """Entry while out of the trade; exit, ratio stop and guard while in it. NaN features: nothing is known yet."""
    if math.isnan(f.z + f.volatility + f.shock + f.ratio_atr):
        return
    quotient, side = market.large.close / market.small.close, float(p.direction)
    with_it, against = side > 0.0, side < 0.0
    ratio_at = math.exp(next_at_zscore(np.log(quotient), p.z_window, side * p.exit))
    if not s.side:
        yield _entry(quotient, p, s, side)
        return
    yield Condition("the exit band closes the spread", RATIO, against, ratio_at)
    if p.ratio_stop > 0.0:
        stop = _ratio_stop(quotient, f, p, s, side)
        yield Condition("the ATR stop closes the spread", RATIO, against, stop)
    flat = next_at_shock(quotient, p.unwind_days, p.hedge_window, side * p.unwind_flat)
    yield Condition("the unwind guard closes the spread", RATIO, against, flat)
    if s.stage == 0:
        half = next_at_shock(quotient, p.unwind_days, p.hedge_window, side * p.unwind_shock)
        yield Condition("the unwind guard halves the spread", RATIO, against, half)
    else:
        back = next_at_shock(quotient, p.unwind_days, p.hedge_window, side * p.reentry_shock)
        left = max(0, p.cool_down - s.since_cut - 1)
        when = f"in {left} bars at the earliest" if left else ""
        yield Condition("the guard takes the spread back to full size", RATIO, with_it, back, when=when)


def _entry(quotient: Any, p: Any, s: Any, side: float) -> Condition:
    """The ratio beyond which all four conditions of an entry hold: the farthest of theirs."""
    log = np.log(quotient)
    asked = {
        "its entry band": math.exp(next_at_zscore(log, p.z_window, side * p.enter)),
        "its momentum": next_at_momentum(quotient, p.momentum_window),
        "the shock": next_at_shock(quotient, p.unwind_days, p.hedge_window, side * p.reentry_shock),
    }
    if p.trend_window > 1:
        asked["its average"] = math.exp(next_at_mean(log, p.trend_window))
    name = max(asked, key=lambda one: side * asked[one]) if not any(map(math.isnan, asked.values())) else ""
    at = asked.get(name, math.nan)
    waits = f"not for {s.cooling - 1} more closes: it cools down" if s.cooling > 1 else ""
    return Condition(f"the spread opens, {name} is the last to ask", RATIO, side > 0.0, at, when=waits)


def _ratio_stop(quotient: Any, f: Any, p: Any, s: Any, side: float) -> float:
    """Where the log ratio is a multiple of its range off its best, the range with the next close in it.

    A fall widens the range: where the multiple is no less than the range's window, no close within one bar is so far.
    """
    last = float(quotient[-1])
    average = f.ratio_atr * last

    def beyond(x: float) -> float:
        wide = (average * (p.atr_window - 1) + abs(x - last)) / p.atr_window / x
        return side * math.log(x) - (max(s.best, side * math.log(x)) - p.ratio_stop * wide)

    return _turning(beyond, last, -side)


def _turning(function: Callable[[float], float], start: float, way: float) -> float:
    """The first value from `start` on, up or down by `way`, at which the function is negative; NaN where none is near.

    A walk of 200 steps of half a per cent, then halving.
    """
    inside = outside = start
    for _ in range(200):
        if function(outside) < 0.0:
            break
        inside, outside = outside, outside * math.exp(0.005 * way)
    else:
        return math.nan
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if function(middle) >= 0.0 else (inside, middle)
    return outside
