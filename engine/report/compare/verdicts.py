# SPDX-License-Identifier: Apache-2.0
"""What the figures come to, a sentence each: who leads, how one line answers the other, what a hedge does."""

from __future__ import annotations

import math

from engine.analytics.pair.convexity import Response
from engine.analytics.pair.hedge import Hedge
from engine.analytics.pair.lead_lag import FURTHEST, Lag, leaders
from engine.analytics.pair.relation import Estimate
from engine.report.compare.words import changed
from engine.report.kit.words import counted, decimal, percent
from engine.runs.compare import Comparison

NO_INDEX = (
    "Credit support and credit concern are episodes of a fund with a volatility index; neither of the two is one "
    "(--volatility SYMBOL says which, where it is)."
)

NOTHING_FOLLOWED = "No day in a band has five sessions behind it yet."


def lead_verdict(found: Comparison) -> str:
    """`Neither leads` or who does, and the largest correlation that says so."""
    if not found.lead_lag or not found.lead_lag[0].lags:
        return "Who leads cannot be said: there are too few days, or one of the two does not move."
    whole = found.lead_lag[0]
    ahead = leaders(found.pair, found.lead_lag)
    same, largest = whole.same_day, whole.largest
    assert same is not None
    assert largest is not None
    within = f"within {FURTHEST} sessions"
    if ahead:
        who = f"{ahead[0]} leads" if len(ahead) == 1 else "Each leads the other"
        leads = "; ".join(f"{_lag_words(found, one)} {decimal(one.value, 2)}" for one in whole.leads)
        return f"{who}: {leads}; the same day {decimal(same.value, 2)}."
    size = f"the largest correlation {within} is {decimal(largest.value, 3)} ({_lag_words(found, largest)})"
    chance = f"what chance leaves, ±{decimal(largest.band, 3)}"
    if not largest.outside:
        return f"Neither leads: {size}, within {chance}; the same day it is {decimal(same.value, 2)}."
    follower = found.pair.sides[1 if largest.sessions > 0 else 0].symbol
    left = f"given {follower}'s own change on the earlier day {decimal(largest.beyond, 3)} of it is left"
    share = f"{percent(largest.value**2, 1)} of the other's variance"
    return f"Neither leads: {size}, outside {chance}, {share}; {left}; the same day it is {decimal(same.value, 2)}."


def _lag_words(found: Comparison, one: Lag) -> str:
    first, second = (side.symbol for side in found.pair.sides)
    before, behind = (first, second) if one.sessions > 0 else (second, first)
    return f"{before} {counted(abs(one.sessions), 'session')} before {behind}"


def response_verdicts(found: Comparison) -> list[str]:
    """What the intervals say of each response."""
    return [f"{one.of} to {one.to}, {counted(one.sessions, 'session')}: {_response(one)}." for one in found.responses]


def _response(one: Response) -> str:
    if math.isnan(one.asymmetry.value):
        return "the moves do not tell rises from falls"
    sides = _stronger(one.down, one.up, one.asymmetry, "falls", "rises")
    if math.isnan(one.excess.value):
        return sides
    return f"{sides}, {_stronger(one.large, one.small, one.excess, 'large moves', 'small ones')}"


def _stronger(one: Estimate, other: Estimate, difference: Estimate, name: str, against: str) -> str:
    if difference.low <= 0 <= difference.high:
        return f"{name} and {against} alike"
    strong, weak = (name, against) if abs(one.value) > abs(other.value) else (against, name)
    return f"{strong} more than {weak}"


def _held(found: Comparison, one: Hedge) -> str:
    """`Against 100 of IWM now: long 11.9 of VIX`, or changes of the one by the other where one has no log changes."""
    side = "long" if one.beta < 0 else "short"
    if all(each.logs for each in found.pair.sides):
        return f"Against 100 of {one.of} now: {side} {decimal(100 * abs(one.beta), 1)} of {one.by}"
    return f"Against each change of {one.of} now: {side} {decimal(abs(one.beta), 4)} times that of {one.by}"


def hedge_verdicts(found: Comparison) -> list[str]:
    """What a hedge holds, what it takes away, and what it costs."""
    one = found.hedge
    if one is None:
        return ["Too few days to judge a hedge, or one of the two does not move."]
    of, by = found.pair.by_kind
    said = [f"{_held(found, one)}, its beta of the window's simple returns."]
    if found.pair.index is None:
        made = f"The hedge alone made {changed(of, one.earned, 1, plus=True)} a year, before any cost"
        lost = " Neither of the two can be bought, so nobody has." if of.volatility and by.volatility else ""
        said.append(f"{made}.{lost}")
        return said
    said.append(
        f"{one.by} cannot be bought: this is the most that a hedge could take away, and what it would have made, "
        f"{changed(of, one.earned, 1, plus=True)} a year, nobody could have. Futures on it and funds of them "
        "answer it in part, stand mostly above it and fall towards it: that is the cost of carry."
    )
    carry = found.carry
    if carry is None:
        said.append("--carry SYMBOL shows what such a fund did.")
        return said
    said.append(
        f"{carry.symbol} in its place, {carry.first} to {carry.last}: {percent(carry.held, 1, plus=True)} a year held, "
        f"{percent(carry.index_held, 1, plus=True)} the index; correlation {decimal(carry.correlation, 2)}, "
        f"{decimal(carry.beta.value, 2)} of the index's changes. As a hedge it made "
        f"{percent(carry.hedge.earned, 1, plus=True)} a year."
    )
    return said
