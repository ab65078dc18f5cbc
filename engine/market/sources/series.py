# SPDX-License-Identifier: Apache-2.0
"""Untradable inputs: a column of a file of their own, or of a symbol of the data source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import DataError, Problem, nearest_name
from engine.market.sources.columns import check_map
from engine.market.sources.layout import Layout
from engine.market.sources.locate import SUFFIXES, resolve, words
from engine.market.sources.table import Table
from engine.model.run import SeriesSource

if TYPE_CHECKING:
    from engine.market.sources import Source


def as_source(given: str | SeriesSource) -> SeriesSource:
    """A series as the configuration binds it; a symbol alone means its close at the data source."""
    return SeriesSource(symbol=given) if isinstance(given, str) else given


def series_file(series: SeriesSource, base_dir: Path) -> Path:
    """The file of a series that has one. Raises DataError where it is missing or no CSV or parquet file."""
    where = f"series.{series.symbol}.path"
    path = resolve(series.path or "", base_dir, where)
    if path.is_dir() or path.suffix not in SUFFIXES:
        found = f"{series.path}, a folder" if path.is_dir() else str(series.path)
        raise DataError(
            Problem("a series needs a file", path=where, found=found, allowed="a .csv, .csv.gz, .zip or .parquet file")
        )
    return path


def series_table(name: str, series: SeriesSource, source: Source, base_dir: Path) -> Table:
    """The series as a Table with the one column `value`, per cent turned into a fraction. Raises DataError."""
    where = f"series.{name}.column"
    if series.path is not None:
        table = _file(name, series, where, source.layout, base_dir)
    else:
        table = source.series(series.symbol, series.column, where)
    if series.unit == "percent":
        return replace(table, frame=table.frame / 100.0)
    return table


def layout_of(name: str, series: SeriesSource, bars: Layout) -> Layout:
    """How a series' file is written: as the files of bars are, but for what the series says of its own."""
    return Layout(
        timezone=series.timezone or bars.timezone,
        stamp=series.stamp or bars.stamp,
        columns=bars.columns if series.columns is None else series.columns,
        decimal=bars.decimal,
        dates=series.dates or bars.dates,
        hints=series.columns is None,
        prefix=f"series.{name}.",
    )


def _file(name: str, series: SeriesSource, where: str, bars: Layout, base_dir: Path) -> Table:
    from engine.market.calendar import exchange
    from engine.market.sources.reading import read_series

    path = series_file(series, base_dir)
    layout = layout_of(name, series, bars)
    check_map(layout.columns, layout.key("columns"))
    return read_series(path, series.symbol, series.column, str(series.path), layout, exchange(), where)


def column_of_bars(source: Source, symbol: str, column: str, where: str) -> Table:
    """One column of a symbol's bars as a series: `Source.series` of a source that has nothing but bars."""
    table = source.read(symbol)
    if column not in table.frame.columns:
        known = [str(name) for name in table.frame.columns]
        raise DataError(
            Problem(
                f"{symbol} has no column {column}",
                path=where,
                found=f"columns {words(known)}",
                nearest=nearest_name(column, known),
            )
        )
    values = np.asarray(table.frame[column], np.float64)
    frame = table.frame[[column]].set_axis(["value"], axis=1)
    return replace(table, frame=frame.assign(value=values))
