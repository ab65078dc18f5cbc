# SPDX-License-Identifier: Apache-2.0
"""Tables to CSV files that the `csv` source reads back as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError, Problem, RunError, nearest_name
from engine.market.sources import Source, open_source
from engine.market.sources.table import COLUMNS, Table, stamp_words
from engine.model.file_names import beside
from engine.model.run import SampleData, YahooData
from engine.notice import Notice

ONLINE = ("yahoo",)


@dataclass(frozen=True, slots=True)
class Written:
    """One file that was written."""

    symbol: str
    file: Path
    rows: int
    first: str
    last: str
    notices: tuple[Notice, ...]


def download(symbols: Sequence[str], source: str, out: Path) -> Iterator[Written]:
    """Download each symbol's daily bars to `out`/SYMBOL.csv. Raises InputError on an unknown source."""
    if source not in ONLINE:
        nearest = nearest_name(source, ONLINE)
        raise InputError(
            Problem("no such online source", path="--source", found=source, allowed=", ".join(ONLINE), nearest=nearest)
        )
    return _export(open_source(YahooData(source="yahoo"), Path()), symbols, out)


def build_sample(seed: int, out: Path) -> Iterator[Written]:
    """Write every symbol of the sample market to `out`/SYMBOL.csv. Raises RunError where the disk refuses."""
    from engine.market.sample import sample_symbols

    return _export(open_source(SampleData(seed=seed), Path()), sample_symbols(), out)


def write_csv(table: Table, file: Path) -> None:
    """Write a daily table, every digit of every number, under a temporary name that is renamed when it is whole."""
    frame = table.frame[[name for name in COLUMNS if name in table.frame.columns]]
    made = file.with_name(beside(file.name))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(made, index_label="date", date_format="%Y-%m-%d", lineterminator="\n")
        made.replace(file)
    except OSError as error:
        raise RunError(f"{file} cannot be written: {error.strerror or error}") from error
    finally:
        made.unlink(missing_ok=True)


def _export(source: Source, symbols: Sequence[str], out: Path) -> Iterator[Written]:
    for symbol in symbols:
        table = source.read(symbol)
        file = out / f"{symbol}.csv"
        write_csv(table, file)
        index = table.frame.index
        yield Written(symbol, file, len(index), stamp_words(index[0]), stamp_words(index[-1]), table.notices)
