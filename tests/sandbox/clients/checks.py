# SPDX-License-Identifier: Apache-2.0
"""What a client of the ib_async kind must see of the server, one function a check. The same text runs in both clients.

Each check gets `at`: lib (the client's module), open(**options) which connects one more client, and act(name, *words)
which does something to the broker's side. Nothing of Tandem or pytest is imported: ib_insync has an environment of its
own. What the two clients make of the same bytes differently is said here, by `at.async_`.
"""

import asyncio
import datetime as dt
import logging

FIRST = 19_724
NEW_YORK_NOON = dt.datetime(2024, 1, 4, 17, tzinfo=dt.UTC)
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


async def until(test, longest=3.0):
    """Wait until test() is true; TimeoutError where it never is."""
    end = asyncio.get_running_loop().time() + longest
    while not test():
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError("what was waited for did not come")
        await asyncio.sleep(0.001)


async def settle():
    """Let what is under way arrive."""
    await asyncio.sleep(0.03)


def spy(at):
    return at.lib.Stock("SPY", "SMART", "USD")


def market(at, action, quantity, **rest):
    return at.lib.MarketOrder(action, quantity, tif="DAY", **rest)


async def placed(at, ib, order, status="Submitted", contract=None):
    trade = ib.placeOrder(contract or spy(at), order)
    await until(lambda: trade.orderStatus.status == status)
    return trade


@check
async def connects_and_syncs(at):
    ib = await at.open()
    assert ib.isConnected()
    assert ib.client.serverVersion() == at.version
    assert ib.managedAccounts() == ["DU1000001"]
    assert {value.tag for value in ib.accountValues()} >= {"NetLiquidation", "AccountReady"}


@check
async def qualifies_a_contract(at):
    ib = await at.open()
    (found,) = await ib.qualifyContractsAsync(spy(at))
    assert (found.conId, found.primaryExchange, found.localSymbol, found.tradingClass) == (1, "ARCA", "SPY", "SPY")
    nothing = await ib.qualifyContractsAsync(at.lib.Stock("NONE", "SMART", "USD"))
    assert nothing in ([], [None])


@check
async def sees_details_and_hours(at):
    ib = await at.open()
    (details,) = await ib.reqContractDetailsAsync(spy(at))
    assert details.longName == "S&P 500 ETF \u00e9"
    assert details.liquidHours == details.tradingHours == "20240102:0930-20240102:1600;20240103:CLOSED"
    assert (details.minTick, details.timeZoneId, details.stockType) == (0.01, "US/Eastern", "ETF")
    assert details.validExchanges == "SMART,ARCA"
    assert (details.minSize, details.sizeIncrement) == ((1.0, 1.0) if at.version >= 164 else (0.0, 0.0))
    (rule,) = await ib.reqMarketRuleAsync(int(details.marketRuleIds))
    assert rule.increment == 0.01


@check
async def finds_the_legs_of_options(at):
    ib = await at.open()
    put = at.lib.Option("SPY", "20240315", 400.0, "P", "SMART")
    (found,) = await ib.qualifyContractsAsync(put)
    assert (found.conId, found.localSymbol, found.multiplier) == (9, "SPY   240315P00400000", "100")
    (details,) = await ib.reqContractDetailsAsync(put)
    assert (details.underConId, details.underSymbol, details.underSecType) == (1, "SPY", "STK")
    assert (details.contractMonth, details.realExpirationDate) == ("202403", "20240315")
    (chain,) = await ib.reqSecDefOptParamsAsync("SPY", "", "STK", 1)
    assert (chain.expirations, chain.strikes, chain.multiplier) == (["20240315"], [400.0], "100")
    trade = await placed(at, ib, market(at, "BUY", 2), "Filled", found)
    assert (trade.fills[0].contract.conId, trade.orderStatus.avgFillPrice) == (9, 3.0)


@check
async def finds_symbols(at):
    ib = await at.open()
    found = await ib.reqMatchingSymbolsAsync("s")
    assert [(one.contract.symbol, one.contract.primaryExchange) for one in found] == [("SPY", "ARCA")]


