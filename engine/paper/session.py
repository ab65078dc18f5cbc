# SPDX-License-Identifier: Apache-2.0
"""A running strategy: at each close of a bar compare, decide, judge, write down, send. Nothing else sends.

All that it must know after a restart is in the journal: it may be ended at any moment and begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np

from engine.errors import DataError
from engine.inputs.prepared import Prepared
from engine.market.calendar import Calendar
from engine.market.hours import MINUTE
from engine.model.paper import Paper
from engine.paper.account_book import Activity
from engine.paper.afterwards import held_back
from engine.paper.agreement import disagreed_words, equity_apart
from engine.paper.bars import Bars, Latest, differences
from engine.paper.bridge import Bridge
from engine.paper.broker import BrokerSilent, DailyBar
from engine.paper.carried import check_bars
from engine.paper.decide import Decider
from engine.paper.instructions import Decision, IntentState
from engine.paper.journal import Intent, Journal
from engine.paper.memory import read_memory
from engine.paper.reconcile import as_money
from engine.paper.schedule import last_close, next_close
from engine.paper.store import Unwritable
from engine.paper.verdict import Verdict
from engine.report.kit.words import changed_words, counted
from engine.strategy.params import declared_state

CASH, EQUITY = "TotalCashValue", "NetLiquidation"
TICK = 30.0  # seconds between two looks for what waits
A_MINUTE, A_MOMENT = 61.0, 5.0  # seconds for the limit of a minute, and for a link that broke
MOST_WAITS = 10  # times that one look waits for what it could not send
OVER = frozenset({IntentState.FILLED, IntentState.DEAD})


class Step(StrEnum):
    """What came of looking for a bar to decide."""

    DECIDED = "decided"
    JUDGED = "judged"  # a dry run: shown, neither kept nor sent
    NOTHING_NEW = "nothing new"
    NO_BARS = "no bars"
    NOT_COMPARED = "not compared"  # the broker did not answer all questions
    DATA_DIFFER = "data differ"
    NOT_AGREED = "not agreed"  # journal and broker, on what the account is
    UNWRITABLE = "unwritable"  # the journal


UNDECIDED = frozenset({Step.NO_BARS, Step.NOT_COMPARED, Step.DATA_DIFFER, Step.NOT_AGREED, Step.UNWRITABLE})
"""Something is missing or wrong: the bar waits for a decision."""


@dataclass(frozen=True)
class Report:
    """One look. verdicts are the gates' words on its orders, sent what went out; why is of a refusal."""

    step: Step
    decision: Decision | None = None
    verdicts: tuple[Verdict, ...] = ()
    sent: tuple[Intent, ...] = ()
    why: tuple[str, ...] = ()
    latest: Latest | None = field(default=None, repr=False)


def activity_since(journal: Journal, memory: str | None, cash: float) -> Activity:
    """What the broker did since a decision, read off the journal."""
    ledger = journal.ledger
    if memory is None:
        return Activity(cash, ledger.positions())
    kept = read_memory(memory)
    intents = {ref: journal.intent(ref) for ref, *_ in kept.sent.values()}
    instead = {
        ref: (*one.instruction.replaces, *one.instruction.after)
        for ref, one in intents.items()
        if one is not None and one.order_id is None
    }
    for ref, one in intents.items():
        if one is not None and one.state in OVER and (again := journal.again_of(one)):
            instead[ref] = (*instead.get(ref, ()), *(each.ref for each in again))
    intents |= {old: journal.intent(old) for replaced in instead.values() for old in replaced}
    ended = frozenset(ref for ref, one in intents.items() if one is None or one.state in OVER)
    return Activity(cash, ledger.positions(), ledger.fills_since(kept.seen), ended, instead)


def state_word(kind: type, value: Any, first: Any) -> str:
    """A field of the state as its author would write it, in few digits; of several numbers how many have changed."""
    if changed := changed_words(value, first):
        return changed
    if issubclass(kind, IntEnum):
        return kind(int(value)).name.lower().replace("_", " ")
    return str(bool(value)).lower() if kind is bool else f"{value:.6g}"


