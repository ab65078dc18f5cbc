# SPDX-License-Identifier: Apache-2.0
"""A stress test on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.model.sleeves import told_strategy
from engine.report.kit import terminal
from engine.report.kit.terminal import DIM, LOUD, heading, print_table, say_notices
from engine.report.kit.words import leg_names, synthetic_warning
from engine.report.stress.rows import (
    LossRow,
    books_grid,
    calls_grid,
    deaths_grid,
    fallen_rows,
    own_shock_rows,
    sensitivity_grid,
    shock_blocks,
    spiral_rows,
    trading_rows,
    windows_grid,
)
from engine.report.stress.words import (
    CALLS,
    DEATHS,
    LEFTOVER,
    LEGEND,
    UNCALLED,
    book_words,
    crowd_words,
    pair_words,
    rules_words,
    rung,
    shock_words,
    volatility_words,
)
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Stress
from engine.runs.stress.shocks import LENGTHS
from engine.runs.stress.under import REFERENCE

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
FEWEST = 5
"""Leverages that a table of the terminal shows however narrow it is."""

SHOWN_LENGTHS = (LENGTHS[0], LENGTHS[-1])
"""Shocks on the terminal: the quickest and the slowest; the page has them all."""


def show(found: Stress, console: Console) -> None:
    """Windows, the book through them, shocks, the spiral."""
    result, market = found.result, found.result.market
    legs = ", ".join(leg_names(market.symbols))
    heading(result.config.name, f"stress of {told_strategy(result.config)} on {legs}", console)
    _say(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label}", console)
    if market.synthetic:
        _say(synthetic_warning(market.label), console, LOUD, "! ")
    say_notices(found.notices, console, WIDTH)
    console.print("\n[bold]The strategy in history[/]  per cent of the equity before")
    print_table(windows_grid(found).on_terminal(tight=True), console)
    if any(one.passage is not None and not one.whole for one in found.windows):
        _say("*: the data covers only part of it.", console)
    _trading(found, console)
    _frozen(found, console)
    if found.book is None:
        _say("Nothing was held by then: there is no book to shock.", console, "")
        return
    _shocks(found, found.book, console)
    _spiral(found, console)


def _trading(found: Stress, console: Console) -> None:
    rows = trading_rows(found)
    if rows:
        console.print("\n[bold]The strategy trading through[/]  fall by gross / equity in place of its own")
        _ladders(found, ("window", "day", "on", "called"), rows, console)
        words = f"{UNCALLED} day: the leverage that its worst day kills. Each day's return is as many times as large."
        _say(words, console)


def _frozen(found: Stress, console: Console) -> None:
    rows = fallen_rows(found)
    if not rows:
        return
    console.print("\n[bold]The book that entered each window[/]")
    print_table(books_grid(found).on_terminal(tight=True), console)
    if any(one.book is not None and one.book.was_flat for one in found.windows):
        _say(LEFTOVER, console)
    console.print("\n[bold]The same, frozen[/]  fall within the window by gross / equity")
    _ladders(found, ("window", "from", "to"), rows, console)
    _say(f"{UNCALLED} from, to: at {rung(found.own)}.", console)
    console.print("\n[bold]The leverage at which it dies[/]  nobody calling")
    print_table(deaths_grid(found).on_terminal(tight=True), console)
    _say(DEATHS, console)
    console.print(f"\n[bold]By the rule of calls[/]  {rules_words(found)}")
    print_table(calls_grid(found).on_terminal(tight=True), console)
    _say(CALLS, console)


def _shocks(found: Stress, book: Book, console: Console) -> None:
    flat = f"; flat on {book.asked}" if book.was_flat else ""
    console.print(f"\n[bold]Shocks: {pair_words(found)}[/]  largest loss by gross / equity")
    _say(LEGEND, console)
    _say(f"Book of {book.session}{flat}: {book_words(found, book)}", console)
    _say(volatility_words(found, REFERENCE), console)
    for about, rows in shock_blocks(found, SHOWN_LENGTHS):
        _say(about, console)
        if rows:
            _ladders(found, ("", "called", "dies", "path"), rows, console)
    if found.own_shocks:
        _say("of the configuration", console)
        _ladders(found, ("", "called", "dies", "path"), own_shock_rows(found), console)


def _spiral(found: Stress, console: Console) -> None:
    if found.sensitivity is None:
        return
    console.print("\n[bold]The spiral behind a sudden move[/]  loss when it is over")
    _ladders(found, ("in 1 day", "called", "alone", "dies"), spiral_rows(found, [REFERENCE.large]), console)
    words = (
        f"{crowd_words(found)} Impact: {found.coefficient:g} x daily volatility x sqrt(shares / daily volume). "
        "alone: what the move kills without impact."
    )
    _say(words, console)
    console.print(f"\n[bold]Leverage that dies[/]  {shock_words(found, REFERENCE)}")
    print_table(sensitivity_grid(found).on_terminal(tight=True), console)


def _ladders(found: Stress, headers: Sequence[str], rows: Sequence[LossRow], console: Console) -> None:
    """Loss by leverage; the largest leverages are left out where WIDTH has no room.

    FEWEST stay, and the configuration's own. headers name the title and the row's ends.
    """
    shown, room = list(range(len(found.leverages))), console.options.update(width=terminal.UNBOUND)
    while True:
        table = terminal.table(
            [headers[0], *(rung(found.leverages[place]) for place in shown), *headers[1:]],
            [(row.short, *(row.cells[place][1] for place in shown), *row.ends) for row in rows],
            tight=True,
        )
        if len(shown) <= FEWEST or console.measure(table, options=room).maximum <= WIDTH:
            break
        shown.remove(max(place for place in shown if found.leverages[place] != found.own))
    print_table(table, console)
    left_out = [rung(one) for place, one in enumerate(found.leverages) if place not in shown]
    if left_out:
        _say(f"{', '.join(left_out)}: on the page.", console)


def _say(words: str, console: Console, style: str = DIM, head: str = "") -> None:
    terminal.say(words, console, style, head, WIDTH)
