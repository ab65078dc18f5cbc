# SPDX-License-Identifier: Apache-2.0
"""Taking the broker's word into the journal: what it says is kept, then whose it is and what follows from it.

The same words in another order, twice, or late leave the same executions and the same ledger.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine.paper.broker.port import CommissionSeen, Evidence, ExecutionSeen, Listed, OrderSeen, Told
from engine.paper.instructions import IntentState
from engine.paper.journal.halts import EVERYTHING, HaltKind, Halts, resume_words
from engine.paper.journal.journal import Journal
from engine.paper.journal.named import keep_named
from engine.paper.orders.missed import ACCEPTED
from engine.paper.states import BY_BROKER, ENDED, Standing, split_execution, state_of


class Witness:
    """Writes evidence of one account into its journal."""

    def __init__(self, journal: Journal, account: str, client: int) -> None:
        self.journal = journal
        self.account = account
        self.client = client

    def take(self, evidence: Iterable[Evidence]) -> set[str]:
        """Commit evidence in one transaction, with the states and halts that follow from it.

        Returns the refs of orders that it was about. Evidence of other accounts is left out.
        """
        touched: set[str] = set()
        with self.journal.store.write("evidence") as db:
            for one in evidence:
                if isinstance(one, OrderSeen) and one.account in {"", self.account}:
                    touched.add(self._order(db, one))
                elif isinstance(one, ExecutionSeen) and one.account == self.account:
                    touched.add(self._execution(db, one))
                elif isinstance(one, CommissionSeen):
                    _commission(db, one)
                elif isinstance(one, Told):
                    touched.add(self._told(db, one))
            touched.discard("")
            for ref in touched:
                self.move(db, ref)
        return touched

    def _owner(self, db: sqlite3.Connection, seen: OrderSeen | ExecutionSeen) -> str:
        """Whose order it is: by the reference told, the broker's number, client and id, or an earlier revision; or ''.

        Where these name different orders of ours, everything halts: what must be unique was given twice.
        """
        if seen.ref and not _word(db, "SELECT ref FROM intents WHERE ref = ?", seen.ref):
            return ""
        by_perm = _word(db, "SELECT ref FROM orders WHERE perm = ? AND perm > 0", seen.perm)
        by_id = ""
        if seen.order_id > 0:
            by_id = _word(db, "SELECT ref FROM intents WHERE client = ? AND order_id = ?", seen.client, seen.order_id)
        if by_id and seen.symbol and not _same(db, by_id, seen):
            by_id = ""
        by_base = ""
        if isinstance(seen, ExecutionSeen):
            base = split_execution(seen.exec_id)[0]
            by_base = _word(db, "SELECT ref FROM executions WHERE base = ? AND ref != ''", base)
        named = list(dict.fromkeys(ref for ref in (seen.ref, by_perm, by_id, by_base) if ref))
        if len(named) > 1:
            text = (
                f"the broker's order {seen.perm} goes by {' and '.join(named)}: an id or a number was given twice; "
                f"see at the broker whose it is, then {resume_words(EVERYTHING)}"
            )
            self._halt(db, HaltKind.CONTRADICTION, EVERYTHING, text)
        return named[0] if named else ""

    def _order(self, db: sqlite3.Connection, seen: OrderSeen) -> str:
        ref, at = self._owner(db, seen), self.journal.clock()
        without_number = f"{seen.client}/{seen.order_id}"
        key = str(seen.perm) if seen.perm > 0 else without_number
        if seen.perm > 0 and seen.order_id > 0:
            db.execute("DELETE FROM orders WHERE key = ?", (without_number,))
        before = db.execute("SELECT * FROM orders WHERE key = ?", (key,)).fetchone()
        ends = seen.status in ENDED or seen.listed is Listed.ENDED
        told = _told(before, seen)
        if before is None:
            values = (key, max(seen.perm, 0), seen.client, seen.order_id, ref, seen.ref, seen.symbol, seen.quantity)
            db.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, seen.status, told, ends, seen.held, at, at),
            )
        else:
            late = before["ended"] and not ends and seen.listed is not Listed.ALIVE
            if before["ended"] and seen.listed is Listed.ALIVE and seen.status not in ENDED:
                self._revived(db, ref or before["ref"], seen.status)
            status = before["status"] if late else seen.status
            db.execute(
                "UPDATE orders SET ref = ?, named = ?, symbol = ?, quantity = ?, order_id = max(order_id, ?), "
                "client = CASE WHEN order_id > 0 THEN client ELSE ? END, "
                "status = ?, told = ?, ended = ?, held = ?, last = ? WHERE key = ?",
                (
                    *(before["ref"] or ref, before["named"] or seen.ref, before["symbol"] or seen.symbol),
                    *(before["quantity"] if seen.quantity is None else seen.quantity, seen.order_id, seen.client),
                    *(status, told, ends or late, seen.held, at, key),
                ),
            )
            ref = before["ref"] or ref
        self._claim(db, ref, seen)
        return ref

    @staticmethod
    def _claim(db: sqlite3.Connection, ref: str, seen: OrderSeen | ExecutionSeen) -> None:
        """What was external because its owner was not known yet finds its owner."""
        if not ref:
            return
        for table in ("executions", "orders"):
            sql = f"UPDATE {table} SET ref = ? WHERE ref = '' AND named IN ('', ?) AND perm > 0 AND perm = ?"  # noqa: S608
            db.execute(sql, (ref, ref, seen.perm))

    def _execution(self, db: sqlite3.Connection, seen: ExecutionSeen) -> str:
        ref, (base, revision) = self._owner(db, seen), split_execution(seen.exec_id)
        before = db.execute("SELECT * FROM executions WHERE base = ? AND revision = ?", (base, revision)).fetchone()
        if before is None:
            db.execute(
                "INSERT INTO executions (base, revision, perm, client, order_id, ref, named, account, symbol, "
                "quantity, price, time, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(base, revision, seen.perm, seen.client, seen.order_id, ref, seen.ref, seen.account, seen.symbol),
                    *(seen.quantity, seen.price, seen.time, self.journal.clock()),
                ),
            )
        elif (before["symbol"], before["quantity"], before["price"]) != (seen.symbol, seen.quantity, seen.price):
            text = (
                f"the broker tells execution {seen.exec_id} in two ways: {before['quantity']:g} at {before['price']:g} "
                f"and {seen.quantity:g} at {seen.price:g}; the first counts: see which is right, then "
                f"{resume_words(seen.symbol)}"
            )
            self._halt(db, HaltKind.CONTRADICTION, seen.symbol, text)
        self._claim(db, ref, seen)
        return ref

    def _told(self, db: sqlite3.Connection, seen: Told) -> str:
        ref = ""
        if seen.order_id > 0:
            ref = _word(db, "SELECT ref FROM intents WHERE client = ? AND order_id = ?", self.client, seen.order_id)
        db.execute(
            "INSERT INTO told (code, text, ref, at) VALUES (?, ?, ?, ?)",
            (seen.code, seen.text, ref, self.journal.clock()),
        )
        return ref

    def move(self, db: sqlite3.Connection, ref: str) -> IntentState:
        """Bring one intent to the state that its evidence gives it; what must not be halts its symbol."""
        row = db.execute("SELECT * FROM intents WHERE ref = ?", (ref,)).fetchone()
        standings, live = self._standings(db, ref)
        filled = db.execute("SELECT coalesce(sum(quantity), 0.0) FROM fills WHERE ref = ?", (ref,)).fetchone()[0]
        before = IntentState(row["state"])
        if not standings and not filled:
            return before
        after = state_of(row["quantity"], filled, standings, sent=row["order_id"] is not None)
        if live > 1:
            text = (
                f"{live} orders of the broker live under {ref}: cancel one by hand, then {resume_words(row['symbol'])}"
            )
            self._halt(db, HaltKind.FORKED, row["symbol"], text, ref)
        if abs(filled) > abs(row["quantity"]) or filled * row["quantity"] < 0:
            text = (
                f"{ref} wanted {row['quantity']:g} shares, the broker executed {filled:g}: trade back by hand "
                f"what is too much, or keep it, then {resume_words(row['symbol'])}"
            )
            self._halt(db, HaltKind.OVERFILLED, row["symbol"], text, ref)
        if before is IntentState.DEAD and after is IntentState.WORKING:
            if row["why"].startswith(ACCEPTED) and all(one.ended for one in standings):
                return before  # of what it owes nothing is told any more: a person has taken over what is held
            self._revived(db, ref, "working")
        if after is not before:
            why = "" if after is not IntentState.DEAD else _why_ended(db, ref)
            db.execute("UPDATE intents SET state = ?, why = ? WHERE ref = ?", (after, why, ref))
        return after

    @staticmethod
    def _standings(db: sqlite3.Connection, ref: str) -> tuple[list[Standing], int]:
        """The broker's orders of a reference with what each has filled; and how many of them live for certain."""
        rows = db.execute(
            "SELECT o.*, (SELECT coalesce(sum(f.quantity), 0.0) FROM fills f WHERE f.ref = o.ref AND "
            "(o.perm = 0 OR f.perm = o.perm)) AS filled FROM orders o WHERE ref = ?",
            (ref,),
        ).fetchall()
        live = sum(1 for row in rows if not row["ended"] and row["perm"] > 0)
        return [Standing(bool(row["ended"]), row["told"], row["filled"]) for row in rows], live

    def _revived(self, db: sqlite3.Connection, ref: str, status: str) -> None:
        if ref:
            symbol = _word(db, "SELECT symbol FROM intents WHERE ref = ?", ref)
            again = resume_words(symbol)
            text = f"{ref} had ended and lives again ({status}): cancel it by hand or let it be, then {again}"
            self._halt(db, HaltKind.REVIVED, symbol, text, ref)

    def _halt(self, db: sqlite3.Connection, kind: HaltKind, symbol: str, text: str, ref: str = "") -> None:
        if Halts.add(db, kind, symbol, text, self.journal.clock()) and ref:
            keep_named(db, self.journal, kind, symbol, (ref,))


