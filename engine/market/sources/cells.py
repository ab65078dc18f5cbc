# SPDX-License-Identifier: Apache-2.0
"""The cells of a table: CSV, parquet or memory into Arrow columns, those into numbers; the unreadable are named."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError, Problem
from engine.market.sources.columns import Header
from engine.market.sources.table import EXAMPLES, rest

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

    header = match(_names(path, file))
    _refuse(header)
    wanted = {"date": header.date, **header.columns}
    numbered = [str(position) for position in range(len(header.names))]
    ragged: list[str] = []

    def skip(row: Any) -> str:
        if row.text.strip():
            ragged.append(row.text)
        return "skip"

    try:
        table = reader.read_csv(
            path,
            # One thread: only then are the numbers of unreadable lines known.
            reader.ReadOptions(use_threads=False, column_names=numbered, skip_rows=1),
            reader.ParseOptions(newlines_in_values=False, invalid_row_handler=skip),
            reader.ConvertOptions(
                include_columns=[str(position) for position in wanted.values()],
                column_types={str(header.date): pa.string()},
                null_values=blank,
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(Problem("cannot be read as CSV", file, found=str(error).splitlines()[0])) from error
    columns = {name: table.column(str(position)) for name, position in wanted.items()}
    return Cells(header, columns, table.num_rows, _ragged(path, len(header.names), file) if ragged else ())


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
    table = source.read(columns=[header.names[position] for position in wanted.values()])
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


def numbers(column: Any) -> tuple[NDArray[np.float64], list[int], list[str]]:
    """A column as float64, NaN where a cell is blank or cannot be read; the rows that cannot, and what they hold.

    In the unit of the column.
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
        number = None if cell is None else _number(cell)
        if cell is not None and number is None:
            rows.append(row)
            found.append(repr(cell))
        elif number is not None:
            values[row] = number
    return values, rows, found


def _number(cell: Any) -> float | None:
    if not isinstance(cell, str):
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def column_names(path: Path, file: str) -> list[str]:
    """The column names of a CSV or parquet file. Raises DataError where it is empty or no table."""
    if path.suffix != ".parquet":
        return _names(path, file)
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return list(parquet.read_schema(path).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(Problem("cannot be read as parquet", file, found=str(error).splitlines()[0])) from error


def _names(path: Path, file: str) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as source:
        names = next(csv.reader(source), [])
    if not names:
        raise DataError(Problem("empty file", file, allowed="a line of column names, then one line a bar"))
    if len(names) == 1:
        other = next((mark for mark in (";", "\t", "|") if mark in names[0]), "")
        hint = f"fields divided by {other!r}" if other else f"one column, {names[0]!r}"
        raise DataError(Problem("not a table of comma-separated columns", file, 1, found=hint, allowed="commas"))
    return [name.strip() for name in names]


def _refuse(header: Header) -> None:
    if header.problems:
        raise DataError(header.problems)


def _ragged(path: Path, width: int, file: str) -> tuple[Problem, ...]:
    message = "a line with another number of fields than the header"
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as source:
        reader = csv.reader(source)
        found = [
            (reader.line_num, len(record)) for record in reader if "".join(record).strip() and len(record) != width
        ]
    listed = [
        Problem(message, file, line, found=f"{count} fields", allowed=f"{width} fields")
        for line, count in found[:EXAMPLES]
    ]
    return (*listed, *rest(message, file, len(found)))
