# SPDX-License-Identifier: Apache-2.0
"""From files to a panel: which funds, which months, their market; what was left out is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import DataError, InputError, Problem, nearest_name
from engine.hedgefunds.claim import Factors
from engine.hedgefunds.market import Line, read_line, refuse_holes
from engine.hedgefunds.panel import STILL, Months, Panel, month_words
from engine.hedgefunds.plausible import beside_each_other
from engine.hedgefunds.reading import Sheet, read_sheet
from engine.hedgefunds.regression import FEWEST
from engine.hedgefunds.structure import AVERAGED_FEWEST
from engine.hedgefunds.units import as_returns, check_unit, doubts
from engine.market.sources.columns import folded
from engine.market.sources.table import EXAMPLES
from engine.notice import Notice, loud, note

BILLS = ("rf", "risk_free", "bill", "cash")
"""Columns of a file of factors that are none."""


@dataclass(frozen=True)
class Source:
    """What a person says of the files.

    unit            of the funds' values; benchmark_unit of those in another file, the same where None
    benchmark, risk_free  a column of the funds' file, FILE or FILE:COLUMN
    without         funds and columns to leave out
    deadline        days after a month's end within which it must be reported; None: no report is late
    factors         a file of monthly returns of factors above the bill
    flags           whether flags of the file decide who is in
    """

    unit: str | None
    benchmark: str | None
    benchmark_unit: str | None = None
    risk_free: str | None = None
    without: tuple[str, ...] = ()
    deadline: int | None = None
    factors: Path | None = None
    flags: bool = True


def read_panel(origin: Path | Any, file: str, source: Source) -> Panel:
    """Read, check and put side by side. Raises InputError (DataError) with place, what was found, and a remedy."""
    check_unit(source.unit, "--unit")
    return panel_of(read_sheet(origin, file), source)


def panel_of(sheet: Sheet, source: Source) -> Panel:
    """The panel of a sheet that is read. Raises InputError (DataError) as `read_panel`."""
    unit, file = str(source.unit), sheet.file
    other_unit = source.benchmark_unit or unit
    check_unit(other_unit, "--benchmark-unit")
    _check_names(sheet, source)
    if not source.benchmark:
        allowed = f"a column of {file}, FILE or FILE:COLUMN"
        raise InputError(Problem("which market?", path="--benchmark", found="nothing", allowed=allowed))
    market = read_line(source.benchmark, sheet, unit, other_unit, "--benchmark")
    bill = read_line(source.risk_free, sheet, unit, other_unit, "--risk-free") if source.risk_free else None
    values, late = _in_time(sheet, as_returns(sheet, unit), source.deadline)
    taken = {source.benchmark, source.risk_free, *source.without}
    funds = [
        place for place, name in enumerate(sheet.names) if name not in taken and np.isfinite(values[:, place]).any()
    ]
    silent = [
        name for place, name in enumerate(sheet.names)
        if name not in taken and not np.isfinite(values[:, place]).any()
    ]  # fmt: skip
    if not funds:
        allowed = "at least one fund with returns beside benchmark, risk-free rate and --without"
        raise DataError(Problem("no fund is left", file, found=", ".join(sheet.names[:6]), allowed=allowed))
    rows = _rows(values[:, funds], sheet, file)
    months, names = sheet.months[rows], tuple(sheet.names[place] for place in funds)
    returns = values[rows][:, funds]
    eligible, filtered = _eligible(sheet, rows, funds, source.flags)
    benchmark = _aligned(market, months, "--benchmark")
    notices = [
        *([note(f"Without a return, and left out: {', '.join(silent)}.")] if silent else []), *late, *filtered,
        *doubts(returns, months, names, unit), *_absences(returns, months, names), *_short(market, benchmark, months),
        *_said(market, months), *(_said(bill, months) if bill else ()),
    ]  # fmt: skip
    rate = _bill(bill, months)
    notices += beside_each_other(returns, months, names, (market.name, benchmark), (bill.name if bill else "", rate))
    if len(names) == 1:
        notices.append(loud(f"One fund: the index is {names[0]} itself, and a portfolio holds it or nothing."))
    return Panel(
        months, names, returns, eligible, benchmark, market.name, rate, bill.name if bill else "",
        tuple(notices),
    )  # fmt: skip


def read_factors(path: Path, unit: str, panel: Panel) -> Factors:
    """The factors of a file of monthly returns, all its columns but one of bills (`rf`), on the panel's months."""
    check_unit(unit, "--benchmark-unit")
    sheet = read_sheet(path, str(path))
    names = tuple(name for name in sheet.names if folded(name) not in BILLS)
    if not names:
        raise DataError(Problem("no factor", str(path), 1, found=", ".join(sheet.names), allowed="a column a factor"))
    lines = [Line(name, sheet.months, as_returns(sheet.column(name), unit, "--benchmark-unit")[:, 0]) for name in names]
    return Factors(names, np.column_stack([line.on(panel.months) for line in lines]))


