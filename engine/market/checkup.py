# SPDX-License-Identifier: Apache-2.0
"""The quality report over many tables: a file, a folder of files, or everything that a configuration binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.errors import DataError, Problem, nearest_name
from engine.market.adjust import price_faults
from engine.market.calendar import exchange
from engine.market.judgement import split_off_record
from engine.market.quality import Finding, inspect_bars, inspect_series, is_tradable, spacing_of
from engine.market.refusals import series_refusals, sessions_of
from engine.market.series_doubts import series_doubts
from engine.market.sources import Source, open_source
from engine.market.sources.cells import column_names
from engine.market.sources.columns import folded
from engine.market.sources.layout import COMMAND, Layout
from engine.market.sources.locate import SUFFIXES, symbol_of, words
from engine.market.sources.reading import read_bars, read_series
from engine.market.sources.series import as_source, series_table
from engine.market.sources.table import PRICES, Table, stamp_words
from engine.market.spacing import told_length
from engine.model.run import RunConfig, SampleData, SeriesSource
from engine.model.sleeves import one_by_one

BARE = Layout(prefix=COMMAND)
"""What is assumed of files that no configuration describes; messages name options of the command line."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One table and what was found in it; rows is 0 and first, last are "" where it cannot be read.

    frequency  as `told_length` has it
    """

    symbol: str
    file: str
    rows: int
    first: str
    last: str
    frequency: str
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        return any(finding.severity == "refuse" for finding in self.findings)


def path_checks(path: Path, symbols: Sequence[str] = (), layout: Layout = BARE) -> list[Callable[[], Checked]]:
    """One check a CSV or parquet file: `path` itself, or all in that folder and the folders right below it.

    Raises DataError where there is nothing to check, or a symbol has no file.
    """
    files = [path] if path.is_file() else sorted(file for file in _files(path) if file.suffix in SUFFIXES)
    if not files:
        raise DataError(
            Problem("nothing to check", found=str(path), allowed="a .csv or .parquet file, or a folder of them")
        )
    _known(symbols, [symbol_of(file) for file in files])
    root = path.parent if path.is_file() else path
    return [
        partial(_check_file, file, str(file.relative_to(root)), layout)
        for file in files
        if not symbols or symbol_of(file) in symbols
    ]


def config_checks(config: RunConfig, base_dir: Path, symbols: Sequence[str] = ()) -> list[Callable[[], Checked]]:
    """One check a bound symbol: roles as what is traded, series as what is only read."""
    source = open_source(config.data, base_dir)
    inputs = {name: as_source(given) for name, given in config.series.items()}
    _known(symbols, [*one_by_one(config.roles).values(), *(one.symbol for one in inputs.values())])
    checks = []
    for symbol in dict.fromkeys(one_by_one(config.roles).values()):
        confirmed = getattr(config.data, "confirmed", {}).get(symbol, ())
        inspect = partial(inspect_bars, calendar=exchange(), prices=source.prices, confirmed=confirmed)
        checks.append((symbol, partial(source.read, symbol), inspect))
    for name, one in inputs.items():
        read = partial(series_table, name, one, source, base_dir)
        checks.append((one.symbol, read, partial(_bound, name, one, source)))
    return [partial(_check, *check) for check in checks if not symbols or check[0] in symbols]


def sample_checks(seed: int, symbols: Sequence[str] = ()) -> list[Callable[[], Checked]]:
    """One check a symbol of the embedded sample market."""
    from engine.market.sample import sample_symbols

    source = open_source(SampleData(seed=seed), Path())
    _known(symbols, sample_symbols())
    return [partial(_check, symbol, partial(source.read, symbol), _bare) for symbol in symbols or sample_symbols()]


def _bound(name: str, series: SeriesSource, source: Source, table: Table) -> list[Finding]:
    """What is found in a series as a configuration binds it."""
    wrong = series_refusals(table)
    doubts = [] if wrong else series_doubts(name, table, series, exchange(), synthetic=source.synthetic)
    return inspect_series(table, exchange(), doubts)


def _bare(table: Table) -> list[Finding]:
    """What is found in a file that no configuration describes: splits and prices say whether these hold those."""
    if not is_tradable(table):
        return inspect_series(table, exchange())
    adjusted = price_faults(table, "raw") or split_off_record(table, sessions_of(table, exchange()))
    return inspect_bars(table, exchange(), "split_adjusted" if adjusted else "raw")


def _check_file(file: Path, shown: str, layout: Layout) -> Checked:
    symbol = symbol_of(file)
    try:
        theirs = column_names(file, shown)
    except DataError as error:
        return _unreadable(symbol, shown, error)
    names = [folded(name) for name in theirs]
    if set(PRICES) & set(names):
        return _check(symbol, partial(read_bars, file, symbol, shown, layout, exchange()), _bare, shown)
    if len(names) == 2:
        read = partial(read_series, file, symbol, theirs[1], shown, layout, exchange())
        return _check(symbol, read, _bare, shown)
    finding = Finding("info", symbol, "skipped", f"not checked, neither bars nor one series: columns {words(names)}")
    return Checked(symbol, shown, 0, "", "", "", (finding,))


def _unreadable(symbol: str, file: str, error: DataError) -> Checked:
    findings = tuple(Finding("refuse", symbol, "unreadable", str(problem)) for problem in error.problems)
    return Checked(symbol, file, 0, "", "", "", findings)


def _check(
    symbol: str, read: Callable[[], Table], inspect: Callable[[Table], list[Finding]], file: str = ""
) -> Checked:
    try:
        table = replace(read(), symbol=symbol)
    except DataError as error:
        return _unreadable(symbol, file, error)
    index = table.frame.index
    first, last = (stamp_words(index[row]) for row in (0, -1)) if len(index) else ("", "")
    length = told_length(table.frequency, spacing_of(table, exchange())) if len(index) else table.frequency
    return Checked(symbol, file or table.file, len(index), first, last, length, tuple(inspect(table)))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        raise DataError(Problem("no such file or folder", found=str(path), nearest=_beside(path)))
    for entry in path.iterdir():
        if entry.is_file():
            yield entry
        elif entry.is_dir() and not entry.name.startswith("."):
            yield from (file for file in entry.iterdir() if file.is_file())


def _beside(path: Path) -> str:
    parent = path.parent
    return nearest_name(path.name, [entry.name for entry in parent.iterdir()]) if parent.is_dir() else ""


def _known(symbols: Sequence[str], there: Sequence[str]) -> None:
    problems = [
        Problem("no such symbol here", found=symbol, allowed=words(there), nearest=nearest_name(symbol, there))
        for symbol in symbols
        if symbol not in there
    ]
    if problems:
        raise DataError(problems)
