# SPDX-License-Identifier: Apache-2.0
"""One account: a book of the engine's kernel, stepped by the kernel's own loop with a decision that does nothing.

Fills, costs, dividends, borrow fees, interest, margin and splits are those of a backtest, to the bit. Clients' orders
are put into the book between two steps, where a backtest would decide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from engine.kernel import rows
from engine.kernel.book import clear_ended, end_order, find_slot, submit
from engine.kernel.codes import Cause, Moment, OrderKind, OrderStatus, RunCode
from engine.kernel.fill import fill_order
from engine.kernel.ledger import mark
from engine.kernel.linked_orders import end_orphans
from engine.kernel.loop import simulate
from engine.kernel.order_kinds import trail_level
from engine.kernel.orders.api import ORDER_API
from engine.records import ENTRY, ORDER, PLACES, POINT, book_dtype
from engine.sandbox.exchange.replay import Replay
from engine.sandbox.exchange.walk import Bars, Stretched, WalkedBars


class Posted(NamedTuple):
    """One entry of the ledger: what changed cash or a position. role -1 is the account's own."""

    kind: int
    role: int
    qty: float
    price: float
    amount: float
    order: int


class Ended(NamedTuple):
    """An order that left the book: its number there, how it ended and why."""

    number: int
    status: int
    cause: int
    filled: float


class Stepped(NamedTuple):
    """What a step left: entries in their order, and the orders that ended."""

    entries: list[Posted]
    ended: list[Ended]


class Order(NamedTuple):
    """An order in the words of the kernel; limit, stop and trail are NaN where the kind has none."""

    role: int
    kind: int
    qty: float
    limit: float = math.nan
    stop: float = math.nan
    trail: float = math.nan
    day: int = 0


class Same:
    """A table whose every row is the same object."""

    def __init__(self, row: Any = None) -> None:
        self._row = row

    def __getitem__(self, index: int) -> Any:
        return self._row

    def __len__(self) -> int:
        return 1 << 60


class Marks(NamedTuple):
    """A bar that leaves every price where it is."""

    asset: Any


@dataclass(frozen=True)
class Feed:
    """The replayed bars and the broker's terms as the interpreted kernel reads them."""

    bars: Any
    terms: list[Any]
    benchmark: list[float]
    option_inputs: list[Any]
    cost_inputs: Any


def feed_of(replay: Replay, seed: int | None) -> Feed:
    """Whole bars, or their legs where there is a seed to walk them by.

    Rows are made when they are asked for: a session of the sandbox sees few of them.
    """
    bars = Bars(replay) if seed is None else WalkedBars(replay, seed)
    return Feed(
        bars=bars,
        terms=rows.rows_of(replay.terms),
        benchmark=np.repeat(replay.benchmark, bars.legs).tolist(),
        option_inputs=rows.rows_of(replay.option_inputs),
        cost_inputs=Stretched(rows.RowsOnDemand(replay.cost_inputs), bars.legs),
    )


