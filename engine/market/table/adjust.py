# SPDX-License-Identifier: Apache-2.0
"""From a table that passed to the eight numbers a bar has: what the prices are said to be, checked and made so."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.market.calendar import Calendar
from engine.market.sources.table import PRICES, Table, stamp_words
from engine.market.table.jumps import moves
from engine.market.table.payouts import exact, implied
from engine.market.table.refusals import Fault, excess, index_ns, sessions_of
from engine.notice import Notice, note

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.int64]

LEAST_SPLIT, SPLIT_TIMES = 0.04, 4.0
"""A split on record of this log, and of this many usual moves, shows in the close or does not."""


@dataclass(frozen=True, eq=False)
class Bars:
    """One role's columns, (T,) each, as the engine trades them.

    ts is the close of each bar in ns UTC, sessions its date in days; values holds open, high, low, close, volume,
    dividend and split. With prices other than raw, every split is 1: it is in the prices already, and stands with its
    session in `contained`.
    """

    symbol: str
    frequency: str
    ts: Stamps = field(repr=False)
    sessions: Stamps = field(repr=False)
    values: dict[str, Floats] = field(repr=False)
    contained: list[tuple[int, float]] = field(default_factory=list, repr=False)


def tradable_bars(table: Table, prices: str, calendar: Calendar) -> tuple[Bars, list[Notice]]:
    """The bars of a table without refusals, and a notice for everything that differs from the file."""
    values = {name: np.array(table.frame[name], np.float64) for name in (*PRICES, "volume", "dividend", "split")}
    notices = list(table.notices)
    notices += _widen(values, table)
    if prices == "total_return":
        notices += _to_total_return(values, table)
    elif not values["dividend"].any():
        notices += _recovered(values, table, prices)
    sessions = sessions_of(table, calendar)
    contained = []
    if prices != "raw":
        splits = np.flatnonzero(values["split"] != 1.0)
        contained = [(int(sessions[row]), float(values["split"][row])) for row in splits]
        if contained:
            count = _count(len(contained), "split")
            notices.append(
                note(
                    f"{table.symbol}: {count} on record not applied, the prices contain them; costs a share count the "
                    "shares of the day"
                )
            )
        values["split"][:] = 1.0
    if np.isnan(values["volume"]).any():
        rows = int(np.isnan(values["volume"]).sum())
        notices.append(note(f"{table.symbol}: no volume in {rows:,} of {len(table.frame):,} bars"))
    ts = calendar.close_of(sessions) if table.daily else index_ns(table)
    return Bars(table.symbol, table.frequency, ts, sessions, values, contained), notices


def price_faults(table: Table, prices: str) -> list[Fault]:
    """Splits and adjusted closes on record that contradict what the prices are said to be.

    With raw prices the close falls to 1/split of the one before; with adjusted prices it does not. Taking one for the
    other doubles or loses the position's worth in a night.
    """
    if prices == "total_return" and "adj_close" in table.frame:
        adjusted = np.asarray(table.frame["adj_close"], np.float64)
        blank = np.flatnonzero(~(adjusted > 0))
        if len(blank):
            found = [f"{adjusted[row]:g}" for row in blank[:3]]
            allowed = "a price above zero: total_return scales by it"
            return [Fault("base", "adj_close has no value", blank, found, allowed)]
    split = np.asarray(table.frame["split"], np.float64)
    close = np.asarray(table.frame["close"], np.float64)
    moved = moves(table.frame, splits=True)
    size = np.abs(np.log(split))
    rows = np.flatnonzero((size > LEAST_SPLIT) & (size > SPLIT_TIMES * moved.usual) & (np.arange(len(split)) > 0))
    with np.errstate(divide="ignore", invalid="ignore"):  # of a table that is refused for its prices too
        jump = np.log(close[rows - 1] / close[rows])
    contained = np.abs(jump) < np.abs(jump - np.log(split[rows]))  # nearer to no jump than to the split
    wrong = rows[contained if prices == "raw" else ~contained]
    right = "split_adjusted" if prices == "raw" else "raw"
    message = f"the prices are not {prices}: the close does {'not ' if prices == 'raw' else ''}move with the split"
    found = [f"split {split[row]:g}, close {close[row - 1]:g} then {close[row]:g}" for row in wrong[:3]]
    return [Fault("base", message, wrong, found, f"data.prices: {right}")] if len(wrong) else []


def _widen(values: dict[str, Floats], table: Table) -> list[Notice]:
    """Rounding leaves an open or close a hair outside low..high; matching needs bars that hold together."""
    off = excess(*(values[name] for name in PRICES))
    rows = np.flatnonzero(off > 0)
    if not len(rows):
        return []
    worst = float((off[rows] / values["close"][rows]).max())
    values["high"] = np.maximum.reduce([values[name] for name in PRICES])
    values["low"] = np.minimum.reduce([values[name] for name in PRICES])
    bars = _count(len(rows), "bar")
    return [note(f"{table.symbol}: range widened in {bars} to hold open and close, by {worst:.1e} at most")]


def _to_total_return(values: dict[str, Floats], table: Table) -> list[Notice]:
    """Scale by adj_close / close where the source has both; dividends are in the prices then."""
    notices = []
    if "adj_close" in table.frame:
        scale = np.asarray(table.frame["adj_close"], np.float64) / values["close"]
        if not np.allclose(scale, 1.0, rtol=1e-9):
            for name in PRICES:
                values[name] = values[name] * scale
            notices.append(
                note(f"{table.symbol}: open, high, low and close scaled by adj_close / close to total return")
            )
    paid = int((values["dividend"] != 0).sum())
    if paid:
        notices.append(note(f"{table.symbol}: {_count(paid, 'dividend')} on record not paid, the prices contain them"))
    values["dividend"][:] = 0.0
    return notices


def _recovered(values: dict[str, Floats], table: Table, prices: str) -> list[Notice]:
    """Dividends of a file that gives them in adj_close alone, where that tells each to the cent."""
    told = implied(table.frame, splits=prices == "raw")
    if told is None or not exact(told) or not len(told.paid):
        return []
    paid = told.paid
    values["dividend"][paid] = told.dividend[paid]
    first, last = (stamp_words(table.frame.index[int(row)]) for row in paid[[0, -1]])
    return [
        note(
            f"{table.symbol}: {_count(len(paid), 'dividend')} from {first} to {last} taken from adj_close, which tells "
            f"them to the cent; together {told.dividend[paid].sum():.4f} a share"
        )
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
