# SPDX-License-Identifier: Apache-2.0
"""What a gate says of an order, with the numbers that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Numbers = dict[str, float | int | str | None]


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105  (a verdict)
    WAIT = "wait"  # not now: the order stays an intent
    REFUSE = "refuse"  # never: the order is dead before it left


@dataclass(frozen=True)
class Verdict:
    """One gate's word on one order. text says in words what the numbers say, and what would let it through."""

    ref: str
    gate: str
    outcome: Outcome
    text: str
    numbers: Numbers


def judged(verdicts: tuple[Verdict, ...]) -> Outcome:
    """The strictest of several: one refusal refuses."""
    outcomes = {one.outcome for one in verdicts}
    return next((one for one in (Outcome.REFUSE, Outcome.WAIT) if one in outcomes), Outcome.PASS)
