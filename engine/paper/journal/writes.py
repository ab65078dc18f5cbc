# SPDX-License-Identifier: Apache-2.0
"""What the journal writes within a transaction that also writes something else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from engine.paper.journal.store import Store
from engine.paper.verdict import Outcome, Verdict

OF_THE_DATA = 0
"""Code of the words that are not the broker's: what was said loudly of the data."""
BY_A_PERSON = "accepted: "
"""What stands before the reason of shares that a person took over."""


def keep_about(db: sqlite3.Connection, key: str, value: str) -> None:
    """Keep one fact within a transaction."""
    db.execute("INSERT INTO about VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))


def adjust(db: sqlite3.Connection, at: int, symbol: str, quantity: float, why: str) -> None:
    """Hold so many signed shares more than the fills tell."""
    if quantity:
        db.execute(
            "INSERT INTO openings (symbol, quantity, why, at) VALUES (?, ?, ?, ?)",
            (symbol, quantity, why, at),
        )


def take_back(db: sqlite3.Connection, ref: str, at: int) -> None:
    """An order is not wanted any more."""
    db.execute("UPDATE intents SET cancel_wanted = ? WHERE ref = ? AND cancel_wanted IS NULL", (at, ref))


def stay(db: sqlite3.Connection, ref: str) -> None:
    """An order is not taken back after all, where that was not said to the broker."""
    db.execute("UPDATE intents SET cancel_wanted = NULL WHERE ref = ? AND cancel_sent IS NULL", (ref,))


def keep_verdicts(db: sqlite3.Connection, verdicts: Iterable[Verdict], at: int) -> None:
    """Write verdicts within a transaction."""
    db.executemany(
        "INSERT INTO verdicts (ref, gate, outcome, text, numbers, at) VALUES (?, ?, ?, ?, ?, ?)",
        [(v.ref, v.gate, v.outcome, v.text, json.dumps(v.numbers), at) for v in verdicts],
    )


def why_refused(verdicts: Iterable[Verdict], ref: str) -> str:
    """The gates that refuse an order, in words; '' where none does.

    A halt is named, not told: its words stand where it does, and a halt that tells of the order would hold them too.
    """
    refused = (one for one in verdicts if one.ref == ref and one.outcome is Outcome.REFUSE)
    return "; ".join(f"gate {one.gate}: {one.numbers.get('kind', one.text)}" for one in refused)


def untold(store: Store, words: Iterable[str]) -> tuple[str, ...]:
    """Those of some words on the data that the journal does not have yet."""
    known = {row["text"] for row in store.read("SELECT text FROM told WHERE code = ?", OF_THE_DATA)}
    return tuple(one for one in words if one not in known)


def keep_told(store: Store, words: Iterable[str], at: int) -> None:
    """Keep words on the data."""
    with store.write("told") as db:
        db.executemany(
            "INSERT INTO told (code, text, ref, at) VALUES (?, ?, '', ?)", [(OF_THE_DATA, one, at) for one in words]
        )
