# SPDX-License-Identifier: Apache-2.0
"""The three answers of a gate, each with the numbers that it looked at."""

from __future__ import annotations

from engine.paper.instructions import Instruction
from engine.paper.verdict import Numbers, Outcome, Verdict

Seen = float | int | str | None
REDUCES = "it only reduces the position"


def within(one: Instruction, gate: str, value: float | None, limit: float, unit: str, remedy: str) -> Verdict:
    """Pass up to and at the limit; refuse beyond it, and where the value is not known."""
    numbers: Numbers = {"value": value, "limit": limit}
    if value is None:
        return refuse(one, gate, f"{unit} are not known", **numbers)
    if value <= limit:
        return accept(one, gate, **numbers)
    return refuse(one, gate, f"{value:,.10g} {unit} are more than {limit:,.10g}; {remedy}", **numbers)


def accept(one: Instruction, gate: str, text: str = "", /, **numbers: Seen) -> Verdict:
    """Let it through."""
    return Verdict(one.ref, gate, Outcome.PASS, text, numbers)


def refuse(one: Instruction, gate: str, text: str, /, **numbers: Seen) -> Verdict:
    """Never: the order is dead before it left."""
    return Verdict(one.ref, gate, Outcome.REFUSE, text, numbers)


def wait(one: Instruction, gate: str, text: str, /, **numbers: Seen) -> Verdict:
    """Not now."""
    return Verdict(one.ref, gate, Outcome.WAIT, text, numbers)
