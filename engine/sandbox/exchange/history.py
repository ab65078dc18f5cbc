# SPDX-License-Identifier: Apache-2.0
"""Bars that have closed, as a client asks for them: the file's own length, or longer ones made of them.

Prices are continuous over the splits up to now, as the broker's are. A bar carries the time at which it began.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import exchange
from engine.market.hours import MINUTE, length_of
from engine.market.panel import Market
from engine.sandbox.exchange.hours import SECOND
from engine.sandbox.exchange.walk import A_DAY
from engine.sandbox.tickets import HistoryBar, HistoryQuery
from engine.sandbox.venue import Refused

NO_DATA = "Historical Market Data Service error message:HMDS query returned no data: {symbol}@SMART {what}"
NOT_MADE = "Historical Market Data Service error message:bars of {bar} cannot be made of bars of {own}"

UNKNOWN = -1.0
"""A volume that nobody knows."""

DAY = 86_400 * SECOND
CALENDAR_DAYS = {"W": 7, "M": 31, "Y": 366}
_LENGTH = re.compile(r"(\d+) (min|hour)s?")


def bar_words(frequency: str) -> str:
    """The length of a bar as the broker writes it: "1 day", "5 mins", "1 hour"."""
    minutes = length_of(frequency) // MINUTE
    if not minutes:
        return "1 day"
    many, unit = (minutes, "min") if minutes % 60 else (minutes // 60, "hour")
    return f"{many} {unit}" if many == 1 else f"{many} {unit}s"


def history(market: Market, role: int, query: HistoryQuery) -> list[HistoryBar]:
    """What the query asks for, of a market that ends with the last bar that has closed."""
    symbol = list(market.symbols.values())[role]
    market = _regular(market) if query.regular else market
    if not len(market):
        raise Refused(162, NO_DATA.format(symbol=symbol, what=query.what.capitalize()))
    groups = _groups(market, query.bar)
    begins = _begin(market)
    first = _first_row(market, begins, query)
    asked = np.flatnonzero((begins >= first) & (begins < (query.end or np.iinfo(np.int64).max)))
    if not len(asked):
        raise Refused(162, NO_DATA.format(symbol=symbol, what=query.what.capitalize()))
    columns = _columns(market, role, query.what)
    edges = [0, *(np.flatnonzero(np.diff(groups[asked])) + 1).tolist(), len(asked)]
    parts = [asked[low:high] for low, high in pairwise(edges)]
    return [
        HistoryBar(
            time=int(begins[rows[0]]),
            session=int(market.bars["session"][rows[0]]),
            open=float(columns["open"][rows[0]]),
            high=float(columns["high"][rows].max()),
            low=float(columns["low"][rows].min()),
            close=float(columns["close"][rows[-1]]),
            volume=shares(float(columns["volume"][rows].sum())),
        )
        for rows in parts
    ]


def shares(volume: float) -> float:
    """A volume as the broker writes it: UNKNOWN where the source has none."""
    return UNKNOWN if math.isnan(volume) else volume


def began(ts: int, frequency: str) -> int:
    """When a bar that closed at ts began."""
    return ts - (length_of(frequency) or A_DAY)


def _regular(market: Market) -> Market:
    """The bars that overlap the regular hours of their sessions; a daily bar does."""
    length = length_of(market.frequency)
    if not length:
        return market
    calendar, sessions = exchange(market.calendar), market.bars["session"].astype(np.int64)
    days, place = np.unique(sessions, return_inverse=True)
    known = calendar.is_session(days)
    opens, closes = np.zeros_like(days), np.zeros_like(days)
    opens[known], closes[known] = calendar.open_of(days[known]), calendar.close_of(days[known])
    kept = (market.ts > opens[place]) & (market.ts - length < closes[place])
    return replace(market, bars=market.bars[kept])


def _begin(market: Market) -> NDArray[np.int64]:
    return market.ts - (length_of(market.frequency) or A_DAY)


def _columns(market: Market, role: int, what: str) -> dict[str, NDArray[Any]]:
    bars = market.bars[market.roles[role]]
    factor = bars["factor"] / bars["factor"][-1]
    columns = {name: bars[name] * factor for name in ("open", "high", "low", "close")}
    if what == "ADJUSTED_LAST":
        before = np.concatenate([[np.nan], columns["close"][:-1]])
        paid = bars["dividend"] * factor / before
        kept = np.where(paid > 0.0, 1.0 - paid, 1.0)
        later = np.append(np.cumprod(kept[::-1])[::-1][1:], 1.0)
        columns = {name: values * later for name, values in columns.items()}
    return columns | {"volume": bars["volume"] / factor}


def _groups(market: Market, bar: str) -> NDArray[np.int64]:
    """(T,) a number that is the same for the rows of one bar of the length asked for."""
    own, sessions = length_of(market.frequency), market.bars["session"].astype(np.int64)
    if bar == bar_words(market.frequency):
        return np.arange(len(market))
    days = sessions.astype("datetime64[D]")
    if bar == "1 day":
        return sessions
    if bar == "1 week":
        return (sessions + 3) // 7  # 1970-01-01 was a Thursday: weeks begin on Mondays
    if bar == "1 month":
        return np.asarray(days.astype("datetime64[M]").astype(np.int64))
    found = _LENGTH.fullmatch(bar)
    length = int(found[1]) * MINUTE * (60 if found[2] == "hour" else 1) if found else 0
    if not own or not length or length % own:
        raise Refused(162, NOT_MADE.format(bar=bar, own=bar_words(market.frequency)))
    begins = _begin(market)
    fresh = np.append(True, sessions[1:] != sessions[:-1])
    opened = begins[fresh][np.cumsum(fresh) - 1]
    return np.asarray(sessions * (DAY // MINUTE) + (begins - opened) // length)


def _first_row(market: Market, begins: NDArray[np.int64], query: HistoryQuery) -> int:
    """Time from which bars are asked for."""
    end = int(market.ts[-1]) if query.end is None else query.end
    if query.unit == "S":
        return end - query.count * SECOND
    if query.unit == "D":
        known = market.bars["session"][begins < end]
        sessions = np.unique(known)[-query.count :]
        return int(begins[market.bars["session"] >= sessions[0]][0]) if len(sessions) else end
    return end - query.count * CALENDAR_DAYS[query.unit] * DAY
