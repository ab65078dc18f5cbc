# SPDX-License-Identifier: Apache-2.0
"""Gathering what the gates look at, from the journal and from the broker. What cannot be had stays None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.market.hours import MINUTE
from engine.paper.account.day import DAY_EQUITY, as_money, flow_of, traded
from engine.paper.broker.port import Broker, BrokerSilent, Hours, Quote, WhatIf, Wire
from engine.paper.gates.facts import Facts, Replaced, Working
from engine.paper.instructions import Decision, Instruction
from engine.paper.journal.journal import OPEN, Journal
from engine.paper.orders.others import others_living
from engine.paper.schedule import open_minutes
from engine.paper.terms import Terms, broker_midnight

NONE: frozenset[str] = frozenset()


class Gatherer:
    """Asks for facts; hours are asked once a day, everything else each time."""

    def __init__(self, journal: Journal, broker: Broker, terms: Terms, ready: Callable[[], bool]) -> None:
        self.journal, self.broker, self.terms, self.ready = journal, broker, terms, ready
        self._hours: dict[tuple[str, int], Hours] = {}

    async def facts(
        self, decision: Decision, account: str, symbols: Iterable[str], *, asks: bool, gone: frozenset[str] = NONE
    ) -> Facts:
        """Everything that the orders of a decision are judged by, without the question of margin.

        gone are refs that count as taken back already: what replaces them is judged as if they were.
        """
        wanted = sorted(set(symbols))
        quotes = {symbol: quote for symbol in wanted if (quote := await self._quote(symbol)) is not None}
        sessions = {symbol: hours.sessions for symbol in wanted if (hours := await self._hours_of(symbol)) is not None}
        equity = await self._equity(account)
        now, limits = self.journal.clock(), self.terms.limits
        stamps = {mark.symbol: mark.stamp for mark in decision.marks}
        first = self.journal.about(DAY_EQUITY)
        held = self.journal.ledger.positions()
        ours = {symbol: quantity for symbol, quantity in held.items() if symbol in self.terms.symbols}
        return Facts(
            limits=limits,
            timing=self.terms.timing,
            now=now,
            send=self.terms.send,
            ready=self.ready(),
            up=self.broker.up(),
            free=self.broker.free(),
            halts=(),
            kill_file=str(self.terms.kill_file),
            killed=self.terms.kill_file.exists(),
            held=ours,
            working=self.working(frozenset(decision.cancel), gone),
            parents=self._parents(),
            others=self._others(),
            close={mark.symbol: mark.close for mark in decision.marks},
            stamp=stamps,
            open_minutes={symbol: self._open_minutes(stamp, now) for symbol, stamp in stamps.items()},
            quotes=quotes,
            sessions=sessions,
            last_minute=self.journal.tried_since(now - MINUTE + 1),
            today=self.journal.tried_since(broker_midnight(now)),
            equity=equity,
            day_equity=as_money(first),
            asks=asks,
            replaced=self._replaced(decision, gone),
            netted=self.terms.netted,
        )

    def _replaced(self, decision: Decision, gone: frozenset[str]) -> dict[str, Replaced]:
        """What became of the orders that those of a decision are to replace."""
        found = {}
        for ref in decision.replaced() - gone:
            old = self.journal.intent(ref)
            filled = self.journal.ledger.filled_since(ref, decision.seen)
            works = old is None or old.state in OPEN  # of what is not known nothing is known to have ended
            found[ref] = Replaced.FILLED if filled else Replaced.WORKS if works else Replaced.ENDED
        return found

    async def what_if(self, wire: Wire) -> WhatIf | None:
        """The broker's answer about margin, or None."""
        try:
            return await self.broker.what_if(wire)
        except BrokerSilent:
            return None

    async def _quote(self, symbol: str) -> Quote | None:
        try:
            return await self.broker.quote(symbol)
        except BrokerSilent:
            return None

    async def _hours_of(self, symbol: str) -> Hours | None:
        key = (symbol, broker_midnight(self.journal.clock()))
        if key not in self._hours:
            try:
                hours = await self.broker.hours(symbol)
            except BrokerSilent:
                return None
            self._hours = {known: value for known, value in self._hours.items() if known[1] == key[1]} | {key: hours}
        return self._hours[key]

    async def _equity(self, account: str) -> float | None:
        """The account's equity without cash that came in beside trades."""
        try:
            values = await self.broker.account_values(account)
        except BrokerSilent:
            return None
        equity, cash = as_money(values.get("NetLiquidation")), as_money(values.get("TotalCashValue"))
        return None if equity is None else traded(equity, flow_of(self.journal, cash))

    def working(self, taken_back: frozenset[str] = NONE, gone: frozenset[str] = NONE) -> dict[str, Working]:
        """What may still fill, of our own orders: those that have left, and those about to.

        taken_back are refs that a decision takes back and that the journal does not know of yet; gone are left out.
        """
        working: dict[str, Working] = {}
        for intent in self.journal.open_intents():
            one = intent.instruction
            left = one.quantity - self.journal.ledger.filled(one.ref)
            if intent.order_id is not None and left * one.quantity > 0 and intent.ref not in gone:
                rest = replace(one, quantity=left)
                leaves = intent.cancel_wanted or intent.ref in taken_back
                working[one.symbol] = working.get(one.symbol, Working()).and_then(rest, leaves=leaves)
        return self._with_external(working)

    def _with_external(self, working: dict[str, Working]) -> dict[str, Working]:
        """Orders of others in the account count too, where they are of our symbols."""
        for one in others_living(self.journal.store):
            if not one.shelved:
                before = working.get(one.symbol, Working())
                buys, sells = max(one.left, 0.0), max(-one.left, 0.0)
                working[one.symbol] = replace(
                    before,
                    buys=before.buys + buys,
                    sells=before.sells + sells,
                    others_buy=before.others_buy + buys,
                    others_sell=before.others_sell + sells,
                )
        return working

    def _parents(self) -> dict[str, float]:
        parents = {}
        for intent in self.journal.open_intents():
            if intent.order_id is not None:
                left = intent.instruction.quantity - self.journal.ledger.filled(intent.ref)
                parents[intent.ref] = abs(left)
        return parents

    def _others(self) -> float:
        """Value of what the run does not trade, at its average cost as the broker told it."""
        rows = self.journal.store.read("SELECT * FROM held")
        values = [abs(row["quantity"] * row["average"]) for row in rows if row["symbol"] not in self.terms.symbols]
        return float(sum(values))

    def as_of(self, one: Instruction, facts: Facts) -> Facts:
        """The facts for an order that a person had sent again: that word decided it, not the bar."""
        if not one.again:
            return facts
        minutes = self._open_minutes(one.again, self.journal.clock())
        return replace(
            facts,
            stamp={**facts.stamp, one.symbol: one.again},
            open_minutes={**facts.open_minutes, one.symbol: minutes},
        )

    def _open_minutes(self, stamp: int, now: int) -> float:
        """Minutes of open market between a bar's stamp and now."""
        return open_minutes(self.terms.sessions(stamp, now), stamp, now)
