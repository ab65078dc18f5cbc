# SPDX-License-Identifier: Apache-2.0
"""What only the page of a stress test has: dates of the windows, heat maps of loss by leverage, rounds of a spiral."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from engine.report.kit.markup import LOSS, Cell, Column, Shaded, numbers, table
from engine.report.kit.words import money, percent
from engine.report.stress.rows import LossRow
from engine.report.stress.words import rung, symbol_of
from engine.runs.stress.findings import Stress, WindowFinding
from engine.runs.stress.spiral import Spiral


def windows_list(found: Stress) -> str:
    """When each window was and what happened in it, a line each."""
    return f'<ul class="notes">{"".join(map(_window_line, found.windows))}</ul>'


def _window_line(one: WindowFinding) -> str:
    window = one.window
    part = "" if one.whole or one.passage is None else f"; the run has {one.first} to {one.last} of it"
    none = "; the run has nothing of it" if one.passage is None else ""
    dates = f"{window.first} to {window.last}{part}{none}."
    return f"<li><b>{escape(window.title)}</b> {escape(dates)} {escape(window.words)}</li>"


def rounds_table(found: Stress, spiral: Spiral) -> str:
    """One spiral, round by round."""
    roles = range(len(found.result.market.roles))
    columns = [
        Column("round", number=True), Column("covered", number=True, hint="per cent of the book"),
        Column("equity", number=True), Column("maintenance", number=True),
        *(Column(f"{symbol_of(found, role)} moved", number=True, hint="by covering alone") for role in roles),
    ]  # fmt: skip
    rows = [
        [
            str(number),
            percent(step.covered, 2, sign=False),
            money(step.equity),
            money(step.maintenance),
            *(percent(move, 2, plus=True) for move in step.moves),
        ]
        for number, step in enumerate(spiral.steps)
    ]
    return table(columns, rows)


def heat_table(found: Stress, corner: str, rows: Iterable[LossRow], *ends: str) -> str:
    """Loss by leverage: the colour is full where all is lost; then the leverages of `ends`."""
    shown: list[list[Cell]] = [
        [row.title, *(Shaded(words, LOSS, 0.8 * min(1.0, max(0.0, lost))) for lost, words in row.cells), *row.ends]
        for row in rows
    ]
    return table([Column(corner), *numbers(*map(rung, found.leverages), *ends)], shown, "heat")
