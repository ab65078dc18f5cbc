# SPDX-License-Identifier: Apache-2.0
"""How a comparison words its figures: moves in per cent or points, intervals, edges of bands."""

from __future__ import annotations

import math

from engine.analytics.pair.afterwards import After
from engine.analytics.pair.bands import Band
from engine.analytics.pair.episodes import Episodes
from engine.analytics.pair.relation import Estimate
from engine.analytics.pair.sides import Pair, Side
from engine.report.kit.words import NOTHING, decimal, percent
from engine.runs.compare import Comparison


def moved(side: Side, value: float, *, unit: bool = True) -> str:
    """`+1.25 %`, or `+2.10 points` of a line whose moves are told in points."""
    if not side.points:
        return percent(value, 2, plus=True, sign=unit)
    plus = "+" if value > 0 else ""
    return NOTHING if math.isnan(value) else f"{plus}{decimal(value, 2)}{' points' if unit else ''}"


def changed(side: Side, value: float, digits: int = 2, *, plus: bool = False) -> str:
    """A daily change, or a sum of such: per cent of what has log changes, else points."""
    if side.logs:
        return percent(value, digits, plus=plus)
    return NOTHING if math.isnan(value) else f"{'+' if plus and value > 0 else ''}{decimal(value, 2)} points"


def unit_words(side: Side) -> str:
    """Per cent or points, as the head of a column says it."""
    return "points" if side.points else "%"


def value(number: float) -> str:
    """A level, with as many decimals as one of its size is quoted with."""
    return decimal(number, 2 if abs(number) >= 1 or number == 0 else 4)


def estimate(one: Estimate, digits: int = 2) -> str:
    """`−0.78 (−0.84 to −0.67)`."""
    if math.isnan(one.value):
        return NOTHING
    return f"{decimal(one.value, digits)} ({interval(one, digits)})"


def interval(one: Estimate, digits: int = 2) -> str:
    """`−0.84 to −0.67`."""
    if math.isnan(one.low):
        return NOTHING
    return f"{decimal(one.low, digits)} to {decimal(one.high, digits)}"


def edges(band: Band) -> str:
    """`−0.80 to −0.50`."""
    return f"{decimal(band.low, 2)} to {decimal(band.high, 2)}"


def title(found: Comparison) -> str:
    """`IWM and VIX`."""
    return f"{found.pair.first.symbol} and {found.pair.second.symbol}"


def units(pair: Pair) -> list[str]:
    """What a change is of each line, a sentence each."""
    kinds = (
        "log changes"
        if pair.first.logs and pair.second.logs
        else " and ".join(f"{'log changes' if side.logs else 'differences'} of {side.symbol}" for side in pair.sides)
    )
    said = [f"Correlations and betas are of daily {kinds}."]
    for side in pair.sides:
        if not side.logs:
            said.append(
                f"{side.symbol} is at times 0 or below: it has no log changes, and moves in points of its own unit."
            )
        elif side.volatility:
            said.append(
                f"Moves of {side.symbol} over some sessions are in points, which are per cent of volatility a year."
            )
    return said


def verdict(one: After) -> str:
    """What the band says of the difference from all days."""
    if one.differs is None:
        return "too few" if one.days else "none"
    return "differs" if one.differs else "as any day"


def headline(found: Comparison) -> str:
    """The sessions, the correlation and its band, in one line."""
    now = f"correlation {decimal(found.rolling[-1], 2)}, {found.band.name}" if found.band else "no correlation now"
    sessions = found.pair.sessions
    return f"{sessions[0]} to {sessions[-1]}, {now}"


def episode_kinds(found: Comparison, one: Episodes) -> dict[str, tuple[After, ...]]:
    """What followed the episodes, and what followed any day with the index at that level."""
    return {
        "episode": found.following[one.name],
        f"{found.pair.by_kind[1].symbol} {one.level}": found.following[one.level],
    }
