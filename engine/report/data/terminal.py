# SPDX-License-Identifier: Apache-2.0
"""Market data on a terminal: what the documents hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.market.export import Written
from engine.market.judging.checkup import Checked
from engine.report.data.document import list_document
from engine.report.kit.terminal import DIM, console, hanging, say_notices, table
from engine.report.kit.words import count, counted

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {"refuse": "bold red", "warn": "yellow", "info": "dim"}
SHOWN = 4
"""Dates of a finding that are printed; the document has all."""


def show_checks(checked: Sequence[Checked]) -> None:
    """A line a table, then every finding."""
    from rich.markup import escape

    screen = console()
    overview = table(["symbol", "rows", "from", "to", "bars", *STYLES], left=(0, 2, 3, 4))
    for one in checked:
        counts = [sum(found.severity == severity for found in one.findings) for severity in STYLES]
        marks = [
            f"[{style if number else DIM}]{number or '.'}[/]"
            for number, style in zip(counts, STYLES.values(), strict=True)
        ]
        overview.add_row(escape(one.symbol), count(one.rows), one.first[:10], one.last[:10], one.frequency, *marks)
    screen.print(overview)
    for one in checked:
        if one.findings:
            screen.print(f"\n[bold]{escape(one.symbol)}[/] [dim]{escape(one.file)}[/]")
        for found in one.findings:
            hanging(f"  [{STYLES[found.severity]}]{found.severity:<6}[/] ", found.words + _when(found.dates), screen)


def show_list() -> None:
    """Sources, symbols of the sample market, cached panels."""
    document = list_document()
    screen = console()
    screen.print(table(["source", "what it is"], document["sources"].items(), left=(0, 1)))
    screen.print()
    hanging("sample market  ", ", ".join(document["sample_symbols"]), screen)
    held = document["cache"]
    screen.print(f"\ncache  {held['folder']}", soft_wrap=True, markup=False)
    screen.print(f"{counted(len(held['panels']), 'panel')}, {_size(held['bytes'])}")
    if held["panels"]:
        _panels(held["panels"], screen)


def _panels(held: Sequence[dict[str, Any]], screen: Console) -> None:
    from rich.markup import escape

    panels = table(["symbols", "bars", "length", "size", "from"], left=(0, 4))
    for panel in held:
        names = ", ".join([*panel["symbols"].values(), *panel["series"].values()])
        size = _size(panel["bytes"])
        panels.add_row(escape(names), count(panel["bars"]), panel["frequency"], size, escape(panel["label"]))
    screen.print(panels)


def show_written(written: Sequence[Written], folder: Path) -> None:
    """The files of `pull` and `build-sample`, and what was left out of them."""
    screen = console()
    rows = [(one.symbol, count(one.rows), one.first, one.last) for one in written]
    screen.print(table(["symbol", "rows", "from", "to"], rows, left=(0, 2, 3)))
    say_notices((notice for one in written for notice in one.notices), screen)
    screen.print(f"\nwritten to {folder}", soft_wrap=True, markup=False)


def _when(dates: Sequence[str]) -> str:
    if not dates:
        return ""
    more = f" and {count(len(dates) - SHOWN)} more" if len(dates) > SHOWN else ""
    return f" [{', '.join(dates[:SHOWN])}{more}]"


def _size(number: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
