# SPDX-License-Identifier: Apache-2.0
"""The desk of one account: clients' orders on their way into its book, and what the book then did to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.margin import add_shares
from engine.sandbox.exchange.account import Account, Ended, Posted, Stepped
from engine.sandbox.exchange.figures import position_of, values_of
from engine.sandbox.exchange.holdings import Holding
from engine.sandbox.exchange.orders import CAUSES, REFUSALS, WORKING, Standing, live_status, order_of
from engine.sandbox.exchange.tickets import (
    AccountValue,
    Commission,
    Contract,
    Event,
    Execution,
    Notice,
    OrderKey,
    Position,
    Ticket,
)

FILLS = (EntryKind.FILL, EntryKind.LIQUIDATION)
COSTS = (EntryKind.COMMISSION, EntryKind.FEE)


@dataclass
class Clock:
    """Where the exchange stands: the row of the replay, its stamp and date, and whether a session is in progress."""

    row: int = -1
    now: int = 0
    session: int = 0
    open: bool = False


@dataclass
class Numbers:
    """Counters that never run backwards, whatever order ids do."""

    perm: int = 1_000_000_000
    execution: int = 0

    def next_perm(self) -> int:
        """What names an order for good."""
        self.perm += 1
        return self.perm

    def next_execution(self) -> str:
        """The first revision of a new execution's id."""
        self.execution += 1
        return f"00025b44.{self.execution:08x}.01.01"


