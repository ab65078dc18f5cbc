# SPDX-License-Identifier: Apache-2.0
"""Orders that go out whole or not at all: a parent with its children, and all that replace the same guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.paper.gates import verdicts_of
from engine.paper.gates.facts import Facts, protects
from engine.paper.instructions import Instruction
from engine.paper.journal.halts import Halts
from engine.paper.verdict import Outcome, Verdict, judged


def families(batch: Sequence[Instruction]) -> list[list[Instruction]]:
    """Brackets, in their order, those that replace the same order together."""
    grouped: dict[str, list[Instruction]] = {}
    home: dict[str, str] = {}  # of a bracket's first order, and of an order that is replaced
    for bracket in brackets(batch):
        keys = [bracket[0].ref, *(old for one in bracket for old in one.replaces)]
        joined = [ref for ref in grouped if ref in {home[key] for key in keys if key in home}]
        first = joined[0] if joined else bracket[0].ref
        for other in joined[1:]:
            grouped[first] += grouped.pop(other)
            home = {key: first if ref == other else ref for key, ref in home.items()}
        grouped.setdefault(first, []).extend(bracket)
        home |= dict.fromkeys(keys, first)
    return list(grouped.values())


def brackets(batch: Sequence[Instruction]) -> list[list[Instruction]]:
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


def guards_last(grouped: Sequence[list[Instruction]]) -> list[list[Instruction]]:
    """Families in their order, those that only protect behind: what they guard is on its way by then, or being sold."""
    return sorted(grouped, key=lambda members: all(protects(one) for one in members))


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
    for family in guards_last(families(batch)):
        own: list[Verdict] = []
        for one in sorted(family, key=protects):
            own += verdicts_of(one, replace(facts, halts=halts.standing(one.symbol)))
            facts = facts.and_then(one)
        verdicts += [*own, *word_on_all(family, own)]
    return tuple(verdicts)
