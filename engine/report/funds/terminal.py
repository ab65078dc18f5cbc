# SPDX-License-Identifier: Apache-2.0
"""A study of funds on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.funds.tables import funds_grid, year_grid
from engine.report.funds.words import commentary
from engine.report.kit.terminal import DIM, say, say_notices
from engine.report.kit.words import counted, decimal
from engine.runs.funds import Funds

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80


def show(found: Funds, console: Console) -> None:
    """Commentary, the index of the last year, funds with their ratings and weights, how it was made."""
    panel, index = found.panel, found.study.index
    console.print(
        f"[bold]{found.title}[/]  {counted(len(panel.names), 'fund')} against {panel.benchmark_name}", markup=True
    )
    level = f"index {decimal(float(index.level[-1]), 2)} from {decimal(index.base, 2)}"
    say(f"{panel.months[0]} to {panel.months[-1]}; {level}", console, DIM, width=WIDTH)
    say_notices(found.notices, console, WIDTH)
    console.print()
    for sentence in commentary(found):
        say(sentence, console, width=WIDTH)
    console.print("\n[bold]The index[/]  per cent")
    console.print(year_grid(found).on_terminal(tight=True))
    console.print("\n[bold]Funds[/]  averaged returns, per cent a month")
    console.print(funds_grid(found).on_terminal(tight=True))
    console.print("\n[bold]How it is made[/]")
    for rule in found.rules:
        say(rule, console, DIM, "- ", WIDTH)
