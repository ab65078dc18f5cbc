# SPDX-License-Identifier: Apache-2.0
"""Dates whose year comes last: 03/04/2024 is the third of April or the fourth of March, as column or reader say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem

PATTERN = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}($|[ T])"
Order = Literal["month_first", "day_first"]
ORDERS: tuple[Order, ...] = ("month_first", "day_first")
YEAR_FIRST = "the year first in every cell: 2004-06-30"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A column whose dates cannot be what is said of them, or may be either; its parts are those of a Problem."""

    message: str
    found: str
    allowed: str

    def problem(self, file: str, key: str) -> Problem:
        """The Problem of the file; `key` is the setting that tells."""
        return Problem(self.message, file, path=key, found=self.found, allowed=self.allowed)


def in_order(text: Any, order: Order | None) -> tuple[Any, Doubtful | None]:
    """The column with the year in front, YYYY-MM-DD and its time, where most cells have it last; else as it is.

    The order is `order`, or the only one that the cells allow: no month is above 12. Where they allow both, or not the
    one that is given, it says so.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    last = np.array(pc.match_substring_regex(text, PATTERN).fill_null(False).to_numpy(), np.bool_)
    if 2 * int(last.sum()) <= len(text) - text.null_count:
        return text, None
    cells = text.filter(pa.array(last))
    first, second = _part(cells, 0), _part(cells, 1)
    fits: dict[Order, NDArray[np.bool_]] = {"month_first": first <= 12, "day_first": second <= 12}
    chosen, doubt = _chosen(fits, order, cells)
    month, day = (r"\1", r"\2") if chosen == "month_first" else (r"\2", r"\1")
    padded = pc.replace_substring_regex(text, r"^(\d)([/.-])", r"0\1\2")
    padded = pc.replace_substring_regex(padded, r"^(\d\d[/.-])(\d[/.-])", r"\10\2")
    return pc.replace_substring_regex(padded, r"^(\d\d)[/.-](\d\d)[/.-](\d{4})", rf"\3-{month}-{day}"), doubt


def year_first(column: Any, file: str) -> tuple[list[str], list[Problem]]:
    """The cells of a column of dates or months, "" where empty, each with its year in front where it was written last.

    For files without a setting for the order: a column that may be either is a Problem, and stands as it is written.
    """
    import pyarrow as pa

    doubt = None
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column, doubt = in_order(column, None)
    cells = ["" if cell is None else str(cell) for cell in column.to_pylist()]
    return cells, [Problem(doubt.message, file, found=doubt.found, allowed=YEAR_FIRST)] if doubt else []


def _chosen(fits: dict[Order, NDArray[np.bool_]], order: Order | None, cells: Any) -> tuple[Order, Doubtful | None]:
    whole = [one for one in ORDERS if fits[one].all()]
    if order is None:
        if len(whole) == 2:
            shown = cells[0].as_py()
            either = f"{shown!r}, and no cell has a number above 12 that would tell day from month"
            allowed = "month_first (MM/DD/YYYY) or day_first (DD/MM/YYYY)"
            return "month_first", Doubtful("the dates may begin with the month or with the day", either, allowed)
        most = max(ORDERS, key=lambda one: int(fits[one].sum()))
        return (whole[0] if whole else most), None
    if order not in whole and whole:
        odd = cells[int(np.flatnonzero(~fits[order])[0])].as_py()
        return order, Doubtful(f"the dates are not {order}", repr(odd), whole[0])
    return order, None


def _part(cells: Any, place: int) -> NDArray[np.int64]:
    """The first or the second number of each date."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(cells, r"^(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})")
    return np.asarray(pc.struct_field(found, place).cast(pa.int64()).to_numpy(), np.int64)
