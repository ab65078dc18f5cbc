# SPDX-License-Identifier: Apache-2.0
"""Gates on how often."""

from __future__ import annotations

from engine.paper.gates.answers import REDUCES, accept, wait, within
from engine.paper.gates.facts import Facts
from engine.paper.instructions import Instruction
from engine.paper.verdict import Verdict


def orders_per_minute(one: Instruction, facts: Facts) -> Verdict:
    """What is too much for this minute waits for the next."""
    count, limit = facts.last_minute + 1, facts.limits.orders_per_minute
    if count <= limit:
        return accept(one, "orders per minute", value=count, limit=limit)
    return wait(one, "orders per minute", f"order {count} of a minute that may have {limit}", value=count, limit=limit)


def orders_per_day(one: Instruction, facts: Facts) -> Verdict:
    """Orders that may have left since midnight in New York; what only reduces a position passes, and counts."""
    if facts.reduces(one):
        return accept(one, "orders per day", REDUCES, value=facts.today + 1)
    remedy = "raise `paper.limits.orders_per_day`, or find out why there are so many"
    return within(one, "orders per day", facts.today + 1, facts.limits.orders_per_day, "orders", remedy)