def _check_names(sheet: Sheet, source: Source) -> None:
    for name in source.without:
        if name not in sheet.names:
            near = nearest_name(name, sheet.names)
            allowed = ", ".join(sheet.names[:8])
            raise InputError(Problem("no such fund", path="--without", found=name, allowed=allowed, nearest=near))
    if source.deadline is not None and np.isnat(sheet.reported).all():
        allowed = "a long file with a column `reported`, or no --deadline"
        raise InputError(
            Problem("no reporting dates in the file", path="--deadline", found=sheet.file, allowed=allowed)
        )
    if source.deadline is not None and source.deadline < 0:
        raise InputError(
            Problem("days after the month's end", path="--deadline", found=str(source.deadline), allowed="0 or more")
        )


def _in_time(sheet: Sheet, returns: FloatArray, deadline: int | None) -> tuple[FloatArray, list[Notice]]:
    """The returns that were reported in time; a late one is as if it had not been reported."""
    ends = (sheet.months + 1).astype("M8[D]") - np.timedelta64(1, "D")
    days = (sheet.reported - ends[:, None]).astype(np.float64)
    days[np.isnat(sheet.reported)] = np.nan
    early = np.argwhere(days < 0)
    if len(early):
        row, column = early[0]
        where, found = f"{sheet.names[column]} {sheet.months[row]}", str(sheet.reported[row, column])
        allowed = f"{ends[row]} or later: a month is reported once it is over"
        raise DataError(
            Problem(
                f"{where}: reported too early", sheet.file, int(sheet.lines[row, column]), found=found, allowed=allowed
            )
        )
    late = (days > deadline) & np.isfinite(returns) if deadline is not None else np.zeros(days.shape, np.bool_)
    kept = np.where(late, np.nan, returns)
    said = [
        f"{sheet.names[column]} {sheet.months[row]}, {days[row, column]:.0f} days after the month"
        for row, column in np.argwhere(late)[:EXAMPLES].tolist()
    ]
    more = f" and {int(late.sum()) - EXAMPLES} more" if late.sum() > EXAMPLES else ""
    words = f"Reported later than {deadline} days, so out of the month's index and of all estimates: "
    return kept, [*([loud(f"{words}{'; '.join(said)}{more}.")] if said else []), *_waiting(days[~late], deadline)]


def _waiting(days: FloatArray, deadline: int | None) -> list[Notice]:
    """What reports that count, so many days after their months, mean to who trades on them."""
    if not np.isfinite(days).any():
        return []
    none_late = "" if deadline is not None else "; without --deadline none is late"
    return [note(
        f"Reports came up to {np.nanmax(days):.0f} days after their months{none_late}. A portfolio takes them as known "
        "when the next month begins; what waiting for a month costs stands under notice and lock-up."
    )]  # fmt: skip


def _rows(returns: FloatArray, sheet: Sheet, file: str) -> NDArray[np.int64]:
    """Rows from the first month of any fund to the last. Raises DataError for months without any, and for too few."""
    some = np.atleast_1d(np.isfinite(returns).any(axis=1))
    known = np.flatnonzero(some)
    if not len(known) or known[-1] == known[0]:
        found = f"{len(known)} month{'' if len(known) == 1 else 's'} with returns"
        rated = FEWEST + AVERAGED_FEWEST - 1
        allowed = f"2 for an index (funds enter the month after their first), {rated} for a rating"
        raise DataError(Problem("too few months", file, found=found, allowed=allowed))
    rows = np.arange(known[0], known[-1] + 1)
    holes = sheet.months[rows[~some[rows]]]
    if len(holes):
        allowed = "a return of at least one fund in every month; add what is missing, or cut the file into two"
        raise DataError(Problem("months without any fund", file, found=month_words(holes), allowed=allowed))
    return rows


