# SPDX-License-Identifier: Apache-2.0
"""The blotter of one account: clients' orders on their way into its book, changed, taken back, stepped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.kernel.codes import Cause, OrderStatus
from engine.kernel.steps import in_steps
from engine.sandbox.exchange.account import Account, Order
from engine.sandbox.exchange.checks import good_till
from engine.sandbox.exchange.figures import position_of, values_of
from engine.sandbox.exchange.market import Clock
from engine.sandbox.exchange.orders import INACTIVE, WORKING, Standing, live_status, order_of, refusal_text
from engine.sandbox.exchange.outcomes import Numbers, Outcomes
from engine.sandbox.exchange.telling import Telling
from engine.sandbox.exchange.what_if import margins
from engine.sandbox.faults import Faults
from engine.sandbox.tickets import AccountValue, Contract, Notice, Position, Ticket

CANCEL_ALL = 1
"""The type of a group whose orders all end when one of them fills, also in part."""

PRICED = ("LMT", "STP LMT")
TRIGGERED = ("STP", "STP LMT")


class Blotter:
    """One account and the orders that clients have in it. What happens is told as it happens."""

    def __init__(
        self, account: Account, contracts: Sequence[Contract], clock: Clock, numbers: Numbers, faults: Faults,
        telling: Telling,
    ) -> None:  # fmt: skip
        self.account, self.contracts = account, contracts
        self.outcomes = Outcomes(account, contracts, clock, numbers, faults, telling)
        self.day_equity: float = account.book.rules.cash
        self._clock, self._telling = clock, telling
        self._told: dict[str, str] = {}

    @property
    def living(self) -> tuple[Standing, ...]:
        """Orders that have not ended, in order of arrival."""
        return tuple(self.outcomes.living.values())

    def order_of(self, ticket: Ticket) -> Order:
        """The kernel's order of a ticket."""
        role = next(place for place, one in enumerate(self.contracts) if one.con_id == ticket.contract.con_id)
        return order_of(ticket, role)

    def take_in(self, standing: Standing) -> None:
        """A new order of a client. One that is not to be transmitted waits for one of its family that is."""
        self.outcomes.living[standing.perm_id] = standing
        if standing.ticket.transmit and not standing.parked:
            self._transmit(standing)
        else:
            self._telling.order(standing)

    def take_back(self, standing: Standing) -> None:
        """An order that lived when the sandbox was ended."""
        self.outcomes.living[standing.perm_id] = standing
        if standing.number:
            self.outcomes.follow(standing)

    def _transmit(self, standing: Standing) -> None:
        """Send an order, and before it what waits of its family: its parent and the parent's children."""
        root = standing.ticket.parent or standing.key.order
        for one in self.living:
            kin = one.key.client == standing.key.client and root in {one.key.order, one.ticket.parent}
            if kin and not one.number and not one.parked:
                self._send(one)

    def _send(self, standing: Standing) -> None:
        """An order goes into the book, bound to its parent and its group."""
        ticket, client = standing.ticket, standing.key.client
        parents = [one.number for one in self.living if one.key == (client, ticket.parent)] if ticket.parent else []
        closing = ticket.carried.get("openClose") == "C" or ticket.parent != 0
        order = self.order_of(ticket)
        standing.number = self.account.enter(order, parents[0] if parents else 0, closing=closing)
        if not standing.number:
            self.refuse(standing, Cause.BAD_ORDER)
            return
        self.outcomes.follow(standing)
        for other in self.living:
            if other is not standing and other.number and _are_bound(standing, other):
                self.account.join(other.number, standing.number)
        self.outcomes.take(self.account.settle(), self.refuse)
        self.look_at(standing)

    def release(self, parked: str, symbol: str = "") -> None:
        """Send what was parked for that reason, of one symbol or of all."""
        for standing in self.living:
            if standing.parked == parked and symbol in {"", standing.ticket.contract.symbol}:
                standing.parked = ""
                if standing.ticket.transmit or self._family_has_gone(standing):
                    self._transmit(standing)

    def _family_has_gone(self, standing: Standing) -> bool:
        """Whether another of its family was sent while it was parked."""
        root = standing.ticket.parent or standing.key.order
        return any(
            one.number and one.key.client == standing.key.client and root in {one.key.order, one.ticket.parent}
            for one in self.living
        )

    def change(self, standing: Standing, ticket: Ticket) -> None:
        """Give a living order the numbers of a later ticket; its parent and its group stay what they were."""
        if ticket.quantity <= standing.filled:
            self._telling.tell(Notice(104, "Cannot modify a filled order.", standing.key))
            return
        before = standing.ticket
        standing.ticket = replace(
            ticket, parent=before.parent, oca_group=before.oca_group, oca_type=before.oca_type, ref=before.ref
        )
        if standing.number:
            self.account.change(standing.number, self.order_of(ticket))
        elif ticket.transmit and not standing.parked:
            self._transmit(standing)
            return
        self._telling.order(standing)

    def refuse(self, standing: Standing, cause: int) -> None:
        """Say 201 and leave the order Inactive."""
        needed = margins(self.account, self.order_of(standing.ticket)).initial_after
        self.outcomes.end(standing, INACTIVE, refusal_text(cause, self.account.book.equity, needed))

    def look_at(self, standing: Standing) -> None:
        """Tell how a living order stands where that, or its quantity and prices, has changed."""
        row = self.account.row(standing.number) if standing.number else None
        if standing.done or row is None:
            return
        status, before = WORKING, standing.ticket
        if not standing.filled:
            status = live_status(before, row.status, triggered=row.triggered == 1, open_=self._clock.open)
        is_child = row.status == OrderStatus.HELD or row.parent > 0
        ticket = replace(
            before,
            quantity=abs(row.asked) if is_child else in_steps(self.account.book, standing.filled + abs(row.qty)),
            limit=row.limit if before.kind in PRICED else before.limit,
            aux=row.stop if before.kind in TRIGGERED else before.aux,
        )
        changed = status != standing.status or ticket != before
        if before.kind == "TRAIL":  # it follows the price without a word
            ticket = replace(ticket, trail_stop=row.stop)
            self._telling.touched[standing.perm_id] = standing
        standing.ticket, standing.status = ticket, status
        if changed:
            self._telling.order(standing)

    def cancel(self, standing: Standing, cause: Cause = Cause.BY_STRATEGY) -> None:
        """Take an order back at a client's word, or because its time or its group is up."""
        if standing.number:
            status = OrderStatus.EXPIRED if cause == Cause.END_OF_DAY else OrderStatus.CANCELLED
            self.outcomes.take(self.account.cancel(standing.number, status, cause), self.refuse)
        if not standing.done:  # it has not been transmitted, or is parked
            self.outcomes.cancelled(standing, cause)
        for child in self.living:  # those that wait to be transmitted
            below = child.ticket.parent == standing.key.order and child.key.client == standing.key.client
            if below and not child.number and not standing.filled:
                self.outcomes.cancelled(child, Cause.PARENT_ENDED)

    def step(self, row: int, bar: object = None) -> None:
        """Live through a bar, and tell what it did."""
        self.outcomes.tell_late()
        self.outcomes.take(self.account.step(row, bar), self.refuse)
        self._block()
        for standing in self.living:
            self.look_at(standing)
        for position in self.positions():
            self._telling.tell(position)  # it has another value now
        self.tell_money()

    def fill(self, standing: Standing, quantity: float, price: float) -> None:
        """Fill `quantity` unsigned shares of a working order at `price`, whatever the market."""
        self.outcomes.take(self.account.fill(standing.number, quantity, price), self.refuse)
        self._block()
        for one in self.living:
            self.look_at(one)
        self.tell_money()

    def new_day(self) -> None:
        """Profits of the day begin at its first bar."""
        if self._clock.row > 0:  # before the first bar there is the deposit
            self.day_equity = self.account.book.equity
        for holding in self.outcomes.holdings:
            holding.realized = 0.0

    def expire(self, time: int) -> None:
        """End the orders whose last instant lies before `time`."""
        for standing in self.living:
            until = good_till(standing.ticket) if standing.ticket.tif == "GTD" else None
            if until is not None and until < time and not standing.done:
                self.cancel(standing, Cause.END_OF_DAY)

    def _block(self) -> None:
        """A group of type 1 ends with the first share that one of it fills; others only shrink by what fills."""
        for standing in self.living:
            group = standing.ticket.oca_group
            blocked = group in self.outcomes.filled and standing.ticket.oca_type == CANCEL_ALL and group
            if blocked and not standing.filled and not standing.done:
                self.cancel(standing, Cause.OCO_SIBLING_FILLED)
        self.outcomes.filled.clear()

    def tell_money(self) -> None:
        """Tell the figures of the account that have changed since they were last told."""
        for value in self.values():
            if self._told.get(value.key) != value.value:
                self._told[value.key] = value.value
                self._telling.tell(value)

    def values(self) -> list[AccountValue]:
        """The account's figures."""
        return values_of(self.account, self.outcomes.holdings, self.day_equity)

    def positions(self) -> list[Position]:
        """What is held."""
        return [
            position_of(self.account.name, contract, self.account.book.asset[role], holding)
            for role, (contract, holding) in enumerate(zip(self.contracts, self.outcomes.holdings, strict=True))
            if holding.quantity != 0.0
        ]


def _are_bound(one: Standing, other: Standing) -> bool:
    """Whether two orders are of one group: by its name, or as children of one parent that name none."""
    if one.ticket.oca_group or other.ticket.oca_group:
        return one.ticket.oca_group == other.ticket.oca_group
    return one.ticket.parent != 0 and (one.ticket.parent, one.key.client) == (other.ticket.parent, other.key.client)
