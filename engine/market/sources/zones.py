# SPDX-License-Identifier: Apache-2.0
"""Intraday stamps read in the wrong time zone: bars that leave the exchange's hours by a constant shift.

Five hours are five hours of look-ahead, or of delay. A file of bars gives itself away: a session's bars begin and end
with the session in one zone only. No wrong zone is ever repaired, and none is hidden behind another setting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem
from engine.market.calendar import Calendar, ns_of
from engine.market.sources.layout import Layout

Stamps = NDArray[np.int64]
End = Literal["open", "close"]

MINUTE = 60_000_000_000
PAUSE = 240 * MINUTE
"""A pause of four hours, and the length of a bar more, ends a day's trading, in whatever zone its stamps are."""

BEFORE, AFTER = 330 * MINUTE, 630 * MINUTE
"""Extended hours, from the session's open: 04:00 to 20:00 where the session opens at 09:30."""

LATE = 15 * MINUTE
"""How long after the session an index may still be computed."""

SURE, NOT = 0.9, 0.98
"""Share of a file's days that must fit a zone to name it, and below which the zone as set is doubted at all."""

ZONES = (
    "America/New_York", "UTC", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Halifax", "America/St_Johns", "America/Sao_Paulo", "America/Bogota", "Pacific/Honolulu", "Europe/London",
    "Europe/Berlin", "Europe/Athens", "Europe/Moscow", "Asia/Dubai", "Asia/Tehran", "Asia/Karachi", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bangkok", "Asia/Hong_Kong", "Asia/Tokyo", "Australia/Brisbane",
    "Australia/Adelaide", "Australia/Sydney", "Pacific/Auckland",
    *(f"Etc/GMT{hours:+d}" for hours in range(-14, 13) if hours),
)  # fmt: skip
"""What stamps may be in, the likelier first: a file of one season fits several."""


@dataclass(frozen=True, eq=False)
class Days:
    """A file's days of trading, D of them: (D,) first and last stamp of each, the step to the last, and how many bars.

    A short last step is a bar cut off by the end of the session: its stamp is a close.
    """

    first: Stamps = field(repr=False)
    last: Stamps = field(repr=False)
    step: Stamps = field(repr=False)
    bars: Stamps = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fit:
    """Shares of a file's days (`exact`) and bars: with the session to the minute, inside it, inside extended hours."""

    exact: float
    inside: float
    extended: float


def wrong_zone(
    ticks: Stamps, wall: Callable[[], Stamps] | None, length: int, layout: Layout, calendar: Calendar, *, traded: bool
) -> tuple[str, End] | None:
    """(zone, end) in which the file's days fit the exchange's hours, where they do not as they are read; else None.

    ticks   (T,) ns UTC as read
    wall    gives (T,) ns of the stamps as they are written, whatever their zone
    traded  bars of something that trades on the exchange; an index may be computed at other hours
    """
    late = 0 if traded else LATE
    order = np.argsort(ticks, kind="stable")
    days = _days(ticks[order], length)
    ours = _fit(days, length, layout.stamp, calendar, late, forgive=True)
    if ours.exact >= NOT or wall is None or (traded and ours.inside >= NOT):
        return None
    other: End = "close" if layout.stamp == "open" else "open"
    if _fit(days, length, other, calendar, late).exact >= SURE:
        return None  # the zone is right, and the stamps are the other end of the bar
    places = _days(wall()[order], length)
    read = {zone: _in_zone(places, zone) for zone in ZONES}
    fits: dict[tuple[str, End], Fit] = {}
    for end in (layout.stamp, other):
        for zone, there in read.items():
            if there is not None:
                fits[zone, end] = _fit(there, length, end, calendar, late)
    return _better(ours, fits, layout, traded=traded)


