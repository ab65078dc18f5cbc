# SPDX-License-Identifier: Apache-2.0
"""A client trades on the exchange that replays bars: what fills, when and at what price is the engine's own."""

import asyncio
import datetime as dt
import time

import ib_async
import pytest

from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.faults import Fault, Faults
from engine.sandbox.server import Server
from tests.sandbox.clients.checks import settle, until
from tests.sandbox.stage import Stage
from tests.sandbox.talk import run

RISING = [(100.0 + day, 102.0 + day, 98.0 + day, 101.0 + day) for day in range(12)]
BARS = {"SPY": RISING, "QQQ": [tuple(price / 2 for price in bar) for bar in RISING]}
SPY = ib_async.Stock("SPY", "SMART", "USD")


class Floor:
    """A stage, a server before it, and clients on it."""

    def __init__(self, **rest):
        self.stage = Stage(BARS, **rest)
        self.exchange = self.stage.exchange
        self.server = Server(self.exchange, faults=self.exchange.faults)
        self.exchange.operator.hang_up = self.server.drop

    async def __aenter__(self):
        await self.server.start()
        return self

    async def __aexit__(self, *_):
        await self.server.stop()

    async def client(self, number=1):
        ib = ib_async.IB()
        await ib.connectAsync("127.0.0.1", self.server.port, clientId=number, raiseSyncErrors=True)
        return ib


async def placed(ib, *orders):
    """Orders that the exchange has taken."""
    trades = [ib.placeOrder(SPY, order) for order in orders]
    await until(lambda: all(trade.order.permId for trade in trades))
    return trades


def scene(function):
    """A test that is a coroutine over a floor and a client of it."""

    def test():
        async def play():
            async with Floor() as floor:
                ib = await floor.client()
                await function(floor, ib)
                ib.disconnect()

        run(play())

    test.__name__ = function.__name__
    return test


@scene
async def test_an_order_fills_at_the_open_of_the_next_bar(floor, ib):
    trade = ib.placeOrder(SPY, ib_async.MarketOrder("BUY", 7, tif="DAY", orderRef="r-1.a1"))
    await until(lambda: trade.orderStatus.status == "PreSubmitted")
    floor.exchange.step()
    await until(lambda: trade.orderStatus.status == "Filled")
    assert (trade.orderStatus.avgFillPrice, trade.filled(), trade.fills[0].execution.orderRef) == (101.0, 7.0, "r-1.a1")
    await until(ib.positions)
    assert [(one.position, one.avgCost) for one in ib.positions()] == [(7.0, 101.0)]
    cash = next(value.value for value in ib.accountValues() if value.tag == "TotalCashValue")
    assert float(cash) == 100_000 - 707.0


@scene
async def test_history_is_what_has_closed(floor, ib):
    for _ in range(3):
        floor.exchange.step()
    bars = await ib.reqHistoricalDataAsync(SPY, "", "10 D", "1 day", "TRADES", True, 1)
    assert [(bar.date, bar.open, bar.close) for bar in bars] == [
        (dt.date(2024, 1, 2) + dt.timedelta(days=day), 100.0 + day, 101.0 + day) for day in (0, 1, 2)
    ] + [(dt.date(2024, 1, 5), 103.0, 104.0)]


@scene
async def test_bars_are_kept_up_to_date_and_ticks_follow(floor, ib):
    bars = await ib.reqHistoricalDataAsync(SPY, "", "5 D", "1 day", "TRADES", True, 1, keepUpToDate=True)
    (contract,) = await ib.qualifyContractsAsync(SPY)
    ticker = ib.reqMktData(contract, "236")
    new = []
    bars.updateEvent += lambda _bars, fresh: new.append(fresh)
    floor.exchange.step()
    await until(lambda: new and ticker.last == 102.0)
    assert (new[-1], bars[-1].close, len(bars)) == (True, 102.0, 2)
    assert ticker.shortable > 2.5


@scene
async def test_a_bracket_lives_as_one(floor, ib):
    orders = ib.bracketOrder("BUY", 5, 101.5, 103.5, 95.0)
    for order in orders:
        order.tif = "GTC"
    trades = await placed(ib, *orders)
    for _ in range(3):
        floor.exchange.step()
    await until(lambda: trades[1].orderStatus.status == "Filled" and trades[2].orderStatus.status == "Cancelled")
    assert [trade.orderStatus.avgFillPrice for trade in trades[:2]] == [101.0, 103.5]
    await until(lambda: not ib.positions())


