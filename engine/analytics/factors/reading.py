# SPDX-License-Identifier: Apache-2.0
"""A file of factor returns: a date or a month, and a column a factor, in a unit that is stated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, InputError, Problem, nearest_name
from engine.market.sources.cells import Cells, decimal_mark, numbers, read_cells
from engine.market.sources.columns import Header, folded
from engine.market.sources.slashed import year_first
from engine.market.sources.table import EXAMPLES, locate, rest

Unit = Literal["percent", "fraction"]
UNITS: tuple[str, ...] = get_args(Unit)
DIVISOR = {"percent": 100.0, "fraction": 1.0}

DATES = ("date", "month", "day", "period")
RATES = ("rf", "risk_free", "riskfree")

USUAL = {"daily": (5e-4, 0.1), "monthly": (2e-3, 0.5)}
"""Standard deviation of a factor, fraction: outside of it the stated unit cannot be true."""

MISSING = (-99.99, -999.0)
"""What a common source writes where it has no value."""

_DAY = re.compile(r"^\s*(\d{4})[-/]?(\d{2})(?:[-/]?(\d{2}))?(?:[ T].*)?\s*$")


@dataclass(frozen=True)
class FactorFile:
    """N factors at P dates, ascending, each once. Fractions; NaN where a cell is empty.

    period  "daily" or "monthly"; dates are then days or the first days of months
    rate    (P,) risk-free return of each period; None where the file has no column for it
    """

    file: str
    period: str
    dates: NDArray[np.datetime64]
    names: tuple[str, ...]
    values: FloatArray
    rate: FloatArray | None


def read_factors(path: Path, unit: str | None) -> FactorFile:
    """Read CSV or parquet. Raises InputError without a unit, DataError with every mistake of the file.

    Daily where a month has more than one row, else monthly. Values that the stated unit makes impossible are refused.
    """
    if unit not in UNITS:
        found = "nothing" if unit is None else unit
        allowed = "percent (0.5 is 0.5 %) or fraction (0.005 is 0.5 %)"
        near = nearest_name(found, UNITS)
        path_ = "--factor-unit"
        raise InputError(
            Problem("the unit is stated, never guessed", path=path_, found=found, allowed=allowed, nearest=near)
        )
    file = str(path)
    cells = read_cells(path, file, lambda names: _header(names, file))
    if not cells.length:
        raise DataError(Problem("no data lines", file, allowed="a line of column names, then one line a day or month"))
    lines = np.array(locate(path, range(cells.length)), np.int64)
    dates, problems = _dates(cells, file, lines)
    names = [name for name in cells.columns if name != "date"]
    values, bad = _values(cells, names, file, lines)
    problems = [*cells.problems, *problems, *bad]
    if problems:
        raise DataError(problems)
    order = np.argsort(dates, kind="stable")
    dates, values, lines = dates[order], values[order] / DIVISOR[unit], lines[order]
    period = _period(dates)
    if period == "monthly":
        dates = dates.astype("M8[M]").astype("M8[D]")
    _refuse_twice(dates, lines, file)
    rates = [place for place, name in enumerate(names) if name in RATES]
    kept = [place for place in range(len(names)) if place not in rates]
    _refuse_unit(values[:, kept], [names[place] for place in kept], unit, period, file)
    rate = values[:, rates[0]] if rates else None
    return FactorFile(file, period, dates, tuple(names[place] for place in kept), values[:, kept], rate)


def _header(names: list[str], file: str) -> Header:
    keys = [folded(name) for name in names]
    at = next((keys.index(name) for name in DATES if name in keys), -1)
    problems = []
    if at < 0:
        found = ", ".join(names[:6])
        problems.append(Problem("no column of dates", file, 1, found=found, allowed="a column `date`, or `month`"))
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        found = ", ".join(twice)
        problems.append(Problem("columns of one name", file, 1, found=found, allowed="each factor once"))
    kept = {key: place for place, key in enumerate(keys) if place != at and key}
    if not set(kept) - set(RATES):
        problems.append(
            Problem("no factor", file, 1, found=", ".join(names), allowed="a column a factor beside the date")
        )
    return Header(tuple(names), at, kept, tuple(problems))


def _dates(cells: Cells, file: str, lines: NDArray[np.int64]) -> tuple[NDArray[np.datetime64], list[Problem]]:
    made = np.full(cells.length, np.datetime64("NaT"), "M8[D]")
    bad: list[tuple[int, str]] = []
    written, doubts = year_first(cells.columns["date"], file)
    if doubts:
        return made, doubts
    for row, cell in enumerate(written):
        day = _day(cell)
        if day is None:
            bad.append((row, repr(cell)))
        else:
            made[row] = day
    allowed = "2004-06-30, 20040630, 06/30/2004, or 2004-06 for a month"
    problems = [Problem("not a date", file, int(lines[row]), found=one, allowed=allowed) for row, one in bad[:EXAMPLES]]
    return made, [*problems, *rest("not a date", file, len(bad))]


def _day(cell: str) -> np.datetime64 | None:
    """The day that a cell names, the first of its month where it names a month; None where it is no date."""
    found = _DAY.match(cell)
    try:
        return np.datetime64(f"{found[1]}-{found[2]}-{found[3] or '01'}", "D") if found else None
    except ValueError:
        return None


def _values(cells: Cells, names: list[str], file: str, lines: NDArray[np.int64]) -> tuple[FloatArray, list[Problem]]:
    mark = decimal_mark({name: cells.columns[name] for name in names}) or "."
    made, problems = np.full((cells.length, len(names)), np.nan), []
    for place, name in enumerate(names):
        made[:, place], rows, found = numbers(cells.columns[name], mark)
        wrong = [
            Problem(f"{name}: not a number", file, int(lines[row]), found=one)
            for row, one in zip(rows[:EXAMPLES], found, strict=False)
        ]
        marked = np.flatnonzero(np.isin(made[:, place], MISSING)).tolist()
        absent = [
            Problem(
                f"{name}: a mark of no value",
                file,
                int(lines[row]),
                found=f"{made[row, place]:g}",
                allowed="an empty cell",
            )
            for row in marked[:EXAMPLES]
        ]
        problems += [*wrong, *rest(f"{name}: not a number", file, len(rows))]
        problems += [*absent, *rest(f"{name}: a mark of no value", file, len(marked))]
    return made, problems


def _period(dates: NDArray[np.datetime64]) -> str:
    """Monthly where the typical month that has a row has one."""
    _, counts = np.unique(dates.astype("M8[M]"), return_counts=True)
    return "daily" if float(np.median(counts)) > 1.0 else "monthly"


def _refuse_twice(dates: NDArray[np.datetime64], lines: NDArray[np.int64], file: str) -> None:
    twice = np.flatnonzero(dates[1:] == dates[:-1]) + 1
    problems = [
        Problem("a date that stands twice", file, int(lines[row]), found=str(dates[row]), allowed="each date once")
        for row in twice[:EXAMPLES].tolist()
    ]
    if problems:
        raise DataError([*problems, *rest("a date that stands twice", file, len(twice))])


def _refuse_unit(values: FloatArray, names: list[str], unit: str, period: str, file: str) -> None:
    """Refuse factors that move as none does under the stated unit, and those that do not move at all."""
    least, most = USUAL[period]
    problems = []
    for place, name in enumerate(names):
        known = values[np.isfinite(values[:, place]), place]
        if len(known) < 2 or np.ptp(known) == 0.0:
            found = f"{known[0] * DIVISOR[unit]:g} throughout" if len(known) else "no value"
            problems.append(Problem(f"{name}: a factor that does not move", file, 1, found=found, allowed="returns"))
            continue
        spread = float(np.std(known))
        if not least <= spread <= most or known.min() < -1.0:
            other = "fraction" if unit == "percent" else "percent"
            found = f"a standard deviation of {100 * spread:.2g} % {'a day' if period == 'daily' else 'a month'}"
            allowed = f"{100 * least:g} % to {100 * most:g} %: is the file in {other}? Then --factor-unit {other}"
            problems.append(
                Problem(f"{name}: no factor moves so under unit {unit}", file, 1, found=found, allowed=allowed)
            )
    if problems:
        raise DataError(problems)
