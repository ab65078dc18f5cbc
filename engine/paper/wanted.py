# SPDX-License-Identifier: Apache-2.0
"""What a decision changed in the book, as instructions to the broker and refs to take back."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.kernel.book import POSITION, is_forced, is_live
from engine.kernel.codes import FillAt, OrderKind, OrderStatus, TimeInForce
from engine.kernel.order_kinds import becomes_market, takes_any_price, trail_level
from engine.paper.account_book import Activity
from engine.paper.instructions import Instruction
from engine.paper.wire import tif_of

LONGEST_NAME = 15
"""Characters that a ref has for the run's name; a longer one is cut, with four of its hash behind."""

Shape = tuple[int, float, float, float, int, int, int]
"""What the broker must be told anew when it changes: kind, prices, life, parent, group."""


@dataclass(frozen=True)
class Place:
    """Where and when it was decided: the run's name, the bar's stamp (ns UTC), its session; symbol of each role."""

    name: str
    decided: int
    session: str
    symbols: tuple[str, ...]
    words: Mapping[tuple[int, int], str]
    owner: tuple[int, ...]

    def ref(self, order: int, attempt: int) -> str:
        """The one key of an order: the same decision gives the same ref."""
        at = np.datetime64(self.decided, "ns").astype("datetime64[m]").astype(str)
        return f"{short_name(self.name)}-{''.join(sign for sign in at if sign.isdigit())}-{order}.a{attempt}"


def short_name(name: str) -> str:
    """The run's name within LONGEST_NAME characters, another one for each name."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 5]}~{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def shapes(book: Any) -> dict[int, Shape]:
    """Every living order as the broker knows it, by its number."""
    return {
        order.id: (
            order.kind,
            _same(order.limit),
            _same(order.stop),
            _same(order.trail),
            order.tif,
            order.parent,
            order.group,
        )
        for order in living(book)
    }


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
    late    it has never left, others stand in its place: it is sent again
    """

    shape: Shape
    refs: tuple[str, ...]
    role: int
    sells: bool
    stops: bool
    guards: bool
    late: bool


def standing(book: Any, sent: Mapping[int, tuple[str, int]], activity: Activity) -> dict[int, Before]:
    """Every living order before `on_bar`, with what the broker has of it."""
    found, shape = {}, shapes(book)
    for order in living(book):
        ref = sent[order.id][0] if order.id in sent else ""
        others = activity.standing(ref)
        found[order.id] = Before(
            shape=shape[order.id],
            refs=others or ((ref,) if ref else ()),
            role=order.role,
            sells=order.asked < 0.0,
            stops=becomes_market(order) or order.kind == OrderKind.STOP_LIMIT or bool(others),
            guards=not _sleeps(order) and order.asked * book.asset[order.role].qty < 0.0,
            late=bool(others),
        )
    return found


def wanted(
    book: Any, before: Mapping[int, Before], sent: Mapping[int, tuple[str, int]], place: Place
) -> tuple[tuple[Instruction, ...], tuple[str, ...], dict[int, tuple[str, int]]]:
    """Orders to send, refs to take back, and what has been sent after both.

    before  the living orders as `on_bar` found them;  sent  number -> (ref, attempt) of what the broker was given and
    has not ended
    An order that was moved or bound anew is taken back and sent again under another ref; so is a sleeping child of it,
    and one that has not left while what it was to replace still works.
    """
    now = living(book)
    entries = {order.id: _entry_of(book, order, now) for order in now}
    after = shapes(book)
    again = {
        number
        for number in sent
        if number in after and number in before and (before[number].late or after[number] != before[number].shape)
    }
    while more := {one.id for one in now if one.parent in again and one.id in sent and _sleeps(one)} - again:
        again |= more
    kept = {number: one for number, one in sent.items() if number in after}
    given = dict(kept)
    for order in now:
        if order.id not in kept or order.id in again:
            attempt = kept[order.id][1] + 1 if order.id in kept else 0
            given[order.id] = (place.ref(order.id, attempt), attempt)
    fresh = {order.id for order in now if given[order.id] != kept.get(order.id)}
    back = {number for number in sent if number not in after or number in again}
    send = tuple(
        replace(
            _instruction(book, order, given, place, entries[order.id], now),
            replaces=_replaced(order, before, back),
            after=_after(order, before, back),
        )
        for order in _parents_first(now, entries)
        if order.id in fresh
    )
    taken = (ref for number in sent if number in back for ref in (*_refs(number, before), sent[number][0]))
    return send, tuple(dict.fromkeys(taken)), given


