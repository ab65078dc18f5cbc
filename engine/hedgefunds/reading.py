# SPDX-License-Identifier: Apache-2.0
"""A file of funds as people have it: wide, a column a fund, or long, a row a fund and month; cells into numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.hedgefunds.panel import Months
from engine.market.sources.cells import Cells, decimal_mark, numbers, read_cells
from engine.market.sources.columns import Header, folded
from engine.market.sources.slashed import year_first
from engine.market.sources.table import EXAMPLES, locate, rest

MONTH_NAMES = ("month", "date", "month_end", "period", "__index_level_0__", "")
FUND_NAMES = ("fund", "fund_name")
VALUE_NAMES = ("return", "returns", "nav")
FLAGS = {"office": ("office", "office_in_region"), "manager": ("manager", "manager_in_region"),
         "due_diligence": ("due_diligence", "due_diligence_passed")}  # fmt: skip
REPORTED = ("reported", "reporting_date")
_MONTH = re.compile(r"^\s*(\d{4})(?:-(\d{1,2})|/(\d{1,2})|(\d{2}))(?:[-/]?\d{1,2})?(?:[ T].*)?\s*$")
MONTHS_ALLOWED = "2004-06, or any day of the month as 2004-06-30 or 06/30/2004"


@dataclass(frozen=True)
class Sheet:
    """What a file says, months in order and without holes. Values are in its own unit.

    values    (T, N), NaN where a cell is empty or there is no row
    reported  (T, N) the day on which the return was reported, NaT where the file does not say
    flags     name -> (T, N) bool, for each that a long file has
    stated    (T, N) whether a long file has a row; in a wide one all are
    lines     (T, N) line of the file, 0 where unknown
    value     what a long file calls its values: return or nav; "" in a wide one
    """

    file: str
    months: Months
    names: tuple[str, ...]
    values: FloatArray
    reported: NDArray[np.datetime64]
    flags: Mapping[str, NDArray[np.bool_]]
    stated: NDArray[np.bool_] = field(repr=False)
    lines: NDArray[np.int64] = field(repr=False)
    value: str = ""

    def column(self, name: str) -> Sheet:
        """The sheet with one of its columns only."""
        at = [self.names.index(name)]
        return replace(
            self, names=(name,), values=self.values[:, at], reported=self.reported[:, at], flags={},
            stated=self.stated[:, at], lines=self.lines[:, at],
        )  # fmt: skip


def read_sheet(origin: Path | Any, file: str) -> Sheet:
    """Read CSV, parquet or an Arrow table. Raises DataError with every mistake: cells, months, duplicates, holes."""

    def columns(names: list[str]) -> Header:
        return _header(names, file)

    cells = read_cells(origin, file, columns, blank=("-",))
    path = origin if isinstance(origin, Path) else None
    if not cells.length:
        raise DataError(Problem("no data lines", file, allowed="a line of column names, then one line a month"))
    lines = np.array(locate(path, range(cells.length)) if path else [0] * cells.length, np.int64)
    months, problems = _months(cells, file, lines)
    problems = [*cells.problems, *problems]
    made = (_long if "fund" in cells.columns else _wide)(cells, months, lines, file, problems)
    if problems:
        raise DataError(problems)
    return made


def _header(names: list[str], file: str) -> Header:
    keys = [folded(name) for name in names]
    place = next((keys.index(name) for name in MONTH_NAMES if name in keys), -1)
    problems: list[Problem] = []
    if place < 0:
        found, allowed = ", ".join(names[:6]), "a column `month` with cells such as 2004-06, or `date`"
        problems.append(Problem("no column of months", file, 1, found=found, allowed=allowed))
    fund = _first(keys, FUND_NAMES)
    value = _first(keys, VALUE_NAMES)
    if fund >= 0 and value >= 0:
        others = {"reported": _first(keys, REPORTED)} | {name: _first(keys, known) for name, known in FLAGS.items()}
        chosen = {"fund": fund, keys[value]: value} | {name: at for name, at in others.items() if at >= 0}
        return Header(tuple(names), place, chosen, tuple(problems))
    funds = [at for at in range(len(names)) if at != place]
    twice = sorted({names[at] for at in funds if [names[other] for other in funds].count(names[at]) > 1})
    if twice:
        problems.append(Problem("columns of one name", file, 1, found=", ".join(twice), allowed="each fund once"))
    if any(not names[at] for at in funds):
        problems.append(Problem("a column without a name", file, 1, allowed="the fund's name above each column"))
    return Header(tuple(names), place, {names[at]: at for at in funds}, tuple(problems))


def _first(keys: Sequence[str], wanted: Iterable[str]) -> int:
    return next((keys.index(name) for name in wanted if name in keys), -1)


def _months(cells: Cells, file: str, lines: NDArray[np.int64]) -> tuple[Months, list[Problem]]:
    """(rows,) the month of each row, NaT where there is none."""
    made = np.full(cells.length, np.datetime64("NaT"), "M8[M]")
    bad: list[int] = []
    written, doubts = year_first(cells.columns["date"], file)
    if doubts:
        return made, doubts
    for row, cell in enumerate(written):
        found = _MONTH.match(cell)
        number = int(found[2] or found[3] or found[4]) if found else 0
        if found and 1 <= number <= 12:
            made[row] = np.datetime64(f"{found[1]}-{number:02d}")
        else:
            bad.append(row)
    return made, _at("not a month", file, lines, bad, [repr(written[row]) for row in bad], MONTHS_ALLOWED)


def _at(
    message: str, file: str, lines: NDArray[np.int64], rows: Sequence[int], found: Sequence[str], allowed: str
) -> list[Problem]:
    """A Problem for each of the first rows, and one that counts the rest."""
    shown = zip(rows[:EXAMPLES], found, strict=False)
    listed = [Problem(message, file, int(lines[row]), found=one, allowed=allowed) for row, one in shown]
    return [*listed, *rest(message, file, len(rows))]


def _number_columns(
    cells: Cells, names: Sequence[str], file: str, lines: NDArray[np.int64], problems: list[Problem]
) -> FloatArray:
    """(rows, columns) of numbers; what is none joins the problems."""
    mark = decimal_mark({name: cells.columns[name] for name in names})
    if not mark:
        unclear = "cells such as 1,234, which are one thing or another"
        problems.append(Problem("what stands before the decimals?", file, 1, found=unclear, allowed="a dot throughout"))
        return np.full((cells.length, len(names)), np.nan)
    made = np.full((cells.length, len(names)), np.nan)
    for place, name in enumerate(names):
        made[:, place], rows, found = numbers(cells.columns[name], mark)
        per_cent = bool(found) and "%" in found[0]
        allowed = "the number alone: take the signs out, and say --unit percent" if per_cent else "a number, or nothing"
        problems += _at(f"{name}: not a number", file, lines, rows, found, allowed)
    return made


def _wide(cells: Cells, months: Months, lines: NDArray[np.int64], file: str, problems: list[Problem]) -> Sheet:
    names = tuple(name for name in cells.columns if name != "date")
    values = _number_columns(cells, names, file, lines, problems)
    rows = np.flatnonzero(~np.isnat(months))
    order = rows[np.argsort(months[rows], kind="stable")]
    again = order[1:][months[order][1:] == months[order][:-1]]
    found = [str(months[row]) for row in again]
    problems += _at("a second row of one month", file, lines, again.tolist(), found, "one row a month")
    if problems:
        return _sheet(file, months[:0], names, values[:0])
    span = _span(months[order])
    at = (months[order] - span[0]).astype(np.int64)
    made = _sheet(file, span, names, np.full((len(span), len(names)), np.nan))
    made.values[at] = values[order]
    made.lines[at] = lines[order][:, None]
    return made


def _long(cells: Cells, months: Months, lines: NDArray[np.int64], file: str, problems: list[Problem]) -> Sheet:
    value = next(name for name in VALUE_NAMES if name in cells.columns)
    written = ["" if cell is None else str(cell).strip() for cell in cells.columns["fund"].to_pylist()]
    nameless = [row for row, name in enumerate(written) if not name]
    problems += _at("no fund named", file, lines, nameless, ["an empty cell"] * len(nameless), "the fund's name")
    values = _number_columns(cells, [value], file, lines, problems)[:, 0]
    flags = {name: _yes_no(cells, name, file, lines, problems) for name in FLAGS if name in cells.columns}
    days = _days(cells, file, lines, problems)
    names = tuple(dict.fromkeys(written))
    column = {name: place for place, name in enumerate(names)}
    seen: dict[tuple[str, str], int] = {}
    again = [row for row, name in enumerate(written) if seen.setdefault((name, str(months[row])), row) != row]
    found = [f"{written[row]} {months[row]}" for row in again]
    problems += _at("a second row of one fund and month", file, lines, again, found, "one row a fund and month")
    if problems:
        return _sheet(file, months[:0], names, np.empty((0, len(names))))
    span = _span(np.sort(months))
    at = ((months - span[0]).astype(np.int64), np.array([column[name] for name in written]))
    shape = (len(span), len(names))
    made = _sheet(file, span, names, np.full(shape, np.nan), {name: np.zeros(shape, np.bool_) for name in flags}, value)
    made.values[at], made.reported[at], made.lines[at], made.stated[at] = values, days, lines, True
    for name, cells_of in flags.items():
        made.flags[name][at] = cells_of
    return made


def _sheet(
    file: str,
    months: Months,
    names: tuple[str, ...],
    values: FloatArray,
    flags: Mapping[str, NDArray[np.bool_]] | None = None,
    value: str = "",
) -> Sheet:
    shape = values.shape
    days = np.full(shape, np.datetime64("NaT"), "M8[D]")
    stated, lines = np.full(shape, not value), np.zeros(shape, np.int64)
    return Sheet(file, months, names, values, days, flags or {}, stated, lines, value)


def _span(ordered: Months) -> Months:
    return np.arange(ordered[0], ordered[-1] + 1)


def _yes_no(cells: Cells, name: str, file: str, lines: NDArray[np.int64], problems: list[Problem]) -> NDArray[np.bool_]:
    """(rows,) a flag; an empty cell is no."""
    words = {"yes": True, "true": True, "1": True, "1.0": True, "y": True}
    words |= {"no": False, "false": False, "0": False, "0.0": False, "n": False, "": False}
    written = ["" if cell is None else str(cell).strip().casefold() for cell in cells.columns[name].to_pylist()]
    bad = [row for row, cell in enumerate(written) if cell not in words]
    found = [repr(written[row]) for row in bad]
    problems += _at(f"{name}: neither yes nor no", file, lines, bad, found, "yes or no, true or false, 1 or 0")
    return np.array([words.get(cell, False) for cell in written], np.bool_)


def _days(cells: Cells, file: str, lines: NDArray[np.int64], problems: list[Problem]) -> NDArray[np.datetime64]:
    """(rows,) the reporting dates, NaT where a cell is empty or the file has none."""
    made = np.full(cells.length, np.datetime64("NaT"), "M8[D]")
    if "reported" not in cells.columns:
        return made
    written, doubts = year_first(cells.columns["reported"], file)
    if doubts:
        problems += [replace(one, message=f"reported: {one.message}") for one in doubts]
        return made
    bad = []
    for row, cell in enumerate(written):
        try:
            made[row] = dt.date.fromisoformat(cell[:10]) if cell else made[row]
        except ValueError:
            bad.append(row)
    found = [repr(written[row]) for row in bad]
    problems += _at("reported: not a date", file, lines, bad, found, "a date such as 2004-07-12, or nothing")
    return made
