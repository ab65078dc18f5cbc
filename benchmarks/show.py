# SPDX-License-Identifier: Apache-2.0
"""Figures for the eye; --json is for everything else."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

PEER_COLUMNS = ("work", "engine", "bars", "call_s", "whole_s", "times_ours", "trades", "equity", "agrees")
WIDTH = 130  # of a page that is no terminal


def show(document: dict[str, Any]) -> None:
    """Print one benchmark's document."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    machine = document["machine"]
    console.print(
        f"[bold]{document['benchmark']}[/]  {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}"
    )
    figures = document["figures"]
    if "skipped" in figures:
        console.print(f"  skipped: {figures['skipped']}", markup=False)
        return
    rows = figures.get("rows")
    for name, value in figures.items():
        if name != "rows":
            console.print(f"  {name:24s} {_words(value)}", markup=False, highlight=False)
    if rows:
        _peers(console, rows)


def _peers(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(*PEER_COLUMNS)
    for row in rows:
        if "error" not in row:
            cells = [_words(row.get(column)) for column in PEER_COLUMNS]
            cells[-1] = {True: "to the cent", None: ""}.get(row["agrees"], row.get("difference", ""))
            table.add_row(*cells)
    console.print(table)
    for row in rows:
        if "error" in row:
            console.print(f"  {row['work']} {row['engine']} failed: {row['error']}", markup=False)


def _words(value: Any) -> str:
    if isinstance(value, dict) and {"median", "low", "high", "n"} <= set(value):
        return f"{value['median']:.4g}  ({value['low']:.4g} to {value['high']:.4g}, n={value['n']})"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(part)}" for key, part in value.items())
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.4g}"
    return (
        "" if value is None else f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    )
