# SPDX-License-Identifier: Apache-2.0
"""Comparing the journal with the broker: what it lists, executed and holds. It finds orders, it never makes one.

Absence is not cancellation: an order that the broker does not show is asked for three times, with time between. Then it
is dead only where everything else agrees; otherwise its symbol halts and a person decides.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from engine.paper.account.day import as_money, watch_loss
from engine.paper.account.splits import halt_waiting, take_over, waiting
from engine.paper.broker.port import Broker, BrokerSilent, OrderSeen, PositionSeen
from engine.paper.comparison.evidence import Witness
from engine.paper.comparison.opening import EXTERNAL_SEEN, OPENING, differs_words, halt_on_runs, open_ledger
from engine.paper.instructions import IntentState
from engine.paper.journal.halts import HaltKind, Halts, resume_words
from engine.paper.journal.journal import Intent, Journal
from engine.paper.journal.writes import adjust, keep_about
from engine.paper.memory import refs_of
from engine.paper.orders.family import families
from engine.paper.orders.guards import halt_ended_guards, halt_turned, halt_unguarded
from engine.paper.orders.missed import LOST, halt_missed
from engine.paper.states import SHELVED
from engine.paper.terms import Terms, broker_day

LOOKS = 3
LEAST = 1e-6  # shares: less is the sum of fractions, not a trade
COMPARED, COMPARED_FILLS = "compared", "compared fills"


@dataclass(frozen=True)
class Reconciled:
    """What a comparison found.

    complete    every question was answered and the link held; without it nothing is concluded and nothing may be sent
    differences symbol -> (ledger, broker), signed shares
    unresolved  refs that the broker did not explain
    """

    complete: bool
    differences: dict[str, tuple[float, float]]
    unresolved: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """The broker's answers of one moment."""

    alive: frozenset[str]
    held: dict[str, PositionSeen]
    equity: float | None
    cash: float | None


