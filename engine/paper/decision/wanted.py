# SPDX-License-Identifier: Apache-2.0
"""What a decision changed in the book, as instructions to the broker and refs to take back."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.kernel.book import POSITION, is_forced, is_live
from engine.kernel.codes import FillAt, OrderKind, TimeInForce
from engine.kernel.order_kinds import becomes_market, takes_any_price, trail_level
from engine.kernel.outlived import closed_at_open, fill_at_open, outlived
from engine.paper.broker.wire import tif_of
from engine.paper.decision.account_book import Activity
from engine.paper.decision.guarded_shares import children_guard, in_all, order_shares, shrink_at_open, sleeps
from engine.paper.instructions import Instruction
from engine.paper.memory import Sent
from engine.paper.refs import ref_of, short_name

Shape = tuple[int, float, float, float, int, int, int]
"""What the broker must be told anew when it changes: kind, prices, life, parent, group."""


@dataclass(frozen=True)
class Place:
    """Where and when it was decided: the run's name, the bar's stamp (ns UTC), its session, whether it is its last bar.

    symbols of each role
    """

    name: str
    decided: int
    session: str
    ends_session: bool
    symbols: tuple[str, ...]
    words: Mapping[tuple[int, int], str]
    owner: tuple[int, ...]

    def ref(self, order: int, attempt: int) -> str:
        """The one key of an order: the same decision gives the same ref."""
        return ref_of(self.name, self.decided, order, attempt)


def shape_of(order: Any) -> Shape:
    """An order as the broker knows it."""
    limit, stop, trail = _same(order.limit), _same(order.stop), _same(order.trail)
    return order.kind, limit, stop, trail, order.tif, order.parent, order.group


def living(book: Any) -> list[Any]:
    """The orders of the book that can still fill."""
    return [order for order in book.order[: book.orders] if is_live(order)]


def _same(price: float) -> float:
    """A price that equals itself: -1 where there is none."""
    return -1.0 if math.isnan(price) else price


@dataclass(frozen=True)
class Before:
    """A living order as `on_bar` finds it.

    refs    of what works at the broker: its own, or of what it was to replace while it may not leave
    role    in the book; sells whether it sells; stops whether it is a stop; guards whether it is against the position
    late    it has never left, others stand in its place, or its shares were split: it is sent again
    """

    shape: Shape
    refs: tuple[str, ...]
    role: int
    sells: bool
    stops: bool
    guards: bool
    late: bool


def standing(book: Any, sent: Mapping[int, Sent], activity: Activity, split: Container[int] = ()) -> dict[int, Before]:
    """Every living order before `on_bar`, with what the broker has of it; split are roles whose shares have changed."""
    found = {}
    for order in living(book):
        ref = sent[order.id].ref if order.id in sent else ""
        others = activity.standing(ref)
        found[order.id] = Before(
            shape=shape_of(order),
            refs=others or ((ref,) if ref else ()),
            role=order.role,
            sells=order.asked < 0.0,
            stops=becomes_market(order) or order.kind == OrderKind.STOP_LIMIT or bool(others),
            guards=not sleeps(order) and order.asked * book.asset[order.role].qty < 0.0,
            late=bool(others) or order.role in split,
        )
    return found


def wanted(
    book: Any, before: Mapping[int, Before], sent: Mapping[int, Sent], place: Place
) -> tuple[tuple[Instruction, ...], tuple[str, ...], dict[int, Sent]]:
    """Orders to send, refs to take back, and what has been sent after both.

    before  the living orders as `on_bar` found them;  sent  by number, what the broker was given and has not ended
    An order that was moved or bound anew is taken back and sent again under another ref; so is a sleeping child of it,
    what guards other shares than before, an exit whose entry paid another price than was expected, and an order
    that has not left while what it was to replace still works.
    A child that guards nothing is not with the broker: its parent only closes. Nor is a guard of a position that ends
    at the next open: what closes or turns it takes its place. What takes a part of it there leaves with the guards of
    the rest, in the place of the larger ones: sent beside those it would let them trade more than is held.
    """
    held, every = [book.asset[role].qty for role in range(len(book.asset))], living(book)
    gone = outlived(held, book.rules.fill_at, every, ends_session=place.ends_session)
    closed = closed_at_open(held, book.rules.fill_at, every, ends_session=place.ends_session)
    now = [order for order in every if order.id not in gone]
    entries = {order.id: _entry_of(book, order, now) for order in now}
    at_open = fill_at_open(book.rules.fill_at, now, ends_session=place.ends_session)
    shares = {order.id: order_shares(book, order, now, at_open) for order in now}
    shares |= children_guard(book, now, ends_session=place.ends_session)
    guards = {order.id: in_all(order, shares[order.id]) for order in now}
    again = _sent_again(now, before, sent, guards)
    there = {order.id: order for order in now if shares[order.id] != 0.0}
    kept = {number: one for number, one in sent.items() if number in there}
    given = dict(kept)
    for number, order in there.items():
        if number not in kept or number in again:
            attempt = kept[number].attempt + 1 if number in kept else 0
            given[number] = Sent(place.ref(number, attempt), attempt, guards[number], _measured(order))
    fresh = {number for number, one in given.items() if one != kept.get(number)}
    back = {number for number in sent if number not in kept or number in again}
    ends = {number for number in back if number in before and before[number].role in closed}
    ends |= again & shrink_at_open(now, at_open)
    send = tuple(
        replace(
            _instruction(book, order, given, place, entries[order.id], shares[order.id]),
            replaces=_replaced(order, before, back, ends),
            after=_after(order, before, back),
        )
        for order in _parents_first(now, entries)
        if order.id in fresh
    )
    taken = (ref for number in sent if number in back for ref in (*_refs(number, before), sent[number].ref))
    return send, tuple(dict.fromkeys(taken)), given


def _refs(number: int, before: Mapping[int, Before]) -> tuple[str, ...]:
    return before[number].refs if number in before else ()


def _sent_again(
    now: Sequence[Any], before: Mapping[int, Before], sent: Mapping[int, Sent], guards: Mapping[int, float]
) -> set[int]:
    """Orders at the broker that it must have in another form, by number; while an entry fills its children stay."""
    numbers, again = {order.id for order in now}, set[int]()
    for order in now:
        if (told := sent.get(order.id)) is None:
            continue
        old = before.get(order.id)
        moved = old is not None and (old.late or shape_of(order) != old.shape)
        resized = (sleeps(order) or order.parent not in numbers) and told.guards != guards[order.id]
        if moved or resized or told.measured != _measured(order):
            again.add(order.id)
    while more := {one.id for one in now if one.parent in again and one.id in sent and sleeps(one)} - again:
        again |= more
    return again


def _measured(order: Any) -> float:
    """Price of an exit that is measured from its entry's fill; the broker is told it before there is a fill."""
    if order.away == 0.0 and order.part == 0.0:
        return 0.0
    return float(order.limit if order.kind == OrderKind.LIMIT else order.stop if order.kind == OrderKind.STOP else 0.0)


