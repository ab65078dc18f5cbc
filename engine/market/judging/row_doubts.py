# SPDX-License-Identifier: Apache-2.0
"""What hangs together from row to row in bars of a market, and comes apart where columns or rows are another's.

The thresholds are held against 19 funds of 2000 to 2026 and bars of minutes of three of them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar
from engine.market.judging.found import Found
from engine.market.sources.table import PRICES
from engine.market.table.jumps import Moves

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

YEAR, STEP = 250, 50
"""Bars that are looked at together, and how far on the next ones begin."""
MOST = 400
"""Years of bars that are looked at: of ten years of minutes every two thousandth bar begins one."""
UNDONE = -0.3
"""Rank correlation of nights with the days before and after them: -0.19 at least in a year of any fund that moves."""
QUIET = 0.001
"""Median move of a fund whose price hardly leaves its spread, where nights and days do undo each other."""
NEAR = 0.3
"""Median day over median night: 0.57 at least in a year of any fund, EEM, whose market trades at night."""
AGAIN = 5
"""Moving bars in a row that no market trades a second time, price for price."""
HALF_DAYS = 8
LOW, USUAL = 0.65, 0.75
"""Volume over that of the days around, of half days and of the sessions beside them: 0.4 to 0.58, and 0.76 and more."""
FULL = 390
RISING = 60


def doubt_rows(found: Found, moved: Moves, calendar: Calendar) -> None:
    """Doubt opens that are another bar's, bars that stand twice, dates a session off, volumes that are sums."""
    _opens(found, moved)
    _again(found)
    if found.table.daily:
        _dates(found, calendar)
    _sums(found)


def _opens(found: Found, moved: Moves) -> None:
    """A night has nothing to do with the day before or after it: where both are taken back, opens are not opens."""
    night, within = moved.night[1:], moved.within[1:]
    told = []
    for first in range(0, len(night) - YEAR + 1, max(STEP, len(night) // MOST)):
        nights, days = night[first : first + YEAR], within[first : first + YEAR]
        size = np.median(np.abs(nights + days))
        if not np.isfinite(size) or (found.table.daily and size <= QUIET):
            continue
        undone = max(_ranked(nights, days), _ranked(nights[1:], days[:-1])) < UNDONE
        near = np.median(np.abs(days)) < NEAR * np.median(np.abs(nights)) and np.count_nonzero(days) > YEAR // 2
        if undone or near:
            told.append((first + 1, "days take nights back, and nights the days before" if undone else
                         "opens lie by their own close"))  # fmt: skip
    if told and found.open[told[0][0]]:
        rows = [told[0][0], told[-1][0] + YEAR - 1]
        words = f"from {found.date(rows[0])} to {found.date(rows[1])} {told[0][1]}, as in no market"
        why = "open and close look swapped, or the open is that of another bar, and orders fill there"
        found.doubt(f"{words}: {why}; compare another source, or {found.confirm(rows[0])}", rows)


def _ranked(one: Floats, other: Floats) -> float:
    """Rank correlation; 0 where one of them stands still."""
    if np.ptp(one) == 0.0 or np.ptp(other) == 0.0:
        return 0.0
    ranks = np.argsort(np.argsort([one, other], axis=1, kind="stable"), axis=1, kind="stable")
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def _again(found: Found) -> None:
    """Bars that stand a second time, a fixed number of rows later: a block that was pasted twice."""
    frame = found.table.frame
    values = np.ascontiguousarray(frame[[*PRICES, "volume"]], np.float64)
    _, same = np.unique(values.view([("", np.float64)] * values.shape[1]).ravel(), return_inverse=True)
    order = np.argsort(same, kind="stable")
    lag = np.zeros(len(values), np.int64)
    alike = same[order][1:] == same[order][:-1]
    lag[order[1:][alike]] = (order[1:] - order[:-1])[alike]
    edges = np.flatnonzero(np.diff(lag, prepend=0, append=0)).tolist()
    for first, end in pairwise(edges):
        moving = len(np.unique(values[first:end, PRICES.index("close")])) >= AGAIN
        if lag[first] > 1 and end - first >= AGAIN and moving and found.open[first]:
            earlier = f"{found.date(first - lag[first])} to {found.date(end - 1 - lag[first])}"
            words = f"the bars from {found.date(first)} to {found.date(end - 1)} are those of {earlier} once more"
            found.doubt(f"{words}, price for price; bring the right ones, or {found.confirm(first)}", [first, end - 1])


def _dates(found: Found, calendar: Calendar) -> None:
    """Half days trade half as much: where the session beside them does instead, all dates are a session off."""
    volume = np.asarray(found.table.frame["volume"], np.float64)
    minutes = (calendar.close_of(found.days) - calendar.open_of(found.days)) // 60_000_000_000
    half = np.flatnonzero(minutes < FULL)
    half = half[(half >= 5) & (half < len(volume) - 5)]
    if len(half) < HALF_DAYS:
        return
    around = np.median([volume[half + step] for step in (-5, -4, -3, -2, 2, 3, 4, 5)], axis=0)
    if not (around > 0).all():
        return
    before, at, after = (float(np.median(volume[half + step] / around)) for step in (-1, 0, 1))
    off = min(before, after)
    if at >= USUAL and off <= LOW and found.open[half[0]]:
        which = ("before", "early, and what happens is known before it does") if before < after else ("after", "late")
        words = f"volume is {off:.0%} of that around on the sessions {which[0]} half days, and {at:.0%} on these"
        found.doubt(
            f"{words}: its dates look a session {which[1]}; correct them, or {found.confirm(half[0])}",
            [0, len(volume) - 1],
        )


def _sums(found: Found) -> None:
    """A volume that never falls in a session's bars, or in daily ones, is a running sum."""
    volume = np.asarray(found.table.frame["volume"], np.float64)
    steps = np.diff(volume)
    inside = np.ones(len(steps), bool) if found.table.daily else np.diff(found.days) == 0
    if np.count_nonzero(inside) >= RISING and (steps[inside] >= 0).all() and (steps[inside] > 0).mean() > 0.9:
        words = "volume only rises, as where it is added up from bar to bar"
        found.doubt(f"{words}; bring what each bar traded, or {found.confirm(0)}", [0, len(volume) - 1])
