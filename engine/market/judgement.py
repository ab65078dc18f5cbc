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

from engine.market import jumps, payouts
from engine.market.adjust import price_faults
from engine.market.calendar import Calendar
from engine.market.doubts import Doubt
from engine.market.refusals import Fault, disorder, faults, sessions_of
from engine.market.sources.table import Table, stamp_words

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
    table: Table, prices: str, calendar: Calendar, confirmed: Sequence[dt.date] = (), beside: float = 0.0
) -> tuple[list[Fault], list[Doubt]]:
    """The faults and doubts of a tradable table whose prices are what `prices` says.

    beside  how many of its usual moves another of the market made on the session of the last bar

    Each question is asked of a table that passed those before it: rows that hold together, prices that are what they
    are said to be, moves.
    """
    wrong = [*disorder(table), *faults(table, calendar)]
    if not wrong and not table.problems:
        wrong = price_faults(table, prices)
    if wrong or table.problems:
        return wrong, []
    found = _Found(table, sessions_of(table, calendar), confirmed)
    moved = jumps.moves(table.frame, splits=prices == "raw")
    spikes, sizes = jumps.spikes(moved)
    _spikes(found, spikes, sizes)
    lone = _lone_prices(found, moved, spikes)
    gaps = _gaps(found, moved, np.concatenate([spikes, lone]))
    if not np.isin(len(table.frame) - 1, gaps):
        _last_bar(found, moved, beside)
    _wicks(found)
    _frozen(found, moved)
    _volume(found)
    if not found.faults and prices != "total_return":  # on a wrong base nothing can be said of dividends
        _payouts(found, prices)
    return found.faults, found.doubts


class _Found:
    """A table with its sessions, and what is refused and doubted in it so far."""

    def __init__(self, table: Table, days: Rows, confirmed: Sequence[dt.date]) -> None:
        self.table, self.days = table, days
        self.faults, self.doubts = list[Fault](), list[Doubt]()
        settled = np.array(confirmed, "M8[D]").astype(np.int64)
        self.open = ~np.isin(days, settled)

    def ask(self, rows: Rows) -> Rows:
        """The rows that are not confirmed."""
        return rows[self.open[rows]]

    def refuse(self, kind: str, message: str, rows: Sequence[int] | Rows, found: Sequence[str], allowed: str) -> None:
        """Keep a fault of `rows`, the first of which hold what is `found`."""
        self.faults.append(Fault(kind, message, np.array(rows, np.int64), found, allowed))

    def doubt(self, text: str, rows: Sequence[int] | Rows) -> None:
        """Keep a doubt about `rows`, from the first to the last of them."""
        first, last = int(self.days[int(rows[0])]), int(self.days[int(rows[-1])])
        self.doubts.append(Doubt(f"{self.table.symbol}: {text}", first, last))

    def date(self, row: int) -> str:
        return stamp_words(self.table.frame.index[int(row)])

    def close(self, row: int) -> float:
        return float(self.table.frame["close"].iloc[int(row)])

    def confirm(self, row: int) -> str:
        day = np.datetime64(int(self.days[int(row)]), "D")
        return f"data.confirmed: {{{self.table.symbol}: [{day}]}} where the file is right"


def _spikes(found: _Found, rows: Rows, sizes: Floats) -> None:
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


def _lone_prices(found: _Found, moved: jumps.Moves, spikes: Rows) -> Rows:
    """Opens and closes that the prices right before and after them do not bear out; the rows of the closes."""
    rows, sizes = jumps.lone_closes(moved, spikes)
    opens, steps = jumps.lone_opens(moved)
    own = ~np.isin(opens, [rows, rows + 1])  # beside a wrong close the right open stands alone
    _lone(found, "open", "the closes around it", opens[own], steps[own])
    _lone(found, "close", "the opens around it", rows, sizes)
    return rows


def _lone(found: _Found, name: str, others: str, rows: Rows, sizes: Floats) -> None:
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


def _last_bar(found: _Found, moved: jumps.Moves, beside: float) -> None:
    """A last close far out, which nothing after it bears out; a market that moved as well bears it out."""
    size, times = jumps.last_move(moved)
    row = len(found.table.frame) - 1
    if not (abs(size) > jumps.GAP and times > jumps.GAP_TIMES) or not found.open[row]:
        return
    values = f"close {found.close(row - 1):g}, then {found.close(row):g}"
    if abs(size) > jumps.SURE:
        allowed = f"a file with the right price; {found.confirm(row)}"
        found.refuse("scale", "the last close is on another scale than those before it", [row], [values], allowed)
    elif times > BORNE_OUT * beside:
        words = f"on {found.date(row)}, its last bar, the close moves by {np.expm1(size):+.0%}, {times:.0f} usual moves"
        why = "no bar after it, and no other symbol on that day, bears it out"
        found.doubt(f"{words} ({values}), and {why}; compare another source, or {found.confirm(row)}", [row])


