# SPDX-License-Identifier: Apache-2.0
"""Each field of an answer is read by a real client as what it is here: each has a value of its own, and its name."""

import inspect
from dataclasses import is_dataclass

import pytest
from ib_async.decoder import Decoder
from ib_async.wrapper import Wrapper as Methods

from engine.sandbox.wire.answers import ANSWERS
from engine.sandbox.wire.layout import Many, Row, When
from tests.sandbox.wire.test_decoded import SPOKEN, Wrapper, kind_of

OF_ORDERS = {
    "expiry": "lastTradeDateOrContractMonth", "softDollarTierName": "softDollarTier.name",
    "softDollarTierValue": "softDollarTier.val", "softDollarTierDisplay": "softDollarTier.displayName",
    "comboLegsDescription": "comboLegsDescrip",
}  # fmt: skip
OF_OTHERS = {
    "execDetails": {"expiry": "lastTradeDateOrContractMonth", "account": "acctNumber"},
    "contractDetails": {"expiry": "lastTradeDateOrContractMonth", "zone": "timeZoneId"},
    "commissionReport": {"realized": "realizedPNL", "yield": "yield_"},
}
UNREAD = {"sharesAllocation", "hasDeltaNeutral", "reqId", "time", "exchange", "executedAt"}
"""What the client passes over, and what has a test of its own below."""


def flat(rows, values):
    for row in rows:
        if isinstance(row, Row):
            yield row
        elif isinstance(row, When) and row.test(values):
            yield from flat(row.rows, values)


def own_values(layout, given, flag=None):
    """A value for each row that no other has; of the flags one alone is up."""
    values = dict(given)
    while missing := [row for row in flat(layout.rows, values) if row.name not in values]:
        row, number = missing[0], len(values) + 11
        kinds = {"int": number, "long": number, "double": number + 0.5, "size": number + 0.25, "text": f"w{number}"}
        values[row.name] = row.name == flag if kind_of(row) == "flag" else kinds[kind_of(row)]
    return values | {row.name: [] for row in layout.rows if isinstance(row, Many)}


def objects_of(layout, values, version):
    """What the client's decoder makes of the message."""
    decoder = Decoder(Wrapper(), version)
    decoder.interpret(layout.write(values, version))
    ((_, words),) = decoder.wrapper.calls
    return [one for one in words if is_dataclass(one)]


def seen(objects, name):
    """The value under a name, in the first of the client's objects that has it."""
    first, _, rest = name.partition(".")
    value = next(getattr(one, first) for one in objects if hasattr(one, first))
    return getattr(value, rest) if rest else value


def reads_each(layout, values, version, renamed):
    objects = objects_of(layout, values, version)
    objects = [*objects[1:], objects[0], *(one.contract for one in objects if hasattr(one, "contract"))]
    for row in flat(layout.rows, values):
        if row.here(version) and row.name not in UNREAD and values[row.name] is not None:
            found = seen(objects, renamed.get(row.name, row.name))
            assert found == values[row.name] or str(found) == str(values[row.name]), (layout.name, version, row.name)


CASES = [
    {"orderType": "LMT", "algoStrategy": "", "hedgeType": "", "deltaNeutralOrderType": ""},
    {"orderType": "PEG BENCH", "algoStrategy": "", "hedgeType": "B", "deltaNeutralOrderType": "MKT"},
]


@pytest.mark.parametrize("name", ["openOrder", "completedOrder"])
@pytest.mark.parametrize("case", CASES, ids=["plain", "with parts"])
def test_each_field_of_an_order_is_read_as_itself(name, case):
    layout = ANSWERS[name]
    given = case | {"hasDeltaNeutral": False, "scalePriceIncrement": None}
    flags = [row.name for row in flat(layout.rows, own_values(layout, given)) if kind_of(row) == "flag"]
    for version in SPOKEN:
        for flag in [None, *flags] if version in {157, 178} else [None]:
            if flag not in UNREAD:
                reads_each(layout, own_values(layout, given, flag), version, OF_ORDERS)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_each_field_of_an_execution_its_cost_and_of_details_is_read_as_itself(name):
    given = {"time": "20240105 15:30:00 US/Eastern"} if name == "execDetails" else {}
    for version in SPOKEN:
        reads_each(ANSWERS[name], own_values(ANSWERS[name], given), version, OF_OTHERS[name])