def _better(ours: Fit, fits: dict[tuple[str, End], Fit], layout: Layout, *, traded: bool) -> tuple[str, End] | None:
    """The first of the kinds of evidence that any zone has, and the likeliest zone that has it."""
    exact = [one for one, fit in fits.items() if fit.exact >= SURE and fit.exact > ours.exact]
    if exact:
        best = max(fits[one].exact for one in exact)
        return next(one for one in exact if fits[one].exact == best)
    same = {zone: fit for (zone, end), fit in fits.items() if end == layout.stamp}
    if traded and ours.inside < SURE and (inside := [zone for zone, fit in same.items() if fit.inside == 1.0]):
        return inside[0], layout.stamp
    if traded and ours.extended < NOT:
        # Of the zones that hold all bars the one that holds most of them in the session itself.
        held = [zone for zone, fit in same.items() if fit.extended == 1.0]
        return (max(held, key=lambda zone: same[zone].inside), layout.stamp) if held else None
    return None


def zone_problem(found: tuple[str, End], layout: Layout, file: str, calendar: Calendar, *, written: bool) -> Problem:
    """What to say of bars that fit another zone; `written` where the file itself says the zone that it is not in."""
    zone, end = found
    shift = "the bars lie outside the exchange's hours by a constant shift"
    also = "" if end == layout.stamp else f", with {layout.key('stamp')}: {end}"
    if written:
        return Problem(
            f"{shift}: the offset or zone in the file is not that of its stamps",
            file,
            found=f"stamps that fit the hours of {calendar.name} as times of {zone}{also}",
            allowed=f"stamps without an offset in a column called date, and {layout.key('timezone')}: {zone}",
        )
    return Problem(
        f"{shift}: the stamps are times of {zone}",
        file,
        path=layout.key("timezone"),
        found=layout.timezone,
        allowed=f"{zone}{also}",
    )


def inside_share(ticks: Stamps, length: int, end: End, calendar: Calendar) -> float:
    """Share of the bars that lie in a day of trading which stays within its session."""
    return _fit(_days(np.sort(ticks), length), length, end, calendar, 0).inside


def _days(stamps: Stamps, length: int) -> Days:
    starts = np.flatnonzero(np.append(True, np.diff(stamps) > PAUSE + length))
    ends = np.append(starts[1:], len(stamps)) - 1
    step = np.where(ends > starts, stamps[ends] - stamps[ends - 1], length)
    return Days(stamps[starts], stamps[ends], step, ends - starts + 1)


def _in_zone(days: Days, zone: str) -> Days | None:
    """The days with their stamps taken as local times of `zone`; None where that zone has no such times."""
    import pandas as pd

    local = pd.DatetimeIndex(np.concatenate((days.first, days.last)).view("M8[ns]"))
    there = local.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    if there.isna().any():
        return None
    first, last = np.split(ns_of(there), 2)
    return Days(first, last, days.step, days.bars)


def _fit(days: Days, length: int, end: End, calendar: Calendar, late: int, *, forgive: bool = False) -> Fit:
    """How the days fit; `forgive` a last bar that is stamped past the session's close, which no other zone may use."""
    opens, closes = (days.first, days.last + length) if end == "open" else (days.first - length, days.last)
    session = calendar.session_of(opens + 1)
    known = calendar.is_session(session)
    if not known.any():
        return Fit(0.0, 0.0, 0.0)
    start, stop = calendar.open_of(session[known]), calendar.close_of(session[known])
    opens, closes, bars = opens[known], closes[known], days.bars[known]
    # Counted from the session's open, or it is no bar of this session: a shift by less than a bar looks cut off too.
    cut = (closes > stop) & (closes - length < stop) & ((closes - length - start) % max(length, 1) == 0)
    if end == "open" or forgive:  # the last bar of a session ends with it, be it shorter than the others
        closes = np.where(cut, stop, closes)
    ends = (closes >= stop) & (closes <= stop + late)
    if end == "open":
        ends &= days.step[known] >= length
    total = float(days.bars.sum())
    return Fit(
        exact=float(((opens == start) & ends).sum()) / len(days.bars),
        inside=float(bars[(opens >= start) & (closes <= stop)].sum()) / total,
        extended=float(bars[(opens >= start - BEFORE) & (closes <= start + AFTER)].sum()) / total,
    )
