# SPDX-License-Identifier: Apache-2.0
"""Words of the exchange in the protocol's: contracts, times, dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.market import calendar
from engine.sandbox.exchange.hours import ZONE, at
from engine.sandbox.tickets import Contract


def sought(values: Mapping[str, Any]) -> Contract:
    """The contract of a request."""
    return Contract(
        con_id=values["conId"],
        symbol=values["symbol"],
        kind=values["secType"],
        currency=values["currency"],
        exchange=values["exchange"],
        primary=values["primaryExchange"],
        local_symbol=values["localSymbol"],
        trading_class=values["tradingClass"],
        expiry=values["expiry"],
        strike=values["strike"],
        right=values["right"],
        multiplier=values["multiplier"],
    )


def instrument(contract: Contract) -> dict[str, Any]:
    """Fields that every message about a contract has; its exchange is not among them."""
    return {
        "conId": contract.con_id,
        "symbol": contract.symbol,
        "secType": contract.kind,
        "expiry": contract.expiry,
        "strike": contract.strike,
        "right": contract.right,
        "multiplier": contract.multiplier,
        "currency": contract.currency,
        "localSymbol": contract.local_symbol or contract.symbol,
        "tradingClass": contract.trading_class or contract.symbol,
    }


def traded(contract: Contract) -> dict[str, Any]:
    """Fields of a contract with the exchange it is routed to."""
    return {**instrument(contract), "exchange": contract.exchange}


def when(time: int, zone: str = ZONE) -> str:
    """`20240105 09:30:00 US/Eastern` of ns UTC."""
    return f"{at(time, zone):%Y%m%d %H:%M:%S} {zone}"


def hour(time: int) -> str:
    """`09:30` of ns UTC."""
    return f"{at(time):%H:%M}"


def date_of(session: int) -> str:
    """`20240105` of days since 1970-01-01."""
    return f"{calendar.date_of(session):%Y%m%d}"