def _gaps(found: _Found, moved: jumps.Moves, skip: Rows) -> Rows:
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


def _wicks(found: _Found) -> None:
    rows, prices = jumps.wicks(found.table.frame)
    for row, price in zip(rows, prices, strict=True):
        if found.open[row]:
            words = f"a single price of {price:g} stands in a bar that closes at {found.close(row):g}"
            remedy = f"orders may fill there: correct the row, or {found.confirm(row)}"
            found.doubt(f"on {found.date(row)} {words}; {remedy}", [row])


def _frozen(found: _Found, moved: jumps.Moves) -> None:
    usual = float(np.nanmedian(np.abs(moved.day))) if len(moved.day) > 1 else 0.0
    least = FROZEN_DAYS if usual > QUIET else FROZEN_QUIET
    for first, bars in jumps.still(found.table.frame):
        rows = [first, first + bars - 1]
        sessions = len(np.unique(found.days[first : first + bars]))
        if sessions >= (least if found.table.daily else 2) and found.open[first]:
            text = f"open, high, low and close stand still from {found.date(rows[0])} to {found.date(rows[1])}"
            remedy = f"end the period before, bring these bars, or {found.confirm(first)}"
            found.doubt(f"{text}, {sessions:,} sessions; {remedy}", rows)


def _volume(found: _Found) -> None:
    """Bars that moved and in which nothing is said to have traded, where that is not the rule."""
    frame = found.table.frame
    volume, high, low = (np.asarray(frame[name], np.float64) for name in ("volume", "high", "low"))
    for what, none in (("no volume", volume == 0), ("a blank volume", np.isnan(volume))):
        rows = found.ask(np.flatnonzero(none & (high > low)))
        if 0 < len(rows) < 0.05 * len(volume):
            more = f" and {len(rows) - 1:,} more bars" if len(rows) > 1 else ""
            words = f"{what} on {found.date(rows[0])}{more}, though the price moved"
            found.doubt(f"{words}; bring it: what an order gets there, and what it pays, hangs on it", rows)


def _payouts(found: _Found, prices: str) -> None:
    frame = found.table.frame
    why = payouts.counted_twice(frame)
    if why:
        message = "the prices hold the dividends that stand beside them, which would count twice"
        allowed = "prices not adjusted for dividends (yfinance: auto_adjust=False); or data.prices: total_return"
        first = np.flatnonzero(np.asarray(frame["dividend"], np.float64))[:1]
        found.refuse("dividend", message, first, [why], f"{allowed} with costs.dividends: false")
        return
    for row in found.ask(payouts.odd_dividends(frame)):
        paid = f"a dividend of {float(frame['dividend'].iloc[int(row)]):g} on {found.date(row)}"
        words = f"{paid} is over five times those around it, and the price did not fall by it"
        found.doubt(f"{words}; correct it, or {found.confirm(row)}", [row])
    for row in found.ask(payouts.skipped(frame)):
        words = f"dividends are regular before and after, and one seems to be lacking before {found.date(row)}"
        found.doubt(f"{words}; add it to the file, or {found.confirm(row)}", [row])
    told = payouts.implied(frame, splits=prices == "raw")
    if told and payouts.falls_behind(told):
        _against_adjusted(found, told)


def _against_adjusted(found: _Found, told: payouts.Implied) -> None:
    """adj_close against the dividends on record: none on record is refused where adj_close cannot give them exactly."""
    dividend = np.asarray(found.table.frame["dividend"], np.float64)
    on_record = np.flatnonzero(dividend > 0)
    if not len(on_record):
        if not payouts.exact(told):  # else `adjust` pays them
            message = "adj_close holds dividends that no column gives, and does not tell them to the cent"
            lost = f"{-np.expm1(-told.step.sum()):.2%} of the price from the first bar to the last"
            allowed = "a column dividend; or data.prices: total_return with costs.dividends: false"
            found.refuse("dividend", message, [0], [lost], allowed)
        return
    agree = np.abs(told.dividend[on_record] - dividend[on_record]) < 2 * payouts.HALF_CENT + told.unsure[on_record]
    if len(told.taken_back) or agree.mean() < 0.8:
        return  # adj_close is on another footing throughout: it is no witness
    for row in found.ask(on_record[~agree]):
        words = f"a dividend of {dividend[row]:g} on {found.date(row)}, where adj_close says {told.dividend[row]:.4f}"
        found.doubt(f"{words}; correct one of them, or {found.confirm(row)}", [row])
    for row in found.ask(np.setdiff1d(told.paid, on_record)):
        words = f"adj_close holds a dividend of {told.dividend[row]:.4f} on {found.date(row)} that is not on record"
        found.doubt(f"{words} and not paid; add it to the file, or {found.confirm(row)}", [row])
