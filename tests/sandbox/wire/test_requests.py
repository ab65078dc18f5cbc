# SPDX-License-Identifier: Apache-2.0
"""Every request of a real client reads field by field to what the client meant, at every version, and no more."""

import math
from dataclasses import fields

import ib_async
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.client import Client

from engine.sandbox.wire.fields import UNSET_DOUBLE, UNSET_INT, WireError
from engine.sandbox.wire.layout import Row, When
from engine.sandbox.wire.order_request import PLACE_ORDER
from engine.sandbox.wire.requests import LAYOUTS, REQUESTS, read_request

SPOKEN = [157, *range(159, 179)]
RENAMED = {"expiry": "lastTradeDateOrContractMonth"}
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=8)
BY_KIND = {
    "int": st.integers(-5, 10**6),
    "double": st.floats(-1e9, 1e9),
    "size": st.floats(0, 1e9),
    "flag": st.booleans(),
    "text": WORDS,
}
UNSET = (None, UNSET_DOUBLE, UNSET_INT)


def sent(version, call, *words):
    """Fields that ib_async's own encoder writes."""
    client, written = Client(None), []
    client._serverVersion, client.connState = version, Client.CONNECTED
    client.sendMsg = written.append
    getattr(client, call)(*words)
    return written[0].split("\0")[:-1]


def rows_of(rows):
    for row in rows:
        if isinstance(row, Row):
            yield row
        elif isinstance(row, When):
            yield from rows_of(row.rows)


ROWS = {row.name: row for row in rows_of(PLACE_ORDER.rows)}
FLAT = [one for one in fields(ib_async.Order) if one.name in ROWS and one.name not in ("orderId", "orderMiscOptions")]


@st.composite
def orders(draw):
    """Orders with anything in any field, also what no broker takes."""
    order = ib_async.Order()
    for one in draw(st.lists(st.sampled_from(FLAT), max_size=25)):
        kind = ROWS[one.name].kind.name
        values = BY_KIND[kind.split(" ")[0]]
        if kind.startswith("double or"):  # of any other the client would write a blank, which is no number
            values |= st.just(UNSET_DOUBLE)
        setattr(order, one.name, draw(values))
    order.orderType = draw(st.sampled_from(["MKT", "LMT", "PEG BENCH", "PEG BEST", "PEG MID", "VOL", "TRAIL"]))
    if draw(st.booleans()):
        order.algoStrategy, order.algoParams = "Twap", [ib_async.TagValue("a", "1"), ib_async.TagValue("b", "2")]
    if draw(st.booleans()):
        order.scalePriceIncrement = draw(st.floats(0.01, 5))
    if draw(st.booleans()):
        order.hedgeType, order.hedgeParam = "B", "1.5"
    if draw(st.booleans()):
        order.deltaNeutralOrderType = "MKT"
    if draw(st.booleans()):
        order.competeAgainstBestOffset = math.inf
    order.conditions = draw(st.lists(st.sampled_from(CONDITIONS), max_size=3))
    return order


CONDITIONS = [
    ib_async.PriceCondition(price=1.5, conId=7, exch="SMART", triggerMethod=2),
    ib_async.TimeCondition(isMore=False, time="20240105 10:00:00"),
    ib_async.MarginCondition(percent=20),
    ib_async.ExecutionCondition(secType="STK", exch="SMART", symbol="SPY"),
    ib_async.VolumeCondition(volume=100, conId=7, exch="SMART"),
    ib_async.PercentChangeCondition(changePercent=2.5, conId=7, exch="SMART"),
]


@st.composite
def contracts(draw):
    contract = ib_async.Contract(
        conId=draw(st.integers(0, 10**9)), symbol=draw(WORDS), strike=draw(st.floats(0, 1e5)), currency="USD",
        exchange=draw(st.sampled_from(["SMART", "IBKRATS"])), secType=draw(st.sampled_from(["STK", "OPT", "BAG"])),
        localSymbol=draw(WORDS), secIdType=draw(WORDS),
    )  # fmt: skip
    if draw(st.booleans()):
        contract.comboLegs = [ib_async.ComboLeg(conId=1, ratio=2, action="BUY", exchange="SMART")] * 2
    if draw(st.booleans()):
        contract.deltaNeutralContract = ib_async.DeltaNeutralContract(5, 0.5, 10.25)
    return contract


