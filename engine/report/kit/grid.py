# SPDX-License-Identifier: Apache-2.0
"""A table that page and terminal both show: its words are made once, each renderer picks its columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.report.kit import markup, terminal

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, slots=True)
class Field:
    """A column by its title on a page and on a terminal of 80 columns; it is left out where its title is empty.

    Figures, which stand right, but for the first column shown and where `text` says so.
    """

    page: str
    short: str = ""
    hint: str = ""
    text: bool = False


@dataclass(frozen=True)
class Grid:
    """Rows of words, a word a field."""

    fields: Sequence[Field]
    rows: Sequence[Sequence[str]]

    def html(self, kind: str = "") -> str:
        """The table of a page; of kind `fit` it breaks its words on a narrow screen, where others scroll sideways."""
        kept = [place for place, field in enumerate(self.fields) if field.page]
        fields = [self.fields[place] for place in kept]
        columns = [
            markup.Column(one.page, number=at > 0 and not one.text, hint=one.hint) for at, one in enumerate(fields)
        ]
        return markup.table(columns, [[row[place] for place in kept] for row in self.rows], kind)

    def on_terminal(self, *, tight: bool = False, breaks: Collection[str] = ()) -> Table:
        """The table of a terminal, its columns one space apart where it is `tight`.

        breaks  titles of columns whose words may go on in the next line, so that the others are whole
        """
        from rich.markup import escape

        kept = [place for place, field in enumerate(self.fields) if field.short]
        rows = [[escape(row[place]) for place in kept] for row in self.rows]
        titles = [self.fields[place].short for place in kept]
        left = [0, *(place for place, title in enumerate(titles) if title in breaks)]
        return terminal.table(list(map(escape, titles)), rows, left=left, tight=tight)
