# SPDX-License-Identifier: Apache-2.0
"""What a person says to the journal: halt, resume, accept. It needs no broker, and works while a session runs."""

from __future__ import annotations

from collections.abc import Mapping

from engine.paper.halts import ACCEPTED_BY_POSITIONS, EVERYTHING, HaltKind, Halts
from engine.paper.journal import Journal, keep_about
from engine.paper.reconcile import DAY_EQUITY, EXTERNAL_SEEN

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


def accept(journal: Journal, differences: Mapping[str, tuple[float, float]], text: str) -> None:
    """Bring the ledger to what the broker holds (symbol -> ledger, broker) and end what waits for that, all at once."""
    at = journal.clock()
    symbols = {one.symbol for one in journal.halts.standing()} | set(differences) | {EVERYTHING}
    with journal.store.write("accept") as db:
        for symbol, (ledger, broker) in differences.items():
            db.execute(
                "INSERT INTO openings (symbol, quantity, why, at) VALUES (?, ?, ?, ?)",
                (symbol, broker - ledger, f"accepted: {text}", at),
            )
        why = f"a person accepted the positions: {text}"
        db.execute("UPDATE intents SET state = 'dead', why = ? WHERE state = 'unknown'", (why,))
        for symbol in symbols:
            Halts.end(db, ACCEPTED_BY_POSITIONS, symbol, text, at)
        keep_about(db, EXTERNAL_SEEN, str(journal.ledger.last_seq()))
