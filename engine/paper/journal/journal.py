# SPDX-License-Identifier: Apache-2.0
"""The journal: what was decided, what may have left the house, what the broker said. Written before it is done."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem
from engine.kernel.codes import OrderKind
from engine.paper.instructions import Decision, Instruction, IntentState, Mark
from engine.paper.journal.halts import EVERYTHING, HaltKind, Halts
from engine.paper.journal.ledger import Ledger
from engine.paper.journal.lost import strangers
from engine.paper.journal.store import Boundary, Store, no_boundary
from engine.paper.journal.writes import keep_about, keep_verdicts, stay, take_back, why_refused
from engine.paper.verdict import Outcome, Verdict

ORDERS_BEFORE = ("replaces", "after")
OPEN = (IntentState.INTENT, IntentState.SENT, IntentState.WORKING, IntentState.UNKNOWN)


@dataclass(frozen=True)
class Intent:
    """An instruction and how far it has come.

    why     what ended it, in words, or ''
    client, order_id   under which it may have left; None: it certainly has not
    tried   when that was committed, ns UTC; cancel_wanted: the strategy wants it taken back
    """

    instruction: Instruction
    decision: int
    state: IntentState
    why: str
    client: int | None
    order_id: int | None
    tried: int | None
    cancel_wanted: bool

    @property
    def ref(self) -> str:
        """The one key of the order."""
        return self.instruction.ref


class Journal:
    """One account's journal for one configuration."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        boundary: Boundary = no_boundary,
        db: sqlite3.Connection | None = None,
    ) -> None:
        """Open or create it; db opens it to read alone. clock is ns UTC of the market's time."""
        self.store = Store(path, boundary, db)
        self.clock = clock
        self.halts = Halts(self.store)
        self.ledger = Ledger(self.store)

    def about(self, key: str) -> str | None:
        """What the journal knows of itself: account, opening, whatever its writer keeps."""
        rows = self.store.read("SELECT value FROM about WHERE key = ?", key)
        return rows[0]["value"] if rows else None

    def note_about(self, key: str, value: str) -> None:
        """Keep one fact of the journal."""
        with self.store.write("about") as db:
            keep_about(db, key, value)

    def record(self, decision: Decision, verdicts: tuple[Verdict, ...]) -> bool:
        """Commit a decision with its intents, the refs it takes back and the gates' verdicts, all or nothing.

        An order that a gate refuses is dead before it left, and what it was to replace stays. The same decision again
        changes nothing and returns False.

        Raises InputError where the journal holds another decision for that bar, or one of its refs for another bar, or
        where the broker already knows orders of this run's name that the journal does not.
        """
        if self.has(decision):
            return False
        self._refuse_known(decision)
        at = self.clock()
        with self.store.write("decision") as db:
            number = db.execute(
                "INSERT INTO decisions (decided, session, body, memory, at) VALUES (?, ?, ?, ?, ?)",
                (decision.decided, decision.session, _body(decision), decision.memory, at),
            ).lastrowid
            for place, one in enumerate(decision.send):
                why = why_refused(verdicts, one.ref)
                state = IntentState.DEAD if why else IntentState.INTENT
                db.execute(
                    "INSERT INTO intents (ref, decision, place, symbol, quantity, body, state, why) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (one.ref, number, place, one.symbol, one.quantity, json.dumps(asdict(one)), state, why),
                )
            kept = {ref for one in decision.send if why_refused(verdicts, one.ref) for ref in one.replaces}
            for ref in decision.cancel:
                if ref in kept:
                    stay(db, ref)
                    continue
                take_back(db, ref, at)
            keep_verdicts(db, verdicts, at)
        return True

    def has(self, decision: Decision) -> bool:
        """Whether this very decision is in the journal. Raises InputError where another one is, for the same bar."""
        before = self.store.read("SELECT body, memory FROM decisions WHERE decided = ?", decision.decided)
        if before and (before[0]["body"], before[0]["memory"]) != (_body(decision), decision.memory):
            raise _refused("the journal holds another decision for this bar", decision.session)
        return bool(before)

    def _refuse_known(self, decision: Decision) -> None:
        for one in decision.send:
            if self.store.read("SELECT 1 FROM intents WHERE ref = ?", one.ref):
                raise _refused(f"the journal holds order {one.ref} for another bar", decision.session)
            if found := strangers(self.store, one.ref):
                text = (
                    f"the broker already knows {', '.join(found)} of a run of this name, this journal does not: it is "
                    "another one or was lost; cancel in TWS what works of it, then resume; the next bar is decided"
                )
                with self.store.write("halt") as db:
                    Halts.add(db, HaltKind.CONTRADICTION, EVERYTHING, text, self.clock())
                raise _refused(text, decision.session)

    def judge(self, verdicts: tuple[Verdict, ...]) -> None:
        """Commit the verdicts on orders that are about to be sent, all at once.

        Those that are refused end, and what they were to replace is not taken back.
        """
        at = self.clock()
        with self.store.write("verdicts") as db:
            keep_verdicts(db, verdicts, at)
            for ref in dict.fromkeys(one.ref for one in verdicts if one.outcome is Outcome.REFUSE):
                db.execute(
                    "UPDATE intents SET state = 'dead', why = ? "
                    "WHERE ref = ? AND state = 'intent' AND order_id IS NULL",
                    (why_refused(verdicts, ref), ref),
                )
                intent = self.intent(ref)
                for kept in intent.instruction.replaces if intent else ():
                    stay(db, kept)

    def assign(self, refs: Iterable[str], client: int, least: int) -> dict[str, int]:
        """Commit an order id for each intent that never had one: it may leave from here on. Ids are never reused."""
        at, given = self.clock(), {}
        with self.store.write("order ids") as db:
            following = max(least, self.last_order_id() + 1)
            for ref in refs:
                done = db.execute(
                    "UPDATE intents SET client = ?, order_id = ?, tried = ? "
                    "WHERE ref = ? AND state = 'intent' AND order_id IS NULL",
                    (client, following, at, ref),
                )
                if done.rowcount == 1:
                    given[ref] = following
                    following += 1
        return given

    def last_order_id(self) -> int:
        """The highest id that any order here or any order seen at the broker has."""
        row = self.store.read(
            "SELECT max(coalesce((SELECT max(order_id) FROM intents), 0), "
            "coalesce((SELECT max(order_id) FROM orders), 0), "
            "coalesce((SELECT max(order_id) FROM executions), 0)) AS last"
        )[0]
        return int(row["last"])

    def mark_sent(self, refs: Iterable[str]) -> None:
        """The orders were handed to the socket."""
        at = self.clock()
        with self.store.write("sent") as db:
            for ref in refs:
                db.execute("UPDATE intents SET sent = ? WHERE ref = ?", (at, ref))
                db.execute("UPDATE intents SET state = 'sent' WHERE ref = ? AND state = 'intent'", (ref,))

    def mark_cancel_sent(self, ref: str) -> None:
        """The cancellation was handed to the socket."""
        with self.store.write("cancel sent") as db:
            db.execute("UPDATE intents SET cancel_sent = ? WHERE ref = ?", (self.clock(), ref))

    def settle(self, ref: str, state: IntentState, why: str) -> None:
        """Commit what a reconcile or a person concluded of an order that the broker does not know."""
        with self.store.write("settled") as db:
            db.execute(
                "UPDATE intents SET state = ?, why = ? WHERE ref = ? AND state NOT IN ('filled', 'dead')",
                (state, why, ref),
            )

    def intent(self, ref: str) -> Intent | None:
        """One order by its key."""
        rows = self.store.read("SELECT * FROM intents WHERE ref = ?", ref)
        return as_intent(rows[0]) if rows else None

    def open_intents(self) -> tuple[Intent, ...]:
        """Every order that has not ended, in the order in which it was decided."""
        rows = self.store.read("SELECT * FROM intents WHERE state NOT IN ('filled', 'dead') ORDER BY decision, place")
        return tuple(as_intent(row) for row in rows)

    def intents_of(self, decided: int) -> tuple[Intent, ...]:
        """The orders of one decision, in its order."""
        rows = self.store.read(
            "SELECT i.* FROM intents i JOIN decisions d ON d.number = i.decision WHERE d.decided = ? ORDER BY place",
            decided,
        )
        return tuple(as_intent(row) for row in rows)

    def last_decision(self) -> Decision | None:
        """The newest decision with its memory, or None before the first."""
        rows = self.store.read("SELECT * FROM decisions ORDER BY decided DESC LIMIT 1")
        return as_decision(rows[0]) if rows else None

    def decision(self, number: int) -> Decision:
        """The decision that an intent belongs to."""
        return as_decision(self.store.read("SELECT * FROM decisions WHERE number = ?", number)[0])

    def decided_at(self, number: int) -> int:
        """When a decision was recorded, ns UTC."""
        return int(self.store.read("SELECT at FROM decisions WHERE number = ?", number)[0]["at"])

    def again_of(self, intent: Intent) -> tuple[Intent, ...]:
        """The same order as a person's word had it sent again after this one, the oldest first."""
        rows = self.store.read(
            "SELECT * FROM intents WHERE decision = ? AND symbol = ? "
            "AND place > (SELECT place FROM intents WHERE ref = ?) ORDER BY place",
            intent.decision, intent.instruction.symbol, intent.ref,
        )  # fmt: skip
        later = map(as_intent, rows)
        return tuple(
            one for one in later if one.instruction.again and one.instruction.order == intent.instruction.order
        )

    def verdicts(self, ref: str) -> tuple[Verdict, ...]:
        """Every verdict ever given on an order, the oldest first."""
        rows = self.store.read("SELECT * FROM verdicts WHERE ref = ? ORDER BY number", ref)
        return tuple(
            Verdict(r["ref"], r["gate"], Outcome(r["outcome"]), r["text"], json.loads(r["numbers"])) for r in rows
        )

    def tried_since(self, moment: int) -> int:
        """How many orders may have left since a moment."""
        return int(self.store.read("SELECT count(*) AS n FROM intents WHERE tried >= ?", moment)[0]["n"])

    def close(self) -> None:
        """Close the file."""
        self.store.close()


