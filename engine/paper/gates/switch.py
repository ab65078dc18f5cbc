# SPDX-License-Identifier: Apache-2.0
"""Gates that a person or a broken link closes."""

from __future__ import annotations

from engine.paper.gates.answers import accept, refuse, wait
from engine.paper.gates.facts import Facts, Replaced
from engine.paper.instructions import Instruction
from engine.paper.journal.halts import HaltKind
from engine.paper.verdict import Verdict


def halted(one: Instruction, facts: Facts) -> Verdict:
    """No halt stands for the symbol or for everything.

    After the day's loss what only reduces may leave, and what was missed may be sent again; so may an exit, where the
    position lacks a guard.
    """
    again, reduces = one.again > 0, facts.reduces(one)
    opens = {HaltKind.LOSS: reduces, HaltKind.MISSED: again, HaltKind.UNGUARDED: again and reduces}
    stands = [each for each in facts.halts if not opens.get(each.kind, False)]
    if stands:
        return refuse(one, "halt", stands[0].text, standing=len(stands), kind=stands[0].kind.value)
    return accept(one, "halt", standing=0)


def kill_file(one: Instruction, facts: Facts) -> Verdict:
    """The file with which a person stops everything does not exist."""
    if facts.killed:
        return refuse(one, "kill file", f"{facts.kill_file} exists; remove it to trade", file=facts.kill_file)
    return accept(one, "kill file", file=facts.kill_file)


def link(one: Instruction, facts: Facts) -> Verdict:
    """The broker is reached, nothing waits on the way to it, and what it says was compared with the journal."""
    seen = {"up": int(facts.up), "free": int(facts.free), "reconciled": int(facts.ready)}
    if not facts.up:
        return wait(one, "link", "the link to the broker is broken", **seen)
    if not facts.free:
        return wait(one, "link", "the client still holds back messages", **seen)
    if not facts.ready:
        return wait(one, "link", "the journal was not compared with the broker since the link came up", **seen)
    return accept(one, "link", **seen)


def replaced(one: Instruction, facts: Facts) -> Verdict:
    """What it replaces, or comes after, has ended without a fill: both must never trade."""
    before = (*one.replaces, *one.after)
    found = {ref: facts.replaced[ref] for ref in before if ref in facts.replaced}
    seen: dict[str, int | str] = {"replaces": len(before), **{ref: state.value for ref, state in found.items()}}
    filled = [ref for ref, state in found.items() if state is Replaced.FILLED]
    if filled:
        return refuse(one, "replaced", f"{', '.join(filled)}, which it was to replace, has filled", **seen)
    works = [ref for ref, state in found.items() if state is Replaced.WORKS]
    if works:
        return wait(one, "replaced", f"{', '.join(works)}, which it is to replace, still works", **seen)
    return accept(one, "replaced", **seen)
