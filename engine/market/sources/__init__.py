# SPDX-License-Identifier: Apache-2.0
"""Sources of market data by name. A source turns a symbol into a `table.Table`, the one normal form.

Opening a source and asking which files it would read is cheap and imports no data frame library; reading does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.errors import ConfigError, Problem, nearest_name
from engine.market.sources.layout import Layout
from engine.market.sources.table import Table
from engine.model.run import FolderData, MemoryData, SampleData, YahooData


class Source(Protocol):
    """Where bars come from.

    label      what a report prints about the data
    prices     "raw", "split_adjusted" or "total_return"
    synthetic  whether the bars are made up
    hours      "regular" or "all": whether intraday bars outside the session are traded; None: not said, they are not
    layout     how its files are written, and so the files of series that lie beside them
    unfinished whether what was read may be another thing in a moment: it is not kept
    identity   with the files, everything that determines what `read` returns, as JSON values
    """

    @property
    def label(self) -> str: ...

    @property
    def prices(self) -> str: ...

    @property
    def synthetic(self) -> bool: ...

    @property
    def hours(self) -> str | None: ...

    @property
    def layout(self) -> Layout: ...

    @property
    def unfinished(self) -> bool: ...

    @property
    def identity(self) -> list[Any]: ...

    def files(self, symbol: str) -> tuple[Path, ...]:
        """The files that `read(symbol)` would read. Raises DataError where one is missing."""
        ...

    def read(self, symbol: str) -> Table:
        """The symbol's bars as they are: what can be read at all is not judged here. Raises DataError."""
        ...

    def series(self, symbol: str, column: str, where: str) -> Table:
        """The same for one column of what is only read: `frame` has the one column `value`.

        where  the key of the configuration that names the column
        """
        ...


Frames = Mapping[str, Any]
"""Symbol to a table in memory: a pandas DataFrame, a pandas Series of what is only read, or an Arrow table."""


def open_source(
    data: SampleData | FolderData | MemoryData | YahooData, base_dir: Path, frames: Frames | None = None
) -> Source:
    """The source that `data` names; relative paths start at `base_dir`. Raises ConfigError, DataError.

    frames  the tables of a source in memory
    """
    opener = SOURCES.get(data.source)
    if opener is None:
        known = sorted(SOURCES)
        nearest = nearest_name(data.source, known)
        raise ConfigError(
            Problem("no such source", path="data.source", found=data.source, allowed=", ".join(known), nearest=nearest)
        )
    return opener(data, base_dir, frames or {})


def _sample(data: Any, _: Path, _frames: Frames) -> Source:
    from engine.market.sources.synthetic import SampleSource

    return SampleSource(data.seed)


def _folder(data: Any, base_dir: Path, _: Frames) -> Source:
    from engine.market.sources.folder import FolderSource

    return FolderSource(data, base_dir)


def _memory(data: Any, _: Path, frames: Frames) -> Source:
    from engine.market.sources.memory import MemorySource

    return MemorySource(data, frames)


def _yahoo(data: Any, _: Path, _frames: Frames) -> Source:
    from engine.market.sources.yahoo import YahooSource

    return YahooSource(data.prices)


SOURCES: dict[str, Callable[[Any, Path, Frames], Source]] = {
    "sample": _sample,
    "csv": _folder,
    "parquet": _folder,
    "memory": _memory,
    "yahoo": _yahoo,
}
"""Name in YAML to what opens it; another source is one more line."""
