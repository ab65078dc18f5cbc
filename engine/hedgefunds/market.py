# SPDX-License-Identifier: Apache-2.0
"""The market and the bill beside the funds: a column of their file, a file of monthly returns, or daily bars."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, InputError, Problem, nearest_name
from engine.hedgefunds.panel import Months, month_words
from engine.hedgefunds.reading import Sheet, read_sheet
from engine.hedgefunds.units import as_returns
from engine.market.calendar import exchange
from engine.market.sources.cells import column_names
from engine.market.sources.columns import folded
from engine.market.sources.layout import Layout
from engine.market.sources.reading import read_bars
from engine.notice import Notice, loud


@dataclass(frozen=True)
class Line:
    """One series of monthly returns, fractions: (M,) months and values, what it is called, what to say of it.

    cut  the last month of daily bars, left out because it is not over; None where it is
    """

    name: str
    months: Months
    returns: FloatArray
    notices: tuple[Notice, ...] = ()
    cut: np.datetime64 | None = None

    def on(self, months: Months) -> FloatArray:
        """(T,) the returns of these months, NaN where there is none."""
        made = np.full(len(months), np.nan)
        at = (self.months - months[0]).astype(np.int64)
        inside = (at >= 0) & (at < len(months))
        made[at[inside]] = self.returns[inside]
        return made


def read_line(given: str, sheet: Sheet, unit: str, file_unit: str, option: str) -> Line:
    """The series that `given` names: a column of the funds' own sheet, FILE, or FILE:COLUMN.

    unit, file_unit  of the funds' sheet, and of another file with returns in it; daily bars need none
    Raises InputError where it is neither, DataError for what is wrong in the file.
    """
    if given in sheet.names:
        return Line(given, sheet.months, as_returns(sheet.column(given), unit)[:, 0])
    path, column = _file(given)
    if path is None:
        near = nearest_name(given, sheet.names)
        allowed = f"a column of {sheet.file} ({', '.join(sheet.names[:6])} ...), FILE, or FILE:COLUMN"
        raise InputError(Problem("no such column or file", path=option, found=given, allowed=allowed, nearest=near))
    names = [folded(name) for name in column_names(path, str(path))]
    if not column and "close" in names:
        return daily_bars(path)
    return _monthly(path, column, file_unit, option)


def _file(given: str) -> tuple[Path | None, str]:
    """The file and the column of FILE or FILE:COLUMN; no path where there is no such file."""
    whole = Path(given).expanduser()
    if whole.is_file():
        return whole, ""
    head, _, column = given.rpartition(":")
    path = Path(head).expanduser()
    return (path, column) if head and path.is_file() else (None, "")


def _monthly(path: Path, column: str, unit: str, option: str) -> Line:
    sheet = read_sheet(path, str(path))
    if not column and len(sheet.names) != 1:
        allowed = ", ".join(f"{path}:{name}" for name in sheet.names[:4])
        found = f"{len(sheet.names)} columns"
        raise InputError(Problem("which column?", path=option, found=found, allowed=allowed))
    name = column or sheet.names[0]
    if name not in sheet.names:
        allowed, near = ", ".join(sheet.names[:8]), nearest_name(name, sheet.names)
        raise InputError(Problem(f"no such column in {path}", path=option, found=name, allowed=allowed, nearest=near))
    return Line(name, sheet.months, as_returns(sheet.column(name), unit, "--benchmark-unit")[:, 0])


def daily_bars(path: Path) -> Line:
    """Monthly total returns of daily bars: last close of a month against that of the month before.

    Of the adjusted close where the file has one, else of close, dividends and splits. A month whose last session is
    not in the file is no month.
    """
    name = path.stem
    table = read_bars(path, name, str(path), Layout(), exchange())
    if table.problems:
        raise DataError(table.problems)
    if not table.daily:
        raise DataError(
            Problem("not daily bars", str(path), found=f"{table.frequency} bars", allowed="one bar a session")
        )
    frame = table.frame
    days = frame.index.to_numpy().astype("M8[D]")
    worth = _worth({column: frame[column].to_numpy(np.float64) for column in frame.columns})
    bad = np.flatnonzero(~np.isfinite(worth) | (worth <= 0.0) | np.append(False, np.diff(days.astype(np.int64)) <= 0))
    if len(bad):
        found = [f"{worth[row]:g}" for row in bad[:3]]
        raise DataError(table.problems_at("a close that is missing, not positive or out of order", bad.tolist(), found))
    months = days.astype("M8[M]")
    last = np.append(months[1:] != months[:-1], True)
    ends = np.flatnonzero(last)
    cut = _unfinished(days[ends])
    whole = ends if cut is None else ends[:-1]
    returns = np.full(len(whole), np.nan)
    returns[1:] = worth[whole[1:]] / worth[whole[:-1]] - 1.0
    consecutive = np.append(False, np.diff(months[whole].astype(np.int64)) == 1)
    if not consecutive[1:].all():
        holes = months[whole[1:]][~consecutive[1:]] - 1
        raise DataError(
            Problem("months without a bar", str(path), found=f"none in {month_words(holes)}", allowed="every month")
        )
    bare = [] if table.pays else [loud(f"{name}: the file has no dividends and no adjusted close, nor has its return.")]
    return Line(name, months[whole][1:], returns[1:], (*bare, *table.notices), cut)


def _worth(columns: dict[str, FloatArray]) -> FloatArray:
    """(D,) what one unit held with everything reinvested is worth at each close, up to a factor."""
    if "adj_close" in columns and np.isfinite(columns["adj_close"]).all():
        return columns["adj_close"]
    close = columns["close"]
    before = np.append(close[0], close[:-1])
    return np.asarray(close[0] * np.cumprod((close * columns["split"] + columns["dividend"]) / before))


def _unfinished(ends: NDArray[np.datetime64]) -> np.datetime64 | None:
    """The month of the last bar where the exchange has sessions left in it; None where it is over."""
    month = ends[-1].astype("M8[M]")
    day, over = (int(one.astype("M8[D]").astype(np.int64)) for one in (ends[-1], month + 1))
    left = exchange().between(day + 1, over - 1) if over - 1 > day else ()
    return np.datetime64(month) if len(left) else None


def refuse_holes(line: Line, values: FloatArray, months: Months, option: str) -> None:
    """Raise DataError where the series lacks months between its first and its last."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) and len(known) < known[-1] - known[0] + 1:
        inside = np.arange(known[0], known[-1] + 1)
        holes = months[inside[~np.isfinite(values[inside])]]
        allowed = f"every month from {months[known[0]]} to {months[known[-1]]}: add them, or take another series"
        raise DataError(
            Problem(f"{line.name}: months without a return", path=option, found=month_words(holes), allowed=allowed)
        )