def test_an_execution_has_the_exchange_of_its_contract_and_its_own():
    given = {"time": "20240105 15:30:00 US/Eastern", "exchange": "SMART", "executedAt": "ARCA"}
    contract, execution = objects_of(ANSWERS["execDetails"], own_values(ANSWERS["execDetails"], given), 178)
    assert (contract.exchange, execution.exchange) == ("SMART", "ARCA")


PLAIN = {
    "tickSize": {"tick": "tickType"},
    "tickGeneric": {"tick": "tickType"},
    "tickString": {"tick": "tickType"},
    "orderStatus": {"average": "avgFillPrice", "lastPrice": "lastFillPrice", "marketCapPrice": "mktCapPrice"},
    "updateAccountValue": {"key": "tag", "value": "val"},
    "realtimeBar": {"average": "wap", "open": "open_"},
    "marketDataType": {"kind": "marketDataId"},
    "accountSummary": {"key": "tag", "reqId": "_reqId"},
    "accountUpdateMulti": {"key": "tag", "value": "val", "model": "modelCode"},
    "tickReqParams": {"exchange": "bboExchange"},
    "headTimestamp": {"time": "headTimestamp"},
    "pnl": {"daily": "dailyPnL", "unrealized": "unrealizedPnL", "realized": "realizedPnL"},
    "pnlSingle": {"position": "pos", "daily": "dailyPnL", "unrealized": "unrealizedPnL", "realized": "realizedPnL"},
    "managedAccounts": {"accounts": "accountsList"},
    "nextValidId": {"orderId": "reqId"},
}
"""Messages that the client passes field by field: our names that differ from those of its parameters."""


@pytest.mark.parametrize("name", PLAIN)
def test_each_field_of_a_plain_message_is_the_parameter_of_its_name(name):
    parameters = list(inspect.signature(getattr(Methods, name)).parameters)[1:]
    rows = [row.name for row in ANSWERS[name].rows if isinstance(row, Row)]
    assert [PLAIN[name].get(row, row) for row in rows] == parameters


def test_positions_portfolio_and_bars_are_read_as_themselves():
    """The client makes objects of these inside; their numbers tell them apart."""
    decoder = Decoder(Wrapper(), 178)
    figures = {"position": 1.0, "averageCost": 2.5, "price": 3.5, "value": 4.5, "unrealized": 5.5, "realized": 6.5}
    for name in ("position", "positionMulti", "updatePortfolio"):
        names = ANSWERS[name].names
        given = {key: value for key, value in figures.items() if key in names} | {"account": "DU1"}
        decoder.interpret(ANSWERS[name].write(own_values(ANSWERS[name], given), 178))
    bar = {
        "date": "20240105",
        "open": 1.5,
        "high": 2.5,
        "low": 0.5,
        "close": 2.0,
        "volume": 7.0,
        "average": 1.75,
        "count": 9,
    }
    decoder.interpret(ANSWERS["historicalData"].write({"reqId": 3, "start": "", "end": "", "bars": [bar]}, 178))
    decoder.interpret(ANSWERS["historicalDataUpdate"].write({"reqId": 3, **bar}, 178))
    calls = dict(decoder.wrapper.calls)
    assert (calls["position"][0], *calls["position"][2:]) == ("DU1", 1.0, 2.5)
    assert (calls["positionMulti"][1], *calls["positionMulti"][4:]) == ("DU1", 1.0, 2.5)
    assert calls["updatePortfolio"][1:] == (1.0, 3.5, 4.5, 2.5, 5.5, 6.5, "DU1")
    for name in ("historicalData", "historicalDataUpdate"):
        read = calls[name][1]
        assert {key: getattr(read, key) for key in bar if key != "count"} | {"count": read.barCount} == bar
