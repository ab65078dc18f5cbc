# SPDX-License-Identifier: Apache-2.0
"""What guards a position: a stop that is taken back for another order must not leave it without one unsaid."""

from __future__ import annotations

import sqlite3

from engine.paper.halts import HaltKind, Halts
from engine.paper.instructions import IntentState
from engine.paper.journal import OPEN, Journal


def halt_unguarded(db: sqlite3.Connection, journal: Journal, ref: str) -> None:
    """Halt the symbol of an order that ended unfilled, where what it was to replace is gone and the position is not."""
    intent = journal.intent(ref)
    if intent is None or intent.state is not IntentState.DEAD or intent.cancel_wanted:
        return
    one = intent.instruction
    before = [old for each in one.replaces if (old := journal.intent(each)) is not None]
    held = journal.ledger.positions().get(one.symbol, 0.0)
    if not before or any(old.state in OPEN for old in before) or held * one.quantity >= 0.0:
        return
    gone = ", ".join(old.ref for old in before)
    text = (
        f"{gone} is gone, and {ref}, which was to replace it, ended ({intent.why}): {held:g} {one.symbol} lack a "
        "guard; place one by hand or close the position, then `tandem paper resume`"
    )
    Halts.add(db, HaltKind.UNGUARDED, one.symbol, text, journal.clock())
