# SPDX-License-Identifier: Apache-2.0
"""The tables of a stress page: windows, heat maps of loss by shock and leverage, rounds of a spiral."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from engine.report.kit.markup import Cell, Column, table
from engine.report.kit.words import NOTHING, money, plain_name
from engine.report.run.heatmap import LOSS
from engine.report.stress.words import fate_of, held_words, per_cent, plus, rung, shock_words, symbol_of, times
from engine.runs.stress.findings import Ladder, ShockFinding, SpiralLadder, Stress, WindowFinding
from engine.runs.stress.spiral import Spiral

HeatCell = tuple[float, str]
"""Fraction lost, which is the colour, and the text."""


def windows_table(found: Stress) -> str:
    """What the strategy did in each window."""
    columns = [
        Column("window"),
        *(Column(title, number=True, hint=hint) for title, hint in (
            ("return", "per cent of the equity before"), ("worst day", "per cent"), ("drawdown", "per cent of peak"),
            ("worst 15", "per cent over 15 sessions inside"), ("gross", "before, times equity"),
            ("margin", "largest maintenance, per cent of equity"), ("calls", "margin calls"),
            ("trading", "commission, fees, slippage, per cent"), ("borrow", "per cent"),
            ("carry", "dividends and interest, net, per cent"),
        )),
        Column("cuts", hint="stops and unwind guards"),
    ]  # fmt: skip
    return table(columns, [_window_row(one) for one in found.windows])


def windows_list(found: Stress) -> str:
    """When each window was and what happened in it, a line each."""
    return f'<ul class="notes">{"".join(map(_window_line, found.windows))}</ul>'


def _window_line(one: WindowFinding) -> str:
    window = one.window
    part = "" if one.whole or one.passage is None else f"; the run has {one.first} to {one.last} of it"
    none = "; the run has nothing of it" if one.passage is None else ""
    dates = f"{window.first} to {window.last}{part}{none}."
    return f"<li><b>{escape(window.title)}</b> {escape(dates)} {escape(window.words)}</li>"


def _window_row(one: WindowFinding) -> Sequence[Cell]:
    window, p = one.window, one.passage
    if p is None:
        return [window.title, *[NOTHING] * 10, "no data"]
    gross = NOTHING if p.gross != p.gross else f"{p.gross:.2f}x"
    cuts = ", ".join(f"{plain_name(name)} {count}" for name, count in p.cuts) or "none"
    return [
        window.title,
        *(per_cent(value) for value in (p.total, p.worst_day, -p.drawdown, p.worst_15)),
        gross,
        per_cent(p.margin_use, 0),
        str(p.calls),
        *(per_cent(value, 2) for value in (p.trading_costs, p.borrow, p.carry)),
        cuts,
    ]


def frozen_table(found: Stress) -> str:
    """The frozen book through each window, by leverage, with the leverages of the first call and of death."""
    rows = []
    for one in found.windows:
        if one.ladder is None or one.book is None:
            continue
        title = f"{one.window.title}, book of {one.book.session}"
        spiral = NOTHING if one.spiral is None else times(one.spiral.dies_at)
        rows.append((title, _held(one.ladder), (*_ends(one.ladder), spiral)))
    return heat_table(found, "window", rows, ("called at", "dies at", "dies in the spiral at"))


def shocks_table(found: Stress, large: float) -> str:
    """The frozen book under each shock with this move of large caps."""
    shown = [one for one in found.shocks if one.shock.large == large]
    rows = [(_head(found, one), _held(one.ladder), _ends(one.ladder)) for one in shown]
    return heat_table(found, "shock", rows, ("called at", "dies at"))


def spirals_table(found: Stress) -> str:
    """The loss at the end of the spiral behind each sudden move."""
    rows = []
    for one in found.shocks:
        if one.spiral is not None:
            spiral = one.spiral
            ends = (times(spiral.called_at), times(spiral.dies_alone_at), times(spiral.dies_at))
            rows.append((shock_words(found, one.shock), _spun(spiral), ends))
    return heat_table(found, "sudden move", rows, ("called at", "dies of the move alone", "dies in the spiral"))


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
            per_cent(step.covered, 2),
            money(step.equity),
            money(step.maintenance),
            *(plus(move, 2) for move in step.moves),
        ]
        for number, step in enumerate(spiral.steps)
    ]
    return table(columns, rows)


def sensitivity_table(found: Stress) -> str:
    """The leverage that dies by coefficient and crowd."""
    given = found.sensitivity
    if given is None:
        return ""
    columns = [Column("coefficient"), *(Column(f"crowd of {crowd:,.0f} books", number=True) for crowd in given.crowds)]
    pairs = zip(given.coefficients, given.dies_at, strict=True)
    return table(columns, [[f"{coefficient:g}", *map(times, row)] for coefficient, row in pairs])


def heat_table(
    found: Stress, corner: str, rows: Iterable[tuple[str, Sequence[HeatCell], Sequence[str]]], ends: Sequence[str]
) -> str:
    """Loss by leverage: the colour is full where all is lost; then the leverages of `ends`."""
    titles = (*map(rung, found.leverages), *ends)
    head = "".join(f'<th scope="col" class="n">{escape(title)}</th>' for title in titles)
    body = "".join(_heat_row(*row) for row in rows)
    inside = f'<thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead><tbody>{body}</tbody>'
    return f'<div class="scroll"><table class="heat">{inside}</table></div>'


def _heat_row(title: str, cells: Sequence[HeatCell], ends: Sequence[str]) -> str:
    shown = "".join(
        f'<td class="n" style="background:rgba({LOSS},{0.8 * min(1.0, max(0.0, loss)):.2f})">{escape(text)}</td>'
        for loss, text in cells
    )
    last = "".join(f'<td class="n">{escape(text)}</td>' for text in ends)
    return f'<tr><th scope="row">{escape(title)}</th>{shown}{last}</tr>'


def _held(ladder: Ladder) -> list[HeatCell]:
    return [(held.worst, held_words(held.worst, held.fate)) for held in ladder.held]


def _spun(spiral: SpiralLadder) -> list[HeatCell]:
    pairs = zip(spiral.losses, spiral.spirals, strict=True)
    return [(loss, held_words(loss, fate_of(one.ending))) for loss, one in pairs]


def _ends(ladder: Ladder) -> tuple[str, str]:
    return times(ladder.called_at), times(ladder.dies_at)


def _head(found: Stress, one: ShockFinding) -> str:
    return shock_words(found, one.shock).partition(", ")[0]
