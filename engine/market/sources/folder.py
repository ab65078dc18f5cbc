# SPDX-License-Identifier: Apache-2.0
"""A folder with one CSV or parquet file a symbol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.market.sources.columns import check_map
from engine.market.sources.layout import Layout
from engine.market.sources.locate import find, resolve
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import Table
from engine.model.run import FolderData


class FolderSource:
    """The files under `data.path`; which column is which and what the stamps mean is in `data`."""

    synthetic = False
    series = column_of_bars

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


def shown(path: Path, folder: Path, given: str) -> str:
    """A file as messages show it: in the words of the configuration where it lies under the folder that one names."""
    return str(Path(given) / path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
