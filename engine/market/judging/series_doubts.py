# SPDX-License-Identifier: Apache-2.0
"""What is doubted in the values of untradable series, and in the bars that see an old value of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar, among, date_of
from engine.market.doubts import Doubt
from engine.market.judging.volatility_indexes import known_volatility
from engine.market.publication import undated
from engine.market.sources.table import Table
from engine.market.table.refusals import sessions_of
from engine.model.run import SeriesSource

Floats = NDArray[np.float64]
Days = NDArray[np.int64]

FEWEST = 20
"""Values that a judgement on one of them needs."""
TIMES = 15.0
"""A value that leaves and comes back by so many of the usual changes, and at least doubles or halves, is doubted."""
LAST = 2.5
"""The last value has none after it to come back to: VIX rose to 2.2 times itself in a day, and the market fell."""
LEAST_POINTS, MOST_POINTS = 3.0, 300.0
"""The middle value of an index of volatility: 17.6 of the VIX since 1990, some 90 of VVIX."""
EACH = 10
"""Up to so many sessions are told one by one."""


def series_doubts(name: str, table: Table, series: SeriesSource, calendar: Calendar, *, synthetic: bool) -> list[Doubt]:
    """What is doubted in a series that can be read; the sample market publishes its series on the day."""
    found = _odd_values(name, table, series, calendar)
    return found if synthetic else [*found, *undated(name, table, series, calendar)]


def _odd_values(name: str, table: Table, series: SeriesSource, calendar: Calendar) -> list[Doubt]:
    """Values on another scale for a day or for all days, out of sign, or dated on days without a market."""
    days, values = _known(table, calendar)
    if len(values) < FEWEST:
        return []
    found = [
        *_on_weekends(name, series, days),
        *_thin(name, series, days, values),
        *_not_in_points(name, series, days, values),
    ]
    label = f"{name} ({series.symbol})"
    remedy = f"correct the file, if it is wrong: series.{name} stands on it"
    rows = [*_spikes(values), *(_out_of_sign(values) if series.unit == "level" else [])]
    for row in sorted(set(rows)):
        beside = [_shown(values[at], series) for at in (row - 1, row + 1) if 0 <= at < len(values)]
        words = f"{label}: {_shown(values[row], series)} on {date_of(days[row])}, beside {' and '.join(beside)}"
        found.append(Doubt(f"{words}; {remedy}", int(days[row]), int(days[row])))
    return found


def carried(
    tables: Mapping[str, Table], series: Mapping[str, SeriesSource], records: NDArray[Any], calendar: Calendar
) -> list[Doubt]:
    """Sessions of the panel on which the value of an earlier one stands, of series that have a value on most.

    Rates have none on holidays of the bond market and move little in a day: they are not asked.
    """
    sessions = np.unique(records["session"])
    found = []
    for name, table in tables.items():
        one = series[name]
        if one.unit == "level":
            days, values = _known(table, calendar)
            found += list(_carried(name, one, days, values, sessions, calendar))
    return found


def _known(table: Table, calendar: Calendar) -> tuple[Days, Floats]:
    values = np.asarray(table.frame["value"], np.float64)
    known = np.isfinite(values)
    days = sessions_of(table, calendar)[known]
    last = np.append(days[1:] != days[:-1], True) if len(days) else np.empty(0, np.bool_)
    return days[last], values[known][last]


def _carried(
    name: str, one: SeriesSource, days: Days, values: Floats, sessions: Days, calendar: Calendar
) -> Iterator[Doubt]:
    if len(days) < 2 or len(days) < 0.8 * len(calendar.between(int(days[0]), int(days[-1]))):
        return  # weekly or monthly: to be carried is its nature
    absent = sessions[~among(sessions, days)]
    before = np.searchsorted(days, absent) - 1
    held = (before >= 0) & (absent - days[before] <= one.stale_after)
    absent, before = absent[held], before[held]
    label, remedy = f"{name} ({one.symbol})", f"bring the value, or series.{name}.stale_after: 0 leaves the bar without"
    if len(absent) > EACH:
        first, last = date_of(absent[0]), date_of(absent[-1])
        words = f"{label}: no value on {len(absent):,} sessions from {first} to {last}, on which the one before stands"
        yield Doubt(f"{words}; {remedy}", int(absent[0]), int(absent[-1]), name, tuple(absent.tolist()))
        return
    for day, row in zip(absent, before, strict=True):
        after = f", and {values[row + 1]:g} comes after" if row + 1 < len(values) else ""
        words = f"{label}: no value on {date_of(day)}, where {values[row]:g} of {date_of(days[row])} stands{after}"
        yield Doubt(f"{words}; {remedy}", int(day), int(day), name, (int(day),))


def _on_weekends(name: str, series: SeriesSource, days: Days) -> list[Doubt]:
    """A daily series that has a value on many a Saturday or Sunday is dated a day off: a zone makes that."""
    if not len(days) or float(np.median(np.diff(days))) > 1.0:
        return []
    off = days[(days + 3) % 7 >= 5]  # 1970-01-01 was a Thursday
    if len(off) < 0.05 * len(days) or len(off) > 0.25 * len(days):
        return []
    words = f"{name} ({series.symbol}): {len(off):,} of {len(days):,} values are dated on a Saturday or Sunday"
    remedy = f"the dates are a day off, or read in the wrong zone: correct them, or series.{name}.timezone"
    return [Doubt(f"{words}, the first on {date_of(off[0])}; {remedy}", int(days[0]), int(days[-1]))]


def _thin(name: str, series: SeriesSource, days: Days, values: Floats) -> list[Doubt]:
    """Per cent that never reach a quarter of one, in more digits than rates near zero are quoted in: fractions."""
    shown = values * 100.0
    if series.unit != "percent" or not (np.abs(shown) < 0.25).all() or not np.abs(shown).max() > 0.0:
        return []
    if (np.abs(shown * 1000 - np.round(shown * 1000)) < 1e-6).all():
        return []
    words = f"{name} ({series.symbol}): no value is above {np.abs(shown).max():.4g} %, as unit: percent has it"
    text = f"{words}; series.{name}.unit: fraction, where {shown[-1]:.4g} means {shown[-1]:.2%}"
    return [Doubt(text, int(days[0]), int(days[-1]))]


def _not_in_points(name: str, series: SeriesSource, days: Days, values: Floats) -> list[Doubt]:
    """The VIX and its kin on another scale than they are quoted in, by which a rule's thresholds are never met."""
    middle = float(np.median(np.abs(values)))
    if not known_volatility(series.symbol) or LEAST_POINTS <= middle <= MOST_POINTS:
        return []
    words = f"{name} ({series.symbol}): the middle one of its values is {middle:.4g} as a rule reads it"
    why = "and the index is quoted in points, 20 where 20 % a year are expected"
    remedy = f"bring it in points, with series.{name}.unit: level"
    return [Doubt(f"{words}, {why}: thresholds in points are missed; {remedy}", int(days[0]), int(days[-1]))]


