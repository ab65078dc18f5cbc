# SPDX-License-Identifier: Apache-2.0
"""What a person says to the journal: halt, resume, accept. It needs no broker, and works while a session runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.paper.account.day import DAY_EQUITY, begin_cash_anew
from engine.paper.account.splits import let_be
from engine.paper.comparison.opening import EXTERNAL_SEEN
from engine.paper.comparison.reconcile import LEAST
from engine.paper.instructions import IntentState
from engine.paper.journal.halts import ACCEPTED_BY_POSITIONS, EVERYTHING, HaltKind, Halts
from engine.paper.journal.journal import Journal
from engine.paper.journal.writes import BY_A_PERSON, adjust, keep_about
from engine.paper.orders.missed import ACCEPTED

BY_WORD = tuple(kind for kind in HaltKind if kind not in ACCEPTED_BY_POSITIONS)
"""What `resume` ends; the others end by `accept-positions`."""


def halt(journal: Journal, symbol: str, text: str) -> None:
    """Stop a symbol or, with '', everything, until a person resumes."""
    with journal.store.write("halt") as db:
        Halts.add(db, HaltKind.PERSON, symbol, text, journal.clock())


def resume(journal: Journal, symbol: str, text: str) -> tuple[HaltKind, ...]:
    """End the halts of a symbol, or with '' those of everything, that need no look at positions; returns their kinds.

    After a loss the day's loss is counted anew from the next look at the account.
    """
    at = journal.clock()
    ends = tuple(one.kind for one in journal.halts.standing() if one.symbol == symbol and one.kind in BY_WORD)
    with journal.store.write("resume") as db:
        Halts.end(db, BY_WORD, symbol, text, at)
        if HaltKind.LOSS in ends:
            db.execute("DELETE FROM about WHERE key = ?", (DAY_EQUITY,))
    return ends


@dataclass(frozen=True)
class Shown:
    """What a person was shown, and can say yes to.

    differences  symbol -> signed shares that the broker holds beyond the ledger
    unknown      refs of orders that the broker does not explain;  halted: symbols with a halt that such a yes ends
    seen         number of the last fill that was known then
    """

    differences: Mapping[str, float]
    unknown: frozenset[str]
    halted: frozenset[str]
    seen: int


def shown(journal: Journal, differences: Mapping[str, tuple[float, float]]) -> Shown:
    """What a journal shows just after a comparison that found these differences (symbol -> ledger, broker)."""
    return Shown(
        differences={symbol: broker - ledger for symbol, (ledger, broker) in differences.items()},
        unknown=frozenset(one.ref for one in journal.open_intents() if one.state is IntentState.UNKNOWN),
        halted=frozenset(one.symbol for one in journal.halts.standing() if one.kind in ACCEPTED_BY_POSITIONS),
        seen=journal.ledger.last_seq(),
    )


def accept(journal: Journal, seen: Shown, differences: Mapping[str, tuple[float, float]], text: str) -> tuple[str, ...]:
    """Bring the ledger by what was shown to what the broker holds (symbol -> ledger, broker), all at once.

    What waits for that ends: halts that were shown, orders that were shown as unknown. A symbol whose difference is
    another one by now is left as it is, and returned; what somebody traded since then halts anew.
    """
    at = journal.clock()
    moved = {
        symbol
        for symbol in differences.keys() | seen.differences.keys()
        if abs(_beyond(differences, symbol) - seen.differences.get(symbol, 0.0)) > LEAST
    }
    with journal.store.write("accept") as db:
        for symbol in differences.keys() - moved:
            adjust(db, at, symbol, _beyond(differences, symbol), f"{BY_A_PERSON}{text}")
        why = f"{ACCEPTED}: {text}"
        for intent in journal.open_intents():
            if intent.ref in seen.unknown and intent.instruction.symbol not in moved:
                db.execute(
                    "UPDATE intents SET state = 'dead', why = ? WHERE ref = ? AND state = 'unknown'", (why, intent.ref)
                )
        for symbol in (seen.halted | differences.keys() | {EVERYTHING}) - moved:
            Halts.end(db, ACCEPTED_BY_POSITIONS, symbol, text, at)
        if differences.keys() - moved:
            begin_cash_anew(db)
        let_be(db, journal, (seen.halted | differences.keys()) - moved, text)
        keep_about(db, EXTERNAL_SEEN, str(seen.seen))
    return tuple(sorted(moved))


def _beyond(differences: Mapping[str, tuple[float, float]], symbol: str) -> float:
    ledger, broker = differences.get(symbol, (0.0, 0.0))
    return broker - ledger
