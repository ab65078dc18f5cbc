# SPDX-License-Identifier: Apache-2.0
"""What became of the orders of a decision, read off the journal for the next one."""

from __future__ import annotations

from engine.paper.decision.account_book import Activity
from engine.paper.instructions import IntentState
from engine.paper.journal.journal import Intent, Journal
from engine.paper.memory import read_memory
from engine.paper.states import BY_BROKER

CANCELLED = f"{BY_BROKER}Cancelled"
OVER = frozenset({IntentState.FILLED, IntentState.DEAD})


def activity_since(journal: Journal, memory: str | None, cash: float) -> Activity:
    """What the broker did since a decision, read off the journal."""
    ledger = journal.ledger
    if memory is None:
        return Activity(cash, ledger.positions())
    kept = read_memory(memory)
    intents = {ref: journal.intent(ref) for ref, *_ in kept.sent.values()}
    instead = {
        ref: (*one.instruction.replaces, *one.instruction.after)
        for ref, one in intents.items()
        if one is not None and one.order_id is None
    }
    for ref, one in intents.items():
        if one is not None and one.state in OVER and (again := journal.again_of(one)):
            instead[ref] = (*instead.get(ref, ()), *(each.ref for each in again))
    intents |= {old: journal.intent(old) for replaced in instead.values() for old in replaced}
    ended = frozenset(ref for ref, one in intents.items() if one is None or one.state in OVER)
    by_broker = frozenset(ref for ref, one in intents.items() if one is not None and cancelled_by_broker(one))
    return Activity(cash, ledger.positions(), ledger.fills_since(kept.seen), ended, by_broker, instead)


def cancelled_by_broker(one: Intent) -> bool:
    """Whether an order that was at the broker was ended there, and neither filled nor refused nor taken back."""
    return one.state is IntentState.DEAD and not one.cancel_wanted and one.why.startswith(CANCELLED)
