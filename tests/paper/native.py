# SPDX-License-Identifier: Apache-2.0
"""A native run as a broker: it tells what the run's own orders filled, bar by bar, and what its decisions were."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from engine.engines.interpreted_run import run_interpreted
from engine.inputs.prepared import Prepared, prepare
from engine.kernel.book import POSITION
from engine.kernel.codes import EntryKind, OrderKind, OrderStatus
from engine.kernel.order_kinds import takes_any_price
from engine.paper.broker.wire import tif_of
from engine.paper.decision.account_book import Activity
from engine.paper.decision.wanted import Shape, living, shape_of
from engine.paper.instructions import Decision, Fill
from engine.progress import unwatched
from engine.runs.backtest import load_bars, loaded


def prepared_run(config: str, given: list[str], start: str, bars: int = 250) -> Prepared:
    """A configuration prepared over `bars` bars from a session on."""
    ready = loaded(config, given)
    market, _, _ = load_bars(ready)
    first = int(np.searchsorted(market.sessions, np.datetime64(start)))
    return prepare(ready.config, ready.strategies, market, first, first + bars)


class NativeRun:
    """The run, what its book was after every decision, and its fills by bar.

    book[row]   living orders after the decision: number -> (shape, shares still to fill)
    next_open[row]   symbol -> signed shares of those among them that fill at the next open at any price
    """

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.book: list[dict[int, tuple[Shape, float]]] = []
        self.next_open: list[dict[str, float]] = []
        last, self.ledger, self.orders, self.points, _, self.state = run_interpreted(prepared, unwatched, self, None)
        assert last["error"] == 0
        assert last["margin_calls"] == 0

    def watching(self, decide: Any) -> Any:
        """What `run_interpreted` asks of one who notes the prices of orders."""

        def watched(bar: Any, f: Any, p: Any, s: Any, account: Any, book: Any) -> None:
            decide(bar, f, p, s, account, book)
            left = {order.id: order.qty for order in book.order[: book.orders]}
            symbols, due = list(self.prepared.market.symbols.values()), defaultdict[str, float](float)
            for order in living(book):
                if takes_any_price(order) and order.kind != OrderKind.MARKET_ON_CLOSE:
                    due[symbols[order.role]] += order.qty
            self.next_open.append(due)
            self.book.append({order.id: (shape_of(order), left[order.id]) for order in living(book)})

        return watched

    def told(self, row: int, refs: dict[int, str], seen: int) -> Activity:
        """What the broker says at the close of `row`: fills since the one before, orders that it refused."""
        fills = np.isin(self.ledger["kind"], (EntryKind.FILL, EntryKind.LIQUIDATION))
        own = self.ledger[(self.ledger["t"] == row) & fills]
        symbols = list(self.prepared.market.symbols.values())
        stamp = int(self.prepared.market.bars["ts"][row])
        fills = tuple(
            (
                seen + place,
                Fill(f"x{seen + place}", 1, refs[int(one["order"])], symbols[int(one["role"])], float(one["qty"]),
                     float(one["price"]), stamp, None),
            )
            for place, one in enumerate(own, 1)
        )  # fmt: skip
        refused = self.orders[(self.orders["ended"] == row) & (self.orders["status"] == OrderStatus.REJECTED)]
        ended = frozenset(refs[int(one["id"])] for one in refused if int(one["id"]) in refs)
        return Activity(float(self.points["cash"][row]), self.held(row), fills, ended)

    def held(self, row: int) -> dict[str, float]:
        """Signed shares by symbol at the close of `row`."""
        moves = self.ledger[(self.ledger["t"] <= row) & (self.ledger["role"] >= 0) & (self.ledger["qty"] != 0.0)]
        found: dict[str, float] = defaultdict(float)
        for one in moves:
            found[list(self.prepared.market.symbols.values())[int(one["role"])]] += float(one["qty"])
        return dict(found)


def check_sent(run: NativeRun, decisions: list[Decision]) -> None:
    """Each order that a decision left in the native book was asked for once, as it was; none else.

    But for what guards nothing and never fills, for a broker would open a position with it: children of orders that
    only close, and guards born beside an order that ends the position at the next open.
    """
    first = {one.order: one for made in reversed(decisions) for one in reversed(made.send)}
    born = {number: row for row in reversed(range(len(run.book))) for number in run.book[row]}
    assert set(first) <= set(born)
    for number in set(born) - set(first):
        (order,) = run.orders[run.orders["id"] == number]
        symbol = list(run.prepared.market.symbols.values())[order["role"]]
        held = run.held(born[number]).get(symbol, 0.0)
        assert order["filled"] == 0.0
        if (parent := run.book[born[number]][number][0][5]) == POSITION:
            assert held * (held + run.next_open[born[number]].get(symbol, 0.0)) <= 0.0
            continue
        (asked,) = run.orders["asked"][run.orders["id"] == parent]
        assert held * asked < 0.0
        assert abs(asked) <= abs(held)
    for order in run.orders:
        if order["id"] in first:
            sent, row = first[order["id"]], born[order["id"]]
            shape, left = run.book[row][order["id"]]
            assert sent.decided == run.prepared.market.bars["ts"][row]
            assert sent.symbol == list(run.prepared.market.symbols.values())[order["role"]]
            assert (sent.kind, sent.tif) == (shape[0], tif_of(OrderKind(shape[0]), day=bool(shape[4])))
            own = sent.trail is not None and sent.stop is None  # of a new trailing stop the broker finds it
            level = -1.0 if own else shape[2]
            prices = tuple(-1.0 if one is None else one for one in (sent.limit, sent.stop, sent.trail))
            assert prices == (shape[1], level, shape[3])
            assert sent.quantity == left
            forced = order["reason"] < 0  # it may enlarge what the account holds of a symbol that other sleeves have
            assert sent.reduce_only == (shape[5] != 0 and not forced)
    refs = [one.ref for made in decisions for one in made.send]
    assert len(set(refs)) == len(refs)
    assert all(len(ref) <= 40 and ref.isascii() for ref in refs)