def _replaced(order: Any, before: Mapping[int, Before], back: set[int], ends: Container[int]) -> tuple[str, ...]:
    """Refs of the guards whose place an order takes: its own before it was moved, and stops of its side that are gone.

    With what ends the position every guard of it goes, targets too, and with what takes a part of it those that are
    smaller then; `ends` has their numbers. A position is left without what guards it only for
    an order that may leave, so that it is closed or guarded anew.
    """
    mine: list[str] = []
    for number in back:
        old = before.get(number)
        if old is None or not old.guards or sleeps(order):
            continue
        moved = number == order.id
        goes = old.stops or number in ends
        if moved or (goes and old.role == order.role and old.sells == (order.asked < 0.0)):
            mine += old.refs
    return tuple(dict.fromkeys(mine))


def _after(order: Any, before: Mapping[int, Before], back: set[int]) -> tuple[str, ...]:
    """Refs of what an order comes after: itself before it was moved, and orders of its side that are gone.

    They guard nothing, so that they are taken back whatever becomes of it; but both must never trade.
    """
    mine: list[str] = []
    for number in back:
        old = before.get(number)
        if old is None or (old.guards and not sleeps(order)):
            continue
        if number == order.id or (not sleeps(order) and old.role == order.role and old.sells == (order.asked < 0.0)):
            mine += old.refs
    return tuple(dict.fromkeys(mine))


