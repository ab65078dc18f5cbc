# SPDX-License-Identifier: Apache-2.0
"""Sending what is permitted, journal first: nothing reaches the socket whose id is not on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, reduce

from engine.paper.broker.port import Broker
from engine.paper.broker.wire import TYPES, wire_of
from engine.paper.gates import verdicts_of
from engine.paper.gates.facts import Facts, protects
from engine.paper.instructions import Instruction, IntentState
from engine.paper.journal.journal import Intent, Journal
from engine.paper.journal.writes import take_back
from engine.paper.log import Say
from engine.paper.orders.family import brackets, families, guards_last, word_on_all
from engine.paper.orders.guards import halt_unguarded, left_over
from engine.paper.orders.missed import halt_missed
from engine.paper.sending.gather import Gatherer
from engine.paper.terms import Terms
from engine.paper.verdict import Outcome, Verdict, judged

PATIENCE = 0.02  # seconds between two looks whether the client's queue is empty
LEAVING = frozenset({IntentState.SENT, IntentState.WORKING})


class Sender:
    """Judges orders once more at the moment of sending, and sends a bracket whole or not at all."""

    def __init__(
        self, journal: Journal, broker: Broker, terms: Terms, gatherer: Gatherer, ready: Callable[[], bool], say: Say
    ) -> None:
        self.journal, self.broker, self.terms, self.gatherer = journal, broker, terms, gatherer
        self.ready, self.say = ready, say
        self._tried: list[Intent] = []

    async def cancel(self, account: str) -> list[str]:
        """Send what the strategy takes back, but for guards whose replacement may not leave now.

        What never left is dead at once; a cancellation may be sent again. Guards without a position go at once.
        """
        if not self.terms.netted and self.ready() and (gone := left_over(self.journal)):
            with self.journal.store.write("taken back") as db:
                for ref in gone:
                    take_back(db, ref, self.journal.clock())
            self.say("guards without a position", refs=gone)
        self._tried = self._waiting()
        stays = await self._staying(account)
        sent = []
        for intent in self.journal.open_intents():
            if not intent.cancel_wanted or intent.ref in stays:
                continue
            if intent.order_id is None:
                self.journal.settle(intent.ref, IntentState.DEAD, "it was taken back before it was sent")
            elif intent.state in LEAVING and self.broker.up() and self.ready():
                self.journal.mark_cancel_sent(intent.ref)
                self._bounded("cancel", partial(self.broker.cancel, intent.order_id))
                sent.append(intent.ref)
        return sent

    def _waiting(self) -> list[Intent]:
        """Every intent that never had an id and is still wanted."""
        return [one for one in self.journal.open_intents() if one.order_id is None and not one.cancel_wanted]

    async def _staying(self, account: str) -> set[str]:
        """Guards that are not taken back, for a gate holds what replaces them; judged as if they were gone."""
        alive = {one.ref for one in self.journal.open_intents() if one.order_id is not None}
        stays: set[str] = set()
        for number, batch in self._batches(self._waiting()):
            replaced = frozenset(old for one in batch for old in one.replaces if old in alive)
            if not replaced:
                continue
            decision, symbols = self.journal.decision(number), [one.symbol for one in batch]
            facts = await self.gatherer.facts(decision, account, symbols, asks=True, gone=replaced)
            for family in guards_last(families(batch)):
                mine = {old for one in family for old in one.replaces if old in alive}
                if mine:
                    passed, facts = await self._judge(family, facts, account)
                    stays |= set() if passed else mine
                else:  # it has its own word later; what it brings or takes counts for what guards the position
                    facts = reduce(Facts.beside, family, facts)
        return stays

    @staticmethod
    def _batches(waiting: Sequence[Intent]) -> list[tuple[int, list[Instruction]]]:
        """Orders by their decision, the oldest first."""
        numbers = sorted({one.decision for one in waiting})
        return [(number, [one.instruction for one in waiting if one.decision == number]) for number in numbers]

    async def send(self, account: str) -> list[str]:
        """Send every intent that never had an id and passes its gates now; returns the refs that went out."""
        sent: list[str] = []
        for number, batch in self._batches(self._waiting()):
            decision = self.journal.decision(number)
            facts = await self.gatherer.facts(decision, account, [one.symbol for one in batch], asks=True)
            for family in self._urgent_first(guards_last(families(batch)), facts):
                passed, facts = await self._judge(family, facts, account)
                if passed:
                    self._place(family, account)
                    sent += [one.ref for one in family]
        return sent

    @staticmethod
    def _urgent_first(family: list[list[Instruction]], facts: Facts) -> list[list[Instruction]]:
        """Where a minute may not have all of them, those that only reduce a position go before the others."""
        if facts.last_minute + sum(map(len, family)) <= facts.limits.orders_per_minute:
            return family
        return sorted(family, key=lambda members: not all(facts.reduces(one) for one in members))

    def watch(self) -> None:
        """Halt the symbol of each order that ended in this round and has left a position unguarded, or unreduced."""
        last = self.journal.last_decision()
        never = [one for one in self.journal.intents_of(last.decided) if one.order_id is None] if last else []
        tried = [one.ref for one in (*self._tried, *never) if one.instruction.replaces or protects(one.instruction)]
        if tried:
            with self.journal.store.write("guards") as db:
                for ref in tried:
                    halt_unguarded(db, self.journal, ref)
        halt_missed(self.journal)

    async def _judge(self, family: Sequence[Instruction], facts: Facts, account: str) -> tuple[bool, Facts]:
        """Every gate on every member; the strictest word on any of them is the word on all.

        While journal and broker differ on another symbol they wait: what they were sized on is in doubt with it.
        """
        every: list[Verdict] = []
        after = facts
        for one in sorted(family, key=protects):
            every += verdicts_of(one, await self._now(one, after, account))
            if doubt := self._doubt(one):
                every.append(Verdict(one.ref, "halt", Outcome.WAIT, doubt, {"standing": 1}))
            after = after.and_then(one)
        every += word_on_all(family, every)
        self.journal.judge(tuple(every))
        passed = judged(tuple(every)) is Outcome.PASS
        return passed, after if passed else facts

    def _doubt(self, one: Instruction) -> str:
        """The difference of another symbol, in words, that makes an order's size doubtful; '' where none stands."""
        differ = self.journal.halts.differences()
        return differ[0].text if differ and one.symbol not in {halt.symbol for halt in differ} else ""

    async def _now(self, one: Instruction, facts: Facts, account: str) -> Facts:
        """The facts with what may have changed while others were judged, and with the broker's word on margin."""
        await self._wait_until_free()
        facts, what_if = self.gatherer.as_of(one, facts), None
        asks = facts.grows(one) and one.kind in TYPES and not self._closed(one, facts)
        if asks:
            what_if = await self.gatherer.what_if(wire_of(one, 0, account))
            await self._wait_until_free()
        return replace(
            facts,
            now=self.journal.clock(),
            asks=asks,
            what_if=what_if,
            halts=self.journal.halts.standing(one.symbol),
            killed=self.terms.kill_file.exists(),
            ready=self.ready(),
            up=self.broker.up(),
            free=self.broker.free(),
        )

    def _closed(self, one: Instruction, facts: Facts) -> bool:
        """Whether any other gate is closed already: then the broker is not asked, not even about margin."""
        halts = self.journal.halts.standing(one.symbol)
        seen = replace(
            facts, halts=halts, killed=self.terms.kill_file.exists(), ready=self.ready(), up=self.broker.up()
        )
        others = [v for v in verdicts_of(one, seen) if v.gate != "buying power"]
        return bool(self._doubt(one)) or judged(tuple(others)) is not Outcome.PASS

    async def _wait_until_free(self) -> None:
        """Give the client a moment to empty its queue; the gate says what came of it."""
        for _ in range(int(self.terms.answer / PATIENCE)):
            if self.broker.free() or not self.broker.up():
                return
            await asyncio.sleep(PATIENCE)

    def _place(self, family: Sequence[Instruction], account: str) -> None:
        """Ids first, on the disk; then the socket; then that it was done. Nothing is awaited in between."""
        ids = self.journal.assign([one.ref for one in family], self.terms.client, self.broker.next_id())
        for one in family:
            parent = self.journal.intent(one.parent) if one.parent else None
            alive = parent is not None and parent.state in {*LEAVING, IntentState.INTENT}
            bracket = next(each for each in brackets(family) if one in each)
            wire = wire_of(
                one,
                ids[one.ref],
                account,
                parent_id=(parent.order_id or 0) if parent is not None and alive else 0,
                transmit=one is bracket[-1],
            )
            self.say("send", ref=one.ref, order_id=wire.order_id, action=wire.action, quantity=wire.quantity,
                     symbol=wire.symbol, kind=wire.kind, tif=wire.tif)  # fmt: skip
            self._bounded("place", partial(self.broker.place, wire))
        self.journal.mark_sent(ids)

    def _bounded(self, name: str, write: Callable[[], None]) -> None:
        """One write to the socket. A link that breaks now leaves the order as what it is: it may have left."""
        boundary = self.journal.store.boundary
        boundary(f"before {name}")
        try:
            write()
        except ConnectionError as broken:
            self.say("not written", what=name, why=str(broken))
        boundary(f"after {name}")
