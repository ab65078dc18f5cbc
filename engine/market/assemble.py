# SPDX-License-Identifier: Apache-2.0
"""Building a panel from its sources: read, refuse, adjust, align. The cold path of `build.load_market`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from engine.errors import DataError, Problem
from engine.market.align import Values, align
from engine.market.bar_dates import AROUND, odd_days
from engine.market.cache import fingerprint
from engine.market.calendar import Calendar, among, exchange
from engine.market.doubts import Doubt
from engine.market.hours import hours_doubts, spacing_notices
from engine.market.judging.company import company
from engine.market.judging.judgement import judge
from engine.market.judging.out_of_step import out_of_step
from engine.market.judging.series_doubts import carried, series_doubts
from engine.market.panel import Market
from engine.market.publication import known_values, publication_days
from engine.market.sources import Source
from engine.market.sources.series import layout_of, series_file, series_table
from engine.market.sources.table import Table
from engine.market.spacing import distinct_sessions, spacing
from engine.market.table.adjust import tradable_bars
from engine.market.table.refusals import problems_of, series_refusals
from engine.model.run import SeriesSource
from engine.model.spans import Span
from engine.notice import Notice


def assemble(
    source: Source,
    roles: Mapping[str, str],
    series: Mapping[str, SeriesSource],
    missing: tuple[str, ...],
    base_dir: Path,
    calendar_name: str,
    confirmed: Mapping[str, Sequence[dt.date]],
    spans: Mapping[str, Span] | None = None,
) -> Market:
    """Read everything and put it on one clock. Raises DataError with every problem of every file.

    confirmed: symbol -> sessions whose moves are real, however odd; spans: of each role.
    """
    calendar = exchange(calendar_name)
    tables, values, doubts = _judged_tables(source, roles, series, base_dir, calendar, confirmed)
    notices: list[Notice] = []
    bars = {}
    for role, symbol in roles.items():
        bars[role], more = tradable_bars(tables[symbol], source.prices, calendar)
        notices += [notice for notice in more if notice not in notices]
    found = {name: known(name, table, series[name], source, base_dir, calendar) for name, table in values.items()}
    records, more = align(bars, found, missing, calendar, source.hours, spans)
    doubts += [*hours_doubts(bars, calendar), *carried(values, series, records, calendar)]
    records.flags.writeable = False
    present = distinct_sessions(records["session"])
    expected = calendar.between(int(present[0]), int(present[-1]))
    absent = expected[~among(expected, present.astype(np.int64))]
    apart = spacing(present, absent)
    first, last = int(present[0]) - AROUND, int(present[-1]) + AROUND
    return Market(
        bars=records,
        symbols=dict(roles),
        series={name: one.symbol for name, one in series.items()},
        missing=missing,
        label=source.label,
        fingerprint=fingerprint(records),
        frequency=next(iter(bars.values())).frequency,
        calendar=calendar_name,
        prices=source.prices,
        contained={one.symbol: [*map(list, one.contained)] for one in bars.values() if one.contained},
        synthetic=source.synthetic,
        unpaid=tuple(symbol for symbol, table in tables.items() if not table.pays),
        absent=tuple(absent.tolist()),
        session_minutes=calendar.minutes_of(present),
        session_opens=calendar.opens_of(present),
        odd_days=tuple(odd_days(calendar.between(first, last), first, last, calendar.name).tolist()),
        sessions_per_year=apart.mean if apart.uneven else apart.per_year,
        notices=tuple(dict.fromkeys((*notices, *more, *spacing_notices(apart, absent, len(expected), calendar)))),
        doubts=tuple(doubts),
    )


def _judged_tables(
    source: Source,
    roles: Mapping[str, str],
    series: Mapping[str, SeriesSource],
    base_dir: Path,
    calendar: Calendar,
    confirmed: Mapping[str, Sequence[dt.date]],
) -> tuple[dict[str, Table], dict[str, Table], list[Doubt]]:
    """Tables by symbol and by name of a series, with what is doubted in them. Raises DataError with every problem."""
    problems: list[Problem] = []
    tables = attempt({symbol: partial(source.read, symbol) for symbol in roles.values()}, problems)
    values = attempt(
        {name: partial(series_table, name, one, source, base_dir) for name, one in series.items()}, problems
    )
    doubts: list[Doubt] = []
    bound = [(series[name], table) for name, table in values.items()]
    for symbol, table in tables.items():
        beside = company(symbol, tables, bound, source.prices, calendar)
        faults, more_doubts = judge(table, source.prices, calendar, confirmed.get(symbol, ()), beside)
        doubts += more_doubts
        problems += [*table.problems, *problems_of(table, faults)]
    for name, table in values.items():
        wrong = series_refusals(table)
        problems += wrong
        doubts += [] if wrong else series_doubts(name, table, series[name], calendar, synthetic=source.synthetic)
    if problems:
        raise DataError(dict.fromkeys(problems))
    if not source.synthetic:
        named = [(name, series[name], table) for name, table in values.items()]
        doubts += out_of_step(tables, named, source.prices, calendar, confirmed)
    return tables, values, doubts


def attempt(reads: Mapping[str, Callable[[], Table]], problems: list[Problem]) -> dict[str, Table]:
    """The tables that can be read; what is wrong with the others goes to `problems`."""
    tables = {}
    for name, read in reads.items():
        try:
            tables[name] = read()
        except DataError as error:
            problems += error.problems
    return tables


def known(name: str, table: Table, series: SeriesSource, source: Source, base_dir: Path, calendar: Calendar) -> Values:
    """The series as it becomes known; the days of publication are read where `lag` names their column."""
    if series.lag is None or series.lag.column is None:
        return known_values(name, table, series, calendar)
    layout, path = layout_of(name, series, source.layout), series_file(series, base_dir)
    days = publication_days(path, str(series.path), series.lag.column, layout, f"series.{name}.lag.column")
    return known_values(name, table, series, calendar, days[table.rows])
