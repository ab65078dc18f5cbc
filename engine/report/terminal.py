# SPDX-License-Identifier: Apache-2.0
"""What the terminal says: a summary that fits 80 columns, tables of runs, one JSON document for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics import definitions
from engine.analytics.registry import REGISTRY
from engine.report.notices import notices
from engine.report.words import NOTHING, money, worded
from engine.result import Result

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from engine.analytics.analysis import Analysis
    from engine.report.run_compare import Comparison
    from engine.report.run_folder import Published
    from engine.report.run_index import Run

LEFT = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "calmar",
    "worst_15_sessions",
    "beta",
)
RIGHT = (
    "average_gross",
    "max_gross",
    "turnover",
    "time_in_market",
    "spread_trades",
    "spread_hit_rate",
    "profit_factor",
    "total_costs_rate",
    "fills",
)
"""Headline metrics by column; every metric is in the report and in metrics.json."""


def to_json(document: Mapping[str, Any]) -> str:
    """One JSON document; NaN and infinities become null."""
    return json.dumps(_finite(document), indent=2, allow_nan=False, ensure_ascii=False)


def summary_json(result: Result, published: Published) -> str:
    """What `tandem backtest --json` prints; docs/schemas/backtest.json describes it."""
    analysis, market = published.analysis, result.market
    return to_json(
        {
            "name": result.config.name,
            "run": published.folder.name,
            "folder": str(published.folder),
            "report": str(published.report),
            "strategy": result.config.strategy,
            "engine": result.engine,
            "mode": result.mode,
            "roles": dict(market.symbols),
            "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
            "first": str(market.sessions[0]),
            "last": str(market.sessions[-1]),
            "bars": len(market),
            "fill_convention": result.fill_convention,
            "initial_equity": float(analysis.sessions.nav[0]),
            "final_equity": float(result.points["equity"][-1]),
            "metrics": analysis.metrics.as_dict(),
            "notices": [{"level": one.level, "text": one.text} for one in notices(result, analysis)],
        }
    )


def show_summary(result: Result, analysis: Analysis, console: Console) -> None:
    """Headline metrics in two columns under what ran, with every notice; the figures' definitions are in the report."""
    market, sessions = result.market, analysis.sessions
    legs = ", ".join(f"{role} {symbol}" for role, symbol in market.symbols.items())
    console.print(f"[bold]{result.config.name}[/]  {result.config.strategy} on {legs}", highlight=False)
    console.print(
        f"{sessions.dates[0]} to {sessions.dates[-1]}, {len(sessions):,} sessions; {market.label}; "
        f"{result.engine}, {result.mode}",
        style="dim",
        highlight=False,
        markup=False,
    )
    console.print(f"Fills: {result.fill_convention}", style="dim", highlight=False, markup=False)
    for one in notices(result, analysis):
        style = "bold yellow" if one.level == "loud" else "dim"
        console.print(f"{'!' if one.level == 'loud' else '-'} {one.text}", style=style, markup=False)
    equity = f"{money(float(sessions.nav[0]))} -> {money(float(result.points['equity'][-1]))}"
    console.print(f"\nEquity [bold]{equity}[/]", highlight=False)
    console.print(_headlines(analysis))


def show(result: Result, published: Published, *, seconds: float | None = None) -> None:
    """The summary, then where the report is."""
    console = _console()
    show_summary(result, published.analysis, console)
    took = f" ({seconds:.2f} s)" if seconds is not None else ""
    console.print(f"\nReport{took}:", highlight=False)
    console.print(str(published.report), style="bold", highlight=False, markup=False, soft_wrap=True)


def _headlines(analysis: Analysis) -> Any:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    for column in range(4):
        table.add_column(justify="right" if column % 2 else "left", no_wrap=True)
    for left, right in zip(LEFT, RIGHT, strict=True):
        cells = []
        for name in (left, right):
            entry = REGISTRY[name]
            cells += [f"[dim]{entry.title}[/]", f"[bold]{worded(analysis.metrics[name], entry.unit)}[/]"]
        table.add_row(cells[0], cells[1] + "   ", *cells[2:])
    return table


def show_runs(runs: Sequence[Run], results: Path) -> None:
    """One line a run with its headline metrics."""
    from rich.table import Table

    console = _console()
    if not runs:
        console.print(f"No runs in {results} yet.", markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("run", no_wrap=True)
    for title in ("return", "CAGR", "vol", "Sharpe", "drawdown"):
        table.add_column(title, justify="right", no_wrap=True)
    for place, run in enumerate(runs):
        if place == 0 or runs[place - 1].name != run.name:
            synthetic = " [yellow]synthetic[/]" if run.manifest["data"]["synthetic"] else ""
            table.add_row(f"[bold]{run.name}[/]{synthetic}")
        cells = [worded(value, REGISTRY[name].unit) for name, value in run.as_dict()["metrics"].items()]
        table.add_row(f"{'[green]>[/]' if run.latest else ' '} {run.run}", *cells)
    console.print(table)
    console.print("[green]>[/] latest of its name", style="dim")


def show_comparison(comparison: Comparison) -> None:
    """Metrics side by side, the best in green, then the settings that differ."""
    from rich.table import Table

    console = _console()
    for number, (run, folder) in enumerate(zip(comparison.runs, comparison.folders, strict=True), 1):
        console.print(f"[bold]{number}[/]  {run}  [dim]{folder}[/]", highlight=False, soft_wrap=True)
    for text in comparison.warnings:
        console.print(f"! {text}", style="bold yellow", markup=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("metric")
    for number in range(1, len(comparison.runs) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for entry in definitions():
        best = comparison.best.get(entry.name, [])
        cells = [
            _compared(value, entry.unit, best=place in best)
            for place, value in enumerate(comparison.metrics[entry.name])
        ]
        table.add_row(entry.title, *cells)
    console.print(table)
    if not comparison.differences:
        console.print("\nThe configurations are the same.")
        return
    changed = Table(box=None, pad_edge=False, header_style="dim")
    changed.add_column("setting", overflow="fold")
    for number in range(1, len(comparison.runs) + 1):
        changed.add_column(str(number), justify="right", overflow="fold")
    for key, values in comparison.differences.items():
        changed.add_row(key, *(NOTHING if value is None else str(value) for value in values))
    console.print("\n[bold]Settings that differ[/]")
    console.print(changed)


def _compared(value: Any, unit: Any, *, best: bool) -> str:
    text = value if isinstance(value, str) else worded(value, unit)
    return f"[bold green]{text}[/]" if best else text


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
