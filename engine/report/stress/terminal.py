# SPDX-License-Identifier: Apache-2.0
"""A stress test on a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.report.stress.words import (
    LEGEND,
    book_words,
    crowd_words,
    fate_of,
    held_words,
    pair_words,
    per_cent,
    rung,
    same_without,
    shock_words,
    times,
    volatility_words,
)
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Ladder, ShockFinding, Stress, WindowFinding
from engine.runs.stress.run import REFERENCE
from engine.runs.stress.shocks import LARGE_MOVES, LENGTHS

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
WIDEST = 200
FEWEST = 5
"""Leverages that a table of the terminal shows however narrow it is."""

SHOWN_LENGTHS = (LENGTHS[0], LENGTHS[-1])
"""Shocks on the terminal: the quickest and the slowest; the page has them all."""


def show(found: Stress, console: Console) -> None:
    """Windows, the book through them, shocks, the spiral."""
    result, market = found.result, found.result.market
    legs = ", ".join(f"{role} {symbol}" for role, symbol in market.symbols.items())
    console.print(f"[bold]{result.config.name}[/]  stress of {result.config.strategy} on {legs}")
    _say(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label}", "dim", console)
    if market.synthetic:
        _say("! Synthetic prices, never traded: the figures say nothing about a market.", "bold yellow", console)
    for notice in found.notices:
        _say(f"- {notice}", "dim", console)
    _windows(found, console)
    _frozen(found, console)
    if found.book is None:
        _say("Nothing was held by then: there is no book to shock.", "", console)
        return
    _shocks(found, found.book, console)
    _spiral(found, console)


def _windows(found: Stress, console: Console) -> None:
    console.print("\n[bold]The strategy in history[/]  per cent of the equity before")
    headers = ("return", "day", "drawdn", "15 days", "gross", "margin", "calls", "cuts", "costs")
    table = _table("window", headers)
    for one in found.windows:
        if one.passage is None:
            table.add_row(one.window.title, *[""] * 8, "[dim]no data[/]")
            continue
        p = one.passage
        cuts = str(sum(count for _, count in p.cuts))
        cells = [per_cent(value) for value in (p.total, p.worst_day, -p.drawdown, p.worst_15)]
        gross = "–" if p.gross != p.gross else f"{p.gross:.2f}x"
        costs = per_cent(p.trading_costs + p.borrow, 2)
        table.add_row(_title(one), *cells, gross, per_cent(p.margin_use, 0), str(p.calls), cuts, costs)
    _print(table, console)
    if any(one.passage is not None and not one.whole for one in found.windows):
        _say("*: the data covers only part of it.", "dim", console)


def _frozen(found: Stress, console: Console) -> None:
    if all(one.ladder is None for one in found.windows):
        return
    console.print("\n[bold]The book it went in with, frozen[/]  largest loss by gross / equity")
    rows = []
    for one in found.windows:
        if one.ladder is not None:
            cells = [held_words(held.worst, held.fate) for held in one.ladder.held]
            spiral = "–" if one.spiral is None else times(one.spiral.dies_at)
            rows.append((_title(one, flat=True), cells, (*_ends(one.ladder), spiral)))
    _ladders(found, ("window", "called", "dies", "spiral"), rows, console)
    _say(f"{LEGEND} spiral: dies if the worst came in one move, with the crowd.", "dim", console)
    if any(one.book is not None and one.book.was_flat for one in found.windows):
        _say("°: flat when the window began; the last book it held before.", "dim", console)


def _shocks(found: Stress, book: Book, console: Console) -> None:
    flat = f"; flat on {book.asked}" if book.was_flat else ""
    console.print(f"\n[bold]Shocks: {pair_words(found)}[/]  largest loss by gross / equity")
    _say(f"Book of {book.session}{flat}: {book_words(found, book)}", "dim", console)
    _say(volatility_words(found, REFERENCE), "dim", console)
    for large in LARGE_MOVES:
        about = shock_words(found, next(one.shock for one in found.shocks if one.shock.large == large))
        about = about.partition(", ")[2]
        if same_without(found, large):
            if about:
                _say(f"{about}: the same; the book holds nothing that follows it.", "dim", console)
            continue
        rows = []
        for one in found.shocks:
            if one.shock.large == large and one.shock.sessions in SHOWN_LENGTHS:
                cells = [held_words(held.worst, held.fate) for held in one.ladder.held]
                rows.append((_short(found, one), cells, _ends(one.ladder)))
        _say(about, "dim", console)
        _ladders(found, ("", "called", "dies"), rows, console)


def _spiral(found: Stress, console: Console) -> None:
    sensitivity = found.sensitivity
    if sensitivity is None:
        return
    console.print("\n[bold]The spiral behind a sudden move[/]  loss when it is over")
    rows = []
    sudden = [one for one in found.shocks if one.spiral is not None and one.shock.large == 0]
    for one in sudden:
        if one.spiral is not None:
            pairs = zip(one.spiral.losses, one.spiral.spirals, strict=True)
            cells = [held_words(loss, fate_of(spiral.ending)) for loss, spiral in pairs]
            ends = (one.spiral.called_at, one.spiral.dies_alone_at, one.spiral.dies_at)
            rows.append((_short(found, one).partition(" in ")[0], cells, tuple(map(times, ends))))
    _ladders(found, ("in 1 day", "called", "alone", "dies"), rows, console)
    words = (
        f"{crowd_words(found)} Impact: {found.coefficient:g} x daily volatility x sqrt(shares / daily volume). "
        "alone: what the move kills without impact."
    )
    _say(words, "dim", console)
    console.print(f"\n[bold]Leverage that dies[/]  {shock_words(found, REFERENCE)}")
    table = _table("impact", [f"{crowd:,.0f} books" for crowd in sensitivity.crowds])
    for coefficient, row in zip(sensitivity.coefficients, sensitivity.dies_at, strict=True):
        table.add_row(f"{coefficient:g}", *map(times, row))
    _print(table, console)


def _title(one: WindowFinding, *, flat: bool = False) -> str:
    mark = "" if one.whole else "*"
    return one.window.title + mark + ("°" if flat and one.book is not None and one.book.was_flat else "")


def _short(found: Stress, one: ShockFinding) -> str:
    """`+15 % in 5 days`: the table's head names the symbols."""
    return shock_words(found, one.shock).partition(", ")[0].partition(" ")[2]


