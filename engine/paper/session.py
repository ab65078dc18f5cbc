# SPDX-License-Identifier: Apache-2.0
"""A strategy on an account, one look at a time: compare, decide, judge, write down, send. Nothing else sends.

All that it must know after a restart is in the journal: it may be ended at any moment and begun again.
"""

from __future__ import annotations

from dataclasses import replace

from engine.errors import InputError
from engine.inputs.prepared import Prepared
from engine.market.calendar import exchange
from engine.market.hours import MINUTE, length_of
from engine.model.paper import Paper
from engine.paper.account.day import as_money
from engine.paper.account.splits import Split, note_splits, splits_since, told_of
from engine.paper.agreement import disagreed_words, equity_apart
from engine.paper.bridge import Bridge
from engine.paper.broker.port import BrokerSilent, DailyBar
from engine.paper.carried import check_bars
from engine.paper.decision.activity import activity_since
from engine.paper.decision.bars import Bars, Latest, differences
from engine.paper.decision.decide import Decider
from engine.paper.decision.look import Report, Step
from engine.paper.decision.revised import accepted_closes
from engine.paper.decision.timely import clock_words, early_words, in_time, lacking, loud_words
from engine.paper.instructions import Decision
from engine.paper.journal.journal import Intent
from engine.paper.journal.writes import keep_told, untold
from engine.paper.memory import read_memory

CASH, EQUITY = "TotalCashValue", "NetLiquidation"