class Desk:
    """One account and the orders that clients have in it.

    tell is called with each event as it happens; living are the orders that have not ended, in order of arrival.
    """

    def __init__(
        self, account: Account, contracts: Sequence[Contract], clock: Clock, numbers: Numbers,
        tell: Callable[[Event], None],
    ) -> None:  # fmt: skip
        self.account, self.contracts = account, contracts
        self.holdings = [Holding() for _ in contracts]
        self.living: dict[OrderKey, Standing] = {}
        self._clock, self._numbers, self._tell = clock, numbers, tell
        self._by_number: dict[int, Standing] = {}
        self._told: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The account's id."""
        return self.account.name

    def role_of(self, contract: Contract) -> int:
        """The book's role of a contract."""
        return next(place for place, one in enumerate(self.contracts) if one.con_id == contract.con_id)

    def take_in(self, standing: Standing) -> None:
        """A new order of a client. One that is not to be transmitted waits for one of its family that is."""
        self.living[standing.key] = standing
        if standing.ticket.transmit:
            self._transmit(standing)
        else:
            self._tell(standing.view())

    def _transmit(self, standing: Standing) -> None:
        """Send an order, and before it what waits of its family: its parent and the parent's children."""
        root = standing.ticket.parent or standing.key.order
        waiting = [
            one
            for one in self.living.values()
            if one.key.client == standing.key.client and root in {one.key.order, one.ticket.parent} and not one.number
        ]
        for one in waiting:
            self._send(one)

    def change(self, standing: Standing, ticket: Ticket) -> None:
        """Give a living order the numbers of a later ticket; its parent and its group stay what they were."""
        if ticket.quantity <= standing.filled:
            self._tell(Notice(104, "Cannot modify a filled order.", standing.key))
            return
        standing.ticket = ticket
        if standing.number:
            self.account.change(standing.number, order_of(ticket, self.role_of(ticket.contract)))
        elif ticket.transmit:
            self._transmit(standing)
            return
        self._tell(standing.view())

    def _send(self, standing: Standing) -> None:
        """An order goes into the book, bound to its parent and its group."""
        ticket = standing.ticket
        above = self.living.get(OrderKey(standing.key.client, ticket.parent)) if ticket.parent else None
        closing = ticket.carried.get("openClose") == "C" or bool(ticket.parent)
        order = order_of(ticket, self.role_of(ticket.contract))
        standing.number = self.account.enter(order, above.number if above else 0, closing=closing)
        if not standing.number:
            self.refuse(standing, Cause.BAD_ORDER)
            return
        self._by_number[standing.number] = standing
        for other in self.living.values():
            if other is not standing and other.number and self._are_bound(standing, other):
                self.account.join(other.number, standing.number)
        self._take(self.account.settle())
        self.look_at(standing)

    def _are_bound(self, one: Standing, other: Standing) -> bool:
        """Whether two orders are of one group: by its name, or as children of one parent that name none."""
        if one.ticket.oca_group or other.ticket.oca_group:
            return one.ticket.oca_group == other.ticket.oca_group
        return (
            one.ticket.parent != 0 and one.ticket.parent == other.ticket.parent and one.key.client == other.key.client
        )

    def refuse(self, standing: Standing, cause: int) -> None:
        """Say 201 and leave the order Inactive."""
        book = self.account.book
        _, _, needed = add_shares(book, self.account.terms, -1, 0.0, 0.0, book.cash, 0.0, 0.0)
        text = REFUSALS.get(Cause(cause), REFUSALS[Cause.BAD_ORDER])
        self.end(standing, "Inactive", text.format(equity=book.equity, needed=needed))

    def end(self, standing: Standing, status: str, cause: str) -> None:
        """The last word on an order; Inactive is a refusal and carries its reason."""
        self.living.pop(standing.key, None)
        self._by_number.pop(standing.number, None)
        standing.status, standing.cause, standing.ended = status, cause, self._clock.now
        if status == "Inactive":
            self._tell(Notice(201, f"Order rejected - reason:{cause}", standing.key))
        self._tell(standing.view())

    def look_at(self, standing: Standing) -> None:
        """Tell how a living order stands where that, or its quantity and prices, has changed."""
        row = self.account.row(standing.number) if standing.number else None
        if standing.done or row is None:
            return
        status = WORKING
        if not standing.filled:
            status = live_status(standing.ticket, row.status, triggered=row.triggered == 1, open_=self._clock.open)
        if row.status == OrderStatus.HELD or row.parent > 0:
            quantity = abs(row.asked)
        else:
            quantity = standing.filled + abs(row.qty)
        ticket = replace(
            standing.ticket,
            quantity=quantity,
            limit=row.limit if standing.ticket.kind in {"LMT", "STP LMT"} else standing.ticket.limit,
            aux=row.stop if standing.ticket.kind in {"STP", "STP LMT"} else standing.ticket.aux,
            trail_stop=row.stop if standing.ticket.kind == "TRAIL" else standing.ticket.trail_stop,
        )
        changed = status != standing.status or replace(ticket, trail_stop=None) != replace(
            standing.ticket, trail_stop=None
        )
        standing.ticket, standing.status = ticket, status
        if changed:
            self._tell(standing.view())

    def cancel(self, standing: Standing, cause: Cause = Cause.BY_STRATEGY) -> None:
        """Take an order back at a client's word, or because its time is up."""
        if standing.number:
            status = OrderStatus.CANCELLED if cause == Cause.BY_STRATEGY else OrderStatus.EXPIRED
            self._take(self.account.cancel(standing.number, status, cause))
        if not standing.done:  # it has not been transmitted, or is held back
            self._tell_cancel(standing, cause)
            self.end(standing, "Cancelled", CAUSES[cause])

    def _tell_cancel(self, standing: Standing, cause: int) -> None:
        if cause in {Cause.BY_STRATEGY, Cause.OCO_SIBLING_FILLED, Cause.PARENT_ENDED}:
            self._tell(Notice(202, "Order Canceled - reason:", standing.key))

    def step(self, row: int, bar: object = None) -> None:
        """Live through a bar, and tell what it did."""
        self._take(self.account.step(row, bar))
        for standing in tuple(self.living.values()):
            self.look_at(standing)

    def fill(self, standing: Standing, quantity: float, price: float) -> None:
        """Fill `quantity` unsigned shares of a working order at `price`, whatever the market."""
        self._take(self.account.fill(standing.number, quantity, price))
        self.look_at(standing)

    def tell_money(self) -> None:
        """Tell the figures of the account that have changed since they were last told."""
        for value in self.values():
            if self._told.get(value.key) != value.value:
                self._told[value.key] = value.value
                self._tell(value)

    def values(self) -> list[AccountValue]:
        """The account's figures."""
        return values_of(self.account, self.holdings)

    def positions(self, *, all_: bool = False) -> list[Position]:
        """What is held; with all_ what was traded today and is flat as well."""
        return [
            position_of(self.name, contract, self.account.book.asset[role], holding)
            for role, (contract, holding) in enumerate(zip(self.contracts, self.holdings, strict=True))
            if holding.quantity != 0.0 or (all_ and holding.realized != 0.0)
        ]

    def _take(self, stepped: Stepped) -> None:
        """What the book did: executions with their commissions, ends, and positions that changed."""
        touched = dict.fromkeys(self._executed(stepped.entries))
        for ended in stepped.ended:
            self._ended(ended)
        for role in touched:
            holding = self.account.book.asset[role]
            self._tell(position_of(self.name, self.contracts[role], holding, self.holdings[role]))

    def _executed(self, entries: Sequence[Posted]) -> Iterable[int]:
        """Tell the fills among the entries; returns the roles whose positions changed."""
        for place, entry in enumerate(entries):
            if entry.kind in FILLS:
                costs = takewhile(lambda one: one.kind in COSTS, entries[place + 1 :])
                self._execution(entry, -sum(one.amount for one in costs))
                yield entry.role
            elif entry.kind == EntryKind.SPLIT:
                self.holdings[entry.role].split(entry.qty)
                yield entry.role

    def _execution(self, entry: Posted, cost: float) -> None:
        realized = self.holdings[entry.role].trade(entry.qty, entry.price, cost)
        standing = self._by_number.get(entry.order)
        quantity = abs(entry.qty)
        if standing:
            standing.filled += quantity
            standing.value += quantity * entry.price
            standing.last_price = entry.price
            standing.fills += 1
            standing.status = WORKING
        exec_id = self._numbers.next_execution()
        self._tell(
            Execution(
                exec_id=exec_id, key=standing.key if standing else OrderKey(0, 0),
                perm_id=standing.perm_id if standing else self._numbers.next_perm(), account=self.name,
                contract=self.contracts[entry.role], side="BOT" if entry.qty > 0.0 else "SLD", quantity=quantity,
                price=entry.price, time=self._clock.now, cumulative=standing.filled if standing else quantity,
                average=standing.average if standing else entry.price, ref=standing.ticket.ref if standing else "",
                liquidation=entry.kind == EntryKind.LIQUIDATION,
            )
        )  # fmt: skip
        if standing and standing.filled < standing.ticket.quantity:
            self._tell(standing.view())
        self._tell(Commission(exec_id, cost, realized=realized))

    def _ended(self, ended: Ended) -> None:
        standing = self._by_number.get(ended.number)
        if standing is None:  # a forced order of a margin call
            return
        if ended.status == OrderStatus.FILLED:
            self.end(standing, "Filled", "")
        elif ended.status == OrderStatus.REJECTED:
            self.refuse(standing, ended.cause)
        else:
            self._tell_cancel(standing, ended.cause)
            self.end(standing, "Cancelled", CAUSES.get(Cause(ended.cause), "Cancelled"))
