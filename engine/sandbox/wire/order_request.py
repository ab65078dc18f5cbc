# SPDX-License-Identifier: Apache-2.0
"""placeOrder: every field of an order as a client sends it. A field that slips makes another order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.sandbox.wire.fields import (
    FLAG,
    INT,
    MAYBE_DOUBLE,
    MAYBE_FLAG,
    MAYBE_INT,
    ORDERED_PRICE,
    ORDERED_SIZE,
    TEXT,
    Kind,
)
from engine.sandbox.wire.layout import Layout, Many, Row, Rows, When
from engine.sandbox.wire.rows import (
    CONDITIONS,
    DELTA_NEUTRAL,
    LEGS,
    PAIR,
    PEG_TO_BENCH,
    SOUGHT,
    has,
    is_bag,
    scales,
    texts,
)


def _of(kind: Kind, *names: str) -> tuple[Row, ...]:
    return tuple(Row(name, kind) for name in names)


DELTA_NEUTRAL_ORDER: Rows = (
    Row("deltaNeutralConId", INT),
    *texts(
        "deltaNeutralSettlingFirm",
        "deltaNeutralClearingAccount",
        "deltaNeutralClearingIntent",
        "deltaNeutralOpenClose",
    ),
    Row("deltaNeutralShortSale", FLAG),
    Row("deltaNeutralShortSaleSlot", INT),
    *texts("deltaNeutralDesignatedLocation"),
)

SCALE: Rows = (
    *_of(MAYBE_DOUBLE, "scalePriceAdjustValue"),
    *_of(MAYBE_INT, "scalePriceAdjustInterval"),
    *_of(MAYBE_DOUBLE, "scaleProfitOffset"),
    *_of(FLAG, "scaleAutoReset"),
    *_of(MAYBE_INT, "scaleInitPosition", "scaleInitFillQty"),
    *_of(FLAG, "scaleRandomPercent"),
)

ALGO: Rows = (Row("algoStrategy", TEXT, blank=""), When(has("algoStrategy"), (Many("algoParams", PAIR),)))

COMBINATION: Rows = (
    LEGS,
    Many("orderComboLegs", (Row("price", MAYBE_DOUBLE),)),
    Many("smartComboRoutingParams", PAIR),
)

_HEAD: Rows = (
    *_of(INT, "orderId"),
    *SOUGHT,
    *texts("secIdType", "secId", "action"),
    *_of(ORDERED_SIZE, "totalQuantity"),
    *texts("orderType"),
    *_of(ORDERED_PRICE, "lmtPrice", "auxPrice"),
    *texts("tif", "ocaGroup", "account", "openClose"),
    *_of(INT, "origin"),
    *texts("orderRef"),
    *_of(FLAG, "transmit"),
    *_of(INT, "parentId"),
    *_of(FLAG, "blockOrder", "sweepToFill"),
    *_of(MAYBE_INT, "displaySize"),
    *_of(INT, "triggerMethod"),
    *_of(FLAG, "outsideRth", "hidden"),
    When(is_bag, COMBINATION),
)

_BODY: Rows = (
    *texts("sharesAllocation"),
    *_of(MAYBE_DOUBLE, "discretionaryAmt"),
    *texts("goodAfterTime", "goodTillDate", "faGroup", "faMethod", "faPercentage"),
    Row("faProfile", TEXT, before=177),
    *texts("modelCode"),
    *_of(INT, "shortSaleSlot"),
    *texts("designatedLocation"),
    *_of(INT, "exemptCode", "ocaType"),
    *texts("rule80A", "settlingFirm"),
    *_of(FLAG, "allOrNone"),
    *_of(MAYBE_INT, "minQty"),
    *_of(MAYBE_DOUBLE, "percentOffset"),
    *_of(FLAG, "eTradeOnly", "firmQuoteOnly"),
    *_of(MAYBE_DOUBLE, "nbboPriceCap"),
    *_of(INT, "auctionStrategy"),
    *_of(MAYBE_DOUBLE, "startingPrice", "stockRefPrice", "delta", "stockRangeLower", "stockRangeUpper"),
    *_of(FLAG, "overridePercentageConstraints"),
    *_of(MAYBE_DOUBLE, "volatility"),
    *_of(MAYBE_INT, "volatilityType"),
    *texts("deltaNeutralOrderType"),
    *_of(MAYBE_DOUBLE, "deltaNeutralAuxPrice"),
    When(has("deltaNeutralOrderType"), DELTA_NEUTRAL_ORDER),
    *_of(FLAG, "continuousUpdate"),
    *_of(MAYBE_INT, "referencePriceType"),
    *_of(ORDERED_PRICE, "trailStopPrice", "trailingPercent"),
    *_of(MAYBE_INT, "scaleInitLevelSize", "scaleSubsLevelSize"),
    *_of(MAYBE_DOUBLE, "scalePriceIncrement"),
    When(scales, SCALE),
    *texts("scaleTable", "activeStartTime", "activeStopTime", "hedgeType"),
    When(has("hedgeType"), texts("hedgeParam")),
    *_of(FLAG, "optOutSmartRouting"),
    *texts("clearingAccount", "clearingIntent"),
    *_of(FLAG, "notHeld"),
    *DELTA_NEUTRAL,
    *ALGO,
    *texts("algoId"),
    *_of(FLAG, "whatIf"),
    *texts("orderMiscOptions"),
    *_of(FLAG, "solicited", "randomizeSize", "randomizePrice"),
    PEG_TO_BENCH,
    *CONDITIONS,
)


def _at_ats(values: Mapping[str, Any]) -> bool:
    return bool(values["exchange"] == "IBKRATS")


def _pegs_to_best(values: Mapping[str, Any]) -> bool:
    return values["orderType"] in ("PEG BEST", "PEGBEST")


def _has_mid_offsets(values: Mapping[str, Any]) -> bool:
    up_to_mid = _pegs_to_best(values) and values["competeAgainstBestOffset"] == math.inf
    return up_to_mid or values["orderType"] in ("PEG MID", "PEGMID")


_TAIL: Rows = (
    *texts("adjustedOrderType"),
    *_of(MAYBE_DOUBLE, "triggerPrice", "lmtPriceOffset", "adjustedStopPrice", "adjustedStopLimitPrice"),
    *_of(MAYBE_DOUBLE, "adjustedTrailingAmount"),
    *_of(INT, "adjustableTrailingUnit"),
    *texts("extOperator", "softDollarTierName", "softDollarTierValue"),
    *_of(MAYBE_DOUBLE, "cashQty"),
    *texts("mifid2DecisionMaker", "mifid2DecisionAlgo", "mifid2ExecutionTrader", "mifid2ExecutionAlgo"),
    *_of(FLAG, "dontUseAutoPriceForHedge", "isOmsContainer", "discretionaryUpToLimitPrice"),
    *_of(MAYBE_FLAG, "usePriceMgmtAlgo"),
    Row("duration", MAYBE_INT, since=158),
    Row("postToAts", MAYBE_INT, since=160),
    Row("autoCancelParent", FLAG, since=162),
    Row("advancedErrorOverride", TEXT, since=166),
    Row("manualOrderTime", TEXT, since=169),
    When(_at_ats, _of(MAYBE_INT, "minTradeQty"), since=170),
    When(
        _pegs_to_best,
        (*_of(MAYBE_INT, "minCompeteSize"), *_of(MAYBE_DOUBLE, "competeAgainstBestOffset")),
        since=170,
    ),
    When(_has_mid_offsets, _of(MAYBE_DOUBLE, "midOffsetAtWhole", "midOffsetAtHalf"), since=170),
)

PLACE_ORDER = Layout(3, "placeOrder", (*_HEAD, *_BODY, *_TAIL))
