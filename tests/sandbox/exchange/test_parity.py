# SPDX-License-Identifier: Apache-2.0
"""An account whose client sends what a backtest decides is the backtest's account, to the bit, bar by bar."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.config.loader import config_from_dict, load_config
from engine.engines import native
from engine.kernel.codes import EntryKind, OrderKind, OrderStatus
from engine.records import ORDER
from engine.runs.backtest import prepare
from engine.sandbox.exchange.exchange import PAPER, Exchange
from engine.sandbox.exchange.replay import replay_of
from engine.sandbox.tickets import Execution, OrderKey, Ticket

NAMES = {
    OrderKind.MARKET: "MKT",
    OrderKind.MARKET_ON_OPEN: "MKT",
    OrderKind.MARKET_ON_CLOSE: "MOC",
    OrderKind.LIMIT: "LMT",
    OrderKind.STOP: "STP",
    OrderKind.STOP_LIMIT: "STP LMT",
    OrderKind.TRAIL: "TRAIL",
}
UNHEDGED = [f"params.hedge_{name}=0" for name in ("none", "concern", "support", "stress", "divergence", "radar")]
CALLED = ("params.base=1.95", "params.band=0.1", "account.margin.multiples.IWM=1.8", *UNHEDGED)
RUNS = {
    "spread": ("spread_sample", ()),
    "spread with moved stops": ("spread_sample", ("params.leg_stop=2", "params.hedge=dollar")),
    "double agent with stops": ("double_agent_sample", ("params.bear_stop=2",)),
    "margin calls": ("vix_hedge_sample", CALLED),
    "vix hedge": ("vix_hedge_sample", ()),
    "at the next close of thin bars": (
        "spread_sample",
        ("fills.at=next_close", "fills.participation=1e-4"),
    ),
}


class Asked(NamedTuple):
    """What one close decided: rows of new orders, rows of those that were moved, numbers of those taken back."""

    new: list[Any]
    moved: list[Any]
    taken_back: list[int]


class Listening:
    """Notes, around each decision, what it does to the book."""

    def __init__(self) -> None:
        self.asked: dict[int, Asked] = defaultdict(lambda: Asked([], [], []))

    def watching(self, decide):
        def noted(bar, f, p, s, account, book):
            before = {one.id: copy(one) for one in book.order[: book.orders]}
            last = book.next_id
            decide(bar, f, p, s, account, book)
            for one in book.order[: book.orders]:
                asked = self.asked[book.t]
                if one.id > last:
                    asked.new.append(copy(one))
                elif one.status == OrderStatus.CANCELLED and before[one.id].status <= OrderStatus.HELD:
                    asked.taken_back.append(one.id)
                elif one.status <= OrderStatus.HELD and waits_at(one) != waits_at(before[one.id]):
                    asked.moved.append(copy(one))

        return noted


def copy(order):
    return np.array([tuple(getattr(order, name) for name in ORDER.names)], ORDER).view(np.recarray)[0]


def waits_at(order):
    return [None if np.isnan(price) else float(price) for price in (order.limit, order.stop)]


class Client:
    """Sends what was decided, as the broker's tickets."""

    def __init__(self, exchange, symbols):
        self.exchange, self.symbols = exchange, symbols

    def carry_out(self, asked):
        for number in asked.taken_back:
            self.exchange.cancel(OrderKey(1, number))
        for order in (*asked.moved, *asked.new):
            self.exchange.place(OrderKey(1, int(order.id)), self.ticket(order))
            if order.status == OrderStatus.CANCELLED:
                self.exchange.cancel(OrderKey(1, int(order.id)))

    def ticket(self, order):
        limit, stop = waits_at(order)
        kind = OrderKind(order.kind)
        tif = "OPG" if kind == OrderKind.MARKET_ON_OPEN else "DAY" if order.tif else "GTC"
        return Ticket(
            PAPER, self.exchange.market.listed[self.exchange.market.replay.symbols.index(self.symbols[order.role])],
            "BUY" if order.asked > 0 else "SELL", abs(float(order.asked)), NAMES[kind], limit,
            float(order.trail) if kind == OrderKind.TRAIL else stop, tif=tif,
            trail_stop=stop if kind == OrderKind.TRAIL else None, parent=max(0, int(order.parent)),
            oca_group=str(order.group) if order.group else "",
            carried={"openClose": "C"} if order.parent < 0 else {},
        )  # fmt: skip


def held_to_the_backtest(ready):
    """Drive an exchange by what a run decided, bar by bar: cash, equity and fills are the run's."""
    prepared = prepare(ready)
    listening = Listening()
    run = native.run(prepared, "interpreted", prices=listening)
    exchange = Exchange(replay_of(ready))
    fills = []
    exchange.listen(lambda event: fills.append(event) if isinstance(event, Execution) else None)
    client = Client(exchange, list(prepared.market.symbols.values()))
    for row in range(len(run.points)):
        book = exchange.blotters[PAPER].account.book
        at_close = run.points[row]
        assert (book.cash, book.equity) == (at_close["cash"], at_close["equity"]), run.market.sessions[row]
        client.carry_out(listening.asked[row])
        exchange.step()
    expected = run.ledger[np.isin(run.ledger["kind"], [EntryKind.FILL, EntryKind.LIQUIDATION])]
    assert len(expected) > 20
    assert [(one.quantity if one.side == "BOT" else -one.quantity, one.price, one.time) for one in fills] == [
        (one["qty"], one["price"], run.market.ts[one["t"]]) for one in expected
    ]
    return run, listening


@pytest.mark.parametrize("name", RUNS)
def test_a_client_that_sends_the_decisions_has_the_account_of_the_backtest(request, name):
    config, overrides = RUNS[name]
    years = ("period.start=2008-01-02", "period.end=2012-12-31")
    ready = load_config(request.config.rootpath / "configs" / f"{config}.yaml", (*overrides, *years))
    run, listening = held_to_the_backtest(ready)
    assert sum(len(asked.new) for asked in listening.asked.values()) > 20
    if name == "margin calls":
        assert (run.ledger["kind"] == EntryKind.LIQUIDATION).sum() >= 2
        assert (run.orders["status"] == OrderStatus.REJECTED).any()
    if "stops" in name:
        stops = run.orders[run.orders["kind"] == OrderKind.STOP]
        assert (stops["status"] == OrderStatus.FILLED).sum() > 3
        assert any(asked.moved for asked in listening.asked.values())


@pytest.mark.parametrize("participation", ["null", "1e-3"])
def test_bars_of_five_minutes_too(real_data, participation):
    config = {
        "name": "intraday", "strategy": "double_agent:DoubleAgent", "roles": {"small": "IWM_5m"},
        "params": {"score": 0}, "data": {"source": "csv", "path": str(real_data / "intraday")},
        "costs": {"benchmark": 0.03},
    }  # fmt: skip
    run, _ = held_to_the_backtest(config_from_dict(config, overrides=[f"fills.participation={participation}"]))
    assert len(run.points) == 4520