@check
async def reads_daily_bars(at):
    ib = await at.open()
    bars = await ib.reqHistoricalDataAsync(spy(at), NEW_YORK_NOON, "3 D", "1 day", "TRADES", True, 1)
    assert [bar.date for bar in bars] == [dt.date(2024, 1, day) for day in (4, 5, 6)]
    assert [(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars] == [
        (100.0 + day, 101.5 + day, 99.5 + day, 101.0 + day, 1e6) for day in (2, 3, 4)
    ]
    end = int(NEW_YORK_NOON.timestamp()) * 10**9
    assert await at.act("asked") == [1, end, 3, "D", "1 day", "TRADES", True]


@check
async def reads_bars_of_minutes_in_both_formats(at):
    ib = await at.open()
    for form in (1, 2):
        bars = await ib.reqHistoricalDataAsync(spy(at), "", "2 D", "5 mins", "TRADES", False, form)
        assert bars[-1].date == dt.datetime(2024, 1, 6, 21, tzinfo=dt.UTC), bars[-1].date
    assert (await at.act("asked"))[1:] == [None, 2, "D", "5 mins", "TRADES", False]


@check
async def tells_when_history_begins(at):
    ib = await at.open()
    head = await ib.reqHeadTimeStampAsync(spy(at), "TRADES", True, 2)
    assert head == dt.datetime(2024, 1, 2, tzinfo=dt.UTC)


@check
async def tells_that_history_has_nothing(at):
    ib = await at.open()
    said = []
    ib.errorEvent += lambda *words: said.append(words[1:3])
    bars = await ib.reqHistoricalDataAsync(spy(at), "20200101 00:00:00", "3 D", "1 day", "TRADES", True)
    assert not bars
    assert said == [(162, "Historical Market Data Service error message:HMDS query returned no data: SPY@SMART Trades")]


@check
async def gets_bars_of_five_seconds(at):
    ib = await at.open()
    bars = ib.reqRealTimeBars(spy(at), 5, "TRADES", True)
    await settle()
    await at.act("price", 1, 101.25)
    await until(lambda: len(bars) == 1)
    assert (bars[0].open_, bars[0].close, bars[0].volume) == (101.25, 101.25, 100.0)
    assert bars[0].time == dt.datetime(2024, 1, 2, 21, 0, 5, tzinfo=dt.UTC)
    ib.cancelRealTimeBars(bars)
    await settle()
    await at.act("price", 1, 102.0)
    await settle()
    assert len(bars) == 1


@check
async def keeps_bars_up_to_date(at):
    ib = await at.open()
    bars = await ib.reqHistoricalDataAsync(spy(at), "", "5 D", "1 day", "TRADES", True, 1, keepUpToDate=True)
    seen = []
    bars.updateEvent += lambda _bars, new: seen.append(new)
    for price in (110.25, 110.5):
        await at.act("close_bar", 1, FIRST + 5, price)
    await until(lambda: len(seen) == 2)
    assert seen == [True, False]
    assert (bars[-1].date, bars[-1].close, bars[-2].close) == (dt.date(2024, 1, 7), 110.5, 105.0)


async def qualified(at, ib, symbol="SPY"):
    (found,) = await ib.qualifyContractsAsync(at.lib.Stock(symbol, "SMART", "USD"))
    return found


@check
async def gets_ticks_with_shortability(at):
    ib = await at.open()
    ib.reqMarketDataType(1)
    ticker, shortable = ib.reqMktData(await qualified(at, ib), "233,236"), []
    ticker.updateEvent += lambda one: shortable.extend(tick.price for tick in one.ticks if tick.tickType == 46)
    await until(lambda: ticker.last == 100.0 and shortable == [3.0])
    await at.act("price", 1, 99.5)
    await until(lambda: ticker.last == 99.5)
    assert (ticker.bid, ticker.ask, ticker.bidSize, ticker.askSize, ticker.volume) == (99.49, 99.51, 300.0, 200.0, 1e6)
    assert (ticker.marketDataType, ticker.minTick) == (1, 0.01)
    plain, asked = ib.reqMktData(await qualified(at, ib, "QQQ")), len(shortable)
    plain.updateEvent += lambda one: shortable.extend(tick.price for tick in one.ticks if tick.tickType == 46)
    await until(lambda: plain.last == 50.0)
    await settle()
    assert len(shortable) == asked, "not asked for"


@check
async def gets_a_snapshot(at):
    ib = await at.open()
    (ticker,) = await asyncio.wait_for(ib.reqTickersAsync(await qualified(at, ib)), 3)
    assert ticker.last == 100.0


@check
async def fills_a_market_order(at):
    ib = await at.open()
    trade = await placed(at, ib, market(at, "BUY", 7, orderRef="run-1.a1"), "Filled")
    assert (trade.filled(), trade.orderStatus.avgFillPrice, trade.orderStatus.remaining) == (7.0, 100.0, 0.0)
    (fill,) = trade.fills
    assert (fill.execution.side, fill.execution.orderRef, fill.execution.acctNumber) == ("BOT", "run-1.a1", "DU1000001")
    assert fill.execution.time == dt.datetime(2024, 1, 2, 21, tzinfo=dt.UTC)
    assert trade.order.permId == fill.execution.permId == trade.orderStatus.permId == 1001


@check
async def sees_commissions(at):
    ib = await at.open()
    for action, realized in (("BUY", 0.0), ("SELL", 7.5)):
        trade = await placed(at, ib, market(at, action, 1), "Filled")
        await until(lambda one=trade: one.fills[0].commissionReport.execId)
        report = trade.fills[0].commissionReport
        assert (report.commission, report.currency, report.realizedPNL) == (1.25, "USD", realized)


@check
async def lets_a_stop_rest_and_trigger(at):
    ib = await at.open()
    trade = await placed(at, ib, at.lib.StopOrder("SELL", 4, 95.5, tif="GTC"))
    await at.act("price", 1, 95.51)
    await settle()
    assert trade.orderStatus.status == "Submitted"
    assert not trade.fills
    await at.act("price", 1, 95.5)
    await until(lambda: trade.orderStatus.status == "Filled")
    assert trade.fills[0].execution.side == "SLD"


@check
async def lets_a_limit_rest_and_fill(at):
    ib = await at.open()
    trade = await placed(at, ib, at.lib.LimitOrder("BUY", 4, 98.0, tif="DAY"))
    assert not trade.fills
    await at.act("price", 1, 97.5)
    await until(lambda: trade.orderStatus.status == "Filled")
    assert trade.orderStatus.avgFillPrice == 97.5


@check
async def changes_an_order(at):
    ib = await at.open()
    trade = await placed(at, ib, at.lib.LimitOrder("BUY", 4, 90.0, tif="DAY"))
    trade.order.lmtPrice, trade.order.totalQuantity = 91.25, 5
    assert ib.placeOrder(trade.contract, trade.order) is trade
    await until(lambda: trade.orderStatus.remaining == 5.0)
    (same,) = await ib.reqOpenOrdersAsync()
    order = same.order if hasattr(same, "order") else same
    assert (order.lmtPrice, order.totalQuantity, order.permId) == (91.25, 5.0, 1001)


@check
async def cancels_an_order(at):
    ib = await at.open()
    trade = await placed(at, ib, at.lib.LimitOrder("BUY", 4, 90.0, tif="DAY"))
    said = []
    ib.errorEvent += lambda *words: said.append(words[:2])
    ib.cancelOrder(trade.order)
    await until(lambda: trade.orderStatus.status == "Cancelled" and said == [(trade.order.orderId, 202)])
    (ended,) = await ib.reqCompletedOrdersAsync(True)
    assert (ended.orderStatus.status, ended.order.permId, ended.order.orderId) == ("Cancelled", 1001, 0)


@check
async def cancels_everything(at):
    ib, other = await at.open(), await at.open()
    trades = [await placed(at, who, at.lib.LimitOrder("BUY", 4, 90.0, tif="DAY")) for who in (ib, ib, other)]
    ib.reqGlobalCancel()
    await until(lambda: all(trade.orderStatus.status == "Cancelled" for trade in trades))


@check
async def carries_every_kind_of_order(at):
    ib = await at.open()
    lib = at.lib
    orders = [
        lib.LimitOrder("BUY", 1, 90.0, tif="GTC", outsideRth=True, hidden=True, ocaGroup="g", ocaType=1),
        lib.LimitOrder("BUY", 1, 90.0, tif="GTD", goodTillDate="20240110 16:00:00 US/Eastern"),
        lib.StopLimitOrder("BUY", 1, 120.5, 120.25, tif="GTC"),
        lib.Order(action="SELL", totalQuantity=1, orderType="TRAIL", auxPrice=2.5, trailStopPrice=95.0, tif="GTC"),
        lib.Order(action="SELL", totalQuantity=1, orderType="TRAIL", trailingPercent=1.5, tif="GTC"),
        lib.Order(action="SELL", totalQuantity=1, orderType="MOC", tif="DAY"),
    ]
    for order in orders:
        await placed(at, ib, order)
    other = await at.open()
    seen = {trade.order.orderId: trade.order for trade in await _all_open(other)}
    names = ("orderType", "lmtPrice", "auxPrice", "trailStopPrice", "trailingPercent", "tif", "goodTillDate")
    flags = ("outsideRth", "hidden", "ocaGroup", "ocaType")
    for order in orders:
        for name in (*names, *flags):
            assert getattr(seen[order.orderId], name) == getattr(order, name), (order.orderType, name)


async def _all_open(ib):
    await ib.reqAllOpenOrdersAsync()
    return ib.openTrades()


@check
async def places_a_bracket(at):
    ib = await at.open()
    bracket = ib.bracketOrder("BUY", 3, 90.0, 120.0, 80.0)
    trades = []
    for order in bracket:
        order.tif = "GTC"
        trades.append(await placed(at, ib, order))
    (parent, *children) = trades
    assert [child.orderStatus.parentId for child in children] == [parent.order.orderId] * 2


@check
async def sees_positions(at):
    ib = await at.open()
    await placed(at, ib, market(at, "BUY", 7), "Filled")
    await until(ib.positions)
    (position,) = ib.positions()
    assert (position.position, position.avgCost, position.contract.exchange) == (7.0, 0.1 + 0.2, "")
    await placed(at, ib, market(at, "SELL", 7), "Filled")
    await until(lambda: not ib.positions())


@check
async def sees_the_portfolio(at):
    ib = await at.open()
    await placed(at, ib, market(at, "SELL", 2), "Filled")
    await until(ib.portfolio)
    (item,) = ib.portfolio()
    assert (item.position, item.marketPrice, item.marketValue) == (-2.0, 100.0, -200.0)
    assert (item.averageCost, item.unrealizedPNL, item.realizedPNL) == (0.1 + 0.2, 2.5, -1.5)
    assert item.contract.primaryExchange == "ARCA"


@check
async def sees_a_summary(at):
    ib = await at.open()
    values = {value.tag: value for value in await ib.accountSummaryAsync()}
    assert float(values["NetLiquidation"].value) == 100_000 + (0.1 + 0.2)
    assert values["NetLiquidation"].currency == "USD"


@check
async def sees_profit_and_loss(at):
    ib = await at.open()
    await placed(at, ib, market(at, "BUY", 2), "Filled")
    pnl, single = ib.reqPnL("DU1000001"), ib.reqPnLSingle("DU1000001", "", 1)
    await until(lambda: pnl.unrealizedPnL == 2.5 and single.value == 200.0)
    assert (pnl.realizedPnL, single.position) == (-1.5, 2)
    ib.cancelPnL("DU1000001")
    ib.cancelPnLSingle("DU1000001", "", 1)


@check
async def asks_what_an_order_would_do(at):
    ib = await at.open()
    state = await asyncio.wait_for(ib.whatIfOrderAsync(spy(at), market(at, "BUY", 10)), 3)
    figures = [float(getattr(state, name)) for name in ("initMarginBefore", "initMarginChange", "initMarginAfter")]
    assert figures == [1000.0, 500.5, 1500.5]
    assert (float(state.maintMarginChange), float(state.equityWithLoanChange)) == (400.25, -1.0)
    assert (state.commission, state.commissionCurrency) == (1.25, "USD")
    assert not ib.openTrades()
    assert not ib.fills()
    refused = await asyncio.wait_for(ib.whatIfOrderAsync(spy(at), market(at, "BUY", 5000)), 3)
    assert not refused


@check
async def is_refused_by_201(at):
    ib = await at.open()
    await at.act("answer_next", 201, "Order rejected - reason: no buying power", "Inactive")
    said = []
    ib.errorEvent += lambda *words: said.append(words[:2])
    trade = ib.placeOrder(spy(at), market(at, "BUY", 7))
    await until(lambda: said == [(trade.order.orderId, 201)])
    await settle()
    assert not trade.fills
    assert trade.orderStatus.status in ("Cancelled", "Inactive")


@check
async def is_held_by_404(at):
    ib = await at.open()
    await at.act("by_hand_alone")
    await at.act("answer_next", 404, "Shares are not immediately available for short sale", "PreSubmitted", "locate")
    trade = ib.placeOrder(spy(at), market(at, "SELL", 7))
    await until(lambda: trade.orderStatus.whyHeld == "locate")
    await settle()
    assert trade.orderStatus.status == ("ValidationError" if at.async_ else "PreSubmitted")
    assert not trade.isDone()
    await at.act("fill", ib.client.clientId, trade.order.orderId, 7, 100.0)
    await until(lambda: trade.orderStatus.status == "Filled")


@check
async def fills_in_parts(at):
    ib = await at.open()
    await at.act("by_hand_alone")
    trade = await placed(at, ib, market(at, "BUY", 7))
    await at.act("fill", ib.client.clientId, trade.order.orderId, 3, 100.0)
    await until(lambda: trade.orderStatus.filled == 3.0)
    assert (trade.orderStatus.status, trade.remaining()) == ("Submitted", 4.0)
    await at.act("fill", ib.client.clientId, trade.order.orderId, 4, 101.0)
    await until(lambda: trade.orderStatus.status == "Filled")
    assert [fill.execution.cumQty for fill in trade.fills] == [3.0, 7.0]


@check
async def drops_an_execution_that_comes_twice(at):
    ib = await at.open()
    trade = await placed(at, ib, market(at, "BUY", 1), "Filled")
    exec_id = trade.fills[0].execution.execId
    await at.act("resend", exec_id, exec_id)
    await settle()
    assert trade.filled() == 1.0


@check
async def counts_a_correction_as_a_fill(at):
    """A quirk of the client: who trusts its sum has two shares where there is one."""
    ib = await at.open()
    trade = await placed(at, ib, market(at, "BUY", 1), "Filled")
    exec_id = trade.fills[0].execution.execId
    assert exec_id.endswith(".01")
    await at.act("resend", exec_id, exec_id[:-2] + "02")
    await until(lambda: trade.filled() == 2.0)


@check
async def gets_an_execution_without_a_status(at):
    ib = await at.open()
    await at.act("by_hand_alone")
    trade = await placed(at, ib, market(at, "BUY", 1))
    await at.act("fill", ib.client.clientId, trade.order.orderId, 1, 100.0, "", False)
    await until(lambda: trade.filled() == 1.0)
    await settle()
    assert trade.orderStatus.status == "Submitted"


@check
async def is_refused_by_110(at):
    ib = await at.open()
    await at.act("answer_next", 110, "The price does not conform to the minimum price variation for this contract.")
    trade = ib.placeOrder(spy(at), at.lib.LimitOrder("BUY", 1, 90.001, tif="DAY"))
    said = []
    ib.errorEvent += lambda *words: said.append(words[:2])
    await until(lambda: said == [(trade.order.orderId, 110)])
    assert trade.orderStatus.status == ("Cancelled" if at.async_ else "PendingSubmit"), "ib_insync waits for ever"


@check
async def is_warned_by_399(at):
    ib = await at.open()
    await at.act("by_hand_alone")
    await at.act(
        "answer_next", 399, "Order Message: Warning: your order will not be placed until 09:30", "PreSubmitted"
    )
    trade = ib.placeOrder(spy(at), market(at, "BUY", 1))
    await until(lambda: trade.orderStatus.permId == 1001)
    await settle()
    assert trade.orderStatus.status == ("ValidationError" if at.async_ else "PreSubmitted")
    await at.act("fill", ib.client.clientId, trade.order.orderId, 1, 100.0)
    await until(lambda: trade.orderStatus.status == "Filled")


@check
async def calls_a_living_order_cancelled_by_10349(at):
    """A quirk of the clients: the order lives, and fills."""
    ib = await at.open()
    await at.act("by_hand_alone")
    await at.act("answer_next", 10349, "Order TIF was set to DAY based on order preset.", "Submitted")
    trade = ib.placeOrder(spy(at), market(at, "BUY", 1))
    await until(trade.isDone)
    assert trade.orderStatus.status == "Cancelled"
    await at.act("fill", ib.client.clientId, trade.order.orderId, 1, 100.0)
    await until(lambda: trade.filled() == 1.0)


@check
async def hears_of_the_link(at):
    ib = await at.open()
    said = []
    ib.errorEvent += lambda *words: said.append(words[:2])
    codes = [1100, 1101, 1102, 2103, 2110, 10197]
    for code in codes:
        await at.act("say", code, "a word about the link")
    await until(lambda: said == [(-1, code) for code in codes])
    assert ib.isConnected(), "also where the broker's own link is gone"


@check
async def loses_the_socket(at):
    ib = await at.open()
    trade = await placed(at, ib, market(at, "BUY", 1), "Filled")
    gone = []
    ib.disconnectedEvent += lambda: gone.append(True)
    await at.act("drop")
    await until(lambda: gone)
    assert not ib.isConnected()
    assert not ib.trades()
    assert not ib.fills()
    assert not ib.positions()
    assert trade.fills, "the trade in hand is an orphan"


@check
async def finds_what_filled_while_it_was_away(at):
    ib = await at.open()
    await at.act("by_hand_alone")
    trade = await placed(at, ib, market(at, "BUY", 3, orderRef="away-1.a1"))
    client, order = ib.client.clientId, trade.order.orderId
    ib.disconnect()
    await at.act("fill", client, order, 3, 100.0)
    ib = at.lib.IB()
    live = []
    ib.execDetailsEvent += lambda *_: live.append(True)
    await at.open(ib=ib, clientId=client)
    (fill,) = ib.fills()
    assert (fill.execution.shares, fill.execution.orderRef, fill.execution.orderId) == (3.0, "away-1.a1", order)
    (ended,) = [one for one in ib.trades() if one.order.orderRef == "away-1.a1"]
    assert (ended.order.orderId, ended.orderStatus.filled, ended.order.permId) == (0, 0.0, fill.execution.permId)
    assert not live, "no event tells of it"


@check
async def takes_order_ids_from_the_server(at):
    await at.act("next_id_becomes", 77, 500)
    ib = await at.open(clientId=77)
    assert 500 < ib.client.getReqId() < 520, "requests of the sync took some"
    trade = await placed(at, ib, market(at, "BUY", 1), "Filled")
    assert trade.order.orderId > 500
    await at.act("next_id_becomes", 78, 1)
    assert (await at.open(clientId=78)).client.getReqId() < 20, "rolled back, as after a night"


@check
async def is_told_that_its_id_is_in_use(at):
    first = await at.open(clientId=5)
    second, said = at.lib.IB(), []
    second.errorEvent += lambda *words: said.append(words[1])
    try:
        await second.connectAsync("127.0.0.1", at.port, clientId=5, timeout=0.8)
    except (TimeoutError, ConnectionError, OSError):
        assert said == [326]
    else:
        raise AssertionError("connected twice under one id")
    assert first.isConnected()


@check
async def does_not_hear_of_the_orders_of_others(at):
    ib, other = await at.open(), await at.open()
    await placed(at, other, at.lib.LimitOrder("BUY", 4, 90.0, tif="DAY"))
    await placed(at, other, market(at, "BUY", 4), "Filled")
    await until(ib.positions)
    assert ib.positions()[0].position == 4.0, "positions are the account's"
    assert not ib.openTrades()
    assert not ib.fills()
    assert not await ib.reqOpenOrdersAsync()


@check
async def sees_the_orders_of_all_when_asked(at):
    ib, other = await at.open(), await at.open()
    theirs = await placed(at, other, at.lib.LimitOrder("BUY", 4, 90.0, tif="DAY", orderRef="theirs"))
    await ib.reqAllOpenOrdersAsync()
    (seen,) = ib.openTrades()
    assert (seen.order.orderRef, seen.order.clientId) == ("theirs", other.client.clientId)
    assert seen.order.permId == theirs.order.permId


@check
async def sees_a_manual_trade_as_a_position_alone(at):
    ib = await at.open()
    await at.act("trade_by_hand", 6)
    await until(ib.positions)
    assert ib.positions()[0].position == 6.0
    assert not ib.trades()
    zero = await at.open(clientId=0)
    await at.act("trade_by_hand", 2)
    await until(lambda: any(trade.filled() == 2.0 for trade in zero.trades()))


@check
async def is_refused_what_the_exchange_would_not_act_on(at):
    ib = await at.open()
    said = []
    ib.errorEvent += lambda *words: said.append(words[1:3])
    order = at.lib.LimitOrder("BUY", 1, 90.0, tif="DAY", allOrNone=True)
    order.conditions = [at.lib.TimeCondition(time="20240110 16:00:00 US/Eastern")]
    ib.placeOrder(spy(at), order)
    await until(lambda: said)
    ((code, text),) = said
    assert code == 201
    assert "allOrNone=True" in text
    assert "conditions=" in text


@check
async def fills_a_burst_of_orders(at):
    ib = await at.open()
    ib.client.MaxRequests = 0
    trades = [ib.placeOrder(spy(at), market(at, "BUY", 1, orderRef=f"b-{n}.a1")) for n in range(50)]
    await until(lambda: all(trade.orderStatus.status == "Filled" for trade in trades))
    received = await at.act("orders_received")
    assert [ref for _, _, ref in received] == [f"b-{n}.a1" for n in range(50)]


class Unread(logging.Handler):
    """What a client's decoder could not read. It only logs, and goes on."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found = []

    def emit(self, record):
        self.found.append(record.getMessage())


class At:
    """Where a check stands: its client library, its server, and its hands on the broker's side."""

    def __init__(self, lib, port, act, version=None):
        self.lib, self.port, self.act = lib, port, act
        self.async_ = lib.__name__ == "ib_async"
        self.version = version or (178 if self.async_ else 176)
        self._next, self._opened, self._unread = 10, [], Unread()
        logging.getLogger(f"{lib.__name__}.Decoder").addHandler(self._unread)

    async def open(self, ib=None, **options):
        self._next += 1
        ib = ib or self.lib.IB()
        self._opened.append(ib)
        ib.client.MaxClientVersion = self.version
        if self.async_:
            options["raiseSyncErrors"] = True
        options = {"clientId": self._next, "timeout": 4, **options}
        await ib.connectAsync("127.0.0.1", self.port, **options)
        return ib

    async def close(self):
        for ib in self._opened:
            ib.disconnect()
        await asyncio.sleep(0)
        logging.getLogger(f"{self.lib.__name__}.Decoder").removeHandler(self._unread)
        assert not self._unread.found, self._unread.found
