# SPDX-License-Identifier: Apache-2.0
"""Pieces of a page's HTML: escaped text, the head with its notices and cards, sections, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from engine.notice import Notice, loud_first

GAIN, LOSS = "47,134,197", "214,95,30"
"""Blue and vermilion: told apart with every common colour vision."""


@dataclass(frozen=True, slots=True)
class Shaded:
    """A cell whose background is as deep, 0 to 1, as its figure is large."""

    text: str
    colour: str
    depth: float
    kind: str = ""


Cell = str | tuple[str, float | str] | Shaded
"""Text, or text with the value a click on the column sorts by, or text on a colour."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; numbers stand right."""

    title: str
    number: bool = False
    hint: str = ""


def numbers(*titles: str) -> list[Column]:
    """Columns of numbers with these titles."""
    return [Column(title, number=True) for title in titles]


def header(kicker: str, title: str, facts: Iterable[tuple[str, str]], lead: str = "") -> str:
    """The head of a page; facts are (title, HTML)."""
    rows = "".join(f"<div><dt>{name}</dt><dd>{html}</dd></div>" for name, html in facts)
    head = f'<p class="kicker">{escape(kicker)}</p><h1>{escape(title)}</h1>'
    about = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return f'<header>{head}{about}<dl class="facts">{rows}</dl></header>'


def legs(symbols: Mapping[str, str]) -> str:
    """Each role with its symbol; one of a list of roles by its symbol alone."""
    told = [
        ("" if role == symbol else f"{escape(role)} ") + f"<b>{escape(symbol)}</b>" for role, symbol in symbols.items()
    ]
    return " · ".join(told)


def notice_list(notices: Iterable[Notice]) -> str:
    """Loud notices as banners, the others as a list."""
    ordered = loud_first(notices)
    banners = "".join(f'<p class="loud" role="alert">{escape(one.text)}</p>' for one in ordered if one.level == "loud")
    lines = "".join(f"<li>{escape(one.text)}</li>" for one in ordered if one.level == "note")
    return banners + (f'<ul class="notes">{lines}</ul>' if lines else "")


def cards(shown: Iterable[tuple[str, str, str, str]]) -> str:
    """Figures at a glance: (title, value, what stands below, what hovering says)."""
    made = []
    for title, value, small, hint in shown:
        about = f' title="{escape(hint)}"' if hint else ""
        made.append(
            f'<div class="card"{about}><span>{escape(title)}</span><b>{value}</b><small>{escape(small)}</small></div>'
        )
    return section("figures", "At a glance", f'<div class="cards">{"".join(made)}</div>') if made else ""


def section(anchor: str, title: str, *parts: str, lead: str = "") -> str:
    """A titled section; `lead` is one sentence that says what it shows."""
    said = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return f'<section id="{anchor}"><h2>{escape(title)}</h2>{said}{"".join(part for part in parts if part)}</section>'


def chart(name: str, label: str) -> str:
    """The place of a chart; `label` says to a screen reader what is drawn."""
    return f'<div class="chart" id="chart-{name}" role="img" aria-label="{escape(label)}"></div>'


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], kind: str = "") -> str:
    """A table that scrolls sideways where the screen is narrow.

    kind is `sortable`; `heat`: the first cell of a row is then its head, and cells have colours; `fit`: narrow screens
    break its words, but for figures with `keep` and for all but its titles with `dates`.
    """
    head = "".join(_head(column) for column in columns)
    body = "".join(f"<tr>{_row(columns, row, headed=kind == 'heat')}</tr>" for row in rows)
    of_kind = f' class="{kind}"' if kind else ""
    return f'<div class="scroll"><table{of_kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def paragraph(text: str, kind: str = "") -> str:
    """One escaped paragraph; nothing where there is no text."""
    of_kind = f' class="{kind}"' if kind else ""
    return f"<p{of_kind}>{escape(text)}</p>" if text else ""


def _head(column: Column) -> str:
    hint = f' title="{escape(column.hint)}"' if column.hint else ""
    return f'<th scope="col"{_side(column)}{hint}>{escape(column.title)}</th>'


def _row(columns: Sequence[Column], row: Sequence[Cell], *, headed: bool) -> str:
    cells = [_cell(cell, column) for cell, column in zip(row, columns, strict=True)]
    if headed:
        cells[0] = f'<th scope="row">{escape(str(row[0]))}</th>'
    return "".join(cells)


def _cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, str):
        return f"<td{_side(column)}>{escape(cell)}</td>"
    if isinstance(cell, Shaded):
        fill = f' style="background:rgba({cell.colour},{cell.depth:.2f})"' if cell.colour else ""
        return f'<td class="{f"n {cell.kind}".rstrip()}"{fill}>{escape(cell.text)}</td>'
    text, key = cell
    return f'<td{_side(column)} data-key="{escape(str(key))}">{escape(text)}</td>'


def _side(column: Column) -> str:
    return ' class="n"' if column.number else ""
