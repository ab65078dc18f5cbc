# SPDX-License-Identifier: Apache-2.0
"""Tables that a program holds: pandas DataFrames or Arrow tables, read under the rules of a file.

Each becomes an Arrow table once, a copy or a view that nothing writes to, and goes the way of a parquet file from
there. What `to_csv` would have written is what is read, to the last bit.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import DataError, Problem, nearest_name
from engine.market.sources.columns import DATE_NAMES, check_map, folded, match
from engine.market.sources.layout import Layout
from engine.market.sources.locate import words
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import COLUMNS, PRICES, Table
from engine.model.run import MemoryData

if TYPE_CHECKING:
    from engine.market.sources import Frames

UNNAMED = "__index_level_0__"
"""What pandas calls an index without a name where it writes one."""


class MemorySource:
    """The tables of one run, by symbol."""

    synthetic = False
    unfinished = False
    label = "bars from memory"

    def __init__(self, data: MemoryData, frames: Frames) -> None:
        check_map(data.columns)
        if not frames:
            raise DataError(
                Problem(
                    "bars from memory are given in Python, with the configuration",
                    path="data.source",
                    found="memory",
                    allowed="data={'SPY': DataFrame} of engine.backtest, engine.significance and their kin; or another "
                    "source, such as csv",
                )
            )
        self._data = data
        self._tables = _arrow_tables(frames)
        self._single = {symbol for symbol, frame in frames.items() if getattr(frame, "ndim", 2) == 1}
        self.prices = data.prices
        self.hours = data.hours
        self.layout = Layout(data.timezone, data.stamp, data.columns, data.decimal, data.dates, data.daily)
        digests = {symbol: _digest(table) for symbol, table in self._tables.items()}
        self.identity: list[Any] = [data.model_dump(mode="json"), digests]

    def files(self, symbol: str) -> tuple[Path, ...]:
        if symbol not in self._tables:
            there = sorted(self._tables)
            allowed = f"a table for each symbol; there are {words(there)}"
            nearest = nearest_name(symbol, there)
            raise DataError(
                Problem("no bars are given for this symbol", "data", found=symbol, allowed=allowed, nearest=nearest)
            )
        return ()

    def read(self, symbol: str) -> Table:
        from engine.market.calendar import exchange
        from engine.market.sources.reading import read_bars

        self.files(symbol)
        return read_bars(self._tables[symbol], symbol, shown(symbol), self.layout, exchange())

    def series(self, symbol: str, column: str, where: str) -> Table:
        """A table with prices is read as bars are; any other is a series in the one column that is asked for."""
        from engine.market.calendar import exchange
        from engine.market.sources.reading import read_series

        self.files(symbol)
        table, data = self._tables[symbol], self._data
        if not match(table.column_names, COLUMNS, data.columns, PRICES, "", "").problems:
            return column_of_bars(self, symbol, column, where)
        if symbol in self._single:
            table = table.rename_columns([table.column_names[0], column])
        layout = Layout(data.timezone, data.stamp, dates=data.dates)
        return read_series(table, symbol, column, shown(symbol), layout, exchange(), where)


def shown(symbol: str) -> str:
    """A table as messages show it."""
    return f"data[{symbol!r}]"


def _arrow_tables(frames: Frames) -> dict[str, Any]:
    """Symbol to an Arrow table. Raises DataError with a Problem for each that is no table."""
    tables: dict[str, Any] = {}
    problems: list[Problem] = []
    for symbol, frame in frames.items():
        try:
            tables[symbol] = _arrow_table(frame, shown(symbol))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tables


def _arrow_table(frame: Any, name: str) -> Any:
    import pandas as pd
    import pyarrow as pa

    if isinstance(frame, pd.Series):
        frame = frame.to_frame("value")
    if not isinstance(frame, pd.DataFrame):
        try:
            return pa.table(frame)
        except (TypeError, ValueError) as error:
            allowed = "a pandas DataFrame or an Arrow table"
            raise DataError(Problem("not a table", name, found=type(frame).__name__, allowed=allowed)) from error
    if frame.columns.nlevels > 1 or frame.index.nlevels > 1:
        axis = "columns" if frame.columns.nlevels > 1 else "rows"
        found = f"{axis} with names of {getattr(frame, axis if axis == 'columns' else 'index').nlevels} levels"
        allowed = "a frame of one symbol: frame.xs('SPY', axis=1, level=1) of what yfinance downloads, frame.loc['SPY']"
        raise DataError(Problem("not the bars of one symbol", name, found=found, allowed=allowed))
    names, columns = [], []
    if not isinstance(frame.index, pd.RangeIndex):
        names, columns = [_index_name(frame.index)], [_arrow_column(frame.index)]
    names += [str(column) for column in frame.columns]
    columns += [_arrow_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return pa.Table.from_arrays(columns, names)


def _index_name(index: Any) -> str:
    """A DatetimeIndex is the time of each row, whatever it is called; another index is a column like the others."""
    import pandas as pd

    name = UNNAMED if index.name is None else str(index.name)
    known = folded(name) in DATE_NAMES and name != UNNAMED
    return "date" if isinstance(index, pd.DatetimeIndex) and not known else name


def _arrow_column(values: Any) -> Any:
    """An index or a column; what Arrow has no one type for becomes text, as in a CSV file."""
    import pandas as pd
    import pyarrow as pa

    if values.dtype in (np.float16, np.float32):  # 287.45 is meant, not the nearest number of 24 bits
        return pa.array(np.asarray(values).astype(str).astype(np.float64), from_pandas=True)
    try:
        column = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        column = None
    if column is not None and isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if column is not None and pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column is not None and pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    if column is None or isinstance(column.type, pa.BaseExtensionType) or pa.types.is_nested(column.type):
        none = np.asarray(pd.isna(pd.Series(values, dtype=object)))
        cells = [None if blank else str(cell) for cell, blank in zip(values, none, strict=True)]
        column = pa.array(cells, pa.string())
    return column


def _digest(table: Any) -> str:
    """sha256 of names, types and values, hexadecimal."""
    import pyarrow as pa

    held = pa.BufferOutputStream()
    with pa.ipc.new_stream(held, table.schema) as stream:
        stream.write_table(table)
    return hashlib.sha256(held.getvalue()).hexdigest()
