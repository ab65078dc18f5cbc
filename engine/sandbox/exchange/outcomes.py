# SPDX-License-Identifier: Apache-2.0
"""What a book did to clients' orders, as the broker tells it: executions, what they cost, ends, positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.steps import in_steps
from engine.sandbox.exchange.account import Account, Ended, Posted, Stepped
from engine.sandbox.exchange.figures import position_of
from engine.sandbox.exchange.holdings import Holding
from engine.sandbox.exchange.market import Clock
from engine.sandbox.exchange.orders import CAUSES, FILLED, INACTIVE, WORKING, Standing
from engine.sandbox.exchange.telling import Telling
from engine.sandbox.faults import Fault, Faults
from engine.sandbox.tickets import Commission, Contract, Execution, Notice, OrderKey

FILLS = (EntryKind.FILL, EntryKind.LIQUIDATION)
COSTS = (EntryKind.COMMISSION, EntryKind.FEE)

FORCED = OrderKey(0, 0)
"""The key of an execution that no client asked for."""

SILENT = ("missing_status", "missed_execution")
"""Faults under which a fill is told without the order's status."""

SAID = (Cause.BY_STRATEGY, Cause.OCO_SIBLING_FILLED, Cause.PARENT_ENDED)
"""Ends that the broker announces with an error 202."""


@dataclass
class Numbers:
    """Counters that never run backwards, whatever order ids do."""

    perm: int = 1_000_000_000
    execution: int = 0
    day: int = 0  # of the broker: each session and each restart at night begins one

    def next_perm(self) -> int:
        """What names an order for good."""
        self.perm += 1
        return self.perm

    def next_execution(self) -> str:
        """The first revision of a new execution's id."""
        self.execution += 1
        return f"00025b44.{self.execution:08x}.01.01"


