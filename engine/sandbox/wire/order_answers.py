# SPDX-License-Identifier: Apache-2.0
"""openOrder and completedOrder: an order as the server shows it, while it lives and when it has ended."""

from __future__ import annotations

from engine.sandbox.wire.fields import (
    DOUBLE,
    FLAG,
    INT,
    LONG,
    LOUD_DOUBLE,
    MAYBE_DOUBLE,
    MAYBE_FLAG,
    MAYBE_INT,
    SIZE,
    TEXT,
)
from engine.sandbox.wire.layout import Layout, Many, Row, Rows, When
from engine.sandbox.wire.order_request import ALGO, DELTA_NEUTRAL_ORDER, SCALE
from engine.sandbox.wire.rows import (
    CONDITIONS,
    DELTA_NEUTRAL,
    LEGS,
    PAIR,
    PEG_TO_BENCH,
    TRADED,
    has,
    open_to,
    scales,
    texts,
)

_WHAT: Rows = (
    *TRADED,
    Row("action", TEXT),
    Row("totalQuantity", SIZE),
    Row("orderType", TEXT),
    Row("lmtPrice", MAYBE_DOUBLE),
    Row("auxPrice", MAYBE_DOUBLE),
    Row("tif", TEXT),
    *open_to(TEXT, "ocaGroup"),
    Row("account", TEXT),
    *open_to(TEXT, "openClose"),
    *open_to(INT, "origin"),
    Row("orderRef", TEXT),
)

_FLAGS: Rows = (
    *open_to(FLAG, "outsideRth", "hidden"),
    *open_to(DOUBLE, "discretionaryAmt"),
    *open_to(TEXT, "goodAfterTime"),
)

_ADVISOR: Rows = (
    *open_to(TEXT, "faGroup", "faMethod", "faPercentage"),
    Row("faProfile", TEXT, before=177, blank=""),
    *open_to(TEXT, "modelCode", "goodTillDate", "rule80A"),
    *open_to(MAYBE_DOUBLE, "percentOffset"),
    *open_to(TEXT, "settlingFirm"),
    *open_to(INT, "shortSaleSlot"),
    *open_to(TEXT, "designatedLocation"),
    Row("exemptCode", INT, blank="-1"),
)

_PEGS: Rows = open_to(MAYBE_DOUBLE, "startingPrice", "stockRefPrice", "delta", "stockRangeLower", "stockRangeUpper")

_VOLATILITY: Rows = (
    *open_to(INT, "triggerMethod"),
    *open_to(MAYBE_DOUBLE, "volatility"),
    *open_to(MAYBE_INT, "volatilityType"),
    *open_to(TEXT, "deltaNeutralOrderType"),
    *open_to(MAYBE_DOUBLE, "deltaNeutralAuxPrice"),
)

_TRAIL: Rows = (
    *open_to(FLAG, "continuousUpdate"),
    *open_to(MAYBE_INT, "referencePriceType"),
    *open_to(MAYBE_DOUBLE, "trailStopPrice", "trailingPercent"),
)

_LEGS: Rows = (
    *open_to(TEXT, "comboLegsDescription"),
    LEGS,
    Many("orderComboLegs", (Row("price", MAYBE_DOUBLE),)),
    Many("smartComboRoutingParams", PAIR),
    *open_to(MAYBE_INT, "scaleInitLevelSize", "scaleSubsLevelSize"),
    *open_to(MAYBE_DOUBLE, "scalePriceIncrement"),
    When(scales, SCALE),
    *open_to(TEXT, "hedgeType"),
    When(has("hedgeType"), texts("hedgeParam")),
)

_CLEARING: Rows = (
    *open_to(TEXT, "clearingAccount", "clearingIntent"),
    *open_to(FLAG, "notHeld"),
    *DELTA_NEUTRAL,
    *ALGO,
    *open_to(FLAG, "solicited"),
)

_PEG_MID: Rows = (
    Row("minTradeQty", MAYBE_INT, since=170, blank=""),
    Row("minCompeteSize", MAYBE_INT, since=170, blank=""),
    Row("competeAgainstBestOffset", MAYBE_DOUBLE, since=170, blank=""),
    Row("midOffsetAtWhole", MAYBE_DOUBLE, since=170, blank=""),
    Row("midOffsetAtHalf", MAYBE_DOUBLE, since=170, blank=""),
)

_MARGINS = tuple(
    Row(f"{figure}{when}", LOUD_DOUBLE, blank=LOUD_DOUBLE.blank)
    for when in ("Before", "Change", "After")
    for figure in ("initMargin", "maintMargin", "equityWithLoan")
)

