# SPDX-License-Identifier: Apache-2.0
"""What the server sends, by the name of the message, written for the version that a client speaks."""

from __future__ import annotations

from typing import Any

from engine.sandbox.wire.fields import DOUBLE, FLAG, INT, LONG, LOUD_DOUBLE, MAYBE_INT, SIZE, TEXT, Kind
from engine.sandbox.wire.frames import joined
from engine.sandbox.wire.layout import Fixed, Layout, Many, Part, Row, Rows
from engine.sandbox.wire.order_answers import COMPLETED_ORDER, OPEN_ORDER
from engine.sandbox.wire.rows import HELD, PAIR, TRADED, open_to, texts

V1 = Fixed("1")
REQ = Row("reqId", INT)


def _layout(number: int, name: str, *rows: Part) -> Layout:
    return Layout(number, name, rows)


def _of(kind: Kind, *names: str) -> tuple[Row, ...]:
    return tuple(Row(name, kind) for name in names)


_BAR: Rows = (
    *texts("date"),
    *_of(DOUBLE, "open", "high", "low", "close"),
    *_of(SIZE, "volume"),
    *_of(DOUBLE, "average"),
    *_of(INT, "count"),
)

_DETAILS: Rows = (
    Fixed("8", before=164),
    REQ,
    *texts("symbol", "secType", "expiry"),
    *_of(DOUBLE, "strike"),
    *texts("right", "exchange", "currency", "localSymbol", "marketName", "tradingClass"),
    *_of(INT, "conId"),
    *_of(DOUBLE, "minTick"),
    Fixed("1", before=164),
    *texts("multiplier", "orderTypes", "validExchanges"),
    *_of(INT, "priceMagnifier", "underConId"),
    *texts("longName", "primaryExchange", "contractMonth", "industry", "category", "subcategory", "zone"),
    *texts("tradingHours", "liquidHours"),
    *open_to(TEXT, "evRule"),
    *open_to(INT, "evMultiplier"),
    Many("secIds", PAIR),
    *_of(INT, "aggGroup"),
    *texts("underSymbol", "underSecType", "marketRuleIds", "realExpirationDate", "stockType"),
    Row("suggestedSizeIncrement", SIZE, since=163, before=164, blank="1"),
    *(Row(name, SIZE, since=164, blank="1") for name in ("minSize", "sizeIncrement", "suggestedSizeIncrement")),
)

_EXECUTION: Rows = (
    REQ,
    *_of(INT, "orderId"),
    *TRADED,
    *texts("execId", "time", "account", "executedAt", "side"),
    *_of(SIZE, "shares"),
    *_of(DOUBLE, "price"),
    *_of(LONG, "permId"),
    *_of(INT, "clientId"),
    *_of(FLAG, "liquidation"),
    *_of(SIZE, "cumQty"),
    *_of(DOUBLE, "avgPrice"),
    *texts("orderRef"),
    *open_to(TEXT, "evRule"),
    *open_to(DOUBLE, "evMultiplier"),
    *open_to(TEXT, "modelCode"),
    *_of(INT, "lastLiquidity"),
    Row("pendingPriceRevision", FLAG, since=178, blank="0"),
)

_PORTFOLIO: Rows = (
    Fixed("8"),
    *HELD,
    *_of(SIZE, "position"),
    *_of(DOUBLE, "price", "value", "averageCost", "unrealized", "realized"),
    *texts("account"),
)

