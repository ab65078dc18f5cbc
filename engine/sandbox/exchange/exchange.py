# SPDX-License-Identifier: Apache-2.0
"""The exchange and the broker behind it: accounts, orders, the replayed market. It knows no clients' bytes.

Whoever drives it calls `step`: a timer, a control channel, a test. Between two steps clients place and cancel orders,
where a backtest would decide; the step then is the engine's own life of a bar.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from engine.sandbox.exchange.account import Account, feed_of
from engine.sandbox.exchange.checks import mistake
from engine.sandbox.exchange.contracts import listing, matching
from engine.sandbox.exchange.desk import Clock, Desk, Numbers
from engine.sandbox.exchange.orders import DONE, UNSENT, Standing
from engine.sandbox.exchange.replay import Replay
from engine.sandbox.exchange.tickets import (
    AccountValue,
    BarClosed,
    Commission,
    Contract,
    Event,
    Execution,
    HistoryBar,
    Notice,
    OrderKey,
    OrderView,
    Position,
    Ticket,
)

PAPER = "DU1000001"
"""The account that a sandbox has where nothing else is said."""

Listener = Callable[[Event], None]


class Exchange:
    """A replayed market with accounts on it. The first bar has closed when it is made: there are prices to see.

    accounts  their ids, each with the deposit of the configuration; paper accounts start with DU
    """

    def __init__(self, replay: Replay, accounts: Sequence[str] = (PAPER,)) -> None:
        self.replay = replay
        self.listed = listing(replay.symbols)
        self.clock, self.numbers = Clock(), Numbers()
        self._feed = feed_of(replay)
        self.desks = {
            name: Desk(Account(name, replay, self._feed), self.listed, self.clock, self.numbers, self._tell)
            for name in accounts
        }
        self._orders: dict[OrderKey, Standing] = {}
        self._executions: list[tuple[Execution, Commission | None]] = []
        self._highest: dict[int, int] = {}
        self._listeners: list[Listener] = []
        self._events: deque[Event] = deque()
        self._telling = False
        self.step()

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts."""
        return tuple(self.desks)

    @property
    def now(self) -> int:
        """Market time: the stamp of the last bar that has closed, ns UTC."""
        return self.clock.now

    @property
    def over(self) -> bool:
        """Whether the last bar of the replay has closed: nothing fills any more."""
        return self.clock.row + 1 >= len(self.replay)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def contracts(self, query: Contract) -> list[Contract]:
        """What a client's description fits; empty where there is no such security."""
        return [self.listed[place] for place in matching(self.listed, query)]

    def next_order_id(self, client: int) -> int:
        """The least id that the client has not used."""
        return self._highest.get(client, 0) + 1

    def place(self, key: OrderKey, ticket: Ticket) -> None:
        """Take a new order, or a change of the living one with this key. What comes of it is told as events."""
        standing = self._orders.get(key)
        problem = mistake(ticket, self.accounts, self.contracts(ticket.contract))
        if standing and standing.done:
            filled = standing.status == "Filled"
            problem = Notice(104, "Cannot modify a filled order.") if filled else Notice(103, "Duplicate order id")
        if problem:
            self._tell(Notice(problem.code, problem.text, key))
        elif standing:
            self.desks[ticket.account].change(standing, ticket)
        elif ticket.parent and OrderKey(key.client, ticket.parent) not in self._orders:
            self._tell(Notice(10006, "Missing parent order.", key))
        else:
            self._accept(key, ticket)
        self._flush()

    def _accept(self, key: OrderKey, ticket: Ticket) -> None:
        standing = Standing(key, self.numbers.next_perm(), ticket, UNSENT, born=self.now)
        self._orders[key] = standing
        self._highest[key.client] = max(key.order, self._highest.get(key.client, 0))
        self.desks[ticket.account].take_in(standing)

    def cancel(self, key: OrderKey) -> None:
        """Take an order back; 10147 where it is not known, 10148 where it has ended."""
        standing = self._orders.get(key)
        if standing is None:
            self._tell(Notice(10147, f"OrderId {key.order} that needs to be cancelled is not found.", key))
        elif standing.done:
            text = f"OrderId {key.order} that needs to be cancelled cannot be cancelled, state: {standing.status}."
            self._tell(Notice(10148, text, key))
        else:
            self.desks[standing.ticket.account].cancel(standing)
        self._flush()

    def cancel_all(self) -> None:
        """Take back every living order of every client."""
        for desk in self.desks.values():
            for standing in tuple(desk.living.values()):
                if not standing.done:
                    desk.cancel(standing)
        self._flush()

    def step(self) -> bool:
        """Live through the next bar; False where the replay is over."""
        if self.over:
            return False
        row = self.clock.row + 1
        bar = self._feed.bars[row]
        self.clock.row, self.clock.now, self.clock.open = row, bar.ts, bar.last == 0
        if bar.session != self.clock.session:
            self._new_day(bar.session)
        for desk in self.desks.values():
            desk.step(row)
            desk.tell_money()
        for contract, asset in zip(self.listed, bar.asset, strict=True):
            closed = HistoryBar(bar.ts, bar.session, asset.open, asset.high, asset.low, asset.close, asset.volume)
            self._tell(BarClosed(contract.con_id, closed))
        self._flush()
        return True

    def _new_day(self, session: int) -> None:
        """What the broker tells is of the current day: executions and completed orders of earlier ones are gone."""
        self.clock.session = session
        self._executions.clear()
        for key in [key for key, one in self._orders.items() if one.done]:
            del self._orders[key]
        for desk in self.desks.values():
            for holding in desk.holdings:
                holding.realized = 0.0

    def open_orders(self, client: int | None = None) -> list[OrderView]:
        """Living orders in order of arrival, of one client or of all."""
        return [one.view() for one in self._orders.values() if not one.done and client in {None, one.key.client}]

    def completed(self) -> list[OrderView]:
        """Orders of the day that have ended."""
        return [one.view() for one in self._orders.values() if one.status in DONE]

    def executions(self) -> list[tuple[Execution, Commission | None]]:
        """Those of the day, each with its commission once that is known."""
        return list(self._executions)

    def positions(self, account: str | None = None) -> list[Position]:
        """What is held, in one account or in all."""
        return [one for name, desk in self.desks.items() if account in {None, name} for one in desk.positions()]

    def account_values(self, account: str) -> list[AccountValue]:
        """The figures of an account."""
        return self.desks[account].values()

    def _tell(self, event: Event) -> None:
        if isinstance(event, Execution):
            self._executions.append((event, None))
        elif isinstance(event, Commission):
            self._executions = [
                (one, event if one.exec_id == event.exec_id else paid) for one, paid in self._executions
            ]
        self._events.append(event)

    def _flush(self) -> None:
        """Hand events to the listeners, in order, also those that a listener causes."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._events:
                event = self._events.popleft()
                for listener in tuple(self._listeners):
                    listener(event)
        finally:
            self._telling = False
