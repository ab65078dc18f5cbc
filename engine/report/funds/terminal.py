# SPDX-License-Identifier: Apache-2.0
"""A study of funds on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.funds.tables import effects_grid, frictions_grid, funds_grid, sides_grid, year_grid
from engine.report.funds.words import claim_words, commentary, frictions_words, sides_words
from engine.report.kit.terminal import DIM, heading, print_table, say, say_notices
from engine.report.kit.words import counted, decimal
from engine.runs.funds import Funds

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80


def show(found: Funds, console: Console) -> None:
    """Commentary, the index of the last year, funds with their ratings and weights, how it was made."""
    panel, index = found.panel, found.study.index
    heading(found.title, f"{counted(len(panel.names), 'fund')} against {panel.benchmark_name}", console)
    level = f"index {decimal(float(index.level[-1]), 2)} from {decimal(index.base, 2)}"
    say(f"{panel.months[0]} to {panel.months[-1]}; {level}", console, DIM, width=WIDTH)
    say_notices(found.notices, console, WIDTH)
    console.print()
    for sentence in commentary(found):
        say(sentence, console, width=WIDTH)
    console.print("\n[bold]The index[/]  per cent")
    print_table(year_grid(found).on_terminal(tight=True), console)
    console.print("\n[bold]Funds[/]  averaged returns, per cent a month")
    print_table(funds_grid(found).on_terminal(tight=True), console)
    if found.sides is not None:
        console.print("\n[bold]Portfolios[/]  per cent a year")
        print_table(sides_grid(found).on_terminal(tight=True), console)
        say(sides_words(found), console, DIM, width=WIDTH)
    if found.shares:
        console.print("\n[bold]How much of it is alpha[/]")
        for sentence in claim_words(found):
            say(sentence, console, width=WIDTH)
    console.print("\n[bold]What each choice does[/]  per cent a year")
    print_table(effects_grid(found).on_terminal(tight=True), console)
    if found.frictions:
        console.print("\n[bold]Notice and lock-up[/]  months; per cent a year")
        print_table(frictions_grid(found).on_terminal(tight=True), console)
        say(frictions_words(found), console, DIM, width=WIDTH)
    console.print("\n[bold]How it is made[/]")
    for rule in found.rules:
        say(rule, console, DIM, "- ", WIDTH)