@scene
async def test_one_of_a_group_ends_the_others(floor, ib):
    group = ib.oneCancelsAll(
        [ib_async.LimitOrder("BUY", 5, 99.5, tif="GTC"), ib_async.StopOrder("BUY", 5, 120.0, tif="GTC")], "g", 1
    )
    trades = await placed(ib, *group)
    floor.exchange.step()
    await until(lambda: [trade.orderStatus.status for trade in trades] == ["Filled", "Cancelled"])
    assert trades[0].orderStatus.avgFillPrice == 99.5


@scene
async def test_an_order_is_changed_and_taken_back(floor, ib):
    (trade,) = await placed(ib, ib_async.LimitOrder("BUY", 5, 50.0, tif="GTC"))
    trade.order.lmtPrice = 51.25
    ib.placeOrder(SPY, trade.order)
    await settle()
    assert [view.ticket.limit for view in floor.exchange.open_orders(1)] == [51.25]
    ib.cancelOrder(trade.order)
    await until(lambda: trade.orderStatus.status == "Cancelled")
    assert floor.exchange.open_orders() == []
    assert len(await ib.reqCompletedOrdersAsync(True)) == 1


@scene
async def test_what_an_order_would_do(floor, ib):
    state = await asyncio.wait_for(ib.whatIfOrderAsync(SPY, ib_async.MarketOrder("BUY", 100, tif="DAY")), 3)
    assert float(state.initMarginAfter) == 0.5 * 100 * 101.0
    assert float(state.equityWithLoanBefore) == 100_000.0
    assert floor.exchange.open_orders() == []


@scene
async def test_too_large_an_order_is_rejected_when_it_would_fill(floor, ib):
    said = []
    ib.errorEvent += lambda *words: said.append(words[1])
    (trade,) = await placed(ib, ib_async.MarketOrder("BUY", 100_000, tif="DAY"))
    floor.exchange.step()
    await until(lambda: 201 in said)
    await settle()
    assert not trade.fills
    assert not ib.positions()


@scene
async def test_a_manual_trade_moves_the_position(floor, ib):
    floor.exchange.operator.manual(PAPER, "SPY", -3.0, 101.0)
    await until(ib.positions)
    assert ib.positions()[0].position == -3.0
    assert ib.trades() == []


@scene
async def test_details_have_hours_and_an_unknown_contract_has_none(floor, ib):
    (details,) = await ib.reqContractDetailsAsync(SPY)
    assert details.liquidHours.startswith("20240102:0930-20240102:1600")
    assert (details.minTick, details.timeZoneId) == (0.01, "US/Eastern")
    assert details.contract.conId == floor.stage.contract("SPY").con_id
    assert await ib.reqContractDetailsAsync(ib_async.Stock("NONE", "SMART", "USD")) == []


@scene
async def test_a_stop_and_a_trail_rest_until_they_trigger(floor, ib):
    stop, trail = await placed(
        ib,
        ib_async.StopOrder("BUY", 3, 104.5, tif="GTC"),
        ib_async.Order(action="SELL", totalQuantity=2, orderType="TRAIL", auxPrice=3.5, tif="GTC"),
    )
    assert [trade.orderStatus.status for trade in (stop, trail)] == ["PreSubmitted", "PreSubmitted"]
    for _ in range(3):  # highs of 103, 104 and 105
        floor.exchange.step()
    await until(lambda: stop.orderStatus.status == "Filled")
    assert stop.orderStatus.avgFillPrice == 104.5
    assert trail.orderStatus.status == "PreSubmitted"
    floor.exchange.tick({"SPY": 101.0})  # 3.5 below the highest is 101.5
    await until(lambda: trail.orderStatus.status == "Filled")


@scene
async def test_profit_portfolio_and_summary_follow_the_marks(floor, ib):
    await placed(ib, ib_async.MarketOrder("BUY", 10, tif="DAY"))
    floor.exchange.step()  # bought at 101, marked at 102
    pnl = ib.reqPnL(PAPER)
    await until(lambda: pnl.unrealizedPnL == 10.0)
    assert [(item.marketPrice, item.unrealizedPNL) for item in ib.portfolio()] == [(102.0, 10.0)]
    floor.exchange.step()
    await until(lambda: pnl.unrealizedPnL == 20.0)
    await until(lambda: [item.marketPrice for item in ib.portfolio()] == [103.0])
    worth = {value.tag: value.value for value in await ib.accountSummaryAsync()}
    assert float(worth["NetLiquidation"]) == 100_020.0