@given(st.sampled_from(SPOKEN), contracts(), orders())
def test_any_order_reads_to_what_the_client_meant(version, contract, order):
    values = read_request(sent(version, "placeOrder", 17, contract, order), version).values
    assert values["orderId"] == 17
    for name in ("conId", "symbol", "secType", "strike", "exchange", "localSymbol", "secIdType"):
        assert values[name] == getattr(contract, name)
    for one in FLAT:
        if one.name in values:
            meant = getattr(order, one.name)
            assert values[one.name] == (None if meant in UNSET else meant), one.name
    assert [leg["conId"] for leg in values.get("legs", [])] == (
        [leg.conId for leg in contract.comboLegs] if contract.secType == "BAG" else []
    )
    assert values["hasDeltaNeutral"] == bool(contract.deltaNeutralContract)
    assert [condition["type"] for condition in values["conditions"]] == [one.condType for one in order.conditions]
    if order.algoStrategy:
        assert [(pair["tag"], pair["value"]) for pair in values["algoParams"]] == [tuple(p) for p in order.algoParams]


def own_order(flag=None):
    """An order with a value of its own in every field; of the flags one alone is up."""
    order = ib_async.Order()
    for number, one in enumerate(FLAT, 11):
        kind = ROWS[one.name].kind.name.split(" ")[0]
        values = {"int": number, "double": number + 0.5, "size": number + 0.25, "text": f"w{number}"}
        setattr(order, one.name, one.name == flag if kind == "flag" else values[kind])
    order.orderType = "VOL"  # the client sends a volatility with no other
    order.softDollarTier = ib_async.SoftDollarTier("tier", "worth")
    return order


OWN_CONTRACT = {
    "conId": 5001, "symbol": "c1", "secType": "OPT", "expiry": "c2", "strike": 5002.5, "right": "c3",
    "multiplier": "c4", "exchange": "c5", "primaryExchange": "c6", "currency": "c7", "localSymbol": "c8",
    "tradingClass": "c9", "secIdType": "c10", "secId": "c11",
}  # fmt: skip


@pytest.mark.parametrize("version", SPOKEN)
def test_each_field_of_an_order_reads_under_its_own_name(version):
    flags = [one.name for one in FLAT if "flag" in ROWS[one.name].kind.name]
    for flag in [None, *flags] if version in {157, 178} else [None]:
        order = own_order(flag)
        contract = ib_async.Contract(**{RENAMED.get(name, name): value for name, value in OWN_CONTRACT.items()})
        values = read_request(sent(version, "placeOrder", 17, contract, order), version).values
        assert OWN_CONTRACT.items() <= values.items()
        assert (values["orderId"], values["softDollarTierName"], values["softDollarTierValue"]) == (17, "tier", "worth")
        for one in FLAT:
            if one.name in values:
                assert values[one.name] == getattr(order, one.name), one.name
        assert len([one for one in FLAT if one.name in values]) > 90


@pytest.mark.parametrize("version", [157, 165, 178])
def test_no_field_of_an_order_can_be_added_or_left_out(version):
    order = ib_async.LimitOrder("BUY", 7, 90.5, tif="DAY", account="DU1", orderRef="r-1.a1")
    written = sent(version, "placeOrder", 17, ib_async.Stock("SPY", "SMART", "USD"), order)
    whole = read_request(written, version).values
    for at in range(1, len(written)):
        for damaged in (written[:at] + written[at + 1 :], [*written[:at], "", *written[at:]]):
            with pytest.raises(WireError, match=r"^placeOrder: "):
                read_request(damaged, version)
    assert (whole["orderRef"], whole["account"], whole["lmtPrice"]) == ("r-1.a1", "DU1", 90.5)


