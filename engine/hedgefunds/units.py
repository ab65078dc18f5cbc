# SPDX-License-Identifier: Apache-2.0
"""What values of a file mean, as stated and never guessed; and whether the statement can be true.

A return that no unlevered fund makes, or a fund a hundred times as lively as the others, is a mistake of unit and is
refused: every figure would be wrong by a factor of a hundred. What is only unusual is loud.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from engine.arrays import FloatArray
from engine.errors import DataError, InputError, Problem, nearest_name
from engine.hedgefunds.panel import Months
from engine.hedgefunds.reading import Sheet
from engine.market.sources.table import EXAMPLES, rest
from engine.notice import Notice, loud, note

Unit = Literal["percent", "fraction", "nav"]
UNITS: tuple[str, ...] = get_args(Unit)
DIVISOR = {"percent": 100.0, "fraction": 1.0}

MOST = 1.0
"""A return above it is refused, fraction: no fund doubles in a month but where the unit is wrong."""

APART = 40.0
"""How many times livelier one fund, or one part of its months, may be than the rest."""

TINY, LARGE = 0.0005, 0.10
"""A typical month, fraction: below and above these the unit is doubted."""

WAY_OUT = "a fund that truly did so goes into a file of net asset values, --unit nav, where nothing of this is asked"


def check_unit(unit: str | None, path: str) -> None:
    """Raise InputError unless the unit is one of ours; None is nothing stated."""
    if unit not in UNITS:
        allowed = "percent (1.5 is 1.5 %), fraction (0.015 is 1.5 %) or nav (net asset values)"
        found = "nothing" if unit is None else str(unit)
        near = nearest_name(found, UNITS)
        raise InputError(
            Problem("the unit is stated, never guessed", path=path, found=found, allowed=allowed, nearest=near)
        )


def as_returns(sheet: Sheet, unit: str, option: str = "--unit") -> FloatArray:
    """(T, N) returns as fractions. Raises DataError for values that no return or net asset value can have."""
    if sheet.value and (sheet.value == "nav") != (unit == "nav"):
        found = f"a column `{sheet.value}` and {option} {unit}"
        allowed = f"{option} nav for a column `nav`; {option} percent or fraction for a column `return`"
        raise DataError(Problem("values and unit disagree", sheet.file, 1, found=found, allowed=allowed))
    return _growth(sheet) if unit == "nav" else _stated(sheet, unit, option)


def _growth(sheet: Sheet) -> FloatArray:
    """NAV over the NAV of the month before, less one; NaN where either is missing. A NAV of zero is a total loss."""
    values = sheet.values
    allowed = "0 or more; percent or fraction is the unit where these are returns"
    _refuse(sheet, values < 0.0, "a net asset value below zero", allowed, 1.0, "")
    made = np.full_like(values, np.nan)
    before = np.where(values[:-1] > 0.0, values[:-1], np.nan)
    made[1:] = values[1:] / before - 1.0
    return made


def _stated(sheet: Sheet, unit: str, option: str) -> FloatArray:
    values = sheet.values / DIVISOR[unit]
    other = "percent" if unit == "fraction" else "fraction"
    written = "per cent" if other == "percent" else "fractions"
    allowed = f"-100 % to +100 %; {option} {other} where the file is in {written}; {WAY_OUT}"
    wrong = (values > MOST) | (values < -1.0)
    _refuse(sheet, wrong, f"no return of a month under {option} {unit}", allowed, 100.0 / DIVISOR[unit], " %")
    _refuse_mixed(sheet, values, unit)
    return values


def _refuse(
    sheet: Sheet,
    wrong: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    message: str,
    allowed: str,
    scale: float,
    sign: str,
) -> None:
    places = np.argwhere(wrong)
    if not len(places):
        return
    problems = []
    for row, column in places[:EXAMPLES].tolist():
        value = float(sheet.values[row, column])
        shown = f"{value:g}" + (f", that is {value * scale:,.0f}{sign}" if sign else "")
        where = f"{sheet.names[column]} {sheet.months[row]}"
        problems.append(
            Problem(f"{where}: {message}", sheet.file, int(sheet.lines[row, column]), found=shown, allowed=allowed)
        )
    raise DataError([*problems, *rest(message, sheet.file, len(places))])


def liveliness(values: FloatArray) -> FloatArray:
    """(N,) typical size of a month of each fund, the geometric mean of |return|; NaN for one that never moved."""
    size = np.where(np.isfinite(values) & (values != 0.0), np.abs(values), np.nan)
    made = np.full(values.shape[1], np.nan)
    moved = np.isfinite(size).any(axis=0)
    made[moved] = np.exp(np.nanmean(np.log(size[:, moved]), axis=0))
    return made


def _refuse_mixed(sheet: Sheet, values: FloatArray, unit: str) -> None:
    """Funds in another unit than the others, and funds that change theirs on the way."""
    problems = []
    size = liveliness(values)
    for column, name in enumerate(sheet.names):
        others = np.delete(size, column)
        if np.isfinite(others).any() and np.isfinite(size[column]):
            ratio = float(size[column] / np.exp(np.nanmedian(np.log(others))))
            if not 1.0 / APART <= ratio <= APART and np.isfinite(values[:, column]).sum() >= 6:
                found = f"a typical month of {100 * size[column]:.2g} %, {ratio:.2g} times that of the other funds"
                problems.append(_mixed(sheet, f"{name}: another unit than the other funds", found, unit))
                continue
        change = _changes_unit(values[:, column])
        if change is not None:
            row, before, after = change
            sizes = f"{100 * before:.2g} % before {sheet.months[row]} and {100 * after:.2g} % from then on"
            problems.append(_mixed(sheet, f"{name}: a change of unit", f"typical months of {sizes}", unit))
    if problems:
        raise DataError([*problems[:EXAMPLES], *rest("units are mixed", sheet.file, len(problems))])


def _mixed(sheet: Sheet, message: str, found: str, unit: str) -> Problem:
    words = "per cent" if unit == "percent" else "fractions"
    return Problem(message, sheet.file, 1, found=found, allowed=f"all of the file in {words}; {WAY_OUT}")


def _changes_unit(values: FloatArray, least: int = 6) -> tuple[int, float, float] | None:
    """Where a column's size changes by APART, with its size before and after; at least 6 months on either side."""
    rows = np.flatnonzero(np.isfinite(values) & (values != 0.0))
    if len(rows) < 2 * least:
        return None
    logs = np.log(np.abs(values[rows]))
    total, count = np.cumsum(logs), np.arange(1, len(rows) + 1)
    before = total[:-1] / count[:-1]
    after = (total[-1] - total[:-1]) / (len(rows) - count[:-1])
    apart = np.abs(after - before)[least - 1 : len(rows) - least]
    at = int(np.argmax(apart)) + least - 1
    if abs(after[at] - before[at]) < np.log(APART):
        return None
    return int(rows[at + 1]), float(np.exp(before[at])), float(np.exp(after[at]))


