# SPDX-License-Identifier: Apache-2.0
"""Gates on the market itself: its hours, and whether shares can be borrowed."""

from __future__ import annotations

from engine.paper.gates.answers import accept, refuse, wait
from engine.paper.gates.facts import Facts, Timing, Working, protects
from engine.paper.instructions import Instruction
from engine.paper.verdict import Verdict


def market_hours(one: Instruction, facts: Facts) -> Verdict:
    """Orders reach the market that they were meant for, by the contract's own hours."""
    sessions = facts.sessions.get(one.symbol, ())
    now_open = any(opens <= facts.now < closes for opens, closes in sessions)
    ahead = min((opens for opens, _ in sessions if opens > facts.now), default=None)
    seen: dict[str, int | str | None] = {"now": facts.now, "open": int(now_open), "next_open": ahead}
    if not sessions:
        return refuse(one, "market hours", "the broker does not say when the market is open", **seen)
    if facts.timing is Timing.NEXT_OPEN:
        if now_open and not protects(one) and not one.again:
            text = "the open that it was decided for has passed"
            return refuse(one, "market hours", text, **seen)
        if ahead is None and not now_open:
            return refuse(one, "market hours", "the broker knows of no session ahead", **seen)
        return accept(one, "market hours", **seen)
    if now_open:
        return accept(one, "market hours", **seen)
    return wait(one, "market hours", "the market is closed", **seen)


def shortable(one: Instruction, facts: Facts) -> Verdict:
    """A position goes short only where that is allowed and the broker has the shares at hand."""
    low, _ = facts.extremes(one)
    if protects(one) or one.quantity > 0 or low >= 0:
        return accept(one, "shortable", "it does not sell short", low=low)
    theirs = facts.working.get(one.symbol, Working()).others_sell
    if not facts.limits.short and low + theirs >= 0:
        text = f"orders of others sell {theirs:g} beside it, both would sell short: cancel those, and send it again"
        return refuse(one, "shortable", text, low=low, others=theirs)
    if not facts.limits.short:
        return refuse(one, "shortable", "short positions are not allowed; allow `paper.limits.short`", low=low)
    quote, least = facts.quotes.get(one.symbol), facts.limits.least_shortable
    figure = None if quote is None else quote.shortable
    if figure is not None and figure > least:
        return accept(one, "shortable", low=low, value=figure, limit=least)
    text = f"the broker does not show {one.symbol} as easy to borrow"
    return refuse(one, "shortable", text, low=low, value=figure, limit=least)
