# SPDX-License-Identifier: Apache-2.0
"""Orders at the broker on the day of a split: it may leave them, end them, or change them with the shares."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from engine.paper.instructions import Instruction
from engine.paper.journal.halts import HaltKind, Halts
from engine.paper.journal.journal import Journal
from engine.paper.journal.named import named

A_SHARE = 1.0


def in_new_shares(
    db: sqlite3.Connection, journal: Journal, symbol: str, splits: Sequence[tuple[float, int]], refs: Iterable[str]
) -> list[str]:
    """Bring the orders of a symbol that the broker has in new shares now to those; returns their refs.

    splits are (new shares for one old, moment in ns UTC). What has filled before counts in the shares of before, as the
    executions do. An overfill that was none of these shares ends. Of an order that filled whole on that day the broker
    may never tell the shares of now: they are what it executed.
    """
    ratio, since = math.prod(one for one, _ in splits), splits[0][1]
    found = []
    for ref in dict.fromkeys([*(one.ref for one in journal.open_intents()), *refs]):
        intent = journal.intent(ref)
        if intent is None or intent.instruction.symbol != symbol or intent.order_id is None:
            continue
        one = intent.instruction
        told = db.execute(
            "SELECT max(abs(quantity)), max(status = 'Filled') FROM orders WHERE ref = ? AND last >= ?", (ref, since)
        ).fetchone()
        early, filled = _filled(db, ref, since), _filled(db, ref)
        total = _of_now(one.quantity, early, ratio, told[0])
        if total is None and told[1] and filled != early:
            total = _executed(one.quantity, early, filled, ratio)
        if total is None:
            continue
        changed = _divided(replace(one, quantity=total), ratio)
        db.execute("UPDATE intents SET quantity = ?, body = ? WHERE ref = ?", (total, json.dumps(asdict(changed)), ref))
        if ref in named(journal, HaltKind.OVERFILLED) and abs(filled) <= abs(total):
            Halts.end(db, (HaltKind.OVERFILLED,), symbol, "a split", journal.clock())
        found.append(ref)
    return found


def _of_now(quantity: float, early: float, ratio: float, told: float | None) -> float | None:
    """Signed shares that an order fills in all, `early` of them before the split; None where it was not changed.

    told is the broker's own figure, unsigned. It may count what had filled before in old shares, or in new ones.
    """
    if told is None or told == abs(quantity):
        return None
    for shares, beside in ((early + (quantity - early) * ratio, 0.0), (quantity * ratio, early - early * ratio)):
        if abs(told - abs(shares)) <= A_SHARE:
            return math.copysign(told, quantity) + beside
    return None


def _executed(quantity: float, early: float, filled: float, ratio: float) -> float | None:
    """Signed shares of an order that has filled whole, where they are those of after the split; None for any other."""
    whole = early + (quantity - early) * ratio
    return filled if filled != quantity and abs(filled - whole) <= A_SHARE else None


def _filled(db: sqlite3.Connection, ref: str, until: int | None = None) -> float:
    sql = "SELECT coalesce(sum(quantity), 0.0) FROM fills WHERE ref = ?1 AND (?2 IS NULL OR time < ?2)"
    return float(db.execute(sql, (ref, until)).fetchone()[0])


def _divided(one: Instruction, ratio: float) -> Instruction:
    """An order with its prices in new shares."""
    trail = one.trail if one.trail is None or one.kind.name == "TRAIL_PERCENT" else one.trail / ratio
    return replace(
        one,
        limit=None if one.limit is None else one.limit / ratio,
        stop=None if one.stop is None else one.stop / ratio,
        trail=trail,
    )
