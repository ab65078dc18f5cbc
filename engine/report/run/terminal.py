# SPDX-License-Identifier: Apache-2.0
"""What the terminal says of a run: a summary that fits 80 columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.analytics.metrics.registry import REGISTRY
from engine.engines.run_record import RunRecord
from engine.model.sleeves import told_strategy
from engine.notice import Notice
from engine.report.kit.terminal import DIM, LOUD, console, say, say_notices, say_page
from engine.report.kit.words import leg_names, money, worded
from engine.report.run.notices import loud_words, notices
from engine.report.run.part_tables import show_parts
from engine.report.run.period_words import period

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from engine.analytics.analysis import Analysis
    from engine.model.run import RunConfig
    from engine.report.folder.run_folder import Published

LEFT = (
    "total_return", "cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar", "worst_15_sessions",
    "worst_month", "alpha", "beta",
)  # fmt: skip
RIGHT = (
    "average_gross", "max_gross", "turnover", "time_in_market", "spread_trades", "spread_hit_rate", "profit_factor",
    "round_trips", "hit_rate", "total_costs_rate", "fills",
)  # fmt: skip
"""Headline metrics by column; every metric is in the report and in metrics.json."""

SIDE_BY_SIDE = 76
"""Columns of a terminal that holds both."""


def show_summary(result: RunRecord, analysis: Analysis, screen: Console) -> None:
    """Headline metrics under what ran, with every notice; the figures' definitions are in the report."""
    from rich.text import Text

    market = result.market
    legs = list(market.symbols.values()) if result.sleeves else leg_names(market.symbols)
    what = f"  {_told(result.config)} on {', '.join(dict.fromkeys(legs))}"
    said = notices(result, analysis)
    screen.print(Text.assemble((result.config.name, "bold"), what, (loud_words(said), LOUD)))
    say(f"{period(result, analysis)}; {market.label}; {result.engine}, {result.mode}", screen, DIM)
    say(f"Fills: {result.fill_convention}", screen, DIM)
    say_notices(said, screen)
    equity = f"{money(float(analysis.sessions.nav[0]))} -> {money(float(result.points['equity'][-1]))}"
    screen.print(f"\nEquity [bold]{equity}[/]", highlight=False)
    say(_earned(analysis), screen, DIM)
    screen.print(_headlines(analysis, side_by_side=screen.width >= SIDE_BY_SIDE))
    show_parts(analysis, screen)


def _told(config: RunConfig) -> str:
    return told_strategy(config) if config.sleeves else Path(config.strategy).name


def _earned(analysis: Analysis) -> str:
    """What idle cash earned, or borrowed cash cost, apart from what the strategy did."""
    strategy, interest = analysis.profit
    return f"Of the gain the strategy made {money(strategy)}, interest on cash {money(interest)}"


def show(result: RunRecord, published: Published, trials: Notice, *, seconds: float | None = None) -> None:
    """The summary, how many trials stand behind it, then where the report is."""
    screen = console()
    show_summary(result, published.analysis, screen)
    screen.print()
    say_notices([trials], screen)
    took = f" ({seconds:.2f} s)" if seconds is not None else ""
    say_page(published.report, screen, f"Report{took}")


def _headlines(analysis: Analysis, *, side_by_side: bool) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    cells = [
        (
            f"[dim]{REGISTRY[name].titled(analysis.sessions.compared_with)}[/]",
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