def _body(decision: Decision) -> str:
    send, marks = [asdict(one) for one in decision.send], [asdict(one) for one in decision.marks]
    return json.dumps({"send": send, "cancel": decision.cancel, "marks": marks, "seen": decision.seen})


def as_decision(row: sqlite3.Row) -> Decision:
    """A row of the table `decisions`."""
    body = json.loads(row["body"])
    return Decision(
        decided=row["decided"],
        session=row["session"],
        send=tuple(as_instruction(one) for one in body["send"]),
        cancel=tuple(body["cancel"]),
        memory=row["memory"],
        marks=tuple(Mark(**one) for one in body["marks"]),
        seen=body["seen"],
    )


def as_instruction(body: dict[str, Any]) -> Instruction:
    """An instruction from its JSON."""
    return Instruction(**body | {"kind": OrderKind(body["kind"])} | {one: tuple(body[one]) for one in ORDERS_BEFORE})


def as_intent(row: sqlite3.Row) -> Intent:
    """A row of the table `intents`."""
    return Intent(
        instruction=as_instruction(json.loads(row["body"])),
        decision=row["decision"],
        state=IntentState(row["state"]),
        why=row["why"],
        client=row["client"],
        order_id=row["order_id"],
        tried=row["tried"],
        cancel_wanted=row["cancel_wanted"] is not None,
    )


def _refused(message: str, session: str) -> InputError:
    return InputError(
        Problem(
            message, found=session, allowed="`tandem paper status CONFIG` shows what is known; nothing was recorded"
        )
    )
