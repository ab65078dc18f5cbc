# SPDX-License-Identifier: Apache-2.0
"""The exchange and the broker behind it: accounts, orders, the replayed market. It knows no clients' bytes.

Whoever drives it calls `step`: a timer, a control channel, a test. Between two steps clients place and cancel orders,
where a backtest would decide; the step then is the engine's own life of a bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.config.canonical import config_hash
from engine.sandbox.exchange.account import Account, feed_of
from engine.sandbox.exchange.blotter import Blotter
from engine.sandbox.exchange.keeping import Keeping
from engine.sandbox.exchange.market import ReplayedMarket
from engine.sandbox.exchange.operator import Operator
from engine.sandbox.exchange.outcomes import Numbers
from engine.sandbox.exchange.reception import Reception
from engine.sandbox.exchange.replay import Replay
from engine.sandbox.exchange.store import Store
from engine.sandbox.exchange.telling import Listener, Telling
from engine.sandbox.faults import Faults
from engine.sandbox.tickets import (
    AccountValue,
    Commission,
    Contract,
    Execution,
    HistoryBar,
    HistoryQuery,
    Listing,
    Margins,
    OrderKey,
    OrderView,
    Position,
    Tick,
    Ticket,
)

PAPER = "DU1000001"
"""The account that a sandbox has where nothing else is said."""


class Exchange:
    """A replayed market with accounts on it. The first bar has closed when it is made: there are prices to see.

    accounts        their ids, each with the deposit of the configuration; paper accounts start with DU
    seed            walks each bar in four legs, by throws of this seed; None steps whole bars
    margin_at_once  whether an order is held to the margin when it is placed, at the marks, beside when it fills
    faults          what goes wrong, in order
    book            a file in which everything is kept, and from which a later exchange goes on; None: memory alone
    """

    def __init__(
        self, replay: Replay, accounts: Sequence[str] = (PAPER,), *, seed: int | None = None,
        margin_at_once: bool = False, faults: Faults | None = None, book: Path | None = None,
    ) -> None:  # fmt: skip
        feed = feed_of(replay, seed)
        self.faults = faults or Faults()
        self.market, self.numbers = ReplayedMarket(replay, feed), Numbers()
        self.telling = Telling(self._keep)
        self._keeping: Keeping | None = None
        self._tell = self.telling.tell
        rest = (self.market.listed, self.market.clock, self.numbers, self.faults, self.telling)
        self.blotters = {name: Blotter(Account(name, replay, feed), *rest) for name in accounts}
        self.reception = Reception(self.market, self.blotters, self.numbers, self.faults, self.telling)
        self.reception.margin_at_once = margin_at_once
        self.operator = Operator(self.market, self.blotters, self.reception, self.numbers, self.telling)
        if book:
            store = Store(book, _named(replay, accounts, seed))
            self._keeping = Keeping(store, self.market, self.blotters, self.reception, self.numbers, self.telling)
        if self._keeping is None or not self._keeping.restore():
            self.step_bar()
        self._tell_ticks(self.market.unmoved(self._closes))
        self.telling.flush()

    def _keep(self) -> None:
        if self._keeping:
            self._keeping.keep()

    def close(self) -> None:
        """Let go of the book on disk."""
        if self._keeping:
            self._keeping.store.close()
            self._keeping = None

    @property
    def keeps(self) -> bool:
        """Whether it has a book on disk."""
        return self._keeping is not None

    def dump(self) -> dict[str, Any]:
        """Every order and execution since the book was begun; of an exchange without a book those of the day."""
        if self._keeping:
            return self._keeping.store.dump()
        return {
            "orders": [asdict(one.view()) for one in self.reception.orders.values()],
            "executions": [asdict(one) for one, _ in self.executions()],
        }

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts."""
        return tuple(self.blotters)

    @property
    def now(self) -> int:
        """Market time: the stamp of the last bar, leg or tick, ns UTC."""
        return self.market.clock.now

    @property
    def linked(self) -> bool:
        """Whether the broker is joined to the exchange."""
        return self.telling.link

    @property
    def bar(self) -> str:
        """Length of the bars, in the broker's words."""
        return self.market.bar

    @property
    def over(self) -> bool:
        """Whether the last bar of the replay has closed: ticks and fills by hand are all that is left."""
        return self.market.over

    def contracts(self, wanted: Contract) -> list[Listing]:
        """What a client's description fits; empty where there is no such security."""
        return self.market.contracts(wanted)

    def history(self, query: HistoryQuery) -> list[HistoryBar]:
        """Bars that have closed by now, none of them later; Refused with 162 where there are none."""
        return self.market.history(query)

    def first_bar(self, con_id: int) -> int:
        """When the first bar began, ns UTC."""
        return self.market.first_bar(con_id)

    def quote(self, con_id: int) -> Tick | None:
        """The last tick of a contract."""
        return self.market.quote(con_id)

    def step(self) -> bool:
        """Live through the next bar, or leg of a bar; False where the replay is over."""
        if self.over:
            return False
        opened = self.market.clock.row + 1 >= self.market.legs  # the first bar is nobody's
        fault = self.faults.take("step") if opened else None
        if fault:
            self.operator.strike(fault)
        bar = self.market.advance()
        if bar.session != self.market.clock.session:
            self._new_day(bar.session)
        for blotter in self.blotters.values():
            blotter.expire(bar.ts)  # on the new day, so that whoever was away hears of it
            blotter.step(self.market.clock.row)
        for event in self.market.bars_told(bar):
            self._tell(event)
        self._tell_ticks(bar)
        self.telling.flush()
        return True

    def step_bar(self) -> bool:
        """Step to the next close of a whole bar; False where the replay is over."""
        moved = self.step()
        while moved and (self.market.clock.row + 1) % self.market.legs:
            moved = self.step()
        return moved

    def tick(self, prices: Mapping[str, float], seconds: float = 1.0) -> None:
        """A moment of trading between two bars: the symbols at these prices, the others at their last.

        Orders meet them as a bar of one price. The next bar comes as if this had not been.
        """
        bar = self.market.moment(prices, self._closes, seconds)
        for blotter in self.blotters.values():
            blotter.expire(self.now)
            blotter.step(max(1, self.market.clock.row), bar)
        self._tell_ticks(bar)
        self.telling.flush()

    @property
    def _any(self) -> Blotter:
        return next(iter(self.blotters.values()))

    @property
    def _closes(self) -> list[float]:
        """The marks by role."""
        return [one.close for one in self._any.account.book.asset]

    def _tell_ticks(self, bar: object) -> None:
        for tick in self.market.ticks(bar, self._any.account.terms, self.reception.borrow):
            self._tell(tick)

    def _new_day(self, session: int) -> None:
        """What the broker tells is of the current day: executions and completed orders of earlier ones are gone."""
        self.market.clock.session = session
        self.numbers.day += 1
        self.telling.tape.clear()
        self.reception.new_day()
        for blotter in self.blotters.values():
            blotter.new_day()

    def next_order_id(self, client: int) -> int:
        """The least id above all that the client has used, where no fault rolls it back."""
        return self.reception.next_order_id(client)

    def place(self, key: OrderKey, ticket: Ticket) -> None:
        """Take a new order, or a change of the living one with this key. What comes of it is told as events."""
        self.reception.place(key, ticket)
        self.telling.flush()

    def cancel(self, key: OrderKey) -> None:
        """Take an order back; a Notice says where there is none to take."""
        self.reception.cancel(key)
        self.telling.flush()

    def cancel_all(self) -> None:
        """Take back every living order of every client."""
        self.reception.cancel_all()
        self.telling.flush()

    def what_if(self, ticket: Ticket) -> Margins:
        """What the order would do to its account; Refused where it would not be taken at sight."""
        return self.reception.what_if(ticket)

    def open_orders(self, client: int | None = None) -> list[OrderView]:
        """Living orders in order of arrival, of one client or of all."""
        return [one.view() for one in self.reception.living() if client in {None, one.key.client}]

    def completed(self) -> list[OrderView]:
        """Orders of the day that have ended."""
        return [one.view() for one in self.reception.orders.values() if one.done]

    def executions(self) -> list[tuple[Execution, Commission | None]]:
        """Those of the day, each with its commission once that is known."""
        return self.telling.tape.executions()

    def positions(self, account: str) -> list[Position]:
        """What an account holds."""
        return self.blotters[account].positions()

    def account_values(self, account: str) -> list[AccountValue]:
        """The figures of an account."""
        return self.blotters[account].values()

    def listen(self, hear: Listener) -> Callable[[], None]:
        """Call `hear` with every event from now on; what comes back ends that."""
        return self.telling.listen(hear)


def _named(replay: Replay, accounts: Sequence[str], seed: int | None) -> dict[str, Any]:
    """What a book is kept under: it goes on with the same of each."""
    return {
        "configuration": config_hash(replay.config),
        "data": replay.market.fingerprint,
        "bars": [replay.first, len(replay.market)],
        "accounts": list(accounts),
        "seed": seed,
    }
