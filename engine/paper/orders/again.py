# SPDX-License-Identifier: Apache-2.0
"""Sending an order again that was missed, by a person's word: journal first, by the same gates, never twice.

It may end what is held, never turn it; and its halt stands until it has filled, so that nothing else doubles it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

from engine.errors import InputError, Problem
from engine.paper.account.splits import factor_since
from engine.paper.instructions import Instruction
from engine.paper.journal.halts import HaltKind
from engine.paper.journal.journal import Intent, Journal
from engine.paper.journal.named import keep_named
from engine.paper.orders.missed import on_the_way, sent_again_words, told_as_missed
from engine.paper.refs import next_attempt

LETS_OUT = frozenset({HaltKind.MISSED, HaltKind.UNGUARDED, HaltKind.LOSS})
"""Halts beside which the gates may let out what was missed."""


def send_again(journal: Journal, symbol: str) -> list[str]:
    """Commit the missed orders of a symbol anew, those of its newest decision, as wanted now; returns their refs.

    They leave with the next `carry_out`. The halt says so from here on.

    Raises InputError where none is missed, one is on its way already, nothing is left of what it was to reduce, or
    another halt forbids it.
    """
    if way := on_the_way(journal, symbol):
        raise _refused(f"{way[0].ref} was sent again already", symbol, "wait until it has filled, or cancel it in TWS")
    orders = [one for one in told_as_missed(journal) if one.instruction.symbol == symbol]
    newest = max((one.decision for one in orders), default=0)
    held, again = journal.ledger.positions().get(symbol, 0.0), list[tuple[Intent, Instruction]]()
    for one in orders:
        if one.decision == newest and (quantity := _quantity(journal, one, held)):
            ref, body = next_attempt(one.ref, lambda taken: journal.intent(taken) is not None), one.instruction
            again.append((one, replace(body, ref=ref, quantity=quantity, again=journal.clock(), replaces=(), after=())))
            held += quantity
    if not orders:
        raise _refused("no order of it was missed", symbol, "`tandem paper status CONFIG` shows what is halted")
    if not again:
        text = "nothing is held any more of what its missed order was to reduce"
        raise _refused(text, symbol, "`tandem paper accept-positions CONFIG` ends the halt")
    forbids = [one for one in journal.halts.standing(symbol) if one.kind not in LETS_OUT]
    if forbids:
        text = f"{forbids[0].symbol or 'everything'} is halted ({forbids[0].kind}): {forbids[0].text}"
        raise _refused(text, symbol, "end that halt first, then the same command")
    with journal.store.write("sent again") as db:
        for old, new in again:
            db.execute(
                "INSERT INTO intents (ref, decision, place, symbol, quantity, body, state) "
                "SELECT ?, ?, max(place) + 1, ?, ?, ?, 'intent' FROM intents WHERE decision = ?",
                (new.ref, old.decision, symbol, new.quantity, json.dumps(asdict(new)), old.decision),
            )
        words = sent_again_words(new for _, new in again)
        sql = "UPDATE halts SET text = ? WHERE kind = ? AND symbol = ? AND ended IS NULL"
        db.execute(sql, (words, HaltKind.MISSED, symbol))
        keep_named(db, journal, HaltKind.MISSED, symbol, (new.ref for _, new in again))
    return [new.ref for _, new in again]


def _quantity(journal: Journal, missed: Intent, held: float) -> float:
    """Signed shares to send now: what is left of an exit and still held, or of a leg that opens; 0 for nothing."""
    one, decision = missed.instruction, journal.decision(missed.decision)
    factor = factor_since(journal, one.symbol, journal.decided_at(missed.decision))
    rest = float(round((one.quantity - journal.ledger.filled(one.ref)) * factor, 6))
    before = journal.ledger.held_at(one.symbol, decision.seen, journal.decided_at(missed.decision))
    if before * one.quantity >= 0.0:
        return rest if held * one.quantity >= 0.0 else 0.0
    return math.copysign(min(abs(rest), abs(held)), rest) if held * rest < 0.0 else 0.0


def _refused(message: str, symbol: str, allowed: str) -> InputError:
    return InputError(Problem(f"{message}; nothing was sent", path="SYMBOL", found=symbol, allowed=allowed))
