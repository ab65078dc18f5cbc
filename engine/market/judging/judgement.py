# SPDX-License-Identifier: Apache-2.0
"""What keeps a run from starting on bars, and what it says loudly of those it starts on; `data check` asks here too.

Surely wrong is a Fault, and refused; what may be wrong is a Doubt. Both name symbol, date and what to do. A move that
is real is confirmed: `data.confirmed` names its symbol and session, and no check asks about it again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar
from engine.market.doubts import Doubt
from engine.market.judging.found import Found
from engine.market.judging.payout_judgement import fat_dividends, judge_payouts
from engine.market.judging.row_doubts import doubt_rows
from engine.market.sources.table import Table
from engine.market.table import jumps
from engine.market.table.adjust import price_faults
from engine.market.table.price_steps import split_held
from engine.market.table.refusals import Fault, disorder, faults, sessions_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

FROZEN_DAYS = 5
"""Sessions with one and the same open, high, low and close: a bill fund may have seven."""
FROZEN_QUIET = 10
QUIET = 0.001
"""Median move of a symbol that may stand still for longer."""
BORNE_OUT = 2.0
"""A last close is borne out by another symbol that moved half as far that day, in usual moves of its own."""


def judge(
    table: Table, prices: str, calendar: Calendar, confirmed: Sequence[dt.date] = (), beside: float | None = None
) -> tuple[list[Fault], list[Doubt]]:
    """The faults and doubts of a tradable table whose prices are what `prices` says.

    beside  how many of its usual moves another of the market made on the session of the last bar; None: not looked at

    Each question is asked of a table that passed those before it: rows that hold together, prices that are what they
    are said to be, moves.
    """
    wrong = [*disorder(table), *faults(table, calendar)]
    if not wrong and not table.problems:
        wrong = price_faults(table, prices)
    if wrong or table.problems:
        return wrong, []
    found = Found(table, sessions_of(table, calendar), confirmed)
    if prices != "total_return":  # which do not fall by dividends
        fat_dividends(found)
    if found.faults:
        return found.faults, []
    moved = jumps.moves(table.frame, splits=prices == "raw")
    spikes, sizes = jumps.spikes(moved)
    _spikes(found, spikes, sizes)
    lone = _lone_prices(found, moved, spikes)
    gaps = _gaps(found, moved, np.concatenate([spikes, lone]))
    if not np.isin(len(table.frame) - 1, gaps):
        _last_bar(found, moved, beside)
    _wicks(found)
    if prices == "raw":
        _held(found)
    _frozen(found, moved)
    _volume(found)
    if not found.faults:
        doubt_rows(found, moved, calendar)
    if not found.faults and prices != "total_return":  # on a wrong base nothing can be said of dividends
        judge_payouts(found, prices)
    return found.faults, found.doubts


def _spikes(found: Found, rows: Rows, sizes: Floats) -> None:
    sure = np.abs(sizes) > jumps.SURE
    refused = found.ask(rows[sure])
    if len(refused):
        shown = [f"close {', '.join(f'{found.close(at):g}' for at in (row - 1, row, row + 1))}" for row in refused[:3]]
        allowed = f"a file with the right prices; {found.confirm(refused[0])}"
        message = "the price is on another scale for one bar"
        found.refuse("scale", message, refused, shown, allowed)
    for row in found.ask(rows[~sure]):
        before, here, after = (found.close(at) for at in (row - 1, row, row + 1))
        words = f"on {found.date(row)} the close goes from {before:g} to {here:g} and back to {after:g}"
        found.doubt(f"{words}; compare another source, or {found.confirm(row)}", [row])


def _lone_prices(found: Found, moved: jumps.Moves, spikes: Rows) -> Rows:
    """Opens and closes that the prices right before and after them do not bear out; the rows of the closes."""
    rows, sizes = jumps.lone_closes(moved, spikes)
    opens, steps = jumps.lone_opens(moved)
    own = ~np.isin(opens, [rows, rows + 1])  # beside a wrong close the right open stands alone
    _lone(found, "open", "the closes around it", opens[own], steps[own])
    _lone(found, "close", "the opens around it", rows, sizes)
    return rows


def _lone(found: Found, name: str, others: str, rows: Rows, sizes: Floats) -> None:
    frame, other = found.table.frame, "close" if name == "open" else "open"
    for row, size in zip(rows, sizes, strict=True):
        if not found.open[row]:
            continue
        here, step = float(frame[name].iloc[row]), -1 if name == "open" else 1
        beside = sorted((row, row + step))
        values = f"{name} {here:g} beside {other} {' and '.join(f'{frame[other].iloc[at]:g}' for at in beside)}"
        if abs(size) > jumps.SURE:
            allowed = f"a file with the right prices; {found.confirm(row)}"
            found.refuse("scale", f"the {name} is on another scale than {others}", [row], [values], allowed)
        else:
            words = f"on {found.date(row)} the {name} stands off {others}: {values}"
            found.doubt(f"{words}; orders may fill there: compare another source, or {found.confirm(row)}", [row])


def _last_bar(found: Found, moved: jumps.Moves, beside: float | None) -> None:
    """A last close far out, which nothing after it bears out; a market that moved as well bears it out."""
    size, times = jumps.last_move(moved)
    row = len(found.table.frame) - 1
    if not (abs(size) > jumps.GAP and times > jumps.GAP_TIMES) or not found.open[row]:
        return
    values = f"close {found.close(row - 1):g}, then {found.close(row):g}"
    if abs(size) > jumps.SURE:
        allowed = f"a file with the right price; {found.confirm(row)}"
        found.refuse("scale", "the last close is on another scale than those before it", [row], [values], allowed)
    elif times > BORNE_OUT * (beside or 0.0):
        words = f"on {found.date(row)}, its last bar, the close moves by {np.expm1(size):+.0%}, {times:.0f} usual moves"
        alone = "no bar after it" if beside is None else "no bar after it, and no other symbol on that day,"
        why = f"{alone} bears it out"
        found.doubt(f"{words} ({values}), and {why}; compare another source, or {found.confirm(row)}", [row])


def _gaps(found: Found, moved: jumps.Moves, skip: Rows) -> Rows:
    """Judge the nights after which the price stands elsewhere; their rows, confirmed or not."""
    rows, nights = jumps.gaps(moved, skip)
    for row, night in zip(rows, nights, strict=True):
        if not found.open[row]:
            continue
        size = min(abs(night), abs(moved.day[row]))
        ratio = jumps.whole_split(night, moved.day[row])
        words = f"as in a split of {ratio:g} for 1, and none is on record" if ratio else "and stays there"
        open_ = float(found.table.frame["open"].iloc[row])
        values = f"close {found.close(row - 1):g}, then open {open_:g}, close {found.close(row):g}"
        remedy = f"a column split with {ratio:g} on this day, or split-adjusted bars" if ratio else "bars on one base"
        remedy += f"; or {found.confirm(row)}"
        if size > jumps.SURE or (ratio and size > jumps.LEAST_REFUSED_SPLIT):
            found.refuse("jump", f"the price moves overnight {words}", [row], [values], remedy)
        else:
            size_words = f"by {np.expm1(night):+.0%}, {size / moved.usual[row]:.0f} usual moves"
            text = f"on {found.date(row)} the price moves overnight {size_words}, {words} ({values}): {remedy}"
            found.doubt(text, [row])
    return rows


def split_off_record(table: Table, days: Rows) -> tuple[int, float] | None:
    """The split that the prices of a table hold, (row, ratio), where it has none at all on record."""
    on_record = (np.asarray(table.frame["split"], np.float64) != 1.0).any()
    return None if on_record else split_held(table.frame, days)


def _held(found: Found) -> None:
    """Doubt raw prices that have a split taken out of them, of a file that has none on record."""
    held = split_off_record(found.table, found.days)
    if held and found.open[held[0]]:
        row, ratio = held
        steps = (
            f"parts of a cent (whole ones when times {ratio:g})"
            if ratio > 1
            else f"multiples of {1 / ratio:g} cents alone"
        )
        words = f"before {found.date(row)} prices stand on {steps}, from then on on whole cents"
        why = f"as where a split of {ratio:g} for 1 on that day is in them already: they are not raw"
        remedy = f"data.prices: split_adjusted and a column split with {ratio:g} on that day"
        found.doubt(f"{words}, {why}; {remedy}, or {found.confirm(row)}", [0, row])


def _wicks(found: Found) -> None:
    rows, prices = jumps.wicks(found.table.frame)
    for row, price in zip(rows, prices, strict=True):
        if found.open[row]:
            words = f"a single price of {price:g} stands in a bar that closes at {found.close(row):g}"
            remedy = f"orders may fill there: correct the row, or {found.confirm(row)}"
            found.doubt(f"on {found.date(row)} {words}; {remedy}", [row])


def _frozen(found: Found, moved: jumps.Moves) -> None:
    usual = float(np.nanmedian(np.abs(moved.day))) if len(moved.day) > 1 else 0.0
    least = FROZEN_DAYS if usual > QUIET else FROZEN_QUIET
    for first, bars in jumps.still(found.table.frame):
        rows = [first, first + bars - 1]
        sessions = len(np.unique(found.days[first : first + bars]))
        if sessions >= (least if found.table.daily else 2) and found.open[first]:
            text = f"open, high, low and close stand still from {found.date(rows[0])} to {found.date(rows[1])}"
            remedy = f"end the period before, bring these bars, or {found.confirm(first)}"
            found.doubt(f"{text}, {sessions:,} sessions; {remedy}", rows)


def _volume(found: Found) -> None:
    """Bars that moved and in which nothing is said to have traded, where that is not the rule."""
    frame = found.table.frame
    volume, high, low = (np.asarray(frame[name], np.float64) for name in ("volume", "high", "low"))
    for what, none in (("no volume", volume == 0), ("a blank volume", np.isnan(volume))):
        rows = found.ask(np.flatnonzero(none & (high > low)))
        if 0 < len(rows) < 0.05 * len(volume):
            more = f" and {len(rows) - 1:,} more bars" if len(rows) > 1 else ""
            words = f"{what} on {found.date(rows[0])}{more}, though the price moved"
            found.doubt(f"{words}; bring it: what an order gets there, and what it pays, hangs on it", rows)
