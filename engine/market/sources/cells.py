# SPDX-License-Identifier: Apache-2.0
"""The cells of a table: CSV, parquet or memory into Arrow columns, those into numbers; the unreadable are named."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError, Problem
from engine.market.sources.columns import Header
from engine.market.sources.table import EXAMPLES, PRICES, rest
from engine.market.sources.text import Form, content, form_of, plain, records_of

THOUSANDS = {mark: re.compile(rf"^\s*[+-]?[1-9]\d{{0,2}}({re.escape(mark)}\d{{3}})+(?!\d)") for mark in ",."}
"""A number whose thousands this mark divides."""

SPEAK = frozenset((*PRICES, "adj_close", "value"))
"""The columns that say for themselves what a comma is."""

BLANK = ["", "NaN", "nan", "NULL", "null", "None", "N/A", "NA", "#N/A"]
"""What a cell without a value may hold."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The wanted columns of a table as Arrow columns, by our name; the date column is `date`."""

    header: Header
    columns: dict[str, Any] = field(repr=False)
    length: int
    problems: tuple[Problem, ...]


def read_cells(
    origin: Path | Any, file: str, match: Callable[[list[str]], Header], blank: tuple[str, ...] = ()
) -> Cells:
    """Read the columns that `match` finds in the names of a CSV or parquet file, or of an Arrow table.

    blank  further marks of no value
    Raises DataError where the file cannot be read at all, and names every missing column.
    """
    if not isinstance(origin, Path):
        return _arrow(origin, match, [*BLANK, *blank])
    path = origin
    try:
        return _parquet(path, match) if path.suffix == ".parquet" else _csv(path, file, match, [*BLANK, *blank])
    except OSError as error:
        raise DataError(Problem("cannot be read", file, found=error.strerror or str(error))) from error


