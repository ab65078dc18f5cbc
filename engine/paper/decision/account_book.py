# SPDX-License-Identifier: Apache-2.0
"""The account between two decisions: the kernel's book, with the broker's fills in place of the engine's own.

Night, fills and close follow the kernel's loop, function by function, so that a book that is told a backtest's fills is
that backtest's book, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from engine.errors import InputError, Problem
from engine.inputs.prepared import Prepared
from engine.kernel import rows
from engine.kernel.book import clear_ended, end_order, find_slot, is_live
from engine.kernel.codes import Cause, FillAt, Intrabar, MarginKind, Moment, OrderKind, OrderStatus
from engine.kernel.costs import open_cost_inputs
from engine.kernel.fill import average_price, fill_order
from engine.kernel.ledger import mark, post_deposit
from engine.kernel.linked_orders import end_orphans, is_idle
from engine.kernel.listed_rows import BOOK_METHODS
from engine.kernel.loop import adopt_terms
from engine.kernel.margin import maintenance
from engine.kernel.matching import better, end_day_orders, has_stop, ratchet_trails, reached
from engine.kernel.netting import net_quantity, stands
from engine.kernel.overnight import apply_split, overnight
from engine.kernel.sleeves import mark_sleeves, rebalance
from engine.paper.decision.guarded_shares import sleeps
from engine.paper.instructions import Fill
from engine.paper.memory import Sent
from engine.records import ENTRY, ORDER


@dataclass(frozen=True)
class Activity:
    """What the broker did since the decision before, as the journal has it.

    cash       the account's, at this close
    positions  signed shares by symbol; None: what the fills add up to
    fills      (number, fill), new or corrected, in order of their numbers
    ended      refs of orders that have ended, whatever they filled
    cancelled  those of them that had worked and that the broker ended, asked by nobody here
    instead    ref of an order that never left -> the refs of those that it was to replace: they stand in its place; ref
               of one that was missed -> those that were sent again for it
    """

    cash: float
    positions: Mapping[str, float] | None = None
    fills: tuple[tuple[int, Fill], ...] = ()
    ended: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()
    instead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def standing(self, ref: str) -> tuple[str, ...]:
        """What works at the broker in the place of an order that never left."""
        return tuple(one for one in self.instead.get(ref, ()) if one not in self.ended)

    def is_over(self, ref: str) -> bool:
        """Whether nothing of an order works at the broker, nor anything in its place."""
        return ref in self.ended and not self.standing(ref)


@dataclass
class Mind:
    """The book between two decisions, and what belongs to it. split: roles whose shares have changed since."""

    book: Any
    states: dict[str, Any]
    count: int = 0
    seen: int = 0
    sent: dict[int, Sent] = field(default_factory=dict)
    fills: dict[str, tuple[int, float]] = field(default_factory=dict)
    split: set[int] = field(default_factory=set)


class Life:
    """Books of one prepared configuration, and what its bars do to them."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared, self.sleeves = prepared, prepared.sleeves
        self.terms, self.benchmark = rows.rows_of(prepared.terms), prepared.benchmark.tolist()
        self.cost_inputs = rows.RowsOnDemand(prepared.cost_inputs)
        self.symbols = tuple(prepared.market.symbols.values())
        self.entries, self.log = rows.GrowingRows(ENTRY), rows.GrowingRows(ORDER)

    def begin(self, activity: Activity, row: int) -> Mind:
        """A book that holds what the account holds, and states as the strategies declare them."""
        mind = self.blank()
        held = {symbol: shares for symbol, shares in (activity.positions or {}).items() if shares}
        if held and len(self.sleeves) > 1:
            raise InputError(
                Problem(
                    "a portfolio begins with a flat account: nobody knows whose the positions are",
                    found=", ".join(held),
                    allowed="close them by hand, then begin",
                )
            )
        for symbol, shares in held.items():
            if symbol in self.symbols:
                role = self.symbols.index(symbol)
                mind.book.asset[role].qty = shares
                mind.book.asset[role].avg_price = self.bar(row).asset[role].close
        return mind

    def blank(self) -> Mind:
        first, lone = self.prepared.first_book(), self.prepared.lone
        named = (lone.part.plain, lone.part.options) if lone else ((), ())
        made = rows.row_class(first.dtype, named[0], BOOK_METHODS, named[1])
        states = {one.part.name: rows.rows_of(one.first_state())[0] for one in self.sleeves}
        return Mind(rows.from_values(made, first.tolist()[0], *named), states)

    def bar(self, row: int) -> Any:
        """One bar with the account's roles."""
        market = self.prepared.market
        return rows.author_bars(market.bars[row : row + 1], len(market.roles))[0]

    def live_through(
        self, mind: Mind, row: int, activity: Activity, *, last: bool, begun: bool,
        contained: Iterable[tuple[int, float]] = (),
    ) -> None:  # fmt: skip
        """Night, fills and close of one bar as the kernel's loop has them; the fills are the broker's.

        contained are splits of that night, (role, ratio), that the prices have in them: its book does not yet.
        """
        book, bar = mind.book, self.bar(row)
        book.entries = book.closed = 0
        if begun:
            mind.split |= {role for role in range(len(book.asset)) if bar.asset[role].split != 1.0}
            for role, ratio in contained:
                apply_split(book, self.entries, role, ratio)
                mind.split.add(role)
        book.terms = 0
        if not begun:
            book.rules.cash = activity.cash
            post_deposit(book, self.entries)
        elif bar.days > 0:
            book.t = row
            adopt_terms(book, self.terms, int(self.prepared.market.bars["session"][row - 1]))
            night = self.benchmark[min(row, len(self.benchmark)) - 1]
            overnight(book, self.terms[book.terms], self.entries, bar, night, self.cost_inputs)
        adopt_terms(book, self.terms, bar.session)
        book.t = mind.count
        mind.count += 1
        open_cost_inputs(book, self.cost_inputs[row])
        self._follow(mind, activity, bar, None if last else bar.ts)
        ratchet_trails(book, bar)
        if bar.last == 1:
            end_day_orders(book)
        if last:
            self._take_cash(book, activity.cash)
            self._take_positions(book, activity.positions, bar)
        mark(book, bar)
        self._judge(book)
        if len(book.sleeve) > 1:
            mark_sleeves(book, self.terms[book.terms], False)
            rebalance(book, self.terms[book.terms], self.entries)
        self.clear(book)

    def _follow(self, mind: Mind, activity: Activity, bar: Any, until: int | None) -> None:
        """Post the fills up to a moment, those at the close last, then end what has ended at the broker.

        Between them what the bar touched is triggered, also where the volume left nothing to fill.
        """
        fresh = [one for one in activity.fills if one[0] > mind.seen]
        # Up to the first that is later, so that none is skipped: what is told out of order waits a bar.
        now = list(takewhile(lambda one: until is None or one[1].time <= until, fresh))
        late = [fill for _, fill in now if not self._post(mind, activity, bar, fill, at_close=False)]
        _trigger(mind.book, bar)
        for fill in late:
            self._post(mind, activity, bar, fill, at_close=True)
        mind.seen = max([mind.seen, *(number for number, _ in now)])
        if until is None:
            over = [number for number in mind.sent if self._is_over(mind, activity, number)]
            for number in over:
                slot = find_slot(mind.book, number)
                if slot >= 0 and not self._outlives_split(mind, activity, number, slot):
                    end_order(mind.book, mind.book.order[slot], OrderStatus.REJECTED, Cause.BAD_ORDER)
                del mind.sent[number]

    @staticmethod
    def _outlives_split(mind: Mind, activity: Activity, number: int, slot: int) -> bool:
        """Whether the broker ended an order with the shares that it was for: it is sent anew in those of now."""
        return mind.book.order[slot].role in mind.split and mind.sent[number].ref in activity.cancelled

    @staticmethod
    def _is_over(mind: Mind, activity: Activity, number: int) -> bool:
        """Whether the broker has ended an order; a child whose parent has never left goes out with it again."""
        slot = find_slot(mind.book, number)
        parent = mind.sent.get(mind.book.order[slot].parent) if slot >= 0 and sleeps(mind.book.order[slot]) else None
        waits = parent is not None and activity.standing(parent.ref)
        return activity.is_over(mind.sent[number].ref) and not waits

    def _post(self, mind: Mind, activity: Activity, bar: Any, fill: Fill, *, at_close: bool) -> bool:
        """One fill, or what a correction adds to it, through the kernel's own ledger; False: its turn is the close.

        What stands in the place of an order fills it; what it fills beyond that order is the ledger's to tell.
        """
        number = next((one for one, sent in mind.sent.items() if sent.ref == fill.ref), 0)
        instead = (
            0
            if number
            else next((one for one, sent in mind.sent.items() if fill.ref in activity.instead.get(sent.ref, ())), 0)
        )
        number = number or instead
        number, before = mind.fills.get(fill.base, (number, 0.0))
        slot = find_slot(mind.book, number) if number else -1
        more = fill.quantity - before
        if slot >= 0 and more != 0.0:
            order = mind.book.order[slot]
            if instead and abs(more) > abs(order.qty):
                more = order.qty
            moment = _moment(mind.book, bar, order)
            if moment == Moment.CLOSE and not at_close:
                return False
            order.triggered = max(order.triggered, int(has_stop(order)))
            fill_order(mind.book, self.terms[mind.book.terms], self.entries, slot, more, fill.price, 0.0, moment)
        if number:
            mind.fills[fill.base] = (number, fill.quantity)
            if slot >= 0 and not is_live(mind.book.order[slot]):
                mind.sent.pop(number, None)
        return True

    def _take_cash(self, book: Any, cash: float) -> None:
        """The broker's cash is the account's. What the engine's own count is off by falls on the sleeves by weight."""
        off = cash - book.cash
        book.cash = cash
        if len(book.sleeve) > 1 and off != 0.0:
            for number in range(len(book.sleeve)):
                book.sleeve[number].cash += off * book.sleeve[number].weight

    def _take_positions(self, book: Any, positions: Mapping[str, float] | None, bar: Any) -> None:
        """Hold what the ledger holds: what no order of ours explains falls on the first role of its symbol.

        It counts as bought or sold at the close, for nobody here knows at what price it was.
        """
        if positions is None:
            return
        for role, symbol in enumerate(self.symbols):
            if not stands(book, role):
                continue
            off = positions.get(symbol, 0.0) - net_quantity(book, role)
            if off != 0.0:
                holding = book.asset[role]
                holding.avg_price = average_price(holding.avg_price, holding.qty, off, bar.asset[role].close)
                holding.qty += off

    def _judge(self, book: Any) -> None:
        """Maintenance at the close. Below it the strategy sends nothing, as in a backtest; the broker acts itself."""
        terms, required = self.terms[book.terms], 0.0
        for role in range(len(book.asset)):
            shares = net_quantity(book, role) if stands(book, role) else 0.0
            if shares != 0.0:
                required += maintenance(terms, role, shares, book.asset[role].close)
        book.maintenance = required
        book.frozen = int(book.rules.margin == MarginKind.REG_T and required > 0.0 and book.equity < required)
        book.margin_calls += book.frozen
        book.ruined = max(book.ruined, int(book.equity <= 0.0))

    def clear(self, book: Any) -> None:
        if book.ended > 0:
            end_orphans(book)
            clear_ended(book, self.log)


