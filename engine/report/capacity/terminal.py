# SPDX-License-Identifier: Apache-2.0
"""A capacity test on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.sleeves import told_strategy
from engine.report.capacity.rows import (
    edges_grid,
    ladder_sizes,
    passing_grid,
    sensitivity_grid,
    sizes_grid,
    symbols_grid,
)
from engine.report.capacity.words import answer
from engine.report.kit.terminal import DIM, LOUD, heading, print_table, say, say_notices
from engine.report.kit.words import leg_names, synthetic_warning
from engine.runs.capacity.findings import Capacity

if TYPE_CHECKING:
    from rich.console import Console

    from engine.report.kit.grid import Grid

WIDTH = 80


def show(found: Capacity, console: Console) -> None:
    """The answer, then what is left of the edge by size, and what the orders ask of a day."""
    market = found.market
    legs = ", ".join(leg_names(market.symbols))
    heading(found.config.name, f"capacity of {told_strategy(found.config)} on {legs}", console)
    say(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label}", console, DIM, width=WIDTH)
    if market.synthetic:
        say(synthetic_warning(market.label), console, LOUD, "! ", WIDTH)
    say_notices(found.notices, console, WIDTH)
    console.print()
    for sentence in answer(found):
        say(sentence, console, "bold", width=WIDTH)
    _table("The edge", "a year", edges_grid(found), console)
    sizes = sizes_grid(found, ladder_sizes(found, 1))
    _table("By opening deposit", "* as configured; orders of the busiest symbol, of a day's volume", sizes, console)
    _table("Orders ask for no more than", "largest deposit", passing_grid(found), console)
    _table("Orders by symbol", "of a day's volume", symbols_grid(found), console)
    _table("Other laws", "over cash", sensitivity_grid(found), console)


def _table(title: str, about: str, grid: Grid, console: Console) -> None:
    if grid.rows:
        console.print(f"\n[bold]{title}[/]  {about}")
        print_table(grid.on_terminal(tight=True), console)