class Outcomes:
    """Turns entries and ends of one account's book into events, and keeps the orders that live in it.

    living   by perm id, in order of arrival
    late     commissions that wait to be told, each with the steps that are left
    filled   groups of which something has filled since somebody looked
    """

    def __init__(
        self, account: Account, contracts: Sequence[Contract], clock: Clock, numbers: Numbers, faults: Faults,
        telling: Telling,
    ) -> None:  # fmt: skip
        self.holdings = [Holding() for _ in contracts]
        self.living: dict[int, Standing] = {}
        self.late: list[tuple[int, Commission]] = []
        self.filled: set[str] = set()
        self._by_number: dict[int, Standing] = {}
        self._account, self._contracts, self._clock = account, contracts, clock
        self._numbers, self._faults = numbers, faults
        self._telling, self._tell = telling, telling.tell

    def follow(self, standing: Standing) -> None:
        """An order has gone into the book: what becomes of its number there is its news."""
        self._by_number[standing.number] = standing

    def end(self, standing: Standing, status: str, cause: str) -> None:
        """The last word on an order; Inactive is a refusal and carries its reason."""
        self.living.pop(standing.perm_id, None)
        self._by_number.pop(standing.number, None)
        standing.status, standing.cause, standing.ended = status, cause, self._clock.now
        if status == INACTIVE:
            self._tell(Notice(201, f"Order rejected - reason:{cause}", standing.key))
        self._telling.order(standing)

    def cancelled(self, standing: Standing, cause: int) -> None:
        """An order is over without a fill of the rest."""
        if cause in SAID:
            self._tell(Notice(202, "Order Canceled - reason:", standing.key))
        self.end(standing, "Cancelled", CAUSES[Cause(cause)])

    def take(self, stepped: Stepped, refuse: Callable[[Standing, int], None]) -> None:
        """What the book did, in its order: executions with their costs, ends, and positions that changed."""
        silent: set[int] = set()
        touched = dict.fromkeys(self._executed(stepped.entries, silent))
        for ended in stepped.ended:
            self._ended(ended, silent, refuse)
        for role in touched:
            marked = self._account.book.asset[role]
            self._tell(position_of(self._account.name, self._contracts[role], marked, self.holdings[role]))

    def tell_late(self) -> None:
        """Tell the commissions whose time has come."""
        self.late = [(steps - 1, one) for steps, one in self.late]
        for steps, one in self.late:
            if steps <= 0:
                self._tell(one)
        self.late = [(steps, one) for steps, one in self.late if steps > 0]

    def _executed(self, entries: Sequence[Posted], silent: set[int]) -> Iterator[int]:
        """Tell the fills among the entries; yields the roles whose positions changed."""
        for place, entry in enumerate(entries):
            if entry.kind in FILLS:
                costs = takewhile(lambda one: one.kind in COSTS, entries[place + 1 :])
                self._fill(entry, -sum(one.amount for one in costs), silent)
                yield entry.role
            elif entry.kind == EntryKind.SPLIT:
                self.holdings[entry.role].split(entry.qty)
                yield entry.role

    def _fill(self, entry: Posted, cost: float, silent: set[int]) -> None:
        standing = self._by_number.get(entry.order)
        symbol = self._contracts[entry.role].symbol
        fault = self._faults.take("fill", standing.key.client, symbol) if standing else None
        kind = fault.fault if fault else ""
        if standing and kind in SILENT:
            silent.add(standing.perm_id)
        whole = abs(entry.qty)
        first = _part(whole, fault) if kind == "partial" else whole
        for quantity in (first, whole - first):
            if quantity > 0.0:
                self._execution(entry, standing, quantity, cost * quantity / whole, fault)

    def _execution(
        self, entry: Posted, standing: Standing | None, quantity: float, cost: float, fault: Fault | None
    ) -> None:
        signed = quantity if entry.qty > 0.0 else -quantity
        holding, book = self.holdings[entry.role], self._account.book
        realized = holding.trade(signed, in_steps(book, holding.quantity + signed), entry.price, cost)
        if standing:
            standing.filled = in_steps(book, standing.filled + quantity)
            standing.value += quantity * entry.price
            standing.last_price, standing.status = entry.price, WORKING
            self.filled.add(standing.ticket.oca_group)
            self._telling.touched[standing.perm_id] = standing
        done = Execution(
            exec_id=self._numbers.next_execution(), key=standing.key if standing else FORCED,
            perm_id=standing.perm_id if standing else self._numbers.next_perm(), account=self._account.name,
            contract=self._contracts[entry.role], side="BOT" if entry.qty > 0.0 else "SLD", quantity=quantity,
            price=entry.price, time=self._clock.now, cumulative=standing.filled if standing else quantity,
            average=standing.average if standing else entry.price, ref=standing.ticket.ref if standing else "",
            liquidation=entry.kind == EntryKind.LIQUIDATION,
        )  # fmt: skip
        self._tell_execution(done, Commission(done.exec_id, cost, realized=realized), fault)
        if standing and standing.filled < standing.ticket.quantity and (not fault or fault.fault not in SILENT):
            self._telling.order(standing)

    def _tell_execution(self, done: Execution, paid: Commission, fault: Fault | None) -> None:
        kind = fault.fault if fault else ""
        if fault and kind == "corrected_execution":
            self._tell(replace(done, price=done.price + fault.by))
            done = replace(done, exec_id=f"{done.exec_id.rpartition('.')[0]}.02")
            paid = replace(paid, exec_id=done.exec_id)
        if kind == "missed_execution":  # the broker knows of it, and says it when it is asked
            self._telling.note(done)
            self._telling.note(paid)
            return
        self._tell(done)
        if kind == "duplicate_execution":
            self._tell(done)
        if fault and kind == "late_commission":
            self.late.append((fault.steps, paid))
        else:
            self._tell(paid)

    def _ended(self, ended: Ended, silent: set[int], refuse: Callable[[Standing, int], None]) -> None:
        standing = self._by_number.get(ended.number)
        if standing is None:  # a forced order of a margin call
            return
        if ended.status == OrderStatus.REJECTED:
            refuse(standing, ended.cause)
        elif ended.status != OrderStatus.FILLED:
            self.cancelled(standing, ended.cause)
        elif standing.perm_id in silent:
            self.living.pop(standing.perm_id, None)
            self._by_number.pop(standing.number, None)
            standing.status, standing.ended = FILLED, self._clock.now
            self._telling.touched[standing.perm_id] = standing
        else:
            self.end(standing, FILLED, "")


def _part(whole: float, fault: Fault | None) -> float:
    """The shares of the first of two executions: whole ones, at least one of them where there are two."""
    return min(max(1.0, float(int(whole * fault.part))), whole) if fault else whole
