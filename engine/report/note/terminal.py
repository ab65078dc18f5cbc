# SPDX-License-Identifier: Apache-2.0
"""The note on a terminal, and the same as plain text for a mail."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.report.kit.terminal import DIM, LOUD, say
from engine.report.note import rows

if TYPE_CHECKING:
    from rich.console import Console

MAIL = 78
"""Columns of the text: a mail program breaks longer lines."""


def text(shown: Mapping[str, Any]) -> str:
    """The note as lines of at most 78 columns, without colours."""
    from rich.console import Console

    file = io.StringIO()
    show(shown, Console(width=MAIL, file=file, highlight=False, color_system=None))
    return "\n".join(line.rstrip() for line in file.getvalue().strip().splitlines()) + "\n"


def show(shown: Mapping[str, Any], console: Console) -> None:
    """What is wrong, what changed, what to send, what is near; then the books, paper accounts and data."""
    console.print(f"[bold]{rows.title(shown)}[/]")
    say(f"{shown['headline']}; made {rows.made(shown)}", console)
    for one in shown["broken"]:
        say(rows.broken_words(one), console, LOUD, "! ")
    for one in shown["strategies"]:
        if one["other"]:
            say(f"{one['name']}: {one['other']}", console, LOUD, "! ")
    _sentences("Alarms", rows.said(shown, "alarms"), console, LOUD)
    for heading, part in (("Orders to send", "send"), ("Orders to take back", "cancel")):
        found = list(rows.orders(shown, part))
        if found or (part == "send" and shown["strategies"]):
            console.print(f"\n[bold]{heading}[/]")
        if not found and part == "send" and shown["strategies"]:
            console.print("none", style=DIM)
        last = ""
        for name, order, why in found:
            if name != last:
                console.print(name, markup=False)
            last = name
            say(order, console, head="  ")
            say(why, console, DIM, "    ")
    _sentences("Changed since the close before", rows.said(shown, "changes"), console)
    _sentences(f"Within {100 * shown['near']:g} % of the close", rows.near(shown), console)
    if shown["strategies"]:
        console.print("\n[bold]Books[/]")
        say(rows.BOOK_LEAD, console, DIM)
        console.print(rows.books_grid(shown).on_terminal(tight=True))
    _sentences("Held", rows.held(shown), console)
    _sentences("Paper accounts", rows.papers(shown), console)
    _sentences("Data", rows.ages(shown), console)
    for doubt in shown["doubts"]:
        say(rows.doubt_words(doubt), console, LOUD, "! ")


def _sentences(heading: str, found: Iterable[tuple[str, str]], console: Console, style: str = "") -> None:
    """A heading with a sentence a line behind the name of its strategy; nothing where there is none."""
    lines = list(found)
    if lines:
        console.print(f"\n[bold]{heading}[/]")
    for name, sentence in lines:
        say(f"{name}: {sentence}", console, style, "  ")
