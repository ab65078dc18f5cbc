# SPDX-License-Identifier: Apache-2.0
"""A comparison on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.compare import rows
from engine.report.compare.words import title, units
from engine.report.kit import terminal
from engine.report.kit.grid import Grid
from engine.report.kit.terminal import DIM, LOUD, say_notices
from engine.report.kit.words import decimal, synthetic_warning
from engine.runs.compare import Comparison

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
WIDEST = 200


def show(found: Comparison, screen: Console) -> None:
    """Each part of the comparison, one below the other."""
    screen.print(f"[bold]{title(found)}[/]  side by side, to {found.pair.sessions[-1]}")
    _say(found.label, screen)
    if found.synthetic:
        _say(synthetic_warning(found.label), screen, LOUD, "! ")
    say_notices(found.notices, screen, WIDTH)
    for sentence in (*found.aligned.sentences, *units(found.pair)):
        _say(sentence, screen, head="- ")
    screen.print()
    _grid(rows.standing_grid(found), screen)
    screen.print()
    _grid(rows.window_grid(found), screen)
    screen.print()
    _grid(rows.together_grid(found), screen)
    _correlation(found, screen)


def _correlation(found: Comparison, screen: Console) -> None:
    now = f"{decimal(found.rolling[-1], 2)} now" if found.band else "not defined now: one of the two does not move"
    screen.print(f"\n[bold]Rolling correlation[/]  of changes over {found.window} sessions: {now}")
    _grid(rows.bands_grid(found), screen)
    screen.print("\n[bold]What followed[/]  mean move after a day in the band")
    _grid(rows.after_grid(found, "band", found.following), screen)


def _grid(grid: Grid, screen: Console) -> None:
    """At its natural width: a narrow terminal breaks lines, and no figure is cut."""
    given = screen.width
    screen.width = max(WIDEST, given)
    screen.print(grid.on_terminal(tight=True))
    screen.width = given


def _say(words: str, screen: Console, style: str = DIM, head: str = "") -> None:
    terminal.say(words, screen, style, head, WIDTH)
