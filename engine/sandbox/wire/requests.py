# SPDX-License-Identifier: Apache-2.0
"""What clients send: every text message of the protocol at the versions spoken, by its number."""

from __future__ import annotations

from dataclasses import dataclass

from engine.sandbox.wire.fields import FLAG, INT, MAYBE_DOUBLE, MAYBE_INT, TEXT, WireError
from engine.sandbox.wire.layout import Fixed, Row, Values, When
from engine.sandbox.wire.order_request import PLACE_ORDER
from engine.sandbox.wire.rows import DELTA_NEUTRAL, REQ, SHORT_LEGS, SOUGHT, V1, is_bag, message, texts

V2, V3 = Fixed("2"), Fixed("3")


def _flags(*names: str) -> tuple[Row, ...]:
    return tuple(Row(name, FLAG) for name in names)


_EXPIRED = Row("includeExpired", FLAG)
_LEGS_OF_BAG = When(is_bag, (SHORT_LEGS,))
_NARROW = tuple(row for row in SOUGHT if row.name != "primaryExchange")
_FUNDAMENTAL = tuple(row for row in SOUGHT if row.name in ("conId", "symbol", "secType")) + texts(
    "exchange", "primaryExchange", "currency", "localSymbol"
)
_SCANNER = (
    REQ,
    Row("numberOfRows", MAYBE_INT),
    *texts("instrument", "locationCode", "scanCode"),
    *(Row(name, MAYBE_DOUBLE) for name in ("abovePrice", "belowPrice", "aboveVolume")),
    *(Row(name, MAYBE_DOUBLE) for name in ("marketCapAbove", "marketCapBelow")),
    *texts("moodyRatingAbove", "moodyRatingBelow", "spRatingAbove", "spRatingBelow"),
    *texts("maturityDateAbove", "maturityDateBelow"),
    *(Row(name, MAYBE_DOUBLE) for name in ("couponRateAbove", "couponRateBelow")),
    *_flags("excludeConvertible"),
    Row("averageOptionVolumeAbove", MAYBE_INT),
    *texts("scannerSettingPairs", "stockTypeFilter", "filterOptions", "options"),
)