def _csv(path: Path, file: str, match: Callable[[list[str]], Header], blank: list[str]) -> Cells:
    import pyarrow as pa
    from pyarrow import csv as reader

    form = form_of(path, file)
    header = match(list(form.names))
    _refuse(header)
    wanted = {"date": header.date, **header.columns}
    numbered = [str(position) for position in range(len(header.names))]
    chosen = list(dict.fromkeys(str(position) for position in wanted.values()))
    ragged: list[str] = []

    def skip(row: Any) -> str:
        if row.text.strip():
            ragged.append(row.text)
        return "skip"

    try:
        table = reader.read_csv(
            path if plain(path) else pa.BufferReader(content(path, file)),
            # One thread: only then are the numbers of unreadable lines known.
            reader.ReadOptions(use_threads=False, column_names=numbered, skip_rows=form.header),
            reader.ParseOptions(delimiter=form.delimiter, newlines_in_values=False, invalid_row_handler=skip),
            reader.ConvertOptions(
                include_columns=chosen,
                # With semicolons a dot may divide thousands: 1.234 is read as it is written.
                column_types=dict.fromkeys(chosen if form.delimiter == ";" else chosen[:1], pa.string()),
                null_values=blank,
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(Problem("cannot be read as CSV", file, found=str(error).splitlines()[0])) from error
    columns = {name: table.column(str(position)) for name, position in wanted.items()}
    return Cells(header, columns, table.num_rows, _ragged(path, form, file) if ragged else ())


def _parquet(path: Path, match: Callable[[list[str]], Header]) -> Cells:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        source = parquet.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise DataError(Problem("cannot be read as parquet", str(path), found=str(error).splitlines()[0])) from error
    header = match(list(source.schema_arrow.names))
    _refuse(header)
    wanted = {"date": header.date, **header.columns}
    table = source.read(columns=list(dict.fromkeys(header.names[position] for position in wanted.values())))
    columns = {name: table.column(header.names[position]) for name, position in wanted.items()}
    return Cells(header, columns, table.num_rows, ())


def _arrow(table: Any, match: Callable[[list[str]], Header], blank: list[str]) -> Cells:
    header = match(list(table.column_names))
    if header.problems:  # there is no line to point to
        raise DataError([replace(problem, line=0) for problem in header.problems])
    wanted = {"date": header.date, **header.columns}
    columns = {name: _unmarked(table.column(position), blank) for name, position in wanted.items()}
    return Cells(header, columns, table.num_rows, ())


def _unmarked(column: Any, blank: list[str]) -> Any:
    """A column of text with null where a cell holds a mark of no value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    none = pc.is_in(column, value_set=pa.array(blank, column.type))
    return pc.if_else(none, pa.scalar(None, column.type), column)


def decimal_mark(columns: Mapping[str, Any]) -> str:
    """What stands before the decimals in columns of text: "." or ","; "" where they show both, or neither for sure.

    1,234 alone says nothing; 1,234.5 and 1,234,567 and 100.25 say a dot, 1.234,5 and 100,25 a comma. What prices with
    commas are, prices alone say: a dividend of 0.0 beside 267,840 may come of another program.
    """
    prices, others = _Marks(), _Marks()
    for name, column in columns.items():
        (prices if name in SPEAK else others).see(column)
    signs = prices.signs | others.signs
    if not prices.commas and not others.commas:
        return "."
    return signs.pop() if len(signs) == 1 and (prices.signs or not prices.commas) else ""


@dataclass
class _Marks:
    """What the cells of some columns show for sure, and whether any holds a comma."""

    signs: set[str] = field(default_factory=set)
    commas: bool = False

    def see(self, column: Any) -> None:
        import pyarrow as pa

        if pa.types.is_floating(column.type):
            self.signs.add(".")
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return
        for cell in column.to_pylist():
            if cell is not None and ("," in cell or "." in cell):
                self.commas |= "," in cell
                self.signs.add(_sign(cell.strip()))
        self.signs.discard("")


def _sign(cell: str) -> str:
    comma, dot = cell.rfind(","), cell.rfind(".")
    if comma >= 0 and dot >= 0:
        return "." if dot > comma else ","
    mark, other = (",", ".") if comma >= 0 else (".", ",")
    if cell.count(mark) > 1:
        return other
    return "" if THOUSANDS[mark].match(cell) else mark


def numbers(column: Any, mark: str = ".") -> tuple[NDArray[np.float64], list[int], list[str]]:
    """A column as float64, NaN where a cell is blank or cannot be read; the rows that cannot, and what they hold.

    In the unit of the column. `mark` stands before the decimals; with the other one thousands may be divided.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan), [], []
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = np.array(column.cast(pa.float64()).to_numpy(), np.float64)
        odd = [int(row) for row in np.flatnonzero(np.isinf(values))]
        values[odd] = np.nan
        return values, odd, ["an infinite number"] * len(odd)
    values = np.full(len(column), np.nan)
    rows: list[int] = []
    found: list[str] = []
    for row, cell in enumerate(column.to_pylist()):
        number = None if cell is None else _number(cell, mark)
        if cell is not None and number is None:
            rows.append(row)
            found.append(repr(cell))
        elif number is not None:
            values[row] = number
    return values, rows, found


def remedy(cell: str, mark: str) -> str:
    """What makes a cell, as `numbers` has found it, a number; empty for one without a digit, which is none.

    mark  what stands before the decimals, "" where that is not known
    """
    written = cell[1:-1]
    if not any(sign.isdigit() for sign in written):
        return ""
    if not mark and any(_number(written, one) is not None for one in ",."):
        return "data.decimal says which of . and , stands before the decimals"
    return (
        f"digits with {mark or '. or ,'} before the decimals, such as 1234{mark or '.'}5: take blanks, apostrophes, "
        "signs of currency and letters such as M out of the column"
    )


def _number(cell: Any, mark: str) -> float | None:
    if not isinstance(cell, str):
        return None
    other = "." if mark == "," else ","
    if mark and THOUSANDS[other].match(cell):
        cell = cell.replace(other, "")
    elif mark == "," and "." in cell:
        return None
    if mark == ",":
        cell = cell.replace(",", ".")
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def column_names(path: Path, file: str) -> list[str]:
    """The column names of a CSV or parquet file. Raises DataError where it is empty or no table."""
    if path.suffix != ".parquet":
        return list(form_of(path, file).names)
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return list(parquet.read_schema(path).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(Problem("cannot be read as parquet", file, found=str(error).splitlines()[0])) from error


def _refuse(header: Header) -> None:
    if header.problems:
        raise DataError(header.problems)


def _ragged(path: Path, form: Form, file: str) -> tuple[Problem, ...]:
    message, width = "a line with another number of fields than the header", len(form.names)
    found = [
        (line, len(record))
        for line, record in records_of(path, file, form)
        if "".join(record).strip() and len(record) != width
    ]
    listed = [
        Problem(message, file, line, found=f"{count} fields", allowed=f"{width} fields")
        for line, count in found[:EXAMPLES]
    ]
    return (*listed, *rest(message, file, len(found)))