def _ends(ladder: Ladder) -> tuple[str, str]:
    return times(ladder.called_at), times(ladder.dies_at)


def _ladders(
    found: Stress,
    headers: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str], Sequence[str]]],
    console: Console,
) -> None:
    """Rows of (title, a cell a leverage, what follows); the largest leverages are left out where WIDTH has no room.

    FEWEST stay, and the configuration's own. headers name the title and what follows.
    """
    shown, room = list(range(len(found.leverages))), console.options.update(width=WIDEST)
    while True:
        table = _table(headers[0], [*(rung(found.leverages[place]) for place in shown), *headers[1:]])
        for title, cells, ends in rows:
            table.add_row(title, *(cells[place] for place in shown), *ends)
        if len(shown) <= FEWEST or console.measure(table, options=room).maximum <= WIDTH:
            break
        shown.remove(max(place for place in shown if found.leverages[place] != found.own))
    _print(table, console)
    left_out = [rung(one) for place, one in enumerate(found.leverages) if place not in shown]
    if left_out:
        _say(f"{', '.join(left_out)}: on the page.", "dim", console)


def _table(first: str, headers: Sequence[str]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style="dim")
    table.add_column(first, no_wrap=True)
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    return table


def _print(table: Any, console: Console) -> None:
    """At its natural width: a narrow terminal breaks lines, and no figure is cut."""
    given = console.width
    console.width = max(WIDEST, given)
    console.print(table)
    console.width = given


def _say(words: str, style: str, console: Console) -> None:
    for line in textwrap.wrap(words, min(WIDTH, console.width), break_long_words=False, break_on_hyphens=False):
        console.print(line, style=style or None, markup=False, soft_wrap=True)
