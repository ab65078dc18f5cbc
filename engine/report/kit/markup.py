# SPDX-License-Identifier: Apache-2.0
"""Pieces of the report's HTML: escaped text, tables, sections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

Cell = str | tuple[str, float | str]
"""Text, or text with the value a click on the column sorts by."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; numbers stand right."""

    title: str
    number: bool = False
    hint: str = ""


def section(anchor: str, title: str, *parts: str, lead: str = "") -> str:
    """A titled section; `lead` is one sentence that says what it shows."""
    said = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return f'<section id="{anchor}"><h2>{escape(title)}</h2>{said}{"".join(part for part in parts if part)}</section>'


def chart(name: str, label: str) -> str:
    """The place of a chart; `label` says to a screen reader what is drawn."""
    return f'<div class="chart" id="chart-{name}" role="img" aria-label="{escape(label)}"></div>'


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, sortable: bool = False) -> str:
    """A table that scrolls sideways where the screen is narrow."""
    head = "".join(_head(column) for column in columns)
    body = "".join(
        "<tr>" + "".join(_cell(cell, column) for cell, column in zip(row, columns, strict=True)) + "</tr>"
        for row in rows
    )
    kind = ' class="sortable"' if sortable else ""
    return f'<div class="scroll"><table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def paragraph(text: str, kind: str = "") -> str:
    """One escaped paragraph."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def _head(column: Column) -> str:
    hint = f' title="{escape(column.hint)}"' if column.hint else ""
    return f'<th scope="col"{_side(column)}{hint}>{escape(column.title)}</th>'


def _cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, str):
        return f"<td{_side(column)}>{escape(cell)}</td>"
    text, key = cell
    return f'<td{_side(column)} data-key="{escape(str(key))}">{escape(text)}</td>'


def _side(column: Column) -> str:
    return ' class="n"' if column.number else ""