class Reconciler:
    """Compares one journal with its broker. steady() tells whether the link is still the one that it began with."""

    def __init__(
        self, journal: Journal, broker: Broker, witness: Witness, terms: Terms, drain: Callable[[], None]
    ) -> None:
        self.journal, self.broker, self.witness, self.terms, self.drain = journal, broker, witness, terms, drain

    async def run(self, steady: Callable[[], bool]) -> Reconciled:
        """Look up to three times, conclude, and commit what follows. Never raises for a silent broker."""
        nothing = Reconciled(complete=False, differences={}, unresolved=())
        for attempt in range(LOOKS):
            if attempt:
                await asyncio.sleep(self.terms.settle)
            try:
                look = await self._look()
            except BrokerSilent:
                return nothing
            if not (steady() and self.broker.up()):
                return nothing
            if self.journal.about(OPENING) is None:
                self._open(look)
            self._adopt_foreign(look)
            self._follow_splits(look)
            differences, unresolved = self._differences(look), self._unresolved(look)
            if not differences and not unresolved:
                break
        self._conclude(look, differences, unresolved)
        halt_missed(self.journal)
        halt_ended_guards(self.journal)
        halt_turned(self.journal)
        return Reconciled(complete=True, differences=differences, unresolved=tuple(one.ref for one in unresolved))

    async def _look(self) -> Look:
        alive = await self.broker.open_orders()
        await self.broker.completed_orders()
        await self.broker.executions()
        positions = await self.broker.positions()
        values = await self.broker.account_values(self.witness.account)
        self.drain()
        held = {one.symbol: one for one in positions if one.account == self.witness.account and one.quantity}
        equity, cash = as_money(values.get("NetLiquidation")), as_money(values.get("TotalCashValue"))
        return Look(frozenset(key_of(one) for one in alive), held, equity, cash)

    def _open(self, look: Look) -> None:
        """Begin the ledger, and halt on what works of other runs."""
        held = {symbol: one.quantity for symbol, one in look.held.items()}
        with self.journal.store.write("opening") as db:
            open_ledger(db, self.journal, held, self._is_ours, adopts=self.terms.adopts)
            halt_on_runs(db, self.journal, look.alive, self._is_ours, self.terms.client)

    def _adopt_foreign(self, look: Look) -> None:
        """Positions in symbols that the run never trades are somebody else's: they are counted, not questioned."""
        theirs = {symbol: pair for symbol, pair in self._all_differences(look).items() if not self._is_ours(symbol)}
        if theirs:
            with self.journal.store.write("foreign positions") as db:
                for symbol, (ledger, broker) in theirs.items():
                    adjust(db, self.journal.clock(), symbol, broker - ledger, "somebody else's")

    def _follow_splits(self, look: Look) -> None:
        """Where the broker's shares are what a split of the data makes of the ledger's, it follows."""
        last = self.journal.last_decision()
        if last is not None and waiting(self.journal):
            held = {symbol: one.quantity for symbol, one in look.held.items()}
            with self.journal.store.write("splits") as db:
                for ref in take_over(db, self.journal, held, refs_of(last.memory)):
                    if self.witness.move(db, ref) is IntentState.FILLED:
                        self._explained(db, ref)

    def _explained(self, db: sqlite3.Connection, ref: str) -> None:
        """The shares of a split explain an order: where no other one of its symbol is unknown, that halt ends."""
        intent = self.journal.intent(ref)
        symbol = intent.instruction.symbol if intent else ""
        unknown = (one for one in self.journal.open_intents() if one.state is IntentState.UNKNOWN)
        if symbol not in {one.instruction.symbol for one in unknown}:
            Halts.end(db, (HaltKind.UNKNOWN,), symbol, "a split", self.journal.clock())

    def _is_ours(self, symbol: str) -> bool:
        known = "SELECT 1 FROM intents WHERE symbol = ? LIMIT 1"
        return symbol in self.terms.symbols or bool(self.journal.store.read(known, symbol))

    def _all_differences(self, look: Look) -> dict[str, tuple[float, float]]:
        ledger = self.journal.ledger.positions()
        broker = {symbol: one.quantity for symbol, one in look.held.items()}
        return {
            symbol: (ledger.get(symbol, 0.0), broker.get(symbol, 0.0))
            for symbol in sorted(ledger.keys() | broker.keys())
            if abs(ledger.get(symbol, 0.0) - broker.get(symbol, 0.0)) > LEAST
        }

    def _differences(self, look: Look) -> dict[str, tuple[float, float]]:
        return {symbol: pair for symbol, pair in self._all_differences(look).items() if self._is_ours(symbol)}

    def _unresolved(self, look: Look) -> list[Intent]:
        """Orders that may have left and that this look does not explain: unseen, vanished, or with fills still owed."""
        open_questions = []
        for one in self.journal.open_intents():
            if one.order_id is None or one.state is IntentState.UNKNOWN:
                continue
            rows = self._orders(one.ref)
            here = any(row["key"] in look.alive for row in rows)
            if not here or any(not row["ended"] and row["key"] not in look.alive for row in rows):
                open_questions.append(one)
        return open_questions

    def _orders(self, ref: str) -> list[sqlite3.Row]:
        return self.journal.store.read("SELECT * FROM orders WHERE ref = ?", ref)

    def _conclude(self, look: Look, differences: dict[str, tuple[float, float]], unresolved: list[Intent]) -> None:
        at = self.journal.clock()
        with self.journal.store.write("reconcile") as db:
            keep_about(db, COMPARED, str(at))
            keep_about(db, COMPARED_FILLS, str(self.journal.ledger.last_seq()))
            db.execute("DELETE FROM held")
            for symbol, one in look.held.items():
                db.execute("INSERT INTO held VALUES (?, ?, ?, ?)", (symbol, one.quantity, one.average, at))
            for row in db.execute("SELECT key FROM orders WHERE ref = '' AND ended = 0").fetchall():
                if row["key"] not in look.alive:  # what became of others' orders is told by their fills alone
                    db.execute("UPDATE orders SET ended = 1 WHERE key = ?", (row["key"],))
            halt_waiting(db, self.journal, {symbol: one.quantity for symbol, one in look.held.items()})
            for symbol, (ledger, broker) in differences.items():
                Halts.add(db, HaltKind.POSITIONS, symbol, differs_words(self.journal, symbol, ledger, broker), at)
            for intent in unresolved:
                self._resolve(db, look, intent, agrees=intent.instruction.symbol not in differences)
            self._watch_others(db)
            watch_loss(db, self.journal, look.equity, look.cash, self.terms.limits.daily_loss)

    def _resolve(self, db: sqlite3.Connection, look: Look, intent: Intent, *, agrees: bool) -> None:
        """What becomes of an order that three looks did not explain."""
        at, rows = self.journal.clock(), self._orders(intent.ref)
        gone = [row for row in rows if not row["ended"] and row["key"] not in look.alive]
        filled = self.journal.ledger.filled(intent.ref)
        today = intent.tried is not None and broker_day(intent.tried) == broker_day(at)
        if agrees and gone and all(row["status"] == SHELVED for row in gone):
            for row in gone:
                db.execute("UPDATE orders SET ended = 1 WHERE key = ?", (row["key"],))
            if self.witness.move(db, intent.ref) in {IntentState.DEAD, IntentState.FILLED}:
                return
        if agrees and today and not rows and not filled:
            why = f"{LOST}{_said(db, intent.ref)}"
            db.execute("UPDATE intents SET state = 'dead', why = ? WHERE ref = ?", (why, intent.ref))
            self._break_up(db, intent)
            halt_unguarded(db, self.journal, intent.ref)
            return
        if any(row["key"] in look.alive for row in rows) and not gone:
            return
        why = _why_unknown(rows, filled, today=today, agrees=agrees)
        db.execute("UPDATE intents SET state = 'unknown', why = ? WHERE ref = ?", (why, intent.ref))
        text = (
            f"{intent.ref} ({intent.instruction.quantity:g} {intent.instruction.symbol}): {why}; look at the broker's"
        )
        remedy = f"{text} own screen, then `tandem paper accept-positions CONFIG`"
        Halts.add(db, HaltKind.UNKNOWN, intent.instruction.symbol, remedy, at)

    def _break_up(self, db: sqlite3.Connection, lost: Intent) -> None:
        """A bracket is whole or not at all: where one order never arrived the others are taken back.

        Once its parent has traded they stay, and the symbol halts: the position lacks a guard.
        """
        send = self.journal.decision(lost.decision).send
        family = next((group for group in families(send) if any(one.ref == lost.ref for one in group)), [])
        others = [one for one in family if one.ref != lost.ref]
        if any(self.journal.ledger.filled(one.ref) for one in others):
            text = f"{lost.ref} never reached the broker and its parent has traded: the position lacks a guard"
            resume = resume_words(lost.instruction.symbol)
            remedy = (
                f"{text}; place one by hand, beside which the bridge sends none while it works, or close the position, "
                f"then {resume}"
            )
            Halts.add(db, HaltKind.UNGUARDED, lost.instruction.symbol, remedy, self.journal.clock())
            return
        for one in others:
            db.execute(
                "UPDATE intents SET cancel_wanted = ? WHERE ref = ? AND cancel_wanted IS NULL "
                "AND state NOT IN ('filled', 'dead')",
                (self.journal.clock(), one.ref),
            )

    def _watch_others(self, db: sqlite3.Connection) -> None:
        """Somebody else's trades in our symbols halt them until a person has seen it."""
        seen = int(self.journal.about(EXTERNAL_SEEN) or 0)
        for row in db.execute("SELECT * FROM fills WHERE ref = '' AND seq > ? ORDER BY seq", (seen,)).fetchall():
            if self._is_ours(row["symbol"]):
                text = (
                    f"somebody else traded {row['quantity']:g} {row['symbol']} at {row['price']:g} in this account; "
                    "`tandem paper accept-positions CONFIG` takes it over"
                )
                Halts.add(db, HaltKind.EXTERNAL, row["symbol"], text, self.journal.clock())


def _said(db: sqlite3.Connection, ref: str) -> str:
    """The broker's last complaint about an order, in brackets."""
    row = db.execute("SELECT code, text FROM told WHERE ref = ? ORDER BY number DESC LIMIT 1", (ref,)).fetchone()
    return f" ({row['code']}: {row['text']})" if row else ""


def key_of(seen: OrderSeen) -> str:
    """How the journal names an order of the broker's."""
    return str(seen.perm) if seen.perm > 0 else f"{seen.client}/{seen.order_id}"


def _why_unknown(rows: list[sqlite3.Row], filled: float, *, today: bool, agrees: bool) -> str:
    if rows or filled:
        statuses = ", ".join(row["status"] for row in rows) or "no status"
        return f"the broker had it ({statuses}, {filled:g} shares executed) and no longer shows what became of it"
    if not agrees:
        return "the broker does not show it, and does not hold what the journal has"
    return (
        "the broker does not show it"
        if today
        else "it may have left on an earlier day, which the broker no longer tells"
    )
