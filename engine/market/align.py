# SPDX-License-Identifier: Apache-2.0
"""Roles on their common stamps and series as they were known at each bar's close, in one structured array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import DataError, Problem
from engine.market.calendar import Calendar, among, date_of, distinct
from engine.market.hours import closing, hours_notices, regular
from engine.market.spans import fill_absent, panel_stamps, refuse_outside
from engine.market.table.adjust import Bars
from engine.model.spans import COMMON, Span
from engine.notice import Notice, note
from engine.records import bar_dtype

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.int64]
SHOWN = 5


@dataclass(frozen=True, eq=False)
class Values:
    """An untradable series: known at `ts` (ns UTC, ascending), dated `sessions`, NaN where the source has no value.

    A value is carried forward for `stale_after` calendar days.
    """

    symbol: str
    ts: Stamps = field(repr=False)
    sessions: Stamps = field(repr=False)
    values: Floats = field(repr=False)
    stale_after: int


def align(
    roles: Mapping[str, Bars],
    series: Mapping[str, Values],
    missing: tuple[str, ...],
    calendar: Calendar,
    hours: str | None = None,
    spans: Mapping[str, Span] | None = None,
) -> tuple[npt.NDArray[Any], list[Notice]]:
    """(T,) records of `bar_dtype(roles, series + missing)`, and a notice for every bar or value that is not in them.

    hours  "all": bars outside the session's regular hours stay; else they are left out
    spans  of each role; None: no role begins late or ends early

    Raises DataError where the roles have no bar in common, or a series has no value in all of the panel.
    """
    given = {role: one.ts if hours == "all" else one.ts[regular(one, calendar)] for role, one in roles.items()}
    common = _common(roles, given, spans or {})
    first = next(iter(roles.values()))
    sessions = _sessions(roles, common)
    bars = np.zeros(len(common), bar_dtype(tuple(roles), (*series, *missing)))
    bars["ts"], bars["session"] = common, sessions
    step = np.diff(sessions)
    bars["days"][1:] = step
    bars["last"] = closing(common, sessions, first.frequency, calendar)
    for role, one in roles.items():
        _fill(bars[role], one, common)
    notices = [*hours_notices(roles, hours, calendar), *_left_out(roles, given, common)]
    for name, values in series.items():
        bars[name], more = as_of(name, values, common, sessions)
        notices += more
    for name in missing:
        bars[name] = np.nan
    return bars, notices


def as_of(name: str, series: Values, ts: Stamps, sessions: Stamps) -> tuple[Floats, list[Notice]]:
    """(T,) the last value known at each `ts`; NaN before the first and once it is older than `stale_after` days."""
    known = ~np.isnan(series.values)
    stamps, days, values = series.ts[known], series.sessions[known], series.values[known]
    row = np.searchsorted(stamps, ts, side="right") - 1
    held = np.full(len(ts), np.nan)
    has = row >= 0
    fresh = has.copy()
    fresh[has] = sessions[has] - days[row[has]] <= series.stale_after
    held[fresh] = values[row[fresh]]
    blank = np.flatnonzero(~fresh)
    if len(blank) == len(ts):
        span = f"{_dates(days)}" if len(days) else "no value at all"
        raise DataError(
            Problem(f"series {name} has no value on any bar", path=f"series.{name}", found=f"{series.symbol} {span}",
                    allowed=f"values within {_dates(sessions)}")
        )  # fmt: skip
    if not len(blank):
        return held, []
    where = f"{date_of(sessions[blank[0]])} to {date_of(sessions[blank[-1]])}"
    return held, [note(f"{name} ({series.symbol}): no value on {len(blank):,} of {len(ts):,} bars, {where}")]


def _common(roles: Mapping[str, Bars], given: Mapping[str, Stamps], spans: Mapping[str, Span]) -> Stamps:
    lengths = {one.frequency for one in roles.values()}
    if len(lengths) > 1:
        found = ", ".join(f"{one.symbol} {one.frequency}" for one in roles.values())
        raise DataError(Problem("the roles have bars of different lengths", path="roles", found=found))
    if any(one != COMMON for one in spans.values()) and all(map(len, given.values())):
        stamps = panel_stamps(given, spans)
        refuse_outside(given, stamps, {role: one.symbol for role, one in roles.items()})
        return stamps
    common: Stamps = reduce(lambda ours, theirs: ours[among(ours, theirs)], given.values())
    if not len(common):
        apart = "; ".join(f"{one.symbol} {_dates(one.sessions)}" for one in roles.values())
        raise DataError(Problem("the roles have no bar in common", path="roles", found=apart))
    return common


def _sessions(roles: Mapping[str, Bars], stamps: Stamps) -> Stamps:
    """(T,) the session of each stamp, as the roles that have it say."""
    found = np.zeros(len(stamps), np.int64)
    for one in roles.values():
        here = among(stamps, one.ts)
        found[here] = one.sessions[np.searchsorted(one.ts, stamps[here])]
        if here.all():
            break
    return found


def _fill(column: npt.NDArray[Any], bars: Bars, common: Stamps) -> None:
    """Copy one role's rows; what was paid or split on rows that are left out falls on the next row that stays.

    Where the role has not begun or has ended it has no price.
    """
    rows = np.flatnonzero(among(common, bars.ts))
    first, stop = int(rows[0]), int(rows[-1]) + 1
    _copy(column[first:stop], bars, common[first:stop])
    if stop - first < len(common):
        fill_absent(column, first, stop)


def _copy(column: npt.NDArray[Any], bars: Bars, common: Stamps) -> None:
    keep = np.searchsorted(bars.ts, common)
    for name in ("open", "high", "low", "close", "volume"):
        column[name] = bars.values[name][keep]
    growth = np.cumprod(bars.values["split"])  # shares that one share of before the first row has become
    factor = growth[keep] / growth[keep[0]]
    column["factor"] = factor
    column["split"][0], column["split"][1:] = 1.0, growth[keep[1:]] / growth[keep[:-1]]
    # A dividend is per share of its own row; the row that stays may have more shares for each of those.
    paid = np.concatenate([[0.0], np.cumsum(bars.values["dividend"] * growth)])
    owed = np.diff(paid[keep + 1], prepend=paid[keep[0]])
    exact = bars.values["dividend"][keep]
    gathered = np.diff(keep, prepend=keep[0] - 1) > 1
    column["dividend"] = np.where(gathered, owed / growth[keep], exact)


def _left_out(roles: Mapping[str, Bars], given: Mapping[str, Stamps], common: Stamps) -> list[Notice]:
    notices = []
    for role, bars in roles.items():
        ts = given[role]
        first, last = common[among(common, ts)][[0, -1]]
        before = int((ts < first).sum())
        after = int((ts > last).sum())
        lacked = ts[(ts > first) & (ts < last) & ~among(ts, common)]
        inside = np.searchsorted(bars.ts, lacked)
        if before or after:
            kept = _dates(bars.sessions[np.searchsorted(bars.ts, [first, last])])
            outside = f"{before:,} bars before and {after:,} after"
            notices.append(note(f"{bars.symbol}: {outside} the roles' common span {kept} are not used"))
        if len(inside):
            dropped = f"{len(inside):,} bars dropped that another role lacks"
            notices.append(note(f"{bars.symbol}: {dropped}: {_some(bars.sessions[inside])}"))
    return notices


def _dates(days: Stamps) -> str:
    return f"{date_of(days[0])}..{date_of(days[-1])}"


def _some(days: Stamps) -> str:
    once = distinct(days)
    more = f" and {len(once) - SHOWN:,} more" if len(once) > SHOWN else ""
    return ", ".join(str(date_of(day)) for day in once[:SHOWN]) + more
