# SPDX-License-Identifier: Apache-2.0
"""The account and the orders as on_bar sees them, while another engine's broker holds the real ones.

on_bar writes its orders here; what the broker executes is posted here; the ledger's cash must then be the broker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.backtrader.execution import Execution
from engine.engines.order_mistakes import Fault, stopped
from engine.errors import RunError
from engine.inputs.prepared import Prepared
from engine.kernel import rows
from engine.kernel.book import clear_ended, find_slot
from engine.kernel.codes import EntryKind, Moment, OrderStatus, RunCode
from engine.kernel.costs import open_cost_inputs
from engine.kernel.fill import fill_order, fillable
from engine.kernel.ledger import mark, post, post_deposit
from engine.kernel.linked_orders import end_orphans, is_idle
from engine.kernel.listed_rows import BOOK_METHODS, bars_for, features_for
from engine.kernel.loop import adopt_terms
from engine.kernel.margin import check_maintenance, stays_frozen
from engine.kernel.matching import end_day_orders, ratchet_trails
from engine.kernel.order_kinds import becomes_market
from engine.kernel.overnight import apply_split, split_shares
from engine.records import ENTRY, ORDER, POINT, book_dtype
from engine.strategy.compile_errors import explain_decision_error

CLOSE_ENOUGH = 1e-6
"""Largest difference between the ledger and the broker: in cash of the opening deposit, in shares of the position."""


class ShadowBook:
    """One account, kept in step with a broker bar by bar: executed as it happens, then close_bar and decide."""

    def __init__(self, prepared: Prepared) -> None:
        (sleeve,) = prepared.sleeves  # backtrader runs one strategy
        self.prepared, self._sleeve = prepared, sleeve
        market = prepared.market
        part = sleeve.part
        book_class = rows.row_class(book_dtype(len(market.roles)), part.plain, BOOK_METHODS)
        self.book = rows.from_values(book_class, prepared.first_book().tolist()[0], part.plain)
        self.bars = bars_for(part, market.bars, self.book)
        self._features = features_for(part, prepared.features, self.book)
        self._terms = rows.rows_of(prepared.terms)
        self._cost_inputs = rows.RowsOnDemand(prepared.cost_inputs)
        self._params = rows.rows_of(prepared.params_row())[0]
        self._state = rows.rows_of(prepared.first_state())[0]
        self._entries, self._log = rows.GrowingRows(ENTRY), rows.GrowingRows(ORDER)
        self.ids: dict[int, int] = {}  # our order by the broker's reference
        self._peak = 0.0  # highest equity before the bar at hand
        self._points: list[tuple[float, ...]] = []
        post_deposit(self.book, self._entries)

    def executed(self, done: Execution) -> None:
        """Post an execution, as it happens.

        Its qty is 0 where a stop was touched and the volume left no room: it is a market order from then on.
        """
        book, t, qty, price = self.book, done.t, done.qty, done.price
        slot = find_slot(book, self.ids[done.ref])
        if slot < 0:
            if qty == 0.0:
                return
            raise RunError(f"backtrader executed order {self.ids[done.ref]} on {self._day(t)}, which had ended")
        book.t = t
        adopt_terms(book, self._terms, self.bars[t].session)
        order = book.order[slot]
        if becomes_market(order) and not is_idle(book, order):
            order.triggered = 1
        if qty == 0.0:
            return
        open_cost_inputs(book, self._cost_inputs[t])
        now = self._terms[book.terms]
        book.moment = done.moment
        late = t < len(self._points)  # filled at the close that decided it, and told a bar later
        at_close = done.moment == Moment.CLOSE and not late
        wakes = Moment.CLOSE if at_close else Moment.OPEN  # children work from the next bar on, all of it
        fill_order(book, now, self._entries, slot, qty, price, done.slippage, wakes)
        if late:
            book.peak = self._peak
            mark(book, self.bars[t])
            self._points[t] = self._point()

    def after_split(self, qty: float, ratio: float) -> float:
        """Signed shares that are left of `qty` after a split."""
        return float(split_shares(self.book, qty, ratio))

    def split(self, t: int, role: int, ratio: float) -> None:
        """A split before the open of row t; ratio is new shares for an old one."""
        book = self.book
        self._clear()  # what filled at the last close has ended, and is not split
        book.t, book.moment = t, Moment.NIGHT
        apply_split(book, self._entries, role, ratio)

    def flow(self, t: int, kind: EntryKind, role: int, price: float, amount: float) -> None:
        """Cash that came or went in the night before row t, by no trade; amount is signed, role -1 concerns none."""
        book = self.book
        book.t, book.moment = t, Moment.NIGHT
        post(book, self._entries, kind, role, 0.0, price, amount, 0.0, 0, 0)
        book.costs += max(0.0, -amount)

    def close_bar(self, t: int, cash: float, positions: list[float]) -> None:
        """The close of row t: day orders end, trailing stops follow, positions are marked.

        cash and positions, signed shares by role, are the broker's. Raises RunError where they are not the ledger's.
        """
        book, bar = self.book, self.bars[t]
        book.t = t
        adopt_terms(book, self._terms, bar.session)
        self._check(t, cash, positions)
        if bar.last == 1:
            end_day_orders(book)
        ratchet_trails(book, bar)
        if book.frozen == 1:
            book.frozen = stays_frozen(book)
        self._peak = book.peak
        mark(book, bar)
        for holding in book.asset:
            holding.filled = 0.0
        check_maintenance(book, self._terms[book.terms])
        self._clear()

    def decide(self, t: int) -> None:
        """Let on_bar see row t. Raises StrategyError or RunError with the author's line or the bar."""
        book = self.book
        on_bar = self._sleeve.strategy.on_bar
        try:
            on_bar(self.bars[t], self._features[t], self._params, self._state, book, book)
        except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
            raise explain_decision_error(error, on_bar, self._day(t)) from error
        if book.error != RunCode.OK:
            raise stopped(self.prepared, 0, Fault(book.error, book.error_role, book.error_number), t)
        self._clear()
        self._points.append(self._point())

    def most(self, ref: int, t: int) -> float:
        """Shares, >= 0, that an order may trade in row t: within the cap on volume, for a child within the position."""
        slot = find_slot(self.book, self.ids[ref])
        return 0.0 if slot < 0 else abs(fillable(self.book, self.bars[t], self.book.order[slot]))

    def grown(self, ref: int, left: float) -> tuple[float, float, float] | None:
        """Shares, trigger and limit of an exit whose entry has filled more in this bar; None for any other order."""
        slot = find_slot(self.book, self.ids[ref])
        if slot < 0:
            return None
        order = self.book.order[slot]
        more = order.parent > 0 and abs(order.qty) > abs(left)
        return (order.qty, order.stop, order.limit) if more else None

    def working(self) -> Iterator[Any]:
        """The orders that the broker should hold now, in order of submission."""
        for slot in range(self.book.orders):
            if self.book.order[slot].status == OrderStatus.WORKING:
                yield self.book.order[slot]

    def tables(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Ledger, orders by id, and the account at each close."""
        book = self.book
        live = np.array([rows.to_values(order) for order in book.order[: book.orders]], ORDER)
        orders = np.concatenate([self._log.table(book.closed), live])
        orders = orders[np.argsort(orders["id"])]
        return self._entries.table(book.entries), orders, np.array(self._points, POINT)

    def state(self) -> dict[str, int | float]:
        """What the strategy remembers after the last bar, each in its own unit."""
        kept = np.array([rows.to_values(self._state)], self.prepared.first_state().dtype)[0]
        return {name: kept[name].tolist() for name in self.prepared.state_names}

    def _check(self, t: int, cash: float, positions: list[float]) -> None:
        book = self.book
        if abs(book.cash - cash) > CLOSE_ENOUGH * book.rules.cash:
            raise RunError(f"backtrader's cash on {self._day(t)} is {cash:.2f}, the ledger's {book.cash:.2f}")
        for role, (holding, held) in enumerate(zip(book.asset, positions, strict=True)):
            if abs(holding.qty - held) > CLOSE_ENOUGH * max(1.0, abs(held)):
                symbol = list(self.prepared.market.symbols.values())[role]
                raise RunError(f"backtrader holds {held:g} {symbol} on {self._day(t)}, the ledger {holding.qty:g}")

    def _clear(self) -> None:
        """Move what has ended to the log."""
        end_orphans(self.book)
        clear_ended(self.book, self._log)

    def _point(self) -> tuple[float, ...]:
        book = self.book
        return (book.cash, book.equity, book.maintenance)

    def _day(self, t: int) -> str:
        return str(self.prepared.market.sessions[t])