def _refs(number: int, before: Mapping[int, Before]) -> tuple[str, ...]:
    return before[number].refs if number in before else ()


def _replaced(order: Any, before: Mapping[int, Before], back: set[int]) -> tuple[str, ...]:
    """Refs of the guards whose place an order takes: its own before it was moved, and stops of its side that are gone.

    A position is left without what guards it only for an order that may leave, so that it is closed or guarded anew.
    """
    mine: list[str] = []
    for number in back:
        old = before.get(number)
        if old is None or not old.guards or _sleeps(order):
            continue
        moved = number == order.id
        if moved or (old.stops and old.role == order.role and old.sells == (order.asked < 0.0)):
            mine += old.refs
    return tuple(dict.fromkeys(mine))


def _after(order: Any, before: Mapping[int, Before], back: set[int]) -> tuple[str, ...]:
    """Refs of what an order comes after: itself before it was moved, and orders of its side that are gone.

    They guard nothing, so that they are taken back whatever becomes of it; but both must never trade.
    """
    mine: list[str] = []
    for number in back:
        old = before.get(number)
        if old is None or (old.guards and not _sleeps(order)):
            continue
        if number == order.id or (not _sleeps(order) and old.role == order.role and old.sells == (order.asked < 0.0)):
            mine += old.refs
    return tuple(dict.fromkeys(mine))


def _sleeps(order: Any) -> bool:
    return bool(order.status == OrderStatus.HELD)


def _entry_of(book: Any, order: Any, orders: Iterable[Any]) -> int:
    """The order that must fill before this one may: its parent, or what opens the position that it may only reduce.

    The broker has no orders that may only reduce: what guards a position that is about to be opened goes out as a child
    of the order that opens it. 0: it waits for none.
    """
    if _sleeps(order):
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


def _guarded(book: Any, child: Any, orders: Iterable[Any]) -> float:
    """Signed shares of a sleeping child: no more than its parent opens, what it was asked for where that is nothing.

    A parent that first closes the other side opens less than it trades. In the engine a child never trades beyond the
    position; the broker knows no such bound and would turn it. Of one that will guard nothing the gate keeps it back.
    """
    parent = next((one for one in orders if one.id == child.parent), None)
    if parent is None:
        return float(child.asked)
    side = -1.0 if child.asked > 0.0 else 1.0
    first = sum(
        one.qty
        for one in orders
        if one.role == parent.role and one.id < parent.id and one.parent == 0 and takes_any_price(one)
    )
    stood = side * (book.asset[parent.role].qty - (parent.asked - parent.qty) + first)
    opened = side * parent.asked + min(0.0, stood)
    return float(-side * min(abs(child.asked), opened)) if opened > 0.0 else float(child.asked)


def _instruction(
    book: Any, order: Any, given: Mapping[int, tuple[str, int]], place: Place, entry: int, orders: Iterable[Any]
) -> Instruction:
    """The order in words.

    What may only reduce has a group, if only its own: sent again, the new order and the old one cancel each other, so
    that both can never trade; and the broker binds children of one parent that name no group.
    """
    kind = OrderKind(order.kind)
    if kind == OrderKind.MARKET and book.rules.fill_at == FillAt.NEXT_CLOSE:
        kind = OrderKind.MARKET_ON_CLOSE
    limited = kind == OrderKind.STOP_LIMIT and order.triggered == 1
    waits = _sleeps(order)
    binds = order.parent != 0 and not is_forced(order)  # the sale of a ruined sleeve may enlarge what the account holds
    return Instruction(
        ref=given[order.id][0],
        order=order.id,
        symbol=place.symbols[order.role],
        kind=OrderKind.LIMIT if limited else kind,
        quantity=_guarded(book, order, orders) if waits else order.qty,
        limit=_known(order.limit),
        stop=None if limited or _level_by_broker(book, order, given[order.id][1]) else _known(order.stop),
        trail=_known(order.trail),
        tif=tif_of(OrderKind(kind), day=order.tif == TimeInForce.DAY),
        parent=given[entry][0] if entry in given else "",
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
    return fresh or _sleeps(order)


def _known(price: float) -> float | None:
    return None if math.isnan(price) else price