class Account:
    """A kernel book with a name; it has no clock: the exchange says which row is stepped."""

    def __init__(self, name: str, replay: Replay, feed: Feed) -> None:
        self.name = name
        self.changed = True  # since it was last kept
        self._feed = feed
        self._entries, self._log = rows.GrowingRows(ENTRY), rows.GrowingRows(ORDER)
        self._point = Same(rows.GrowingRows(POINT)[0])
        self._class = rows.row_class(replay.book.dtype, (), tuple(ORDER_API.values()))
        self.book: Any = rows.from_values(self._class, replay.book.tolist()[0])

    @property
    def terms(self) -> Any:
        """The broker's terms in force."""
        return self._feed.terms[self.book.terms]

    def packed(self) -> bytes:
        """The book as one record, with as many places for orders as are taken."""
        book, places = self.book, self.book.order
        pairs = max(1, (book.orders + 1) // PLACES)
        book.order = places[: PLACES * pairs]
        try:
            record = np.array([rows.to_values(book)], _book_dtype(len(book.asset), pairs))
        finally:
            book.order = places
        return record.tobytes()

    def unpack(self, record: bytes) -> None:
        """Take over a book that `packed` gave."""
        pairs = 1
        while _book_dtype(len(self.book.asset), pairs).itemsize < len(record):
            pairs += 1
        kept = np.frombuffer(record, _book_dtype(len(self.book.asset), pairs))
        places = self.book.order
        self.book = rows.from_values(self._class, kept.tolist()[0])
        self.book.order += places[len(self.book.order) :]

    def step(self, row: int, bar: Any = None) -> Stepped:
        """Live through one bar of the replay, or through `bar` in its place."""
        self.changed = True
        feed, book, nothing = self._feed, self.book, Same()
        bars = feed.bars if bar is None else Same(bar)
        simulate(
            _decide_nothing, nothing, bars, nothing, feed.terms, feed.benchmark, feed.option_inputs, feed.cost_inputs,
            None, None, None, book, self._entries, self._log, self._point, nothing, row, row + 1,
        )  # fmt: skip
        return self._drained()

    def enter(self, order: Order, parent: int = 0, *, closing: bool = False) -> int:
        """Put an order into the book, asleep below `parent` where that has still to fill; returns its number.

        closing: it may only shrink the position, and ends with it.
        Returns 0 for what is less than a step. The order's numbers have been looked at.
        """
        self.changed = True
        book = self.book
        number = submit(book, order.role, order.kind, order.qty, order.limit, order.stop, order.trail, order.day, 0)
        slot = find_slot(book, number)
        if slot >= 0 and order.kind in {OrderKind.TRAIL, OrderKind.TRAIL_PERCENT} and math.isnan(order.stop):
            placed = book.order[slot]
            placed.stop = trail_level(placed, book.asset[order.role].close)
        if parent:
            book.attach(number, parent)
        elif closing:
            book.reduce_only(number)
        return self._looked_at(number)

    def join(self, one: int, other: int) -> None:
        """One cancels other."""
        self.book.oco(one, other)

    def row(self, number: int) -> Any:
        """The kernel's record of a living order; None once it has ended."""
        slot = find_slot(self.book, number)
        return self.book.order[slot] if slot >= 0 else None

    def change(self, number: int, order: Order) -> None:
        """Give a living order other numbers; `order.qty` is what it is for in all, filled part and all."""
        self.changed = True
        row = self.row(number)
        row.kind, row.tif, row.asked = order.kind, order.day, order.qty
        if row.status == OrderStatus.WORKING:
            row.qty = order.qty - row.filled
        row.limit, row.stop, row.trail = order.limit, order.stop, order.trail
        if order.kind in {OrderKind.TRAIL, OrderKind.TRAIL_PERCENT} and math.isnan(order.stop):
            row.stop = trail_level(row, self.book.asset[order.role].close)

    def cancel(self, number: int, status: int = OrderStatus.CANCELLED, cause: int = Cause.BY_STRATEGY) -> Stepped:
        """End an order, and with it the children that sleep below it."""
        self.changed = True
        slot = find_slot(self.book, number)
        if slot >= 0:
            end_order(self.book, self.book.order[slot], status, cause)
        return self.settle()

    def fill(self, number: int, quantity: float, price: float) -> Stepped:
        """Fill `quantity` unsigned shares of a living order at `price`: its costs are the engine's."""
        self.changed = True
        slot = find_slot(self.book, number)
        if slot >= 0:
            qty = math.copysign(min(quantity, abs(self.book.order[slot].qty)), self.book.order[slot].qty)
            fill_order(self.book, self.terms, self._entries, slot, qty, price, 0.0, Moment.OPEN)
            unmoved: Any = Marks(self.book.asset)
            mark(self.book, unmoved)
        return self.settle()

    def settle(self) -> Stepped:
        """Move what has ended out of the book: refusals at once, and the children of what was cancelled."""
        if self.book.ended > 0:
            end_orphans(self.book)
            clear_ended(self.book, self._log)
        return self._drained()

    def _drained(self) -> Stepped:
        book = self.book
        entries = [
            Posted(one.kind, one.role, one.qty, one.price, one.amount, one.order)
            for one in (self._entries[index] for index in range(book.entries))
        ]
        ended = [
            Ended(one.id, one.status, one.cause, one.filled)
            for one in (self._log[index] for index in range(book.closed))
        ]
        book.entries = book.closed = 0
        return Stepped(entries, ended)

    def _looked_at(self, number: int) -> int:
        """The number, and no trace of an order that the book could not take."""
        if self.book.error != RunCode.OK:
            self.book.error = RunCode.OK
            return 0
        return number


@cache
def _book_dtype(roles: int, pairs: int) -> np.dtype[Any]:
    return book_dtype(roles, 1, pairs)


def _decide_nothing(bar: Any, features: Any, params: Any, state: Any, account: Any, orders: Any) -> None:
    """Whoever decides is a client."""