def _eligible(
    sheet: Sheet, rows: NDArray[np.int64], funds: list[int], obeyed: bool
) -> tuple[NDArray[np.bool_], list[Notice]]:
    """(T, N) eligibility by the flags of the month before, and what they did.

    A fund is in where it has an office or a manager in the region (either column will do) and where due diligence has
    been passed; a flag that the file does not have asks nothing.
    """
    shape = (len(rows), len(funds))
    if not sheet.flags:
        return np.ones(shape, np.bool_), []
    words = ", ".join(sheet.flags)
    if not obeyed:
        return np.ones(shape, np.bool_), [loud(f"Flags of the file ({words}) decide nothing: --ignore-flags.")]
    passed = np.ones(sheet.values.shape, np.bool_)
    region = [sheet.flags[name] for name in ("office", "manager") if name in sheet.flags]
    if region:
        passed &= np.any(region, axis=0)
    passed &= sheet.flags.get("due_diligence", True)
    before = np.zeros(sheet.values.shape, np.bool_)
    said = np.zeros(sheet.values.shape[1], np.bool_)
    for row in range(len(sheet.months)):
        before[row] = said
        said = np.where(sheet.stated[row], passed[row], said)
    made = before[rows][:, funds]
    never = [sheet.names[place] for at, place in enumerate(funds) if not made[:, at].any()]
    out = f"; never in: {', '.join(never[:8])}{' ...' if len(never) > 8 else ''}" if never else ""
    return made, [note(f"Eligible by {words}, each month by what stood there the month before{out}.")]


def _aligned(line: Line, months: Months, option: str) -> FloatArray:
    """(T,) the market on the months of the funds. Raises DataError for holes and for too little in common."""
    values = line.on(months)
    refuse_holes(line, values, months, option)
    known = values[np.isfinite(values)]
    if option == "--benchmark" and len(known) > 1 and known.std() <= STILL:
        found, allowed = f"{100 * known[0]:g} % in every month", "a market that moves: against this one all is alpha"
        raise DataError(Problem(f"{line.name} stands still", path=option, found=found, allowed=allowed))
    common = len(known)
    if common < 2:
        theirs = f"{line.months[0]} to {line.months[-1]}" if len(line.months) else "nothing"
        allowed = f"a series that covers {months[0]} to {months[-1]}; {FEWEST} months in common for one estimate"
        raise DataError(
            Problem(f"{line.name} and the funds have no months in common", path=option, found=theirs, allowed=allowed)
        )
    return values


def _bill(line: Line | None, months: Months) -> FloatArray:
    if line is None:
        return np.full(len(months), np.nan)
    values = _aligned(line, months, "--risk-free")
    lacking = months[~np.isfinite(values)]
    if len(lacking):
        allowed = f"a return in each month from {months[0]} to {months[-1]}; or leave --risk-free out"
        raise DataError(
            Problem(
                f"{line.name}: months without a rate", path="--risk-free", found=month_words(lacking), allowed=allowed
            )
        )
    return values


def _absences(returns: FloatArray, months: Months, names: tuple[str, ...]) -> list[Notice]:
    """Funds that miss months between their first and their last."""
    said = []
    for place, name in enumerate(names):
        known = np.flatnonzero(np.isfinite(returns[:, place]))
        inside = np.arange(known[0], known[-1] + 1)
        holes = months[inside[~np.isfinite(returns[inside, place])]]
        if len(holes):
            said.append(f"{name} {month_words(holes)}")
    if not said:
        return []
    more = f"; {len(said) - 6} more funds" if len(said) > 6 else ""
    return [loud(
        f"Months that are missing or late, each out of the index and of its windows: {'; '.join(said[:6])}{more}. "
        "Whoever has the return writes it into the file."
    )]  # fmt: skip


def _short(line: Line, values: FloatArray, months: Months) -> list[Notice]:
    known = np.flatnonzero(np.isfinite(values))
    first, last = months[known[0]], months[known[-1]]
    lacks = [f"before {first}"] if known[0] else []
    lacks += [f"after {last}"] if known[-1] < len(months) - 1 else []
    if not lacks:
        return []
    return [loud(
        f"{line.name} has no return {' and '.join(lacks)}, the funds go from {months[0]} to {months[-1]}: alpha, beta "
        f"and the portfolios exist only where both do. A longer series, or FILE:COLUMN of another, gives the rest."
    )]  # fmt: skip


def _said(line: Line, months: Months) -> list[Notice]:
    """What the series has to say, and its last month where it is unfinished and a month of the funds."""
    unfinished = line.cut is not None and line.cut <= months[-1]
    return [
        *line.notices,
        *([note(f"{line.name}: {line.cut} is not over in the file, and left out.")] if unfinished else []),
    ]
