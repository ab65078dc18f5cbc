# SPDX-License-Identifier: Apache-2.0
"""Orders that belong together: a parent and the children that wait for its fill go out whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.paper.gates import verdicts_of
from engine.paper.gates.facts import Facts
from engine.paper.halts import Halts
from engine.paper.instructions import Instruction
from engine.paper.verdict import Outcome, Verdict, judged


def families(batch: Sequence[Instruction]) -> list[list[Instruction]]:
    """Orders with the children that wait for them, in their order; a broker holds them until the last member came."""
    here = {one.ref: one for one in batch}
    grouped: dict[str, list[Instruction]] = {}
    for one in batch:
        ref, seen = one.ref, set[str]()
        while here[ref].parent in here and ref not in seen:
            seen.add(ref)
            ref = here[ref].parent
        grouped.setdefault(ref, []).append(one)
    return list(grouped.values())


def word_on_all(family: Sequence[Instruction], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """What a closed gate of one member means for the others: one more verdict on each that has none as strict."""
    outcome = judged(tuple(verdicts))
    strict = {one.ref for one in verdicts if one.outcome is outcome}
    if outcome is Outcome.PASS:
        return ()
    cause = ", ".join(sorted(strict))
    return tuple(
        Verdict(one.ref, "family", outcome, f"it goes out with {cause} or not at all", {"members": len(family)})
        for one in family
        if one.ref not in strict
    )


def verdicts_of_all(batch: Sequence[Instruction], facts: Facts, halts: Halts) -> tuple[Verdict, ...]:
    """Every gate's word on each order of a decision, each judged with those before it on their way."""
    verdicts: list[Verdict] = []
    for family in families(batch):
        own: list[Verdict] = []
        for one in family:
            standing = tuple(halt.text for halt in halts.standing(one.symbol))
            own += verdicts_of(one, replace(facts, halts=standing))
            facts = facts.and_then(one)
        verdicts += [*own, *word_on_all(family, own)]
    return tuple(verdicts)
