# SPDX-License-Identifier: Apache-2.0
"""The official ibapi as a program: `official.py`, run by a Python that has ibapi and nothing of ours.

It connects, reads details, history and live bars, trades, asks for executions and completed orders, and says what it
saw. Every message must be read to its last field: what its decoder leaves over is reported.
"""

import json
import queue
import sys
import threading

from ibapi import decoder
from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.wrapper import EWrapper

LEFT = []


def exchange(**words):
    print(json.dumps(words), flush=True)  # noqa: T201  (the pipe)
    return json.loads(sys.stdin.readline())["done"]


def interpret(self, fields):
    """As the client's own, but it counts what is left."""
    if not fields:
        return
    info = self.msgId2handleInfo[int(fields[0])]
    if info.wrapperMeth is not None:
        if len(fields) - 2 != len(info.wrapperParams) - 1:
            LEFT.append([text.decode() for text in fields[:5]])
        self.interpretWithSignature(fields, info)
    else:
        remaining = iter(fields)
        info.processMeth(self, remaining)
        left = [text.decode() for text in remaining]
        if left:
            LEFT.append([fields[0].decode(), *left])


decoder.Decoder.interpret = interpret


class App(EWrapper, EClient):
    """Every call of the client's thread lands in one queue."""

    def __init__(self):
        EClient.__init__(self, self)
        self.heard = queue.Queue()
        self.log = []

    def __getattribute__(self, name):
        if name in HEARD:
            return lambda *words: object.__getattribute__(self, "heard").put((name, words))
        return object.__getattribute__(self, name)

    def until(self, name, fits=lambda *_: True):
        while True:
            heard, words = self.heard.get(timeout=10)
            self.log.append((heard, words))
            if heard == name and fits(*words):
                return words


HEARD = {
    "nextValidId", "managedAccounts", "contractDetails", "contractDetailsEnd", "historicalData", "historicalDataEnd",
    "openOrder", "orderStatus", "execDetails", "execDetailsEnd", "commissionReport", "completedOrder",
    "completedOrdersEnd", "realtimeBar", "position", "positionEnd", "error", "updateAccountValue", "accountDownloadEnd",
    "updatePortfolio", "openOrderEnd", "tickPrice", "tickGeneric", "historicalDataUpdate", "accountSummary",
    "accountSummaryEnd", "headTimestamp", "pnl", "currentTime", "symbolSamples", "marketRule",
}  # fmt: skip


def spy():
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = "SPY", "STK", "SMART", "USD"
    return contract


def order(action, quantity, kind, **rest):
    one = Order()
    one.action, one.totalQuantity, one.orderType, one.tif = action, quantity, kind, "DAY"
    for name, value in rest.items():
        setattr(one, name, value)
    return one


def reads(app):
    app.reqContractDetails(50, spy())
    details = app.until("contractDetails")[1]
    app.until("contractDetailsEnd")
    app.reqHistoricalData(51, spy(), "", "2 D", "1 day", "TRADES", 1, 1, False, [])
    bars = [app.until("historicalData")[1] for _ in range(2)]
    app.until("historicalDataEnd")
    app.reqHeadTimeStamp(52, spy(), "TRADES", 1, 2)
    head = app.until("headTimestamp")[1]
    app.reqRealTimeBars(53, spy(), 5, "TRADES", True, [])
    app.reqMktData(54, spy(), "236", False, False, [])
    shortable = app.until("tickGeneric", lambda _request, kind, _value: kind == 46)[2]
    exchange(act="price", words=[1, 99.5])
    live = app.until("realtimeBar")
    app.reqCurrentTime()
    app.reqMatchingSymbols(55, "S")
    samples = app.until("symbolSamples")[1]
    return {
        "details": [details.longName, details.minTick, details.liquidHours, details.contract.conId, details.stockType],
        "bars": [[bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in bars],
        "head": head,
        "shortable": shortable,
        "live": [live[1], live[5], live[6]],
        "symbols": [one.contract.symbol for one in samples],
    }


def trades(app, first):
    app.placeOrder(first, spy(), order("BUY", 7, "MKT", orderRef="official-1.a1"))
    fill = app.until("execDetails")[2]
    app.until("orderStatus", lambda number, status, *_: (number, status) == (first, "Filled"))
    cost = app.until("commissionReport")[0]
    app.placeOrder(first + 1, spy(), order("SELL", 2, "STP", auxPrice=90.25, tif="GTC"))
    resting = app.until("openOrder", lambda number, *_: number == first + 1)[2]
    app.cancelOrder(first + 1)
    app.until("orderStatus", lambda number, status, *_: (number, status) == (first + 1, "Cancelled"))
    app.placeOrder(first + 2, spy(), order("BUY", 10, "MKT", whatIf=True))
    state = app.until("openOrder", lambda number, *_: number == first + 2)[3]
    app.reqExecutions(60, ExecutionFilter())
    again = app.until("execDetails")[2]
    app.until("execDetailsEnd")
    app.reqCompletedOrders(False)
    ended = [app.until("completedOrder")[1:] for _ in range(2)]
    app.until("completedOrdersEnd")
    return {
        "fill": [fill.side, fill.shares, fill.price, fill.orderRef, fill.execId, fill.time],
        "again": [again.execId, again.permId == fill.permId],
        "cost": [cost.execId, cost.commission, cost.currency],
        "resting": [resting.orderType, resting.auxPrice, resting.tif, resting.totalQuantity],
        "what_if": [state.initMarginBefore, state.initMarginChange, state.initMarginAfter, state.commission],
        "ended": [[one.orderRef, one.filledQuantity, state.status, state.completedStatus] for one, state in ended],
    }


def accounts(app):
    app.reqPositions()
    held = app.until("position")
    app.until("positionEnd")
    app.reqAccountUpdates(True, "")
    app.until("accountDownloadEnd")
    app.reqAccountSummary(61, "All", "NetLiquidation")
    worth = app.until("accountSummary")[3]
    app.until("accountSummaryEnd")
    app.reqPnL(62, "DU1000001", "")
    profit = app.until("pnl")
    return {"held": [held[0], held[1].symbol, held[2], held[3]], "worth": worth, "profit": list(profit[1:])}


def main():
    port = exchange(act="begin", words=[])
    app = App()
    app.connect("127.0.0.1", port, 7)
    threading.Thread(target=app.run, daemon=True).start()
    first = app.until("nextValidId")[0]
    app.until("error", lambda _id, code, *_: code == 2158)
    results = {"version": app.serverVersion(), **reads(app), **trades(app, first), **accounts(app)}
    errors = [words[:2] for name, words in app.log if name == "error" and not 2100 <= words[1] < 2200]
    results |= {"left": LEFT, "errors": errors}
    app.disconnect()
    exchange(results=results)


main()
