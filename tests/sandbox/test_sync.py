# SPDX-License-Identifier: Apache-2.0
"""ib_async, unmodified, connects and syncs: every request that it waits for at its start is answered."""

import asyncio
import time

import ib_async
import pytest

from tests.sandbox.booth import ODD, PAPER, SECOND_PAPER, SPY, Booth
from tests.sandbox.talk import run, serving


async def connected(server, client=1, **options):
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", server.port, clientId=client, timeout=4, raiseSyncErrors=True, **options)
    return ib


def test_a_client_connects_and_syncs_without_one_request_timed_out():
    async def scene():
        async with serving(Booth()) as server:
            ib = await connected(server)
            assert ib.client.serverVersion() == 178
            assert ib.managedAccounts() == [PAPER]
            values = {value.tag: value.value for value in ib.accountValues()}
            assert float(values["NetLiquidation"]) == 100_000 + ODD
            assert set(server.counts) == {
                "startApi", "reqPositions", "reqOpenOrders", "reqCompletedOrders", "reqAccountUpdates",
                "reqAccountUpdatesMulti", "reqExecutions",
            }  # fmt: skip
            ib.disconnect()

    run(scene())


def test_sync_takes_milliseconds():
    async def scene():
        async with serving(Booth()) as server:
            times = []
            for client in range(1, 8):
                began = time.perf_counter()
                ib = await connected(server, client)
                times.append(time.perf_counter() - began)
                ib.disconnect()
            return min(times)

    assert run(scene()) < 0.05


def test_what_is_held_open_done_and_ended_is_there_after_the_sync():
    async def scene():
        booth = Booth()
        async with serving(booth) as server:
            first = await connected(server)
            bought = first.placeOrder(ib_async.Stock("SPY", "SMART", "USD"), ib_async.MarketOrder("BUY", 7, tif="DAY"))
            while not bought.isDone():
                await first.updateEvent
            resting = first.placeOrder(
                ib_async.Stock("QQQ", "SMART", "USD"), ib_async.LimitOrder("BUY", 3, 40.5, tif="GTC", orderRef="r-1.a1")
            )
            while resting.orderStatus.status != "Submitted":
                await first.updateEvent
            first.disconnect()
            await asyncio.sleep(0)
            ib = await connected(server)
            (position,) = ib.positions()
            assert (position.position, position.avgCost, position.contract.symbol) == (7.0, ODD, "SPY")
            assert position.contract.exchange == ""
            (item,) = ib.portfolio()
            assert (item.marketPrice, item.marketValue, item.unrealizedPNL, item.realizedPNL) == (
                100.0,
                700.0,
                2.5,
                -1.5,
            )
            (open_trade,) = ib.openTrades()
            assert (open_trade.order.lmtPrice, open_trade.order.orderRef, open_trade.order.tif) == (
                40.5,
                "r-1.a1",
                "GTC",
            )
            assert open_trade.orderStatus.status == "Submitted"
            (fill,) = ib.fills()
            assert (fill.execution.shares, fill.execution.side, fill.commissionReport.commission) == (7.0, "BOT", 1.25)
            (ended,) = await ib.reqCompletedOrdersAsync(False)
            assert (ended.order.orderId, ended.order.filledQuantity, ended.orderStatus.status) == (0, 7.0, "Filled")
            assert ib.client.getReqId() > 2, "ids that were used are not offered again"
            ib.disconnect()

    run(scene())


def test_several_accounts_have_values_of_their_own_each():
    async def scene():
        async with serving(Booth((PAPER, SECOND_PAPER))) as server:
            ib = await connected(server)
            assert ib.managedAccounts() == [PAPER, SECOND_PAPER]
            assert {value.account for value in ib.accountValues()} == {PAPER, SECOND_PAPER}
            ib.disconnect()

    run(scene())


def test_an_id_that_is_in_use_is_said_and_closed():
    async def scene():
        async with serving(Booth()) as server:
            ib = await connected(server, 5)
            second, said = ib_async.IB(), []
            second.errorEvent += lambda *words: said.append(words)
            with pytest.raises((TimeoutError, ConnectionError)):
                await second.connectAsync("127.0.0.1", server.port, clientId=5, timeout=0.8)
            assert [words[1] for words in said] == [326]
            assert server.clients == [5]
            assert ib.isConnected()
            ib.disconnect()

    run(scene())


def test_the_market_of_the_test_is_the_one_that_is_seen():
    async def scene():
        async with serving(Booth()) as server:
            ib = await connected(server)
            assert (await ib.reqCurrentTimeAsync()).isoformat() == "2024-01-02T21:00:00+00:00"
            (found,) = await ib.qualifyContractsAsync(ib_async.Stock("SPY", "SMART", "USD"))
            assert found.conId == SPY.con_id
            ib.disconnect()

    run(scene())
