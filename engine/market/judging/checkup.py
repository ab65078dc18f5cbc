# SPDX-License-Identifier: Apache-2.0
"""The quality report over many tables: a file, a folder of files, or everything that a configuration binds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.errors import DataError, Problem, nearest_name
from engine.market.calendar import exchange
from engine.market.judging.judgement import split_off_record
from engine.market.judging.out_of_step import out_of_step
from engine.market.judging.quality import Finding, doubted, inspect_bars, inspect_series, is_tradable, spacing_of
from engine.market.judging.series_doubts import series_doubts
from engine.market.sources import Source, open_source
from engine.market.sources.cells import column_names
from engine.market.sources.columns import folded
from engine.market.sources.layout import COMMAND, Layout
from engine.market.sources.locate import SUFFIXES, symbol_of, words
from engine.market.sources.reading import read_bars, read_series
from engine.market.sources.series import as_source, series_table
from engine.market.sources.table import PRICES, Table, stamp_words
from engine.market.spacing import told_length
from engine.market.table.adjust import price_faults
from engine.market.table.refusals import series_refusals, sessions_of
from engine.model.run import RunConfig, SampleData, SeriesSource
from engine.model.sleeves import one_by_one

BARE = Layout(prefix=COMMAND)
"""What is assumed of files that no configuration describes; messages name options of the command line."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A table with what its configuration says of it; series is its name and description, None of bars."""

    table: Table
    prices: str
    series: tuple[str, SeriesSource] | None = None
    confirmed: Sequence[dt.date] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One table and what was found in it; rows is 0 and first, last are "" where it cannot be read.

    frequency  as `told_length` has it
    beside     what it is held against the others by; None of what cannot be read, and of made-up prices
    """

    symbol: str
    file: str
    rows: int
    first: str
    last: str
    frequency: str
    findings: tuple[Finding, ...]
    beside: Beside | None = None

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


def together(checked: Sequence[Checked]) -> list[Checked]:
    """The same, with what only tables beside each other show among the findings of the one that is meant."""
    there = [(place, one.symbol, one.beside) for place, one in enumerate(checked) if one.beside and not one.refused]
    if not there:
        return list(checked)
    meant: dict[str, int] = {}
    for place, symbol, _ in there:  # bars come before a series of the same symbol, which is not held against others
        meant.setdefault(symbol, place)
    bars = {symbol: own.table for place, symbol, own in there if own.series is None and meant[symbol] == place}
    series = [(*own.series, own.table) for *_, own in there if own.series]
    confirmed = {symbol: own.confirmed for _, symbol, own in there}
    doubts = out_of_step(bars, series, there[0][2].prices, exchange(), confirmed)
    told = list(checked)
    for symbol, place in meant.items():
        found = doubted(symbol, [one for one in doubts if one.symbol == symbol])
        told[place] = replace(told[place], findings=(*found, *told[place].findings))
    return told


def config_checks(config: RunConfig, base_dir: Path, symbols: Sequence[str] = ()) -> list[Callable[[], Checked]]:
    """One check a bound symbol: roles as what is traded, series as what is only read."""
    source = open_source(config.data, base_dir)
    inputs = {name: as_source(given) for name, given in config.series.items()}
    _known(symbols, [*one_by_one(config.roles).values(), *(one.symbol for one in inputs.values())])
    confirmed = getattr(config.data, "confirmed", {})
    checks: list[tuple[str, Callable[[], Checked]]] = []
    for symbol in dict.fromkeys(one_by_one(config.roles).values()):
        right = confirmed.get(symbol, ())
        inspect = partial(inspect_bars, calendar=exchange(), prices=source.prices, confirmed=right)
        held = _nothing if source.synthetic else partial(Beside, prices=source.prices, confirmed=right)
        checks.append((symbol, partial(_check, symbol, partial(source.read, symbol), inspect, held)))
    for name, one in inputs.items():
        read = partial(series_table, name, one, source, base_dir)
        own = partial(Beside, prices=source.prices, series=(name, one), confirmed=confirmed.get(one.symbol, ()))
        held = _nothing if source.synthetic else own
        checks.append((one.symbol, partial(_check, one.symbol, read, partial(_bound, name, one, source), held)))
    return [check for symbol, check in checks if not symbols or symbol in symbols]


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
        return _check(symbol, partial(read_bars, file, symbol, shown, layout, exchange()), _bare, _daily, shown)
    if len(names) == 2:
        read = partial(read_series, file, symbol, theirs[1], shown, layout, exchange())
        return _check(symbol, read, _bare, file=shown)
    finding = Finding("info", symbol, "skipped", f"not checked, neither bars nor one series: columns {words(names)}")
    return Checked(symbol, shown, 0, "", "", "", (finding,))


def _unreadable(symbol: str, file: str, error: DataError) -> Checked:
    findings = tuple(Finding("refuse", symbol, "unreadable", str(problem)) for problem in error.problems)
    return Checked(symbol, file, 0, "", "", "", findings)


def _daily(table: Table) -> Beside | None:
    """Daily bars in a file that no configuration describes; of an index too, which its closes tell."""
    return Beside(table, "split_adjusted") if table.frequency == "1d" and len(table.frame) else None


def _nothing(_table: Table) -> Beside | None:
    """What made-up prices, and files that are no daily bars, are held against."""
    return None


def _check(
    symbol: str,
    read: Callable[[], Table],
    inspect: Callable[[Table], list[Finding]],
    beside: Callable[[Table], Beside | None] = _nothing,
    file: str = "",
) -> Checked:
    try:
        table = replace(read(), symbol=symbol)
    except DataError as error:
        return _unreadable(symbol, file, error)
    index = table.frame.index
    first, last = (stamp_words(index[row]) for row in (0, -1)) if len(index) else ("", "")
    length = told_length(table.frequency, spacing_of(table, exchange())) if len(index) else table.frequency
    return Checked(symbol, file or table.file, len(index), first, last, length, tuple(inspect(table)), beside(table))


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
