# SPDX-License-Identifier: Apache-2.0
"""Pieces of the terminal's output: a console, paragraphs of whole words, tables of figures. rich is imported late."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from engine.notice import Notice, loud_first

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

WIDEST = 100
"""Columns of a paragraph that is read with ease."""

UNBOUND = 10_000
"""Columns of a screen on which everything has room."""

LEAST = 16
"""Columns that the names of a table keep, however many figures stand behind them."""

LOUD, DIM = "bold yellow", "dim"
"""Styles of what must be read, and of what may be."""


def console() -> Console:
    """Standard output, nothing coloured but what says so."""
    from rich.console import Console

    return Console(highlight=False)


def say_page(page: Path, screen: Console, what: str = "Page") -> None:
    """Where a page was written: a path on a line of its own, whole, for a double click or a copy to take."""
    screen.print(f"\n{what}:")
    screen.print(str(page), style="bold", markup=False, soft_wrap=True)


def say(words: str, screen: Console, style: str = "", head: str = "", width: int = WIDEST) -> None:
    """A paragraph behind `head`, no wider than `width`; later lines stand under its first word, no path is broken."""
    for line in textwrap.wrap(
        words,
        min(screen.width, width),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    ):
        screen.print(line, style=style or None, highlight=False, markup=False, soft_wrap=True)


def say_notices(notices: Iterable[Notice], screen: Console, width: int = WIDEST) -> None:
    """A paragraph each, the loud ones first."""
    for one in loud_first(notices):
        loud = one.level == "loud"
        say(one.text, screen, LOUD if loud else DIM, head="! " if loud else "- ", width=width)


def hanging(first: str, words: str, screen: Console) -> None:
    """Print `words` behind `first`, which is markup; later lines begin where the words do."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text.from_markup(first), Text(words))
    screen.print(grid)


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Names with what they are, one a line; nothing of those that are empty."""
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2))
    made.add_column(style="blue", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        if value:
            made.add_row(f"  {name}", Text(value))
    return made


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]] = (), *, left: Collection[int] = (0,), tight: bool = False
) -> Table:
    """A table with one line a row; cells are markup. Columns at the places `left` are text, which may break.

    The others are figures: they stand right and are never cut. tight leaves one space between columns in place of two.
    """
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0) if tight else (0, 1))
    for place, title in enumerate(titles):
        text = place in left
        made.add_column(title, justify="left" if text else "right", no_wrap=not text, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def heading(title: str, words: str, screen: Console, *, above: str = "") -> None:
    """A line that begins in bold, behind `above`; no word of it is taken for markup."""
    from rich.text import Text

    screen.print(Text.assemble(above, (title, "bold"), f"  {words}" if words else ""))


def print_table(made: Table, screen: Console) -> None:
    """A table at its own width. Where the screen has less its first column goes on in the next line, down to LEAST.

    Where that is not enough the terminal breaks the lines: no figure is cut.
    """
    from rich.text import Text

    given = screen.width
    whole = screen.measure(made, options=screen.options.update(max_width=UNBOUND)).maximum
    if whole > given:
        cells = [made.columns[0].header, *made.columns[0].cells]
        widest = max(Text.from_markup(str(cell)).cell_len for cell in cells)
        made.columns[0].width = min(widest, max(LEAST, widest - (whole - given)))
    screen.width = max(whole, given)
    screen.print(made)
    screen.width = given