_STATE: Rows = (
    Row("status", TEXT),
    *_MARGINS,
    *(Row(name, MAYBE_DOUBLE, blank="") for name in ("commission", "minCommission", "maxCommission")),
    *open_to(TEXT, "commissionCurrency", "warningText"),
)

OPEN_ORDER = Layout(
    5,
    "openOrder",
    (
        Row("orderId", INT),
        *_WHAT,
        Row("clientId", INT),
        Row("permId", LONG),
        *_FLAGS,
        *open_to(TEXT, "sharesAllocation"),
        *_ADVISOR,
        *open_to(INT, "auctionStrategy"),
        *_PEGS,
        *open_to(INT, "displaySize"),
        *open_to(FLAG, "blockOrder", "sweepToFill", "allOrNone"),
        *open_to(MAYBE_INT, "minQty"),
        *open_to(INT, "ocaType"),
        *open_to(FLAG, "eTradeOnly", "firmQuoteOnly"),
        *open_to(MAYBE_DOUBLE, "nbboPriceCap"),
        *open_to(INT, "parentId"),
        *_VOLATILITY,
        When(has("deltaNeutralOrderType"), DELTA_NEUTRAL_ORDER),
        *_TRAIL,
        *open_to(MAYBE_DOUBLE, "basisPoints"),
        *open_to(MAYBE_INT, "basisPointsType"),
        *_LEGS,
        *open_to(FLAG, "optOutSmartRouting"),
        *_CLEARING,
        *open_to(FLAG, "whatIf"),
        *_STATE,
        *open_to(FLAG, "randomizeSize", "randomizePrice"),
        PEG_TO_BENCH,
        *CONDITIONS,
        *open_to(TEXT, "adjustedOrderType"),
        *open_to(MAYBE_DOUBLE, "triggerPrice", "trailStopPrice", "lmtPriceOffset"),
        *open_to(MAYBE_DOUBLE, "adjustedStopPrice", "adjustedStopLimitPrice", "adjustedTrailingAmount"),
        *open_to(INT, "adjustableTrailingUnit"),
        *open_to(TEXT, "softDollarTierName", "softDollarTierValue", "softDollarTierDisplay"),
        *open_to(MAYBE_DOUBLE, "cashQty"),
        *open_to(FLAG, "dontUseAutoPriceForHedge", "isOmsContainer", "discretionaryUpToLimitPrice"),
        *open_to(MAYBE_FLAG, "usePriceMgmtAlgo"),
        Row("duration", MAYBE_INT, since=159, blank=""),
        Row("postToAts", MAYBE_INT, since=160, blank=""),
        Row("autoCancelParent", FLAG, since=162, blank="0"),
        *_PEG_MID,
    ),
)

COMPLETED_ORDER = Layout(
    101,
    "completedOrder",
    (
        *_WHAT,
        Row("permId", LONG),
        *_FLAGS,
        *_ADVISOR,
        *_PEGS,
        *open_to(INT, "displaySize"),
        *open_to(FLAG, "sweepToFill", "allOrNone"),
        *open_to(MAYBE_INT, "minQty"),
        *open_to(INT, "ocaType"),
        *_VOLATILITY,
        When(
            has("deltaNeutralOrderType"),
            (
                Row("deltaNeutralConId", INT),
                Row("deltaNeutralShortSale", FLAG),
                Row("deltaNeutralShortSaleSlot", INT),
                *texts("deltaNeutralDesignatedLocation"),
            ),
        ),
        *_TRAIL,
        *_LEGS,
        *_CLEARING,
        Row("status", TEXT),
        *open_to(FLAG, "randomizeSize", "randomizePrice"),
        PEG_TO_BENCH,
        *CONDITIONS,
        *open_to(MAYBE_DOUBLE, "trailStopPrice", "lmtPriceOffset", "cashQty"),
        *open_to(FLAG, "dontUseAutoPriceForHedge", "isOmsContainer"),
        *open_to(TEXT, "autoCancelDate"),
        Row("filledQuantity", SIZE),
        *open_to(INT, "refFuturesConId"),
        *open_to(FLAG, "autoCancelParent"),
        *open_to(TEXT, "shareholder"),
        *open_to(FLAG, "imbalanceOnly", "routeMarketableToBbo"),
        *open_to(LONG, "parentPermId"),
        *texts("completedTime", "completedStatus"),
        *_PEG_MID,
    ),
)
