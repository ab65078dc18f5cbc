# SPDX-License-Identifier: Apache-2.0
"""What the terminal says: a summary that fits 80 columns, tables of runs, one JSON document for programs."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics import definitions
from engine.analytics.registry import REGISTRY
from engine.engines.run_record import RunRecord
from engine.model.sleeves import told_strategy
from engine.report.kit.words import NOTHING, money, worded
from engine.report.run.attribution_terminal import show_parts
from engine.report.run.notices import notices
from engine.report.run.sleeve_terminal import sleeve_table, sleeves_document

if TYPE_CHECKING:
    from rich.console import Console

    from engine.analytics.analysis import Analysis
    from engine.model.run import RunConfig
    from engine.report.folder.run_compare import Comparison
    from engine.report.folder.run_folder import Published
    from engine.report.folder.run_index import Listing, Run

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

SIDE_BY_SIDE = 76
"""Columns of a terminal that holds both."""

WIDEST = 100
"""Columns of a paragraph that is read with ease."""


def to_json(document: Mapping[str, Any]) -> str:
    """One JSON document; NaN and infinities become null."""
    return json.dumps(_finite(document), indent=2, allow_nan=False, ensure_ascii=False)


def summary_json(result: RunRecord, published: Published) -> str:
    """What `tandem backtest --json` prints; docs/schemas/backtest.json describes it."""
    analysis, market = published.analysis, result.market
    return to_json(
        {
            "name": result.config.name,
            "run": published.folder.name,
            "folder": str(published.folder),
            "report": str(published.report),
            "strategy": told_strategy(result.config),
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
            **({"sleeves": sleeves_document(result, analysis)} if result.sleeves else {}),
            "notices": [{"level": one.level, "text": one.text} for one in notices(result, analysis)],
        }
    )


def show_summary(result: RunRecord, analysis: Analysis, console: Console) -> None:
    """Headline metrics under what ran, with every notice; the figures' definitions are in the report."""
    from rich.text import Text

    market, sessions = result.market, analysis.sessions
    legs = ", ".join(dict.fromkeys(market.symbols.values() if result.sleeves else _told_roles(result)))
    count = f"{len(sessions):,} session{'' if len(sessions) == 1 else 's'}"
    console.print(Text.assemble((result.config.name, "bold"), f"  {_told(result.config)} on {legs}"))
    _say(
        f"{sessions.dates[0]} to {sessions.dates[-1]}, {count}; {market.label}; {result.engine}, {result.mode}",
        "dim",
        console,
    )
    _say(f"Fills: {result.fill_convention}", "dim", console)
    for one in notices(result, analysis):
        loud = one.level == "loud"
        _say(f"{'!' if loud else '-'} {one.text}", "bold yellow" if loud else "dim", console, indent=2)
    equity = f"{money(float(sessions.nav[0]))} -> {money(float(result.points['equity'][-1]))}"
    console.print(f"\nEquity [bold]{equity}[/]", highlight=False)
    console.print(_headlines(analysis, side_by_side=console.width >= SIDE_BY_SIDE))
    show_parts(analysis.parts, console)
    if analysis.sleeves:
        console.print()
        console.print(sleeve_table(analysis))


def _told_roles(result: RunRecord) -> list[str]:
    return [f"{role} {symbol}" for role, symbol in result.market.symbols.items()]


def _told(config: RunConfig) -> str:
    return told_strategy(config) if config.sleeves else Path(config.strategy).name


def _say(words: str, style: str, console: Console, indent: int = 0) -> None:
    """A paragraph of whole words, no wider than is read with ease; a path stays in one piece."""
    width = min(console.width, WIDEST)
    for line in textwrap.wrap(
        words, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    ):
        console.print(line, style=style, highlight=False, markup=False, soft_wrap=True)


def show(result: RunRecord, published: Published, *, seconds: float | None = None) -> None:
    """The summary, then where the report is."""
    console = _console()
    show_summary(result, published.analysis, console)
    took = f" ({seconds:.2f} s)" if seconds is not None else ""
    console.print(f"\nReport{took}:", highlight=False)
    console.print(str(published.report), style="bold", highlight=False, markup=False, soft_wrap=True)


def _headlines(analysis: Analysis, *, side_by_side: bool) -> Any:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    cells = [
        (
            f"[dim]{REGISTRY[name].titled(analysis.sessions.leg)}[/]",
            f"[bold]{worded(analysis.metrics[name], REGISTRY[name].unit)}[/]",
        )
        for name in (*LEFT, *RIGHT)
    ]
    half = len(LEFT)
    rows = [(*left, "", *right) for left, right in zip(cells[:half], cells[half:], strict=True)]
    for column in range(5 if side_by_side else 2):
        table.add_column(justify="right" if column in {1, 4} else "left", no_wrap=True)
    for row in rows if side_by_side else cells:
        table.add_row(*row)
    return table


def show_runs(listing: Listing, results: Path) -> None:
    """One line a run with its headline metrics; then the run folders that cannot be read, each with its reason."""
    console = _console()
    if listing.runs:
        _runs_table(listing.runs, console)
    elif not listing.broken:
        console.print(f"No runs in {results} yet.", markup=False)
    if listing.broken:
        console.print("[yellow]Not listed[/], unreadable: run the backtest again, or remove the folder")
        for problem in listing.broken:
            console.print(f"  {problem.file}: {problem.found}", markup=False, highlight=False, soft_wrap=True)


def _runs_table(runs: Sequence[Run], console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("run", no_wrap=True)
    titles = {"total_return": "return", "cagr": "CAGR", "volatility": "vol", "sharpe": "Sharpe"}
    titles["max_drawdown"] = "drawdown"
    shown = [name for name in titles if console.width >= SIDE_BY_SIDE or name not in {"cagr", "volatility"}]
    for name in shown:
        table.add_column(titles[name], justify="right", no_wrap=True)
    for place, run in enumerate(runs):
        if place == 0 or runs[place - 1].name != run.name:
            synthetic = " [yellow]synthetic[/]" if run.manifest["data"]["synthetic"] else ""
            table.add_row(f"[bold]{run.name}[/]{synthetic}")
        metrics = run.as_dict()["metrics"]
        cells = [worded(metrics[name], REGISTRY[name].unit) for name in shown]
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
