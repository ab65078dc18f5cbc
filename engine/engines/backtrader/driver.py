# SPDX-License-Identifier: Apache-2.0
"""A bt.Strategy that asks our on_bar and keeps backtrader's orders in step with the book it writes to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.engines.backtrader.cerebro import moment
from engine.engines.backtrader.library import bt
from engine.engines.backtrader.shadow_book import ShadowBook
from engine.kernel.codes import FillAt, OrderKind, TimeInForce
from engine.kernel.order_kinds import becomes_market


@dataclass
class Sent:
    """One of our orders as backtrader has it."""

    order: Any
    kind: Any
    group: int


def rank(order: Any, held: float, *, stops_first: bool) -> int:
    """The life of a bar in backtrader's queue: the open, then stops before limits or after them, then the close.

    At the open and at the close, what reduces the position `held`, in shares, comes before what adds to it.
    """
    if order.exectype in {bt.Order.Market, bt.Order.Close}:
        adds = int(held * order.executed.remsize >= 0.0)
        return adds if order.exectype == bt.Order.Market else 6 + adds
    is_limit = order.exectype == bt.Order.Limit or order.triggered
    level, opened = order.created.pricelimit if is_limit else order.created.price, order.data.open[0]
    if (opened <= level) == (is_limit == order.isbuy()):  # the open is beyond the level already
        return 3 if is_limit else 2
    return 5 if is_limit == stops_first else 4


class Driver(bt.Strategy):  # type: ignore[misc]  # backtrader has no types
    """Every bar: mark, decide, then send, move and cancel."""

    params = (("shadow", None), ("fill_at", FillAt.NEXT_OPEN))

    def __init__(self) -> None:
        self.shadow: ShadowBook = self.p.shadow
        self.sent: dict[int, Sent] = {}
        bars = self.shadow.prepared.market.bars
        last = np.flatnonzero(bars["last"])
        ends = last[np.minimum(np.searchsorted(last, np.arange(1, len(bars) + 1)), len(last) - 1)]
        self._session_end = bars["ts"][ends].tolist()  # of the session that an order decided in row t works in
        self._ends_next = np.append(bars["last"][1:], 0).tolist()
        self._begins_next = np.append(np.diff(bars["session"]) != 0, False).tolist()

    def next(self) -> None:
        """One bar, after backtrader's broker has matched it."""
        t = len(self) - 1
        held = [self.broker.getposition(data).size for data in self.datas]
        self.shadow.close_bar(t, self.broker.get_cash(), held)
        self.shadow.decide(t)
        self._cancel(t)
        for order in self.shadow.working():
            self._keep(order, t)

    def _cancel(self, t: int) -> None:
        """Take back what the book no longer has, or has in another size or group."""
        wanted = {order.id: order for order in self.shadow.working()}
        for number, sent in list(self.sent.items()):
            order = wanted.get(number)
            changed = order is None or self._differs(order, sent) or self._waits_for_auction(order, t)
            if changed and sent.order.alive():
                self.cancel(sent.order)
            if changed or not sent.order.alive():
                del self.sent[number]

    def _differs(self, order: Any, sent: Sent) -> bool:
        """Whether what backtrader has is no longer this order: in size, group, or a stop that is a market order now."""
        kind = self._terms(order)["exectype"]
        turned = kind == bt.Order.Market and kind != sent.kind
        parted = order.group != 0 and sent.order.executed.size != 0.0  # backtrader dissolves a group at its first fill
        return turned or parted or bool(order.qty != sent.order.executed.remsize or order.group != sent.group)

    def _keep(self, order: Any, t: int) -> None:
        """Send an order that backtrader does not have, or bring its prices up to date."""
        sent = self.sent.get(order.id)
        if sent is None:
            if not self._waits_for_auction(order, t):
                self._send(order, t)
            return
        if sent.kind == bt.Order.StopLimit:
            order.triggered = int(sent.order.triggered)
        if order.kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT}:
            sent.order.created.pricelimit = order.limit
        if order.kind == OrderKind.LIMIT:
            sent.order.created.price = order.limit
        elif not math.isnan(order.stop):
            sent.order.created.price = order.stop

    def _waits_for_auction(self, order: Any, t: int) -> bool:
        """Whether backtrader must not have it yet: the next bar does not begin, or end, the session it waits for."""
        if order is None:
            return False
        if order.kind == OrderKind.MARKET_ON_OPEN:
            return not self._begins_next[t]
        return order.kind == OrderKind.MARKET_ON_CLOSE and not self._ends_next[t]

    def _send(self, order: Any, t: int) -> None:
        siblings = [each.order for each in self.sent.values() if order.group != 0 and each.group == order.group]
        submit = self.buy if order.qty > 0.0 else self.sell
        made = submit(
            data=self.datas[order.role],
            size=abs(order.qty),
            oco=siblings[0] if siblings else None,
            valid=moment(self._session_end[t]) if order.tif == TimeInForce.DAY else None,
            coc=order.kind == OrderKind.MARKET,  # what is meant where the broker fills at the close that decided
            **self._terms(order),
        )
        if made.exectype == bt.Order.Close:
            made.dteos = made.created.dt  # the very next bar's close: the panel knows which bar ends a session
        self.sent[order.id] = Sent(made, made.exectype, order.group)
        self.shadow.ids[made.ref] = order.id

    def _terms(self, order: Any) -> dict[str, Any]:
        """Kind and prices in backtrader's words. Trailing stops are stops that we move: backtrader trails the close."""
        if order.kind == OrderKind.MARKET:
            closes = self.p.fill_at == FillAt.NEXT_CLOSE and order.reason >= 0
            return {"exectype": bt.Order.Close if closes else bt.Order.Market}
        if order.kind == OrderKind.MARKET_ON_OPEN:
            return {"exectype": bt.Order.Market}
        if order.kind == OrderKind.MARKET_ON_CLOSE:
            return {"exectype": bt.Order.Close}
        if order.triggered == 1 and becomes_market(order):
            return {"exectype": bt.Order.Market}
        if order.kind == OrderKind.LIMIT or order.triggered == 1:
            return {"exectype": bt.Order.Limit, "price": order.limit}
        if order.kind == OrderKind.STOP_LIMIT:
            return {"exectype": bt.Order.StopLimit, "price": order.stop, "plimit": order.limit}
        return {"exectype": bt.Order.Stop, "price": order.stop}
