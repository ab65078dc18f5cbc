# SPDX-License-Identifier: Apache-2.0
"""The bridge: decisions in, orders out, and the broker's word into the journal. One process, one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.errors import InputError
from engine.paper.alerts import Alerts
from engine.paper.broker.port import Broker, BrokerSilent, Evidence, Link, LinkSeen, LinkState, PositionSeen, Told
from engine.paper.comparison.evidence import Witness
from engine.paper.comparison.person import Shown, accept
from engine.paper.comparison.reconcile import Reconciled, Reconciler
from engine.paper.gates.accounts import check_same_account, the_account
from engine.paper.halt_alarms import HaltAlarms
from engine.paper.instructions import Decision, IntentState
from engine.paper.journal.journal import OPEN, Intent, Journal
from engine.paper.journal.store import Unwritable
from engine.paper.log import Log, Say, silence
from engine.paper.orders.family import verdicts_of_all
from engine.paper.sending.gather import Gatherer
from engine.paper.sending.sender import Sender
from engine.paper.terms import Terms
from engine.paper.verdict import Outcome, Verdict

ACCOUNT = "account"
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between two attempts to connect
UNWRITTEN, FAILED = "the journal cannot be written", "failed: "  # of this side: over once it was compared
ALARM_AFTER = 120.0  # seconds without a broker that are an alarm of their own


class Bridge:
    """Carries one journal's orders to one broker. Only the methods here write the journal while it runs."""

    def __init__(
        self, journal: Journal, broker: Broker, terms: Terms, *, alerts: Alerts | None = None, say: Say = silence
    ) -> None:
        self.journal, self.broker, self.terms, self.say = journal, broker, terms, say
        self.alerts = alerts or Alerts(say=say)
        self.account = ""
        self._witness: Witness | None = None
        self._heard: list[Evidence] = []
        self._joined, self._ready, self._generation, self._last_link = False, False, 0, "not connected"
        self._busy, self._news, self._wake = asyncio.Lock(), asyncio.Event(), asyncio.Event()
        self._complaints: set[str] = set()
        self._alarms = HaltAlarms(journal.halts, self.alerts)
        self._reconciler: Reconciler | None = None
        self._gatherer = Gatherer(journal, broker, terms, lambda: self._ready)
        self._sender = Sender(journal, broker, terms, self._gatherer, lambda: self._ready, say)
        broker.listen(self._hear)

    async def start(self) -> Reconciled:
        """Take the lock, connect, see whose account it is, and compare.

        Raises InputError before any byte of an order where the account is not meant or not this journal's, and
        BrokerSilent where nobody answers.
        """
        self.journal.store.lock()
        await self._connect()
        return await self.reconcile("start")

    async def _connect(self) -> None:
        greeting = await self.broker.connect()
        try:
            self.account = the_account(greeting.accounts, self.terms.account, live=self.terms.live)
            check_same_account(self.account, self.journal.about(ACCOUNT), self.journal.store.path)
        except InputError:
            await self.broker.disconnect()
            raise
        if self.journal.about(ACCOUNT) is None:
            self.journal.note_about(ACCOUNT, self.account)
        self._witness = Witness(self.journal, self.account, self.terms.client)
        self._reconciler = Reconciler(self.journal, self.broker, self._witness, self.terms, self.drain)
        self._joined = True
        if isinstance(self.say, Log):
            self.say.account = self.account
        self._link("connected")
        self.drain()

    def _hear(self, one: Evidence) -> None:
        """Keep what came over the wire until the loop has read all of it, then commit it at once."""
        if isinstance(one, PositionSeen):
            return
        if isinstance(one, LinkSeen):
            self._joined = self._joined and one.link is not Link.LOST
            self._link(one.link.value)
            self._wake.set()
            return
        if not self._heard:
            asyncio.get_running_loop().call_soon(self._drain_soon)
        self._heard.append(one)

    def _link(self, word: str) -> None:
        """The link has changed: whatever was known of the broker must be asked anew."""
        self._ready, self._last_link = False, word
        self._generation += 1
        self._news.set()
        self.say("link", now=word)

    def _drain_soon(self) -> None:
        """Commit what was heard; where that cannot be, the keeper of the link says so and tries again."""
        try:
            self.drain()
        except Unwritable as full:
            self.say("not written", why=str(full))
            self._wake.set()

    def drain(self) -> None:
        """Commit what was heard. Where the journal cannot be written it is kept, and nothing is sent."""
        if self._heard and self._witness is not None:
            heard, self._heard = self._heard, []
            try:
                touched = self._witness.take(heard)
            except BaseException:
                self._heard = heard + self._heard  # nothing that was said is lost, and nothing is sent without it
                self._link(UNWRITTEN)
                raise
            told = [one for one in heard if isinstance(one, Told) and one.order_id > 0]
            self._complaints |= touched if told else set()
            for one in told:
                self.say("told", code=one.code, text=one.text, order_id=one.order_id)
            self._news.set()

    async def reconcile(self, why: str) -> Reconciled:
        """Compare with the broker, now. Until it is complete nothing is sent."""
        async with self._busy:
            return await self._reconcile(why)

    async def _reconcile(self, why: str) -> Reconciled:
        self._ready = False
        generation = self._generation
        if self._reconciler is None or not self.broker.up():
            return Reconciled(complete=False, differences={}, unresolved=())
        found = await self._reconciler.run(lambda: generation == self._generation)
        self._ready = found.complete and generation == self._generation
        if self._ready and self._last_link.startswith((UNWRITTEN, FAILED)):
            self._last_link = "connected"
        self.say("reconcile", why=why, complete=found.complete, differences=found.differences, open=found.unresolved)
        await self._alarms.tell()
        return found

    async def judge(self, decision: Decision) -> tuple[Verdict, ...]:
        """The gates' word on a decision, without keeping or sending anything: what a dry run shows."""
        symbols = [one.symbol for one in decision.send]
        facts = await self._gatherer.facts(decision, self.account, symbols, asks=False, gone=decision.replaced())
        return verdicts_of_all(decision.send, facts, self.journal.halts)

    async def record(self, decision: Decision) -> tuple[Verdict, ...]:
        """Judge a decision and commit it with its orders, its memory and the verdicts, all or nothing.

        The same decision again changes nothing and gives the verdicts of before. In a dry run its orders are dead.

        Raises InputError as Journal.record does.
        """
        async with self._busy:
            if self.journal.has(decision):
                return tuple(v for one in decision.send for v in self.journal.verdicts(one.ref))
            verdicts = await self.judge(decision)
            if not self.terms.send:
                verdicts += tuple(
                    Verdict(one.ref, "dry run", Outcome.REFUSE, "nothing is sent without `--send`", {"send": 0})
                    for one in decision.send
                )
            try:
                self.journal.record(decision, verdicts)
            finally:
                await self._alarms.tell()  # what is refused there may have halted
            self.say("decision", **decision.counted())
            return verdicts

    async def carry_out(self) -> tuple[Intent, ...]:
        """Send cancellations, then every order that its gates let through; wait for the broker's word on them.

        Without a word in time, or after a complaint, the broker is asked. Returns what went out; in a dry run nothing.
        """
        if not self.terms.send:
            return ()
        async with self._busy:
            self.drain()
            self._complaints.clear()
            cancelled = await self._sender.cancel(self.account)
            unended = await self._answered(cancelled, self._alive)
            sent = await self._sender.send(self.account)
            self._news.set()
            silent = await self._answered(sent)
            if why := "no answer" if silent or unended else "complaint" if self._complaints else "":
                await self._reconcile(why)
            self._sender.watch()
            await self._alarms.tell()
            return tuple(one for ref in dict.fromkeys([*sent, *cancelled]) if (one := self.journal.intent(ref)))

    async def _answered(self, refs: list[str], unheard: Callable[[str], bool] | None = None) -> list[str]:
        """Wait until the broker has spoken of each order; returns those of which it has not."""
        unheard = unheard or self._unheard
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.terms.answer
        waiting = list(refs)
        while True:
            self._news.clear()
            self.drain()
            waiting = [ref for ref in waiting if unheard(ref)]
            left = deadline - loop.time()
            if not waiting or left <= 0 or not self.broker.up():
                return waiting
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return waiting

    def _unheard(self, ref: str) -> bool:
        intent = self.journal.intent(ref)
        waits = intent is not None and intent.state in {IntentState.INTENT, IntentState.SENT}
        return waits and ref not in self._complaints

    def _alive(self, ref: str) -> bool:
        intent = self.journal.intent(ref)
        return intent is not None and intent.state in OPEN and ref not in self._complaints

    async def run(self, every: float) -> None:
        """Keep the link up and the journal compared: every so many seconds, and whenever the link has changed.

        Ends when it is cancelled. A broker that stays away is an alarm, and so is whatever goes wrong here: nothing is
        sent until it goes right.
        """
        loop = asyncio.get_running_loop()
        away, warned, pause, failure = loop.time(), False, FIRST_WAIT, ""
        while True:
            try:
                await self.rejoin("time")
                if self.broker.up():
                    away, warned, pause = loop.time(), False, FIRST_WAIT
                failure = ""
            except Exception as failed:  # noqa: BLE001  (the keeper of the link must not end by what it meets)
                self._link(f"{FAILED}{type(failed).__name__}")
                if failure != (failure := str(failed)):
                    await self.alerts.send("bridge", "", f"nothing is sent: {failure}")
            if not self.broker.up():
                pause = min(pause * 2.0, LONGEST_WAIT)
                if not warned and loop.time() - away > ALARM_AFTER:
                    warned = True
                    since = f"no broker for {loop.time() - away:.0f} seconds"
                    await self.alerts.send("link", "", f"{since}: {self._last_link}")
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), every if self._ready else min(pause, every))
            except TimeoutError:
                continue

    async def rejoin(self, why: str) -> None:
        """Connect where there is no link, and compare. A broker that does not answer is said in the log."""
        if not self._joined:
            try:
                async with self._busy:
                    await self._connect()
            except (BrokerSilent, OSError) as failed:
                self.say("no connection", why=str(failed))
        if self.broker.up():
            await self.reconcile(why if self._ready else "link")

    def link(self) -> LinkState:
        """The way to the broker."""
        return LinkState(self.broker.up(), self._ready, self._last_link)

    async def accept_positions(self, seen: Shown, text: str) -> tuple[Reconciled, tuple[str, ...]]:
        """Take what a person was shown as the truth: the ledger is brought to it, those unknown orders count as dead.

        Returns the comparison after it, and the symbols that have moved since they were shown: they are left as they
        are. Nothing is sent. Without a complete answer of the broker nothing is accepted.
        """
        async with self._busy:
            found = await self._reconcile("accept positions")
            if not found.complete:
                return found, ()
            moved = accept(self.journal, seen, found.differences, text)
            return await self._reconcile("accepted"), moved

    async def stop(self) -> None:
        """Commit what was heard, and leave the broker. Orders stay at the broker as they are."""
        self._joined = False
        try:
            self.drain()
        finally:
            await self._alarms.end()
            await self.broker.disconnect()
            self._link("stopped")
