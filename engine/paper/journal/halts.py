# SPDX-License-Identifier: Apache-2.0
"""Why nothing may be sent: halts stand in the journal, outlive a restart, and end by a person's word alone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from engine.paper.journal.store import Store

EVERYTHING = ""
"""The symbol of a halt that is for all."""


class HaltKind(StrEnum):
    PERSON = "person"
    UNKNOWN = "unknown"  # the broker knows nothing of an order that may have left
    POSITIONS = "positions"  # the broker holds something else than opening and fills
    FORKED = "forked"  # two orders live at the broker under one reference
    OVERFILLED = "overfilled"  # more was executed than was ordered, or a guard traded more than was held
    REVIVED = "revived"  # an order that had ended lives again
    EXTERNAL = "external"  # somebody else traded a symbol of the strategy
    CONTRADICTION = "contradiction"  # the broker says two things of one order or execution
    UNGUARDED = "unguarded"  # a protective order ended before it stood at the broker, and the position did not
    MISSED = "missed"  # an order that was to reduce what is held, or one leg of several, did not trade
    LOSS = "loss"  # the day's loss passed its limit


ACCEPTED_BY_POSITIONS = (HaltKind.UNKNOWN, HaltKind.POSITIONS, HaltKind.EXTERNAL, HaltKind.MISSED)
"""What `accept-positions` ends: the person has looked at what the broker holds and takes it as the truth."""


TOLD_AGAIN = (HaltKind.OVERFILLED, HaltKind.CONTRADICTION)
"""Facts of the past that the broker tells at every look: each halts once, so that a person's word can end it."""


@dataclass(frozen=True)
class Halt:
    """A standing halt. symbol '' is everything."""

    number: int
    kind: HaltKind
    symbol: str
    text: str
    at: int


def resume_words(symbol: str) -> str:
    """The command that ends a halt of a symbol, or of everything, by a person's word."""
    return f"`{f'tandem paper resume CONFIG {symbol}'.strip()}`"


class Halts:
    """The halts of one journal."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @staticmethod
    def add(db: sqlite3.Connection, kind: HaltKind, symbol: str, text: str, at: int) -> bool:
        """Halt within a transaction; one that stands for the same reason stays as it is, a fact told again is none.

        Returns whether it is new.
        """
        same = "SELECT 1 FROM halts WHERE kind = ? AND symbol = ? AND text = ?"
        if kind in TOLD_AGAIN and db.execute(same, (kind, symbol, text)).fetchone():
            return False
        done = db.execute(
            "INSERT INTO halts (kind, symbol, text, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (kind, symbol, text, at),
        )
        return bool(done.rowcount)

    @staticmethod
    def end(db: sqlite3.Connection, kinds: tuple[HaltKind, ...], symbol: str, why: str, at: int) -> int:
        """End the standing halts of these kinds for a symbol; returns how many."""
        places = ", ".join("?" * len(kinds))
        return db.execute(
            f"UPDATE halts SET ended = ?, ended_why = ? WHERE ended IS NULL AND symbol = ? AND kind IN ({places})",  # noqa: S608
            (at, why, symbol, *kinds),
        ).rowcount

    def standing(self, symbol: str | None = None) -> tuple[Halt, ...]:
        """The halts that forbid a symbol: its own and those for everything; without one, all."""
        rows = self.store.read(
            "SELECT * FROM halts WHERE ended IS NULL AND (?1 IS NULL OR symbol IN ('', ?1)) ORDER BY number", symbol
        )
        return tuple(Halt(r["number"], HaltKind(r["kind"]), r["symbol"], r["text"], r["at"]) for r in rows)

    def differences(self) -> tuple[Halt, ...]:
        """The halts of symbols of which journal and broker do not hold the same: they make the equity doubtful."""
        return tuple(one for one in self.standing() if one.kind is HaltKind.POSITIONS)

    def untold(self) -> tuple[Halt, ...]:
        """Halts whose alarm has not gone out."""
        rows = self.store.read("SELECT * FROM halts WHERE told = 0 ORDER BY number")
        return tuple(Halt(r["number"], HaltKind(r["kind"]), r["symbol"], r["text"], r["at"]) for r in rows)

    def mark_told(self, number: int) -> None:
        """Its alarm has gone out."""
        with self.store.write("halt told") as db:
            db.execute("UPDATE halts SET told = 1 WHERE number = ?", (number,))