def _commission(db: sqlite3.Connection, seen: CommissionSeen) -> None:
    db.execute(
        "INSERT INTO commissions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount, "
        "currency = excluded.currency, realized = excluded.realized",
        (*split_execution(seen.exec_id), seen.amount, seen.currency, seen.realized),
    )


def _told(before: sqlite3.Row | None, seen: OrderSeen) -> float:
    """Unsigned shares that the broker says an order has filled: the most that it said.

    Filled without a figure is all of its quantity, until the broker names one: an order may have shrunk with what it
    guards, and is filled by less.
    """
    last = 0.0 if before is None else float(before["told"])
    if seen.filled is not None:
        return seen.filled if seen.status == "Filled" and seen.filled > 0.0 else max(last, seen.filled)
    if seen.status != "Filled" or seen.quantity is None or (before and before["status"] == "Filled" and last > 0.0):
        return last
    return max(last, abs(seen.quantity))


def _same(db: sqlite3.Connection, ref: str, seen: OrderSeen | ExecutionSeen) -> bool:
    """Whether symbol and side are those of the intent: an id alone may be another client's or another day's."""
    row = db.execute("SELECT symbol, quantity FROM intents WHERE ref = ?", (ref,)).fetchone()
    return bool(row["symbol"] == seen.symbol and (seen.quantity is None or seen.quantity * row["quantity"] >= 0))


def _why_ended(db: sqlite3.Connection, ref: str) -> str:
    status = _word(db, "SELECT status FROM orders WHERE ref = ? ORDER BY last DESC LIMIT 1", ref)
    said = db.execute("SELECT code, text FROM told WHERE ref = ? ORDER BY number DESC LIMIT 1", (ref,)).fetchone()
    return f"{BY_BROKER}{status}" + (f" ({said['code']}: {said['text']})" if said else "")


def _word(db: sqlite3.Connection, sql: str, *values: object) -> str:
    row = db.execute(sql, values).fetchone()
    return str(row[0]) if row else ""