@scene
async def test_a_tick_is_a_tick_and_a_bar_of_five_seconds(floor, ib):
    bars = ib.reqRealTimeBars(SPY, 5, "TRADES", True)
    (contract,) = await ib.qualifyContractsAsync(SPY)
    ticker = ib.reqMktData(contract)
    await until(lambda: ticker.last == 101.0)
    floor.exchange.tick({"SPY": 100.25}, 5.0)
    await until(lambda: ticker.last == 100.25 and len(bars) == 1)
    assert bars[0].close == 100.25


@scene
async def test_a_short_sale_that_is_held_fills_once_shares_are_found(floor, ib):
    floor.exchange.operator.lend("SPY", "held")
    (trade,) = await placed(ib, ib_async.MarketOrder("SELL", 4, tif="GTC"))
    floor.exchange.step()
    await until(lambda: trade.orderStatus.whyHeld == "locate")
    assert not trade.fills
    floor.exchange.operator.lend("SPY")
    floor.exchange.step()
    await until(lambda: trade.orderStatus.status == "Filled")


@scene
async def test_what_filled_while_the_client_was_away_is_found_by_its_ref(floor, ib):
    await placed(ib, ib_async.MarketOrder("BUY", 3, tif="DAY", orderRef="away-1.a1"))
    ib.disconnect()
    floor.exchange.step()
    again = await floor.client()
    assert [(fill.execution.orderRef, fill.execution.shares) for fill in again.fills()] == [("away-1.a1", 3.0)]
    (ended,) = await again.reqCompletedOrdersAsync(True)
    assert (ended.order.orderRef, ended.order.filledQuantity, ended.orderStatus.status) == ("away-1.a1", 3.0, "Filled")
    again.disconnect()


@scene
async def test_others_see_the_position_and_not_the_order(floor, ib):
    other = await floor.client(2)
    await placed(ib, ib_async.MarketOrder("BUY", 3, tif="DAY", orderRef="mine"))
    assert other.openTrades() == []
    await other.reqAllOpenOrdersAsync()
    assert [trade.order.orderRef for trade in other.openTrades()] == ["mine"]
    floor.exchange.step()
    await until(other.positions)
    assert other.fills() == []
    other.disconnect()


@scene
async def test_the_night_drops_everybody_and_keeps_what_works(floor, ib):
    await placed(ib, ib_async.LimitOrder("BUY", 5, 50.0, tif="GTC", orderRef="night.a1"))
    floor.exchange.operator.restart_nightly(10)
    await until(lambda: not ib.isConnected())
    again = await floor.client()
    assert [one.order.orderRef for one in again.openTrades()] == ["night.a1"]
    again.disconnect()


@pytest.mark.parametrize(
    ("fault", "filled"),
    [
        (Fault("duplicate_execution"), [7.0]),
        (Fault("partial"), [3.0, 4.0]),
        (Fault("corrected_execution"), [7.0, 7.0]),
        (Fault("missing_status"), [7.0]),
        (Fault("late_commission"), [7.0]),
    ],
)
def test_faults_of_fills_reach_the_client(fault, filled):
    async def play():
        async with Floor(faults=Faults([fault])) as floor:
            ib = await floor.client()
            (trade,) = await placed(ib, ib_async.MarketOrder("BUY", 7, tif="DAY"))
            floor.exchange.step()
            await until(lambda: len(trade.fills) == len(filled))
            await settle()
            assert [fill.execution.shares for fill in trade.fills] == filled
            done = trade.orderStatus.status == "Filled"
            assert done is (fault.fault != "missing_status")
            assert bool(trade.fills[0].commissionReport.execId) is (
                fault.fault not in {"late_commission", "corrected_execution"}
            )
            ib.disconnect()

    run(play())


@pytest.mark.parametrize("after", [0, 3, 4, 40])
def test_an_order_whose_answer_is_cut_is_found_again(after):
    async def play():
        async with Floor(faults=Faults([Fault("cut", on="openOrder", after_bytes=after)])) as floor:
            ib = await floor.client()
            ib.placeOrder(SPY, ib_async.MarketOrder("BUY", 7, tif="DAY", orderRef="cut-1.a1"))
            await until(lambda: not ib.isConnected())
            again = await floor.client()
            assert [one.order.orderRef for one in again.openTrades()] == ["cut-1.a1"]
            again.disconnect()

    run(play())


def test_connect_sync_and_the_first_order_take_less_than_a_tenth_of_a_second():
    async def play():
        async with Floor() as floor:
            began = time.perf_counter()
            ib = await floor.client()
            (trade,) = await placed(ib, ib_async.MarketOrder("BUY", 7, tif="DAY"))
            floor.exchange.step()
            await until(lambda: trade.orderStatus.status == "Filled")
            took = time.perf_counter() - began
            ib.disconnect()
            return took

    assert min(run(play()) for _ in range(3)) < 0.1