LAYOUTS = (
    _layout(
        1, "tickPrice", Fixed("6"), REQ, *_of(INT, "tick"), *_of(DOUBLE, "price"), *_of(SIZE, "size"), *_of(INT, "mask")
    ),
    _layout(2, "tickSize", Fixed("6"), REQ, *_of(INT, "tick"), *_of(SIZE, "size")),
    _layout(
        3,
        "orderStatus",
        *_of(INT, "orderId"),
        *texts("status"),
        *_of(SIZE, "filled", "remaining"),
        *_of(DOUBLE, "average"),
        *_of(LONG, "permId"),
        *_of(INT, "parentId"),
        *_of(DOUBLE, "lastPrice"),
        *_of(INT, "clientId"),
        *texts("whyHeld"),
        *open_to(DOUBLE, "marketCapPrice"),
    ),
    _layout(
        4, "error", Fixed("2"), *_of(INT, "id", "code"), *texts("text"), Row("advanced", TEXT, since=166, blank="")
    ),
    OPEN_ORDER,
    _layout(6, "updateAccountValue", Fixed("2"), *texts("key", "value", "currency", "account")),
    _layout(7, "updatePortfolio", *_PORTFOLIO),
    _layout(8, "updateAccountTime", V1, *texts("time")),
    _layout(9, "nextValidId", V1, *_of(INT, "orderId")),
    _layout(10, "contractDetails", *_DETAILS),
    _layout(11, "execDetails", *_EXECUTION),
    _layout(15, "managedAccounts", V1, *texts("accounts")),
    _layout(17, "historicalData", REQ, *texts("start", "end"), Many("bars", _BAR)),
    _layout(45, "tickGeneric", Fixed("6"), REQ, *_of(INT, "tick"), *_of(DOUBLE, "value")),
    _layout(46, "tickString", Fixed("6"), REQ, *_of(INT, "tick"), *texts("value")),
    _layout(49, "currentTime", V1, *_of(LONG, "time")),
    _layout(
        50,
        "realtimeBar",
        Fixed("3"),
        REQ,
        *_of(LONG, "time"),
        *_of(DOUBLE, "open", "high", "low", "close"),
        *_of(SIZE, "volume"),
        *_of(DOUBLE, "average"),
        *_of(INT, "count"),
    ),
    _layout(52, "contractDetailsEnd", V1, REQ),
    _layout(53, "openOrderEnd", V1),
    _layout(54, "accountDownloadEnd", V1, *texts("account")),
    _layout(55, "execDetailsEnd", V1, REQ),
    _layout(57, "tickSnapshotEnd", V1, REQ),
    _layout(58, "marketDataType", V1, REQ, *_of(INT, "kind")),
    _layout(
        59,
        "commissionReport",
        V1,
        *texts("execId"),
        *_of(DOUBLE, "commission"),
        *texts("currency"),
        *_of(LOUD_DOUBLE, "realized"),
        Row("yield", LOUD_DOUBLE, blank=LOUD_DOUBLE.blank),
        *open_to(MAYBE_INT, "yieldRedemptionDate"),
    ),
    _layout(
        61, "position", Fixed("3"), *texts("account"), *TRADED, *_of(SIZE, "position"), *_of(DOUBLE, "averageCost")
    ),
    _layout(62, "positionEnd", V1),
    _layout(63, "accountSummary", V1, REQ, *texts("account", "key", "value", "currency")),
    _layout(64, "accountSummaryEnd", V1, REQ),
    _layout(
        71,
        "positionMulti",
        V1,
        REQ,
        *texts("account"),
        *TRADED,
        *_of(SIZE, "position"),
        *_of(DOUBLE, "averageCost"),
        *open_to(TEXT, "model"),
    ),
    _layout(72, "positionMultiEnd", V1, REQ),
    _layout(73, "accountUpdateMulti", V1, REQ, *texts("account", "model", "key", "value", "currency")),
    _layout(74, "accountUpdateMultiEnd", V1, REQ),
    _layout(
        75,
        "securityDefinitionOptionParameter",
        REQ,
        *texts("exchange"),
        *_of(INT, "underConId"),
        *texts("tradingClass", "multiplier"),
        Many("expirations", texts("expiry")),
        Many("strikes", _of(DOUBLE, "strike")),
    ),
    _layout(76, "securityDefinitionOptionParameterEnd", REQ),
    _layout(
        79,
        "symbolSamples",
        REQ,
        Many(
            "contracts",
            (
                *_of(INT, "conId"),
                *texts("symbol", "secType", "primaryExchange", "currency"),
                Many("derivatives", texts("secType")),
                Row("description", TEXT, since=176),
                Row("issuerId", TEXT, since=176, blank=""),
            ),
        ),
    ),
    _layout(81, "tickReqParams", REQ, *_of(DOUBLE, "minTick"), *texts("exchange"), *_of(INT, "snapshotPermissions")),
    _layout(88, "headTimestamp", REQ, *texts("time")),
    _layout(
        90,
        "historicalDataUpdate",
        REQ,
        *_of(INT, "count"),
        *texts("date"),
        *_of(DOUBLE, "open", "close", "high", "low"),
        *_of(DOUBLE, "average"),
        *_of(SIZE, "volume"),
    ),
    _layout(93, "marketRule", *_of(INT, "ruleId"), Many("increments", _of(DOUBLE, "lowEdge", "increment"))),
    _layout(94, "pnl", REQ, *_of(LOUD_DOUBLE, "daily", "unrealized", "realized")),
    _layout(95, "pnlSingle", REQ, *_of(INT, "position"), *_of(LOUD_DOUBLE, "daily", "unrealized", "realized", "value")),
    COMPLETED_ORDER,
    _layout(102, "completedOrdersEnd"),
)

ANSWERS = {layout.name: layout for layout in LAYOUTS}
BY_NUMBER = {layout.number: layout for layout in LAYOUTS}


def answer(name: str, version: int, **values: Any) -> bytes:
    """One message of the server as a frame. KeyError and ValueError are faults of the sandbox, not of a client."""
    return joined(ANSWERS[name].write(values, version))
