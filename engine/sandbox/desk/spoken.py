# SPDX-License-Identifier: Apache-2.0
"""Words of the exchange in the protocol's: contracts, times, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.sandbox.exchange.tickets import Contract

ZONE = "US/Eastern"
"""Zone of times that are not a contract's own: that of the broker's main venues."""

SECOND = 10**9
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MOMENT = re.compile(r"(\d{8})(?:[ -]\s*(\d{2}):(\d{2})(?::(\d{2}))?)?(?: (\S+))?\Z", re.ASCII)


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
    return f"{_at(time, zone):%Y%m%d %H:%M:%S} {zone}"


def hour(time: int) -> str:
    """`09:30` of ns UTC."""
    return f"{_at(time, ZONE):%H:%M}"


def date_of(session: int) -> str:
    """`20240105` of days since 1970-01-01."""
    return f"{_EPOCH + dt.timedelta(days=session):%Y%m%d}"


def moment(text: str) -> int:
    """A time as clients write it, in ns UTC: `20240105 16:00:00 US/Eastern`, `20240105-21:00:00` for UTC, a date alone.

    A time without a zone is of the broker's zone, a date means its end. Raises ValueError.
    """
    found = _MOMENT.match(text)
    if not found:
        raise ValueError(f"{text!r} is no time such as 20240105 16:00:00 US/Eastern")
    date, hours, minutes, seconds, zone = found.groups()
    try:
        where = ZoneInfo(zone or ("UTC" if "-" in text and not zone else ZONE))
        day = dt.datetime.strptime(date, "%Y%m%d").replace(tzinfo=where)
        clock = (23, 59, 59) if hours is None else (int(hours), int(minutes), int(seconds or 0))
        at = day.replace(hour=clock[0], minute=clock[1], second=clock[2])
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"{text!r} is no time: {error}") from error
    return int((at - _EPOCH).total_seconds()) * SECOND


def _at(time: int, zone: str) -> dt.datetime:
    return (_EPOCH + dt.timedelta(seconds=time // SECOND)).astimezone(ZoneInfo(zone))
