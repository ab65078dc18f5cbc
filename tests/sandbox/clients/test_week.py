# SPDX-License-Identifier: Apache-2.0
"""A week of a client on the sandbox: every night the broker restarts, and one night the machine is off."""

import ib_async

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.sandbox import Sandbox
from tests.sandbox.clients.checks import until
from tests.sandbox.stage import FLAT, Stage, replay
from tests.sandbox.talk import run

NIGHTS = 7


async def day(box, number):
    """Connect, find what the nights have left, trade; the broker's restart ends the day."""
    exchange, ib = box.exchange, ib_async.IB()
    await ib.connectAsync("127.0.0.1", box.server.port, clientId=1, raiseSyncErrors=True)
    assert sum(one.position for one in ib.positions()) == 10.0 * number
    assert ib.fills() == [], "those of earlier days are gone"
    resting = [trade.order.orderRef for trade in ib.openTrades()]
    assert resting == [f"rest-{earlier}" for earlier in range(number)]
    (share,) = await ib.qualifyContractsAsync(ib_async.Stock("X", "SMART", "USD"))
    rest = ib_async.LimitOrder("BUY", 1, 50.0, tif="GTC", orderRef=f"rest-{number}")
    trades = [ib.placeOrder(share, ib_async.MarketOrder("BUY", 10, tif="GTC", orderRef=f"buy-{number}"))]
    trades.append(ib.placeOrder(share, rest))
    await until(lambda: all(trade.order.permId for trade in trades))
    exchange.step()
    await until(lambda: trades[0].isDone() and trades[0].fills)
    exchange.operator.restart_nightly()
    await until(lambda: not ib.isConnected())


def test_a_week_of_nights_loses_nothing(tmp_path):
    bars = replay({"X": [FLAT] * (NIGHTS + 2)})

    async def week():
        for number in range(NIGHTS):
            exchange = Stage(bars, book=tmp_path / "book.db").exchange  # the process of yesterday has ended
            async with Sandbox(exchange) as box:
                await day(box, number)

    run(week())
    exchange = Stage(bars, book=tmp_path / "book.db").exchange
    books = exchange.dump()
    assert [(one["ref"], one["quantity"]) for one in books["executions"]] == [
        (f"buy-{number}", 10.0) for number in range(NIGHTS)
    ]
    keys = [(one["client"], one["number"]) for one in books["orders"]]
    assert len(keys) == len(set(keys)) == 2 * NIGHTS
    assert exchange.positions(PAPER)[0].quantity == 10.0 * NIGHTS
    assert len(exchange.open_orders()) == NIGHTS