def doubts(returns: FloatArray, months: Months, names: Sequence[str], unit: str) -> list[Notice]:
    """What is unusual in (T, N) returns without being impossible."""
    size = liveliness(returns)
    typical = float(np.nanmedian(size)) if np.isfinite(size).any() else 0.0
    said = []
    if unit in DIVISOR and typical < TINY:
        said.append(loud(
            f"A typical month moves {100 * typical:.2g} %: that is very little. Where the file has fractions "
            f"(0.012 for 1.2 %), --unit fraction is what it is in; --unit {unit} was stated."
        ))  # fmt: skip
    if unit in DIVISOR and typical > LARGE:
        said.append(loud(
            f"A typical month moves {100 * typical:.0f} %: that is a lot. Where the file is in per cent, "
            f"--unit percent is what it is in; --unit {unit} was stated."
        ))  # fmt: skip
    big = np.argwhere(np.abs(returns) > 0.5)
    said += [
        loud(f"{names[column]} {months[row]}: {100 * returns[row, column]:+,.0f} % in a month; check the file.")
        for row, column in big[:EXAMPLES].tolist()
    ]
    if len(big) > EXAMPLES:
        said.append(loud(f"{len(big) - EXAMPLES} more returns beyond 50 % in a month."))
    still = [name for name, one in zip(names, size, strict=True) if not np.isfinite(one)]
    if still:
        said.append(note(f"Without a single return that is not zero: {', '.join(still[:6])}."))
    return said