class Session:
    """One configuration on one account. Where the bridge does not send it decides and judges, and keeps nothing."""

    def __init__(
        self, bridge: Bridge, bars: Bars, settings: Paper, identity: str, former: str = "", *, waits: bool = False
    ) -> None:
        """Identity is what a memory must belong to; former the same in the words of older journals.

        waits  a bar is decided no sooner than `settings.decide_after` says; of bars that are replayed none can change
        """
        self.bridge, self.bars, self.settings, self.identity, self.former = bridge, bars, settings, identity, former
        self.waits = waits
        self.last: Latest | None = None
        """The bars that were looked at last."""
        self._decider: Decider | None = None
        self._said: set[str] = set()
        self._splits: tuple[Split, ...] = ()

    async def once(self) -> Report:
        """Decide the newest bar if it has not been decided, and send what its gates let through.

        What is loud of the data is in the report once, and where it sends an alarm of a journal, once too.

        Raises InputError where journal and configuration do not belong together, and what reading bars raises.
        """
        report = await self._look()
        if report.latest is None:
            return report
        loud = (*told_of(self.bridge.journal, self._splits), *report.notices, *loud_words(report.latest))
        if self.bridge.terms.send:
            await self._tell(loud)
        fresh = tuple(one for one in loud if one not in self._said)
        self._said.update(fresh)
        return replace(report, notices=fresh)

    async def _tell(self, loud: tuple[str, ...]) -> None:
        """One alarm of what the journal does not have yet; then it is kept."""
        journal = self.bridge.journal
        if words := untold(journal.store, loud):
            await self.bridge.alerts.send("data", "", "; ".join(words))
            keep_told(journal.store, words, journal.clock())

    async def _look(self) -> Report:
        bridge, journal = self.bridge, self.bridge.journal
        latest, broken = self._read()
        self._note_splits(latest)
        found = await bridge.reconcile("decision")
        if not found.complete:
            return Report(Step.NOT_COMPARED, why=("the broker did not answer everything that must be known",))
        waited = await bridge.carry_out()
        if differ := journal.halts.differences():
            return Report(Step.NOT_AGREED, why=(disagreed_words(differ),), sent=waited)
        if isinstance(broken, InputError) and self.last is not None:  # somebody writes the file: it was whole before
            return Report(Step.DATA_DIFFER, why=tuple(str(one) for one in broken.problems), sent=waited)
        if broken is not None:
            raise broken
        if latest is None:
            return Report(Step.NO_BARS, why=("no bar of the run has closed yet",))
        check_bars(latest.prepared)
        self.last = latest
        before, early = journal.last_decision(), self._early(latest)
        told: dict[str, tuple[DailyBar, ...]] = {}
        try:
            if slow := await self._slow_clock(latest, told):
                return Report(Step.DATA_DIFFER, why=(slow,), sent=waited, latest=latest)
            if early and bridge.terms.send:
                return Report(Step.TOO_EARLY, why=(early,), sent=waited, latest=latest)
            if before is not None and before.decided >= latest.stamp:
                return Report(Step.NOTHING_NEW, before, sent=waited, latest=latest)
            if without := lacking(latest):
                return Report(Step.NO_VALUE, why=without, sent=waited, latest=latest)
            apart = await self._apart(latest, told)
            values = await bridge.broker.account_values(bridge.account)
        except BrokerSilent as silent:
            return Report(Step.NOT_COMPARED, why=(str(silent),), latest=latest)
        if apart:
            return Report(Step.DATA_DIFFER, why=apart, latest=latest)
        report = await self._sized(latest, before, values, waited)
        return replace(report, notices=(*report.notices, *([early] if early else [])))

    def _read(self) -> tuple[Latest | None, Exception | None]:
        """The newest bars to decide on, or why there are none: what waits is sent whatever the data are."""
        now = self.bridge.journal.clock()
        try:
            latest = self.bars.latest(now)
        except Exception as broken:  # noqa: BLE001  (it is raised once what waits has been sent)
            return None, broken
        terms = self.bridge.terms
        if latest is not None and terms.send:
            latest = in_time(latest, now, self._patience(latest), terms.sessions, terms.limits.stale_after)
        return latest, None

    def _patience(self, latest: Latest) -> int:
        """How long after its close a bar may change, ns."""
        within_day = length_of(latest.prepared.market.frequency) > 0
        return int(self.settings.patience(within_day) * MINUTE) if self.waits else 0

    def _early(self, latest: Latest) -> str:
        """That the newest bar may not be final; '' where it is, or has been decided."""
        now, before = self.bridge.journal.clock(), self.bridge.journal.last_decision()
        words = early_words(latest, exchange(latest.prepared.market.calendar), now, self._patience(latest))
        return "" if before is not None and before.decided > now - self._patience(latest) else words

    def _note_splits(self, latest: Latest | None) -> None:
        """Tell the journal of splits since its last decision, before it is compared with the broker's shares."""
        journal = self.bridge.journal
        before = journal.last_decision()
        if latest is not None and before is not None:
            self._splits = splits_since(latest.prepared, latest.row, read_memory(before.memory)).every
            note_splits(journal, self._splits)

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
        decider, activity = self._decider_of(latest.prepared), activity_since(journal, memory, cash)
        accepted = {} if before is None else accepted_closes(journal, before.decided)
        decision = decider.decide(memory, activity, latest.row, accepted)
        said = decider.revised
        if off := await equity_apart(decision, decider.symbols, equity, bridge):
            return Report(Step.NOT_AGREED, why=(off,), sent=waited, notices=said, latest=latest)
        if not bridge.terms.send:
            return Report(Step.JUDGED, decision, await bridge.judge(decision), notices=said, latest=latest)
        verdicts = await bridge.record(decision)
        sent = (*waited, *await bridge.carry_out())
        return Report(Step.DECIDED, decision, verdicts, sent, notices=said, latest=latest)

    def _decider_of(self, prepared: Prepared) -> Decider:
        if self._decider is None or self._decider.prepared is not prepared:
            self._decider = Decider(prepared, self.identity, self.settings.tolerance, self.former)
        return self._decider

    async def _slow_clock(self, latest: Latest, told: dict[str, tuple[DailyBar, ...]]) -> str:
        """That the broker has bars of a session that has not begun by the clock here; told gets what it was asked."""
        if not self.settings.compared:
            return ""
        market = latest.prepared.market
        symbol = next(iter(market.symbols.values()))
        told[symbol] = await self._history(symbol)
        return clock_words(told[symbol], exchange(market.calendar), self.bridge.journal.clock())

    async def _history(self, symbol: str) -> tuple[DailyBar, ...]:
        return await self.bridge.broker.history(symbol, self.settings.compared + 5)

    async def _apart(self, latest: Latest, told: dict[str, tuple[DailyBar, ...]]) -> tuple[str, ...]:
        """What data and broker disagree on in the sessions that are compared."""
        sessions = self.settings.compared
        if not sessions:
            return ()
        for symbol in dict.fromkeys(latest.prepared.market.symbols.values()):
            if symbol not in told:  # the broker refuses the same question twice within 15 seconds
                told[symbol] = await self._history(symbol)
        return differences(latest, told.__getitem__, sessions, self.settings.tolerance)
