# SPDX-License-Identifier: Apache-2.0
"""A folder with one CSV or parquet file a symbol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.errors import DataError, Problem
from engine.market.sources.cells import column_names
from engine.market.sources.columns import check_map, has, match
from engine.market.sources.layout import Layout
from engine.market.sources.locate import find, resolve, words
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import PRICES, READ, Table
from engine.model.run import FolderData


class FolderSource:
    """The files under `data.path`; which column is which and what the stamps mean is in `data`."""

    synthetic = False
    unfinished = False

    def __init__(self, data: FolderData, base_dir: Path) -> None:
        check_map(data.columns)
        self._data = data
        self._folder = resolve(data.path, base_dir, "data.path")
        self.label = f"{data.source} {data.path}"
        self.prices = data.prices
        self.hours = data.hours
        self.layout = Layout(data.timezone, data.stamp, data.columns, data.decimal, data.dates, data.daily)
        self.identity: list[Any] = [data.model_dump(mode="json"), str(self._folder)]

    def files(self, symbol: str) -> tuple[Path, ...]:
        return (find(self._folder, symbol, f".{self._data.source}", self._data.files),)

    def read(self, symbol: str) -> Table:
        from engine.market.calendar import exchange
        from engine.market.sources.reading import read_bars

        (path,) = self.files(symbol)
        return read_bars(path, symbol, shown(path, self._folder, self._data.path), self.layout, exchange())

    def series(self, symbol: str, column: str, where: str) -> Table:
        """A column of the symbol's bars. Raises DataError also where its file has none, with the way to read it."""
        (path,) = self.files(symbol)
        file = shown(path, self._folder, self._data.path)
        names = column_names(path, file)
        header = match(names, READ, self.layout.columns, PRICES, file, self.layout.key("columns"))
        if header.date >= 0 and not header.columns.keys() >= set(PRICES):
            values = [name for place, name in enumerate(names) if place != header.date]
            own = path.relative_to(self._folder) if path.is_relative_to(self._folder) else path
            wanted = column if has(names, column) or not values else values[0]
            raise DataError(
                Problem(
                    f"{symbol} has no bars, and a series without a path is a column of bars",
                    path=where.removesuffix(".column"),
                    found=f"{file} with the columns {words(names)}",
                    allowed=f"{{symbol: {symbol}, path: {own}, column: {wanted}}} for a file of its own",
                )
            )
        return column_of_bars(self, symbol, column, where)


def shown(path: Path, folder: Path, given: str) -> str:
    """A file as messages show it: in the words of the configuration where it lies under the folder that one names."""
    return str(Path(given) / path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