def _entry_of(book: Any, order: Any, orders: Iterable[Any]) -> int:
    """The order that must fill before this one may: its parent, or what opens the position that it may only reduce.

    The broker has no orders that may only reduce: what guards a position that is about to be opened goes out as a child
    of the order that opens it. 0: it waits for none.
    """
    if sleeps(order):
        return int(order.parent)
    if order.parent != POSITION or book.asset[order.role].qty != 0.0:
        return 0
    opening = (
        one.id
        for one in orders
        if one.role == order.role
        and one.parent == 0
        and takes_any_price(one)
        and one.qty * order.qty < 0.0
        and abs(order.qty) <= abs(one.qty)
    )
    return next(opening, 0)


def _parents_first(orders: Iterable[Any], entries: Mapping[int, int]) -> list[Any]:
    """In order of submission, but none before the order that it waits for."""
    waiting, done, found = list(orders), set[int](), []
    known = {order.id for order in waiting}
    while waiting:
        ready = [order for order in waiting if entries[order.id] not in known or entries[order.id] in done]
        for order in ready:
            done.add(order.id)
        found += ready
        waiting = [order for order in waiting if order.id not in done]
    return found


def _instruction(
    book: Any, order: Any, given: Mapping[int, Sent], place: Place, entry: int, shares: float
) -> Instruction:
    """The order in words.

    What may only reduce has a group, if only its own: sent again, the new order and the old one cancel each other, so
    that both can never trade; and the broker binds children of one parent that name no group.
    """
    kind = OrderKind(order.kind)
    if kind == OrderKind.MARKET and book.rules.fill_at == FillAt.NEXT_CLOSE:
        kind = OrderKind.MARKET_ON_CLOSE
    limited = kind == OrderKind.STOP_LIMIT and order.triggered == 1
    binds = order.parent != 0 and not is_forced(order)
    return Instruction(
        ref=given[order.id].ref,
        order=order.id,
        symbol=place.symbols[order.role],
        kind=OrderKind.LIMIT if limited else kind,
        quantity=shares,
        limit=_known(order.limit),
        stop=None if limited or _level_by_broker(book, order, given[order.id].attempt) else _known(order.stop),
        trail=_known(order.trail),
        tif=tif_of(OrderKind(kind), day=order.tif == TimeInForce.DAY),
        parent=given[entry].ref if entry in given else "",
        reduce_only=binds,
        group=f"{short_name(place.name)}-g{order.group or order.id}" if order.group or binds else "",
        decided=place.decided,
        session=place.session,
        reason=place.words.get((place.owner[order.role], order.reason), f"reason {order.reason}"),
    )


def _level_by_broker(book: Any, order: Any, attempt: int) -> bool:
    """Whether the broker finds the level of a trailing stop itself: it is new, or sleeps until its parent has filled.

    One that was moved, or that has followed the price and is sent again, starts at the level that it has.
    """
    if order.kind not in {OrderKind.TRAIL, OrderKind.TRAIL_PERCENT}:
        return False
    fresh = attempt == 0 and order.stop == trail_level(order, book.asset[order.role].close)
    return fresh or sleeps(order)


def _known(price: float) -> float | None:
    return None if math.isnan(price) else price
