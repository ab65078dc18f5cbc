# SPDX-License-Identifier: Apache-2.0
"""What the server sends, by the name of the message, written for the version that a client speaks."""

from __future__ import annotations

from typing import Any

from engine.sandbox.wire.fields import DOUBLE, FLAG, INT, LONG, LOUD_DOUBLE, MAYBE_INT, SIZE, TEXT, Kind
from engine.sandbox.wire.frames import joined
from engine.sandbox.wire.layout import Fixed, Many, Row, Rows
from engine.sandbox.wire.order_answers import COMPLETED_ORDER, OPEN_ORDER
from engine.sandbox.wire.rows import HELD, PAIR, REQ, TRADED, V1, message, open_to, texts


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
    message(
        1, "tickPrice", Fixed("6"), REQ, *_of(INT, "tick"), *_of(DOUBLE, "price"), *_of(SIZE, "size"), *_of(INT, "mask")
    ),
    message(2, "tickSize", Fixed("6"), REQ, *_of(INT, "tick"), *_of(SIZE, "size")),
    message(
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
    message(
        4, "error", Fixed("2"), *_of(INT, "id", "code"), *texts("text"), Row("advanced", TEXT, since=166, blank="")
    ),
    OPEN_ORDER,
    message(6, "updateAccountValue", Fixed("2"), *texts("key", "value", "currency", "account")),
    message(7, "updatePortfolio", *_PORTFOLIO),
    message(8, "updateAccountTime", V1, *texts("time")),
    message(9, "nextValidId", V1, *_of(INT, "orderId")),
    message(10, "contractDetails", *_DETAILS),
    message(11, "execDetails", *_EXECUTION),
    message(15, "managedAccounts", V1, *texts("accounts")),
    message(17, "historicalData", REQ, *texts("start", "end"), Many("bars", _BAR)),
    message(45, "tickGeneric", Fixed("6"), REQ, *_of(INT, "tick"), *_of(DOUBLE, "value")),
    message(46, "tickString", Fixed("6"), REQ, *_of(INT, "tick"), *texts("value")),
    message(49, "currentTime", V1, *_of(LONG, "time")),
    message(
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
    message(52, "contractDetailsEnd", V1, REQ),
    message(53, "openOrderEnd", V1),
    message(54, "accountDownloadEnd", V1, *texts("account")),
    message(55, "execDetailsEnd", V1, REQ),
    message(57, "tickSnapshotEnd", V1, REQ),
    message(58, "marketDataType", V1, REQ, *_of(INT, "kind")),
    message(
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
    message(
        61, "position", Fixed("3"), *texts("account"), *TRADED, *_of(SIZE, "position"), *_of(DOUBLE, "averageCost")
    ),
    message(62, "positionEnd", V1),
    message(63, "accountSummary", V1, REQ, *texts("account", "key", "value", "currency")),
    message(64, "accountSummaryEnd", V1, REQ),
    message(
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
    message(72, "positionMultiEnd", V1, REQ),
    message(73, "accountUpdateMulti", V1, REQ, *texts("account", "model", "key", "value", "currency")),
    message(74, "accountUpdateMultiEnd", V1, REQ),
    message(
        75,
        "securityDefinitionOptionParameter",
        REQ,
        *texts("exchange"),
        *_of(INT, "underConId"),
        *texts("tradingClass", "multiplier"),
        Many("expirations", texts("expiry")),
        Many("strikes", _of(DOUBLE, "strike")),
    ),
    message(76, "securityDefinitionOptionParameterEnd", REQ),
    message(
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
    message(81, "tickReqParams", REQ, *_of(DOUBLE, "minTick"), *texts("exchange"), *_of(INT, "snapshotPermissions")),
    message(88, "headTimestamp", REQ, *texts("time")),
    message(
        90,
        "historicalDataUpdate",
        REQ,
        *_of(INT, "count"),
        *texts("date"),
        *_of(DOUBLE, "open", "close", "high", "low"),
        *_of(DOUBLE, "average"),
        *_of(SIZE, "volume"),
    ),
    message(93, "marketRule", *_of(INT, "ruleId"), Many("increments", _of(DOUBLE, "lowEdge", "increment"))),
    message(94, "pnl", REQ, *_of(LOUD_DOUBLE, "daily", "unrealized", "realized")),
    message(95, "pnlSingle", REQ, *_of(INT, "position"), *_of(LOUD_DOUBLE, "daily", "unrealized", "realized", "value")),
    COMPLETED_ORDER,
    message(102, "completedOrdersEnd"),
)

ANSWERS = {layout.name: layout for layout in LAYOUTS}
BY_NUMBER = {layout.number: layout for layout in LAYOUTS}


def answer(name: str, version: int, **values: Any) -> bytes:
    """One message of the server as a frame. KeyError and ValueError are faults of the sandbox, not of a client."""
    return joined(ANSWERS[name].write(values, version))
