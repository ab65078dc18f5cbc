# SPDX-License-Identifier: Apache-2.0
"""What one run of the command has come to: orders that have moved on in it, and what is not as it was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.paper.instructions import IntentState
from engine.paper.journal.journal import Intent, Journal
from engine.paper.orders.missed import is_over
from engine.paper.verdict import Outcome, Verdict
from engine.report.kit.words import counted

PASSING = frozenset({"link", "orders per minute"})
"""Gates that open by themselves within minutes."""
IN_TIME = frozenset({"protection"})
"""Gates that hold an order as it was decided: what it is to guard is not held yet."""
UNKNOWN = frozenset({IntentState.SENT, IntentState.UNKNOWN})


@dataclass(frozen=True)
class Begun:
    """How a journal stood when the run began: states of the orders that had not ended, and the bar decided last."""

    open: Mapping[str, IntentState]
    decided: int | None


def begun(journal: Journal) -> Begun:
    """How a journal stands now."""
    last = journal.last_decision()
    return Begun({one.ref: one.state for one in journal.open_intents()}, last.decided if last else None)


def became(journal: Journal, start: Begun) -> list[Intent]:
    """Orders that are new or have moved on since, with those of which something is still to come here."""
    last, refs = journal.last_decision(), dict.fromkeys(start.open)
    if last is not None and last.decided != start.decided:
        refs |= dict.fromkeys(one.ref for one in last.send)
    found = [one for ref in refs if (one := journal.intent(ref)) is not None]
    return [
        one for one in found if one.state is not start.open.get(one.ref) or one.state in UNKNOWN or one.order_id is None
    ]


def waits_for(journal: Journal, intent: Intent) -> list[Verdict]:
    """What an order that has not left waits for: the gates' last words."""
    if intent.state is not IntentState.INTENT or intent.order_id is not None or intent.cancel_wanted:
        return []
    said = {one.gate: one for one in journal.verdicts(intent.ref)}
    return [one for one in said.values() if one.outcome is Outcome.WAIT]


def held_back(journal: Journal) -> list[Intent]:
    """Orders that wait for what passes within minutes."""
    return [one for one in journal.open_intents() if any(each.gate in PASSING for each in waits_for(journal, one))]


def not_as_decided(journal: Journal, orders: Sequence[Intent], kill_file: Path) -> list[str]:
    """What a person must know of a run, a sentence each; nothing where all is as it was decided."""
    waiting = [one for one in journal.open_intents() if _late(journal, one)]
    unknown = [one for one in journal.open_intents() if one.state in UNKNOWN]
    refused = [one for one in orders if is_over(journal, one)]
    halts = journal.halts.standing()
    return [
        *([f"{counted(len(waiting), 'order')} not sent yet: the same command sends the rest"] if waiting else []),
        *(
            [f"{counted(len(unknown), 'order')} not known to be at the broker: the same command asks"]
            if unknown
            else []
        ),
        *([f"{counted(len(refused), 'order')} refused or lost"] if refused else []),
        *(f"{one.symbol or 'everything'} is halted" for one in halts),
        *([f"the file {kill_file} exists"] if kill_file.exists() else []),
    ]


def _late(journal: Journal, intent: Intent) -> bool:
    """Whether an order has not left that should have: one that waits for its position alone is in time."""
    gates = {one.gate for one in waits_for(journal, intent)}
    unsent = intent.state is IntentState.INTENT and intent.order_id is None and not intent.cancel_wanted
    return unsent and not (IN_TIME & gates and gates <= IN_TIME | {"family"})