def _moment(book: Any, bar: Any, order: Any) -> Moment:
    """When in the bar an order that filled can have done so, as the kernel has it: what its children go by."""
    opened = bar.asset[order.role].open
    if order.kind == OrderKind.MARKET_ON_CLOSE or (
        order.kind == OrderKind.MARKET and book.rules.fill_at == FillAt.NEXT_CLOSE
    ):
        return Moment.CLOSE
    if order.entry_bar == 1:
        return Moment.RANGE
    at_open = not has_stop(order) or reached(order, opened, opened, order.stop)
    if at_open and not math.isnan(order.limit):
        at_open = better(order, opened, opened, book.rules.limit_through)
    return Moment.OPEN if at_open else Moment.RANGE


def _trigger(book: Any, bar: Any) -> None:
    """Stops that the bar touched are triggered, as in the kernel's passes over open and range."""
    for order in book.order[: book.orders]:
        if order.status != OrderStatus.WORKING or not has_stop(order) or is_idle(book, order):
            continue
        asset = bar.asset[order.role]
        proof = order.entry_bar == 1 and book.rules.intrabar == Intrabar.OPTIMISTIC
        low, high = (asset.close, asset.close) if proof else (asset.low, asset.high)
        order.triggered = int(reached(order, low, high, order.stop))