def _spikes(values: Floats) -> list[int]:
    change = np.diff(values)
    moved = np.abs(change[change != 0])
    if not len(moved) or (values <= 0).sum() > 3:
        return []  # returns and flows leave zero and come back by their nature
    usual = float(np.median(moved))
    out, back = change[:-1], change[1:]
    leg = np.where(np.sign(out) * np.sign(back) < 0, np.minimum(np.abs(out), np.abs(back)), 0.0)
    beside = np.minimum(np.abs(values[:-2]), np.abs(values[2:]))
    most = np.maximum(np.abs(values[:-2]), np.abs(values[2:]))
    here = np.abs(values[1:-1])
    scale = (here > 2 * most) | (here < 0.5 * beside)
    far = (leg > TIMES * usual) & (np.abs(out + back) < 0.5 * leg) & scale
    rows = [int(row) for row in np.flatnonzero(far) + 1]
    before, last = float(np.abs(values[-2])), float(np.abs(values[-1]))
    alone = abs(float(change[-1])) > TIMES * usual and (last > LAST * before or last < before / LAST)
    return [*rows, len(values) - 1] if alone else rows


def _out_of_sign(values: Floats) -> list[int]:
    """At most three values at or below zero, among twenty times as many above it."""
    rows = np.flatnonzero(values <= 0)
    return [int(row) for row in rows] if len(rows) <= 3 and len(values) > 20 * len(rows) else []


def _shown(value: float, series: SeriesSource) -> str:
    return f"{value * 100:g} %" if series.unit == "percent" else f"{value:g}"
