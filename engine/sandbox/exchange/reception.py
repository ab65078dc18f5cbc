# SPDX-License-Identifier: Apache-2.0
"""Where clients' orders arrive: by key, checked, refused or handed to the blotter of their account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.kernel.codes import Cause
from engine.sandbox.exchange.blotter import Blotter
from engine.sandbox.exchange.checks import mistake
from engine.sandbox.exchange.market import ReplayedMarket
from engine.sandbox.exchange.orders import FILLED, INACTIVE, LINK, LOCATE, UNSENT, WAITING, Standing
from engine.sandbox.exchange.outcomes import Numbers
from engine.sandbox.exchange.telling import Telling
from engine.sandbox.exchange.what_if import margins
from engine.sandbox.faults import Faults, notice_of
from engine.sandbox.tickets import Margins, Notice, OrderKey, OrderView, Ticket
from engine.sandbox.venue import Refused

HELD, NOT_LENT = "held", "refused"
"""What becomes of a short sale of a symbol in `borrow`: it waits for shares, or it is refused."""


class Reception:
    """The orders of the day by key, and those that live still.

    highest  the highest id that each client has used; roll is what the next answer takes off it
    later    changes and cancels (None) that wait while the broker is cut off
    borrow   symbols that cannot be sold short freely, and what becomes of an order that would
    """

    def __init__(
        self, market: ReplayedMarket, blotters: Mapping[str, Blotter], numbers: Numbers, faults: Faults,
        telling: Telling,
    ) -> None:  # fmt: skip
        self.orders: dict[OrderKey, Standing] = {}
        self.highest: dict[int, int] = {}
        self.borrow: dict[str, str] = {}
        self.later: list[tuple[OrderKey, Ticket | None]] = []
        self.margin_at_once = False
        self._market, self._blotters, self._numbers = market, blotters, numbers
        self._faults, self._telling, self._tell = faults, telling, telling.tell

    def next_order_id(self, client: int) -> int:
        """The least id above all that the client has used."""
        fault = self._faults.take("ids", client)
        return max(1, self.highest.get(client, 0) + 1 - (fault.ids if fault else 0))

    def roll_back(self, ids: int) -> None:
        """Forget the last ids of every client, as a restart of the broker at night has done."""
        self.highest = {client: max(0, highest - ids) for client, highest in self.highest.items()}

    def new_day(self) -> None:
        """Orders of earlier days that have ended are not known any more."""
        self.orders = {key: one for key, one in self.orders.items() if not one.done}

    def place(self, key: OrderKey, ticket: Ticket) -> None:
        """Take a new order, or a change of the living one with this key."""
        if not self._telling.link and key in self.orders:
            self.later.append((key, ticket))
            return
        standing = self.orders.get(key)
        problem = self._problem(key, ticket)
        if problem:
            self._tell(replace(problem, key=key))
            if standing is None:
                self._tell(OrderView(key, 0, ticket, INACTIVE, remaining=ticket.quantity, cause=problem.text))
            return
        ticket = self._meant(ticket)
        if standing is None:
            self._accept(key, ticket)
        elif self._faults.take("modify", key.client, ticket.contract.symbol):
            self._accept(key, ticket)  # the one before lives on under its perm id
        else:
            self._blotters[ticket.account].change(standing, ticket)

    def _problem(self, key: OrderKey, ticket: Ticket) -> Notice | None:
        standing = self.orders.get(key)
        if standing and standing.status == FILLED:
            return Notice(104, "Cannot modify a filled order.")
        if standing and standing.done:
            return Notice(103, "Duplicate order id")
        problem = self._mistake(ticket)
        if not problem and ticket.parent and OrderKey(key.client, ticket.parent) not in self.orders:
            problem = Notice(10006, "Missing parent order.")
        if not problem and standing and _identity(standing.ticket) != _identity(self._meant(ticket)):
            problem = Notice(105, "Order being modified does not match original order.")
        return problem

    def _mistake(self, ticket: Ticket) -> Notice | None:
        """What is wrong with a ticket whatever its key."""
        found, step = self._market.find(ticket.contract), self._market.replay.config.fills.quantity_step
        return mistake(ticket, tuple(self._blotters), found, step, self._market.clock.now)

    def _meant(self, ticket: Ticket) -> Ticket:
        """The ticket with its contract in full."""
        return replace(ticket, contract=self._market.find(ticket.contract)[0])

    def _accept(self, key: OrderKey, ticket: Ticket) -> None:
        standing = Standing(key, self._numbers.next_perm(), ticket, UNSENT, born=self._market.clock.now)
        self.orders[key] = standing
        self.highest[key.client] = max(key.order, self.highest.get(key.client, 0))
        blotter, symbol = self._blotters[ticket.account], ticket.contract.symbol
        order = blotter.order_of(ticket)
        held = blotter.account.book.asset[order.role].qty
        goes_short = held + order.qty < min(0.0, held)
        fault = self._faults.take("place", key.client, symbol)
        kind = fault.fault if fault else ""
        borrow = self.borrow.get(symbol, "") if goes_short else ""
        if fault and kind == "reject":
            notice = notice_of(fault, 201)
            self._tell(replace(notice, key=key))
            standing.status, standing.cause, standing.ended = INACTIVE, notice.text, standing.born
            self._telling.order(standing)
        elif borrow == NOT_LENT:
            blotter.refuse(standing, Cause.NOT_SHORTABLE)
        elif self.margin_at_once and not ticket.parent and margins(blotter.account, order).warning:
            blotter.refuse(standing, Cause.INITIAL_MARGIN)
        else:
            if borrow == HELD or kind == "held":
                standing.parked, standing.status = LOCATE, WAITING
                self._tell(Notice(404, "Order held while securities are located.", key))
            elif not self._telling.link:
                standing.parked = LINK
            blotter.take_in(standing)
            if fault and kind == "preset":
                self._tell(replace(notice_of(fault, 10349), key=key))

    def release(self, parked: str, symbol: str = "") -> None:
        """Send what was parked for that reason."""
        for blotter in self._blotters.values():
            blotter.release(parked, symbol)

    def catch_up(self) -> None:
        """The broker is joined again: what waited is carried out, new orders first."""
        self.release(LINK)
        later, self.later = self.later, []
        for key, ticket in later:
            if ticket:
                self.place(key, ticket)
            else:
                self.cancel(key)

    def what_if(self, ticket: Ticket) -> Margins:
        """What the order would do to its account; Refused where it would not be taken at sight."""
        problem = self._mistake(ticket)
        if problem:
            raise Refused(problem.code, problem.text)
        blotter = self._blotters[ticket.account]
        return margins(blotter.account, blotter.order_of(self._meant(ticket)))

    def cancel(self, key: OrderKey) -> None:
        """Take an order back; 10147 where it is not known, 10148 where it has ended."""
        if not self._telling.link:
            self.later.append((key, None))
            return
        standing = self.orders.get(key)
        if standing is None:
            self._tell(Notice(10147, f"OrderId {key.order} that needs to be cancelled is not found.", key))
        elif standing.done:
            text = f"OrderId {key.order} that needs to be cancelled cannot be cancelled, state: {standing.status}."
            self._tell(Notice(10148, text, key))
        else:
            self._blotters[standing.ticket.account].cancel(standing)

    def cancel_all(self) -> None:
        """Take back every living order of every client."""
        if not self._telling.link:
            self.later += [(standing.key, None) for standing in self.living()]
            return
        for blotter in self._blotters.values():
            for standing in blotter.living:
                if not standing.done:
                    blotter.cancel(standing)

    def living(self) -> list[Standing]:
        """Orders that live, in order of arrival: also those whose key a later one has taken."""
        every = [one for blotter in self._blotters.values() for one in blotter.living]
        return sorted(every, key=lambda one: one.perm_id)


def _identity(ticket: Ticket) -> tuple[str, int, str]:
    return ticket.account, ticket.contract.con_id, ticket.action
