# SPDX-License-Identifier: Apache-2.0
"""Where the two lines of a comparison come from: a folder, tables in memory, a configuration, the sample market."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from engine.config.loader import LoadedConfig
from engine.errors import DataError, InputError, Problem
from engine.market.calendar import exchange
from engine.market.doubts import Doubt
from engine.market.judging.volatility_indexes import known_volatility
from engine.market.lines import Line, beside, line_of_bars, line_of_series
from engine.market.sources import Source, open_source
from engine.market.sources.cells import column_names
from engine.market.sources.series import as_source, series_file
from engine.model.run import FolderData, MemoryData, SampleData, SeriesSource
from engine.model.sleeves import one_by_one

Prices = str | None
"""What --prices says: "split_adjusted", "raw", "total_return"; None: split_adjusted."""

KEY = re.compile(r"\b(?:data\.confirmed\b|series\.(\S+?)\.([a-z_]+)(?!\w|\.\w))")
"""A key of a configuration as a remedy; of a series its name, which here is that of its file, such as ^VIX."""

Said = TypeVar("Said", Doubt, Problem)

KINDS = ("split_adjusted", "raw", "total_return")


@dataclass(frozen=True, eq=False)
class Where:
    """A source of lines, and the names that a configuration gives some of them.

    roles, series  name -> symbol, and what a name of a series is bound to
    frames         tables of a source in memory
    folder         whether files of one column beside the date are series
    ready          the configuration itself
    """

    source: Source
    base_dir: Path
    roles: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, SeriesSource] = field(default_factory=dict)
    confirmed: Mapping[str, Sequence[dt.date]] = field(default_factory=dict)
    frames: Mapping[str, Any] = field(default_factory=dict)
    folder: bool = False
    ready: LoadedConfig | None = field(default=None, repr=False)

    @property
    def symbols(self) -> dict[str, str]:
        """What the configuration calls the symbols: role or series -> symbol."""
        return {**self.roles, **{name: one.symbol for name, one in self.series.items()}}

    def lines(self, names: Sequence[str], volatility: Sequence[str]) -> list[Line]:
        """The lines of these names, what they show together with the first. Raises DataError with every problem."""
        found: list[Line] = []
        problems: list[Problem] = []
        for name in names:
            try:
                found.append(self.line(name, volatility))
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(dict.fromkeys(self._told(problems)))
        together = beside(found, self.source, exchange(), self.confirmed)
        found[0] = replace(found[0], doubts=(*found[0].doubts, *together))
        return [replace(one, doubts=tuple(self._told(one.doubts))) for one in found]

    def _told(self, said: Iterable[Said]) -> list[Said]:
        """Doubts and problems whose remedy is a key of a configuration, where there is none yet."""
        if self.ready is not None:
            return list(said)
        return [
            replace(one, text=KEY.sub(_of_a_configuration, one.text))
            if isinstance(one, Doubt)
            else replace(one, allowed=KEY.sub(_of_a_configuration, one.allowed))
            for one in said
        ]

    def stamp(self, names: Sequence[str]) -> tuple[tuple[str, int, int, int], ...]:
        """What tells that a file of these lines was written anew: path, size, time and inode of each. Raises DataError.

        Nothing of a source without files.
        """
        found: list[Path] = []
        for name in names:
            bound = self.series.get(name)
            if bound is not None and bound.path is not None:
                found.append(series_file(bound, self.base_dir))
            else:
                found += self.source.files(bound.symbol if bound else self.roles.get(name, name))
        stats = [(path, path.stat()) for path in found]
        return tuple((str(path), one.st_size, one.st_mtime_ns, one.st_ino) for path, one in stats)

    def line(self, name: str, volatility: Sequence[str]) -> Line:
        """The line called `name`: a role or a series of the configuration, else a symbol of the source.

        A volatility index is read as a series, of bars its closes: it is no price that anybody paid.
        Raises DataError.
        """
        calendar = exchange()
        bound = self._bound(name, volatility)
        if bound is not None:
            return line_of_series(name, bound, self.source, self.base_dir, calendar)
        symbol = self.roles.get(name, name)
        return line_of_bars(symbol, self.source, calendar, self.confirmed.get(symbol, ()))

    def _bound(self, name: str, volatility: Sequence[str]) -> SeriesSource | None:
        """What the name is as a series; None for bars."""
        by_symbol = {one.symbol: one for one in self.series.values()}
        bound = self.series.get(name) or (None if name in self.roles else by_symbol.get(name))
        return (
            bound
            or self._lone_column(name)
            or (
                SeriesSource(symbol=self.roles.get(name, name)) if is_volatility(name, self.roles, volatility) else None
            )
        )

    def _lone_column(self, symbol: str) -> SeriesSource | None:
        """A file or table that holds nothing but one value a day is a series, whatever its column is called."""
        if symbol in self.frames:
            frame = self.frames[symbol]
            if getattr(frame, "ndim", 2) == 1:
                return SeriesSource(symbol=symbol)
            names = [str(name) for name in frame.columns]
            return SeriesSource(symbol=symbol, column=names[0]) if len(names) == 1 else None
        if self.folder and symbol not in self.roles:
            (path,) = self.source.files(symbol)
            names = column_names(path, path.name)
            if len(names) == 2:
                return SeriesSource(symbol=symbol, path=str(path), column=names[1])
        return None


def is_volatility(name: str, roles: Mapping[str, str], volatility: Sequence[str]) -> bool:
    """Whether the line is declared a volatility index, or known as one by its symbol."""
    symbol = roles.get(name, name)
    return name in volatility or symbol in volatility or known_volatility(symbol)


def where(config: LoadedConfig | None, data: str | Path | Mapping[str, Any] | None, prices: Prices) -> Where:
    """The source that a configuration names, or a folder, or tables by symbol, or else the sample market.

    Raises InputError where two of them are given, DataError where a folder is none.
    """
    if config is not None and data is not None:
        raise InputError("a configuration says where its bars are: give it or --data, not both")
    if prices is not None and (config is not None or data is None):
        raise InputError("--prices is of --data; a configuration has data.prices, the sample market needs none")
    if prices is not None and prices not in KINDS:
        raise InputError(Problem("no such kind of prices", path="--prices", found=prices, allowed=", ".join(KINDS)))
    if config is not None:
        bound = {name: as_source(given) for name, given in config.config.series.items()}
        section = config.config.data
        source = open_source(section, config.base_dir, config.tables)
        confirmed = getattr(section, "confirmed", {})
        roles = one_by_one(config.config.roles)
        return Where(source, config.base_dir, roles, bound, confirmed, config.tables, ready=config)
    if data is None:
        return Where(open_source(SampleData(), Path()), Path())
    kind: Any = prices or "split_adjusted"
    if isinstance(data, Mapping):
        memory = MemoryData(source="memory", prices=kind)
        return Where(open_source(memory, Path(), data), Path(), frames=data)
    folder = Path(data)
    section = FolderData(source=_form(folder), path=str(folder), prices=kind)
    return Where(open_source(section, Path()), Path(), folder=True)


def _form(folder: Path) -> Any:
    """Parquet where a folder and those right below it hold parquet files and no CSV."""
    if not folder.is_dir():
        message = "not a folder" if folder.exists() else "no such folder"
        allowed = "a folder with one file a symbol, IWM.csv, in it or in a folder below"
        raise InputError(Problem(message, path="--data", found=str(folder), allowed=allowed))
    below = [folder, *(one for one in folder.iterdir() if one.is_dir())]
    csv, parquet = (any(any(one.glob(f"*.{kind}*")) for one in below) for kind in ("csv", "parquet"))
    return "parquet" if parquet and not csv else "csv"


def _of_a_configuration(key: re.Match[str]) -> str:
    """The key of a configuration that has none yet, where a series goes by a name of letters."""
    name, setting = key.groups()
    told = f"series.{re.sub('[^0-9A-Za-z_]', '', name)}.{setting}" if setting else key[0]
    return f"a configuration with {told}"
