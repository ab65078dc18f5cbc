# SPDX-License-Identifier: Apache-2.0
"""Rows that many messages share: contracts as clients send and read them, legs, conditions, pairs of tag and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.sandbox.wire.fields import DOUBLE, FLAG, INT, LONG, TEXT, Kind
from engine.sandbox.wire.layout import Fixed, Layout, Many, Part, Row, Rows, When

V1 = Fixed("1")
"""The version of most single messages."""

REQ = Row("reqId", INT)


def message(number: int, name: str, *rows: Part) -> Layout:
    """The layout of a message."""
    return Layout(number, name, rows)


def texts(*names: str, blank: str | None = None) -> tuple[Row, ...]:
    """Rows of text."""
    return tuple(Row(name, TEXT, blank=blank) for name in names)


def open_to(kind: Kind, *names: str) -> tuple[Row, ...]:
    """Rows that may be left unsaid: they are blank then."""
    return tuple(Row(name, kind, blank=kind.blank) for name in names)


_INSTRUMENT: tuple[Row, ...] = (
    Row("conId", INT),
    *texts("symbol", "secType", "expiry"),
    Row("strike", DOUBLE),
    *texts("right", "multiplier"),
)

SOUGHT: tuple[Row, ...] = (
    *_INSTRUMENT,
    *texts("exchange", "primaryExchange", "currency", "localSymbol", "tradingClass"),
)
"""A contract in a request."""

TRADED: tuple[Row, ...] = (*_INSTRUMENT, *texts("exchange", "currency", "localSymbol", "tradingClass"))
"""A contract in an answer."""

HELD: tuple[Row, ...] = (*_INSTRUMENT, *texts("primaryExchange", "currency", "localSymbol", "tradingClass"))
"""A contract in a portfolio."""

PAIR = texts("tag", "value")

SHORT_LEGS = Many("legs", (Row("conId", INT), Row("ratio", INT), *texts("action", "exchange")))

LEGS = Many(
    "legs",
    (
        Row("conId", INT),
        Row("ratio", INT),
        *texts("action", "exchange"),
        Row("openClose", INT),
        Row("shortSaleSlot", INT),
        *texts("designatedLocation"),
        Row("exemptCode", INT),
    ),
)


def has(name: str) -> Any:
    """Test of a When: the value before is said."""
    return lambda values: bool(values.get(name))


def is_bag(values: Mapping[str, Any]) -> bool:
    """Test of a When: the contract is a combination."""
    return bool(values["secType"] == "BAG")


DELTA_NEUTRAL: Rows = (
    Row("hasDeltaNeutral", FLAG, blank="0"),
    When(
        has("hasDeltaNeutral"),
        (Row("deltaNeutralContract", INT), Row("deltaNeutralDelta", DOUBLE), Row("deltaNeutralPrice", DOUBLE)),
    ),
)


def _of_type(*types: int) -> Any:
    return lambda values: values["type"] in types


CONDITIONS: Rows = (
    Many(
        "conditions",
        (
            Row("type", INT),
            Row("conjunction", TEXT),
            When(_of_type(5), texts("conditionSecType", "conditionExchange", "conditionSymbol")),
            When(_of_type(1, 3, 4, 6, 7), (Row("isMore", FLAG), Row("limit", TEXT))),
            When(_of_type(1, 6, 7), (Row("conditionConId", LONG), Row("conditionExchange", TEXT))),
            When(_of_type(1), (Row("conditionTriggerMethod", INT),)),
        ),
    ),
    When(has("conditions"), (Row("conditionsIgnoreRth", FLAG), Row("conditionsCancelOrder", FLAG))),
)


def pegs_to_bench(values: Mapping[str, Any]) -> bool:
    """Test of a When: the order is pegged to a benchmark."""
    return values["orderType"] in ("PEG BENCH", "PEGBENCH")


PEG_TO_BENCH = When(
    pegs_to_bench,
    (
        Row("referenceContractId", INT),
        Row("isPeggedChangeAmountDecrease", FLAG),
        Row("peggedChangeAmount", DOUBLE),
        Row("referenceChangeAmount", DOUBLE),
        Row("referenceExchangeId", TEXT),
    ),
)


def scales(values: Mapping[str, Any]) -> bool:
    """Test of a When: the order is a scale order."""
    return bool(values.get("scalePriceIncrement")) and values["scalePriceIncrement"] > 0