CONTRACT = ib_async.Contract(conId=1, symbol="SPY", secType="STK", exchange="SMART", currency="USD")
CALLS = [
    ("reqMktData", 5, CONTRACT, "233,236", False, False, []),
    ("cancelMktData", 5), ("cancelOrder", 5, ""), ("reqOpenOrders",), ("reqAccountUpdates", True, "DU1"),
    ("reqExecutions", 5, ib_async.ExecutionFilter()), ("reqIds", 1), ("reqContractDetails", 5, CONTRACT),
    ("reqMktDepth", 5, CONTRACT, 5, True, []), ("cancelMktDepth", 5, True), ("reqNewsBulletins", True),
    ("cancelNewsBulletins",), ("setServerLogLevel", 2), ("reqAutoOpenOrders", True), ("reqAllOpenOrders",),
    ("reqManagedAccts",), ("requestFA", 1), ("replaceFA", 5, 1, "<xml/>"),
    ("reqHistoricalData", 5, CONTRACT, "", "1 D", "1 day", "TRADES", True, 1, True, []),
    ("exerciseOptions", 5, CONTRACT, 1, 1, "DU1", 0),
    ("reqScannerSubscription", 5, ib_async.ScannerSubscription(), [], []), ("cancelScannerSubscription", 5),
    ("reqScannerParameters",), ("cancelHistoricalData", 5), ("reqCurrentTime",),
    ("reqRealTimeBars", 5, CONTRACT, 5, "TRADES", True, []), ("cancelRealTimeBars", 5),
    ("reqFundamentalData", 5, CONTRACT, "ReportSnapshot", []), ("cancelFundamentalData", 5),
    ("calculateImpliedVolatility", 5, CONTRACT, 1.0, 2.0, []), ("calculateOptionPrice", 5, CONTRACT, 1.0, 2.0, []),
    ("cancelCalculateImpliedVolatility", 5), ("cancelCalculateOptionPrice", 5), ("reqGlobalCancel",),
    ("reqMarketDataType", 3), ("reqPositions",), ("reqAccountSummary", 5, "All", "NetLiquidation"),
    ("cancelAccountSummary", 5), ("cancelPositions",), ("queryDisplayGroups", 5), ("subscribeToGroupEvents", 5, 1),
    ("updateDisplayGroup", 5, "x"), ("unsubscribeFromGroupEvents", 5), ("startApi",),
    ("reqPositionsMulti", 5, "DU1", ""), ("cancelPositionsMulti", 5), ("reqAccountUpdatesMulti", 5, "DU1", "", False),
    ("cancelAccountUpdatesMulti", 5), ("reqSecDefOptParams", 5, "SPY", "", "STK", 1), ("reqSoftDollarTiers", 5),
    ("reqFamilyCodes",), ("reqMatchingSymbols", 5, "S"), ("reqMktDepthExchanges",), ("reqSmartComponents", 5, "9c"),
    ("reqNewsArticle", 5, "BRFG", "a", []), ("reqNewsProviders",), ("reqHistoricalNews", 5, 1, "BRFG", "", "", 10, []),
    ("reqHeadTimeStamp", 5, CONTRACT, "TRADES", True, 1), ("reqHistogramData", 5, CONTRACT, True, "1 D"),
    ("cancelHistogramData", 5), ("cancelHeadTimeStamp", 5), ("reqMarketRule", 26), ("reqPnL", 5, "DU1", ""),
    ("cancelPnL", 5), ("reqPnLSingle", 5, "DU1", "", 1), ("cancelPnLSingle", 5),
    ("reqHistoricalTicks", 5, CONTRACT, "", "", 10, "TRADES", True, False, []),
    ("reqTickByTickData", 5, CONTRACT, "Last", 0, False), ("cancelTickByTickData", 5), ("reqCompletedOrders", False),
    ("reqWshMetaData", 5), ("cancelWshMetaData", 5), ("reqWshEventData", 5, ib_async.WshEventData()),
    ("cancelWshEventData", 5), ("reqUserInfo", 5),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_every_request_of_the_client_reads_whole_at_every_version(call):
    for version in SPOKEN:
        written = sent(version, *call)
        request = read_request(written, version)
        assert request.name == call[0]
        if "reqId" in request.values:
            assert request.key == 5
        with pytest.raises(WireError, match="1 fields are left over"):
            read_request([*written, "surplus"], version)
        with pytest.raises(WireError):
            read_request(written[:-1] if len(written) > 1 else [], version)


def test_no_request_of_the_client_is_left_out():
    assert {REQUESTS[layout.number].name for layout in LAYOUTS} == {call[0] for call in CALLS} | {"placeOrder"}
