# SPDX-License-Identifier: Apache-2.0
"""What the journal writes within a transaction that also writes something else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from engine.paper.verdict import Outcome, Verdict


def keep_about(db: sqlite3.Connection, key: str, value: str) -> None:
    """Keep one fact within a transaction."""
    db.execute("INSERT INTO about VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))


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
    """The gates that refuse an order, in words; '' where none does."""
    refused = (one for one in verdicts if one.ref == ref and one.outcome is Outcome.REFUSE)
    return "; ".join(f"gate {one.gate}: {one.text}" for one in refused)
