# SPDX-License-Identifier: Apache-2.0
"""Gates on what is known of the market: how old the bar is, and whether the broker's prices are live."""

from __future__ import annotations

from engine.paper.gates.answers import accept, refuse
from engine.paper.gates.facts import Facts, protects
from engine.paper.instructions import Instruction
from engine.paper.verdict import Verdict

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4


def stale_data(one: Instruction, facts: Facts) -> Verdict:
    """Open market since the bar that decided; more than allowed and bars are missing, or the decision came too late.

    A guard at a price stands where it was to stand, as it would at the broker; one that takes another's place may wait.
    """
    age, most = facts.open_minutes.get(one.symbol), facts.limits.stale_after
    if guards_at_a_price(one) and not one.replaces:
        return accept(one, "stale data", "it guards at its own price", value=age, limit=most)
    if age is None:
        return refuse(one, "stale data", "the bar that decided is not known", value=age, limit=most)
    if age <= most:
        return accept(one, "stale data", value=age, limit=most, stamp=facts.stamp[one.symbol])
    text = f"the market was open for {age:.0f} minutes since the bar that decided, more than {most:.0f}"
    return refuse(one, "stale data", text, value=age, limit=most, stamp=facts.stamp[one.symbol])


def delayed_data(one: Instruction, facts: Facts) -> Verdict:
    """What the broker serves counts, not what was asked for."""
    quote = facts.quotes.get(one.symbol)
    kind = None if quote is None else quote.kind
    if kind in {LIVE, FROZEN} or (kind in {DELAYED, DELAYED_FROZEN} and facts.limits.delayed_data):
        return accept(one, "delayed data", kind=kind)
    if kind in {DELAYED, DELAYED_FROZEN}:
        text = "the broker shows delayed prices; subscribe to live ones, or allow `paper.limits.delayed_data`"
        return refuse(one, "delayed data", text, kind=kind)
    return refuse(one, "delayed data", "the broker does not say whether its prices are live", kind=kind)


def guards_at_a_price(one: Instruction) -> bool:
    """Whether it is a stop, a trailing stop or a limit that can only take from a position."""
    return protects(one) and (one.limit, one.stop, one.trail) != (None, None, None)
