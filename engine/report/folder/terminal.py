# SPDX-License-Identifier: Apache-2.0
"""Runs on a terminal: a list of them, and some side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics.of_run import definitions
from engine.analytics.metrics.registry import REGISTRY, Unit
from engine.report.folder.run_index import HEADLINES
from engine.report.kit.terminal import DIM, LOUD, console, table
from engine.report.kit.words import NOTHING, worded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from engine.report.folder.run_compare import Comparison
    from engine.report.folder.run_index import Listing, Run

LEFT_OUT = ("volatility", "cagr")
"""What a list of runs does without where it is too wide, the first first."""

SYNTHETIC = " [yellow]synthetic[/]"
"""Behind a name all of whose runs are of made-up prices, else behind each such run."""


def show_runs(listing: Listing, results: Path) -> None:
    """One line a run with its headline metrics; then the run folders that cannot be read, each with its reason."""
    screen = console()
    if listing.runs:
        _runs_table(listing.runs, screen)
    elif not listing.broken:
        screen.print(f"No runs in {results} yet.", markup=False)
    if listing.broken:
        screen.print("[yellow]Not listed[/], unreadable: run the backtest again, or remove the folder")
        for problem in listing.broken:
            screen.print(f"  {problem.file}: {problem.found}", markup=False, highlight=False, soft_wrap=True)


def _runs_table(runs: Sequence[Run], screen: Console) -> None:
    """Every run whole on its line: a narrow screen, or wide figures, leave columns out."""
    for count in range(len(LEFT_OUT) + 1):
        made = _headlines(runs, [name for name in HEADLINES if name not in LEFT_OUT[:count]])
        if screen.measure(made, options=screen.options.update(max_width=1_000)).maximum <= screen.width:
            break
    screen.print(made)
    screen.print("[green]>[/] latest of its name", style=DIM)
    if any(run.loud for run in runs):
        screen.print("! loud notices: read them in the report before the figures", style=LOUD)


def _headlines(runs: Sequence[Run], shown: Sequence[str]) -> Table:
    made = table(["run", *(HEADLINES[name] for name in shown)], tight=True)
    real = {run.name for run in runs if not run.synthetic}
    for place, run in enumerate(runs):
        if place == 0 or runs[place - 1].name != run.name:
            made.add_row(f"[bold]{run.name}[/]{'' if run.name in real else SYNTHETIC}")
        cells = [worded(run.metrics.get(name), REGISTRY[name].unit) for name in shown]
        said = SYNTHETIC if run.synthetic and run.name in real else ""
        said += f" [{LOUD}]!{len(run.loud)}[/]" if run.loud else ""
        made.add_row(f"{'[green]>[/]' if run.latest else ' '} {run.run}{said}", *cells)
    return made


def show_comparison(comparison: Comparison) -> None:
    """Metrics side by side, the best in green, then the settings that differ."""
    screen = console()
    for number, (run, folder) in enumerate(zip(comparison.runs, comparison.folders, strict=True), 1):
        screen.print(f"[bold]{number}[/]  {run}  [dim]{folder}[/]", highlight=False, soft_wrap=True)
    for text in comparison.warnings:
        screen.print(f"! {text}", style=LOUD, markup=False)
    places = [str(number) for number in range(1, len(comparison.runs) + 1)]
    rows = [
        (entry.title, *(
            _compared(value, entry.unit, best=place in comparison.best.get(entry.name, []))
            for place, value in enumerate(comparison.metrics[entry.name])
        ))
        for entry in definitions()
    ]  # fmt: skip
    screen.print(table(["metric", *places], rows))
    if not comparison.differences:
        screen.print("\nThe configurations are the same.")
        return
    screen.print("\n[bold]Settings that differ[/]")
    changed = table(["setting", *places], left=range(len(places) + 1))
    for key, values in comparison.differences.items():
        changed.add_row(key, *(NOTHING if value is None else str(value) for value in values))
    screen.print(changed)


def _compared(value: Any, unit: Unit, *, best: bool) -> str:
    text = value if isinstance(value, str) else worded(value, unit)
    return f"[bold green]{text}[/]" if best else text