LAYOUTS = (
    message(
        1,
        "reqMktData",
        Fixed("11"),
        REQ,
        *SOUGHT,
        _LEGS_OF_BAG,
        *DELTA_NEUTRAL,
        *texts("genericTicks"),
        *_flags("snapshot", "regulatorySnapshot"),
        *texts("options"),
    ),
    message(2, "cancelMktData", V2, REQ),
    PLACE_ORDER,
    message(4, "cancelOrder", V1, Row("orderId", INT), Row("manualCancelTime", TEXT, since=169)),
    message(5, "reqOpenOrders", V1),
    message(6, "reqAccountUpdates", V2, *_flags("subscribe"), *texts("account")),
    message(
        7,
        "reqExecutions",
        V3,
        REQ,
        Row("clientId", INT),
        *texts("account", "time", "symbol", "secType"),
        *texts("exchange", "side"),
    ),
    message(8, "reqIds", V1, Row("count", INT)),
    message(
        9,
        "reqContractDetails",
        Fixed("8"),
        REQ,
        *SOUGHT,
        _EXPIRED,
        *texts("secIdType", "secId"),
        Row("issuerId", TEXT, since=176),
    ),
    message(10, "reqMktDepth", Fixed("5"), REQ, *SOUGHT, Row("rows", INT), *_flags("smartDepth"), *texts("options")),
    message(11, "cancelMktDepth", V1, REQ, *_flags("smartDepth")),
    message(12, "reqNewsBulletins", V1, *_flags("all")),
    message(13, "cancelNewsBulletins", V1),
    message(14, "setServerLogLevel", V1, Row("level", INT)),
    message(15, "reqAutoOpenOrders", V1, *_flags("bind")),
    message(16, "reqAllOpenOrders", V1),
    message(17, "reqManagedAccts", V1),
    message(18, "requestFA", V1, Row("kind", INT)),
    message(19, "replaceFA", V1, Row("kind", INT), *texts("xml"), REQ),
    message(
        20,
        "reqHistoricalData",
        REQ,
        *SOUGHT,
        _EXPIRED,
        *texts("end", "barSize", "duration"),
        *_flags("useRTH"),
        *texts("whatToShow"),
        Row("formatDate", INT),
        _LEGS_OF_BAG,
        *_flags("keepUpToDate"),
        *texts("options"),
    ),
    message(
        21,
        "exerciseOptions",
        V2,
        REQ,
        *_NARROW,
        Row("action", INT),
        Row("quantity", INT),
        *texts("account"),
        Row("override", INT),
    ),
    message(22, "reqScannerSubscription", *_SCANNER),
    message(23, "cancelScannerSubscription", V1, REQ),
    message(24, "reqScannerParameters", V1),
    message(25, "cancelHistoricalData", V1, REQ),
    message(49, "reqCurrentTime", V1),
    message(
        50,
        "reqRealTimeBars",
        V3,
        REQ,
        *SOUGHT,
        Row("barSize", INT),
        *texts("whatToShow"),
        *_flags("useRTH"),
        *texts("options"),
    ),
    message(51, "cancelRealTimeBars", V1, REQ),
    message(52, "reqFundamentalData", V2, REQ, *_FUNDAMENTAL, *texts("report"), Row("count", INT), *texts("options")),
    message(53, "cancelFundamentalData", V1, REQ),
    message(
        54,
        "calculateImpliedVolatility",
        V3,
        REQ,
        *SOUGHT,
        Row("optionPrice", MAYBE_DOUBLE),
        Row("underPrice", MAYBE_DOUBLE),
        Row("count", INT),
        *texts("options"),
    ),
    message(
        55,
        "calculateOptionPrice",
        V3,
        REQ,
        *SOUGHT,
        Row("volatility", MAYBE_DOUBLE),
        Row("underPrice", MAYBE_DOUBLE),
        Row("count", INT),
        *texts("options"),
    ),
    message(56, "cancelCalculateImpliedVolatility", V1, REQ),
    message(57, "cancelCalculateOptionPrice", V1, REQ),
    message(58, "reqGlobalCancel", V1),
    message(59, "reqMarketDataType", V1, Row("kind", INT)),
    message(61, "reqPositions", V1),
    message(62, "reqAccountSummary", V1, REQ, *texts("group", "tags")),
    message(63, "cancelAccountSummary", V1, REQ),
    message(64, "cancelPositions", V1),
    message(67, "queryDisplayGroups", V1, REQ),
    message(68, "subscribeToGroupEvents", V1, REQ, Row("group", INT)),
    message(69, "updateDisplayGroup", V1, REQ, *texts("contract")),
    message(70, "unsubscribeFromGroupEvents", V1, REQ),
    message(71, "startApi", V2, Row("clientId", INT), *texts("capabilities")),
    message(74, "reqPositionsMulti", V1, REQ, *texts("account", "model")),
    message(75, "cancelPositionsMulti", V1, REQ),
    message(76, "reqAccountUpdatesMulti", V1, REQ, *texts("account", "model"), *_flags("ledgerAndNLV")),
    message(77, "cancelAccountUpdatesMulti", V1, REQ),
    message(78, "reqSecDefOptParams", REQ, *texts("symbol", "exchange", "secType"), Row("conId", INT)),
    message(79, "reqSoftDollarTiers", REQ),
    message(80, "reqFamilyCodes"),
    message(81, "reqMatchingSymbols", REQ, *texts("pattern")),
    message(82, "reqMktDepthExchanges"),
    message(83, "reqSmartComponents", REQ, *texts("exchange")),
    message(84, "reqNewsArticle", REQ, *texts("provider", "article", "options")),
    message(85, "reqNewsProviders"),
    message(
        86,
        "reqHistoricalNews",
        REQ,
        Row("conId", INT),
        *texts("providers", "start", "end"),
        Row("count", INT),
        *texts("options"),
    ),
    message(
        87, "reqHeadTimeStamp", REQ, *SOUGHT, _EXPIRED, *_flags("useRTH"), *texts("whatToShow"), Row("formatDate", INT)
    ),
    message(88, "reqHistogramData", REQ, *SOUGHT, _EXPIRED, *_flags("useRTH"), *texts("period")),
    message(89, "cancelHistogramData", REQ),
    message(90, "cancelHeadTimeStamp", REQ),
    message(91, "reqMarketRule", Row("ruleId", INT)),
    message(92, "reqPnL", REQ, *texts("account", "model")),
    message(93, "cancelPnL", REQ),
    message(94, "reqPnLSingle", REQ, *texts("account", "model"), Row("conId", INT)),
    message(95, "cancelPnLSingle", REQ),
    message(
        96,
        "reqHistoricalTicks",
        REQ,
        *SOUGHT,
        _EXPIRED,
        *texts("start", "end"),
        Row("count", INT),
        *texts("whatToShow"),
        *_flags("useRTH", "ignoreSize"),
        *texts("options"),
    ),
    message(97, "reqTickByTickData", REQ, *SOUGHT, *texts("kind"), Row("count", INT), *_flags("ignoreSize")),
    message(98, "cancelTickByTickData", REQ),
    message(99, "reqCompletedOrders", *_flags("apiOnly")),
    message(100, "reqWshMetaData", REQ),
    message(101, "cancelWshMetaData", REQ),
    message(
        102,
        "reqWshEventData",
        REQ,
        Row("conId", INT),
        Row("filter", TEXT, since=171),
        *(Row(name, FLAG, since=171) for name in ("fillWatchlist", "fillPortfolio", "fillCompetitors")),
        *(Row(name, TEXT, since=173) for name in ("start", "end")),
        Row("limit", MAYBE_INT, since=173),
    ),
    message(103, "cancelWshEventData", REQ),
    message(104, "reqUserInfo", REQ),
)

REQUESTS = {layout.number: layout for layout in LAYOUTS}
NAMES = {layout.name: layout for layout in LAYOUTS}


@dataclass(frozen=True)
class Request:
    """A message of a client. key is the id of its order or request, -1 where it has none."""

    name: str
    values: Values

    @property
    def key(self) -> int:
        """Id under which an answer or an error is due."""
        for name in ("orderId", "reqId"):
            if name in self.values:
                return int(self.values[name])
        return -1


def read_request(fields: list[str], version: int) -> Request:
    """A request of the fields of a frame. Raises WireError that names message and field."""
    number = fields[0] if fields else ""
    layout = REQUESTS.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if layout is None:
        raise WireError(f"no message of versions up to 178 has the number {number[:20]!r}")
    return Request(layout.name, layout.read(fields[1:], version))