class Session:
    """One configuration on one account. Where the bridge does not send it decides and judges, and keeps nothing."""

    def __init__(self, bridge: Bridge, bars: Bars, settings: Paper, identity: str) -> None:
        self.bridge, self.bars, self.settings, self.identity = bridge, bars, settings, identity
        self._decider: Decider | None = None
        self._last: Latest | None = None

    async def once(self) -> Report:
        """Decide the newest bar if it has not been decided, and send what its gates let through.

        Raises InputError where journal and configuration do not belong together, and what reading bars raises.
        """
        bridge, journal = self.bridge, self.bridge.journal
        found = await bridge.reconcile("decision")
        if not found.complete:
            return Report(Step.NOT_COMPARED, why=("the broker did not answer everything that must be known",))
        waited = await bridge.carry_out()
        if differ := journal.halts.differences():
            return Report(Step.NOT_AGREED, why=(disagreed_words(differ),), sent=waited)
        latest = self.bars.latest(journal.clock())
        if latest is None:
            return Report(Step.NO_BARS, why=("no bar of the run has closed yet",))
        check_bars(latest.prepared)
        self._last = latest
        before = journal.last_decision()
        if before is not None and before.decided >= latest.stamp:
            return Report(Step.NOTHING_NEW, before, sent=waited, latest=latest)
        try:
            apart = await self._apart(latest)
            values = await bridge.broker.account_values(bridge.account)
        except BrokerSilent as silent:
            return Report(Step.NOT_COMPARED, why=(str(silent),), latest=latest)
        if apart:
            return Report(Step.DATA_DIFFER, why=apart, latest=latest)
        return await self._sized(latest, before, values, waited)

    async def _sized(
        self, latest: Latest, before: Decision | None, values: dict[str, str], waited: tuple[Intent, ...]
    ) -> Report:
        """Decide on the account of `values`, and send, where the broker's own equity is that of the decision's book."""
        bridge, journal = self.bridge, self.bridge.journal
        cash, equity = as_money(values.get(CASH)), as_money(values.get(EQUITY))
        if cash is None or equity is None:
            unsaid = CASH if cash is None else EQUITY
            return Report(
                Step.NOT_COMPARED,
                why=(f"the broker does not say {unsaid} in USD, which the account must be kept in",),
                latest=latest,
            )
        memory = None if before is None else before.memory
        decider = self._decider_of(latest.prepared)
        decision = decider.decide(memory, activity_since(journal, memory, cash), latest.row)
        if off := await equity_apart(decision, decider.symbols, equity, bridge):
            return Report(Step.NOT_AGREED, why=(off,), sent=waited, latest=latest)
        if not bridge.terms.send:
            return Report(Step.JUDGED, decision, await bridge.judge(decision), latest=latest)
        verdicts = await bridge.record(decision)
        return Report(Step.DECIDED, decision, verdicts, (*waited, *await bridge.carry_out()), latest=latest)

    async def rest(
        self, wait: Callable[[float], Awaitable[None]] = asyncio.sleep, tell: Callable[[str], None] = lambda _: None
    ) -> tuple[Intent, ...]:
        """Wait out what ends within minutes, the orders of a minute and a broken link, and send what it held back.

        At most MOST_WAITS minutes. Each wait is told in a sentence. Returns what went out.
        """
        sent: list[Intent] = []
        for _ in range(MOST_WAITS):
            waiting, linked = len(held_back(self.bridge.journal)), self.bridge.link()
            there = linked.up and linked.ready
            if not waiting and (there or not any(one.order_id for one in self.bridge.journal.open_intents())):
                break
            seconds = A_MINUTE if there else A_MOMENT
            what = "more orders than a minute may have" if there else "the link to the broker is not up"
            tell(f"{what}, {counted(waiting, 'order')} not sent yet: waiting {seconds:g} seconds (Ctrl-C ends it)")
            await wait(seconds)
            await self.bridge.rejoin("waited")
            sent += await self.bridge.carry_out()
        return tuple(sent)

    def age_words(self) -> str:
        """The last bar that was looked at, in words."""
        return "none yet" if self._last is None else str(self._last.prepared.market.sessions[self._last.row])

    def state_words(self) -> dict[str, str]:
        """What the strategy remembers after the last decision, by name; a regime is among it where it has one."""
        decision = self.bridge.journal.last_decision()
        if decision is None or self._last is None:
            return {}
        kept = read_memory(decision.memory).state
        return {
            sleeve.part.named(name): state_word(kind, kept[sleeve.part.name][name], first)
            for sleeve in self._last.prepared.sleeves
            for name, (kind, first) in declared_state(sleeve.strategy.State).items()
        }

    def _decider_of(self, prepared: Prepared) -> Decider:
        if self._decider is None or self._decider.prepared is not prepared:
            self._decider = Decider(prepared, self.identity)
        return self._decider

    async def _apart(self, latest: Latest) -> tuple[str, ...]:
        """What data and broker disagree on in the sessions that are compared."""
        sessions = self.settings.compared
        if not sessions:
            return ()
        told: dict[str, tuple[DailyBar, ...]] = {}
        for symbol in dict.fromkeys(latest.prepared.market.symbols.values()):
            told[symbol] = await self.bridge.broker.history(symbol, sessions + 5)
        return differences(latest, told.__getitem__, sessions, self.settings.tolerance)

    async def run(
        self, calendar: Calendar, frequency: str, show: Callable[[Report], None],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """Decide at every close until cancelled; between them keep the link up and send what had to wait.

        What cannot be decided, and a bar that is not in the data yet, is tried again: a file may be late. It is told
        once, and again when it changes.
        """
        delay = int(self.settings.decide_after * MINUTE)
        keeper = asyncio.create_task(self.bridge.run(self.settings.reconcile_every * 60.0))
        try:
            due, last = 0, ""
            while True:
                now = self.bridge.journal.clock()
                if now >= due:
                    report = self._or_late(await self._tried(), last_close(calendar, frequency, now - delay))
                    show(report)
                    due = now + int(TICK * 1e9) if report.why else next_close(calendar, frequency, now) + delay
                    if report.why and (said := "; ".join(report.why)) != last:
                        await self.bridge.alerts.send("no decision", "", said)
                    last = "; ".join(report.why)
                else:
                    with contextlib.suppress(Unwritable):  # the keeper of the link tells of it
                        await self.bridge.carry_out()
                await wait(min(TICK, max(1.0, (due - now) / 1e9)))
        except Exception as failed:
            await self.bridge.alerts.send("session", "", f"the session has ended: {failed}")
            raise
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    @staticmethod
    def _or_late(report: Report, expected: int) -> Report:
        """The report, with a word where the newest bar of the data is not the one that has closed last."""
        latest = report.latest
        if report.why or latest is None or latest.stamp >= expected:
            return report
        day = latest.prepared.market.sessions[latest.row]
        missing = np.datetime64(expected, "ns").astype("datetime64[m]")
        return replace(report, why=(f"the data end on {day}: the bar that closed at {missing} UTC is not there yet",))

    async def _tried(self) -> Report:
        """One look; a full disk and data that cannot be trusted are a report: somebody may mend them."""
        try:
            return await self.once()
        except Unwritable as full:
            return Report(Step.UNWRITABLE, why=(str(full),))
        except DataError as error:
            return Report(Step.DATA_DIFFER, why=tuple(str(one) for one in error.problems))
