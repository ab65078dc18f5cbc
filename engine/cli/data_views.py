# SPDX-License-Identifier: Apache-2.0
"""What `tandem data` prints: tables for a person, documents for a program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.errors import InputError, Problem, nearest_name
from engine.market.checkup import Checked, config_checks, path_checks, sample_checks
from engine.market.export import Written
from engine.market.sources.layout import Layout

T = TypeVar("T")
STYLES = {"refuse": "bold red", "warn": "yellow", "info": "dim"}
SHOWN = 4
SLOW = 12
"""From how many tables on reading takes long enough for a progress bar."""
SOURCES = {
    "sample": "synthetic market, embedded; the default",
    "csv": "folder with one SYMBOL.csv each",
    "parquet": "folder with one SYMBOL.parquet each",
    "memory": "DataFrames, given to engine.backtest in Python",
    "yahoo": "Yahoo Finance, daily; needs the extra `yahoo`",
}


def checks_of(target: str, symbols: Sequence[str], timezone: str = "", stamp: str = "") -> list[Callable[[], Checked]]:
    """The checks a target asks for: a YAML file, another file, a folder, or "" for the sample market.

    timezone and stamp are what `data.timezone` and `data.stamp` are in a YAML file, and only for files without one.
    """
    if (timezone or stamp) and (not target or target.endswith((".yaml", ".yml"))):
        raise InputError("--timezone and --stamp are for files; a configuration has data.timezone and data.stamp")
    if not target:
        return sample_checks(7, symbols)
    if target.endswith((".yaml", ".yml")):
        from engine.config.loader import load_config

        loaded = load_config(target)
        return config_checks(loaded.config, loaded.base_dir, symbols)
    return path_checks(Path(target), symbols, _layout(timezone, stamp))


def _layout(timezone: str, stamp: str) -> Layout:
    if stamp not in {"", "open", "close"}:
        raise InputError(Problem("no such end of a bar", path="--stamp", found=stamp, allowed="open, close"))
    zones = available_timezones() if timezone else {"UTC"}
    if timezone and timezone not in zones:
        nearest = nearest_name(timezone, zones)
        raise InputError(Problem("no such time zone", path="--timezone", found=timezone, nearest=nearest))
    return Layout(timezone or "UTC", "close" if stamp == "close" else "open", prefix="--")


def run_checks(checks: Sequence[Callable[[], Checked]], *, quiet: bool) -> list[Checked]:
    """Run them, with a progress bar where there are many."""
    return with_progress((check() for check in checks), "checking", len(checks), quiet=quiet or len(checks) < SLOW)


def with_progress(items: Iterable[T], doing: str, count: int, *, quiet: bool) -> list[T]:
    """All items; a bar on stderr while they come, where that is a terminal and unless `quiet`."""
    screen = Console(stderr=True)
    if quiet or not screen.is_terminal:
        return list(items)
    from rich.progress import track

    return list(track(items, doing, count, console=screen, transient=True))


def check_document(checked: Sequence[Checked]) -> dict[str, Any]:
    """The JSON document of `tandem data check`."""
    return {
        "ok": not any(one.refused for one in checked),
        "tables": [
            {
                "symbol": one.symbol,
                "file": one.file,
                "rows": one.rows,
                "first": one.first,
                "last": one.last,
                "frequency": one.frequency,
                "findings": [
                    {"severity": found.severity, "kind": found.kind, "words": found.words, "dates": list(found.dates)}
                    for found in one.findings
                ],
            }
            for one in checked
        ],
    }


def show_checks(checked: Sequence[Checked]) -> None:
    """A line a table, then every finding."""
    console = _console()
    overview = Table("symbol", "rows", "from", "to", "bars", "refuse", "warn", "info", box=None, pad_edge=False)
    for one in checked:
        counts = [sum(found.severity == severity for found in one.findings) for severity in STYLES]
        marks = [
            Text(str(count) if count else ".", style if count else "dim")
            for count, style in zip(counts, STYLES.values(), strict=True)
        ]
        overview.add_row(one.symbol, f"{one.rows:,}", one.first[:10], one.last[:10], one.frequency, *marks)
    console.print(overview)
    for one in checked:
        if one.findings:
            console.print(Text(f"\n{one.symbol}", "bold"), Text(one.file, "dim"))
        for found in one.findings:
            line = Table.grid(padding=(0, 1))
            line.add_column(width=8)
            line.add_column()
            line.add_row(Text(f"  {found.severity}", STYLES[found.severity]), Text(found.words + _when(found.dates)))
            console.print(line)


def list_document() -> dict[str, Any]:
    """The JSON document of `tandem data list`."""
    from engine.market import cache
    from engine.market.sample import sample_symbols

    panels = cache.entries()
    return {
        "sources": SOURCES,
        "sample_symbols": list(sample_symbols()),
        "cache": {
            "folder": str(cache.folder()),
            "bytes": sum(panel.size for panel in panels),
            "panels": [
                {
                    "key": panel.path.name,
                    "label": panel.label,
                    "symbols": panel.symbols,
                    "series": panel.series,
                    "frequency": panel.frequency,
                    "bars": panel.bars,
                    "bytes": panel.size,
                }
                for panel in panels
            ],
        },
    }


def show_list() -> None:
    """The same for a person."""
    document = list_document()
    console = _console()
    sources = Table("source", "what it is", box=None, pad_edge=False)
    for name, words in document["sources"].items():
        sources.add_row(name, Text(words))
    console.print(sources)
    console.print("\nsample market  ", ", ".join(document["sample_symbols"]), sep="", soft_wrap=False)
    held = document["cache"]
    console.print(f"\ncache  {held['folder']}", soft_wrap=True)
    count = len(held["panels"])
    console.print(f"{count} panel{'' if count == 1 else 's'}, {_size(held['bytes'])}")
    panels = Table("symbols", "bars", "length", "size", "from", box=None, pad_edge=False)
    for panel in held["panels"]:
        names = ", ".join([*panel["symbols"].values(), *panel["series"].values()])
        panels.add_row(names, f"{panel['bars']:,}", panel["frequency"], _size(panel["bytes"]), Text(panel["label"]))
    if held["panels"]:
        console.print(panels)


def show_written(written: Sequence[Written], out: Path, *, as_json: bool) -> None:
    """What `pull` and `build-sample` wrote."""
    if as_json:
        files = [
            {"symbol": one.symbol, "file": str(one.file), "rows": one.rows, "first": one.first, "last": one.last,
             "notices": [notice.as_dict() for notice in one.notices]}
            for one in written
        ]  # fmt: skip
        print_json({"folder": str(out), "files": files})
        return
    console = _console()
    table = Table("symbol", "rows", "from", "to", box=None, pad_edge=False)
    for one in written:
        table.add_row(one.symbol, f"{one.rows:,}", one.first, one.last)
    console.print(table)
    for notice in (notice for one in written for notice in one.notices):
        console.print(Text(notice.text, "yellow"))
    console.print(f"\nwritten to {out}", soft_wrap=True)


def print_json(document: dict[str, Any]) -> None:
    """One document on stdout."""
    typer.echo(json.dumps(document, indent=2, allow_nan=False))


def _console() -> Console:
    return Console(highlight=False)


def _when(dates: Sequence[str]) -> str:
    if not dates:
        return ""
    more = f" and {len(dates) - SHOWN:,} more" if len(dates) > SHOWN else ""
    return f" [{', '.join(dates[:SHOWN])}{more}]"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
