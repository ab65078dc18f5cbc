# SPDX-License-Identifier: Apache-2.0
"""The tables of a stress test, in words, as page and terminal both show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, count, multiple, percent, plain_name
from engine.report.stress.words import fate_of, held_words, same_without, shock_words, times
from engine.runs.stress.findings import Ladder, Stress, WindowFinding
from engine.runs.stress.shocks import LARGE_MOVES, LENGTHS

SAME = "the same; the book holds nothing that follows it."


@dataclass(frozen=True, slots=True)
class LossRow:
    """Loss by leverage: title on the page, short on the terminal; cells (fraction lost, words); ends are leverages."""

    title: str
    short: str
    cells: Sequence[tuple[float, str]]
    ends: Sequence[str]


def windows_grid(found: Stress) -> Grid:
    """What the strategy did in each window."""
    fields = (
        Field("window"), Field("", "window"), Field("return", "return", "per cent of the equity before"),
        Field("worst day", "day", "per cent"), Field("drawdown", "drawdn", "per cent of peak"),
        Field("worst 15", "15 days", "per cent over 15 sessions inside"),
        Field("gross", "gross", "before, times equity"),
        Field("margin", "margin", "largest maintenance, per cent of equity"), Field("calls", "calls", "margin calls"),
        Field("", "cuts"), Field("trading", hint="commission, fees, slippage, per cent"),
        Field("borrow", hint="per cent"), Field("carry", hint="dividends and interest, net, per cent"),
        Field("cuts", hint="stops and unwind guards", text=True), Field("", "costs"),
    )  # fmt: skip
    return Grid(fields, [_window(one) for one in found.windows])


def _window(one: WindowFinding) -> Sequence[str]:
    p, titles = one.passage, (one.window.title, _marked(one))
    if p is None:
        return (*titles, *[NOTHING] * 11, "no data", "no data")
    cuts = ", ".join(f"{plain_name(name)} {number}" for name, number in p.cuts) or "none"
    moves = (percent(value, 1, sign=False) for value in (p.total, p.worst_day, -p.drawdown, p.worst_15))
    margin, costs = percent(p.margin_use, 0, sign=False), (p.trading_costs, p.borrow, p.carry)
    shown = *moves, multiple(p.gross), margin, str(p.calls), str(sum(number for _, number in p.cuts))
    all_costs = percent(p.trading_costs + p.borrow, 2, sign=False)
    return (*titles, *shown, *(percent(value, 2, sign=False) for value in costs), cuts, all_costs)


def frozen_rows(found: Stress) -> list[LossRow]:
    """The frozen book through each window; ends: leverages of the first call, of death, and of death in the spiral."""
    rows = []
    for one in found.windows:
        if one.ladder is not None and one.book is not None:
            flat = "°" if one.book.was_flat else ""
            spiral = NOTHING if one.spiral is None else times(one.spiral.dies_at)
            title = f"{one.window.title}, book of {one.book.session}"
            rows.append(LossRow(title, _marked(one) + flat, _held(one.ladder), (*_ends(one.ladder), spiral)))
    return rows


def shock_blocks(found: Stress, lengths: Iterable[int] = LENGTHS) -> list[tuple[str, list[LossRow]]]:
    """For each move of large caps what it is and the shocks with it, of these lengths in sessions.

    No rows where the book holds nothing that follows large caps. ends: leverages of the first call and of death.
    """
    blocks: list[tuple[str, list[LossRow]]] = []
    for large in LARGE_MOVES:
        shown = [one for one in found.shocks if one.shock.large == large]
        if not shown:  # a book of one role meets each shock once
            continue
        about = shock_words(found, shown[0].shock).partition(", ")[2]
        if same_without(found, large):
            blocks += [(f"{about}: {SAME}", [])] if about else []
            continue
        rows = []
        for one in shown:
            if one.shock.sessions in lengths:
                title = shock_words(found, one.shock).partition(", ")[0]
                rows.append(LossRow(title, title.partition(" ")[2], _held(one.ladder), _ends(one.ladder)))
        blocks.append((about, rows))
    return blocks


def spiral_rows(found: Stress, large: Sequence[float] = LARGE_MOVES) -> list[LossRow]:
    """The loss at the end of the spiral behind each sudden move that has such a move of large caps, fractions.

    ends: leverages of the first call, of death by the move alone, of death in the spiral.
    """
    rows = []
    for one in found.shocks:
        if one.spiral is not None and one.shock.large in large:
            spiral, title = one.spiral, shock_words(found, one.shock)
            pairs = zip(spiral.losses, spiral.spirals, strict=True)
            cells = [(loss, held_words(loss, fate_of(each.ending))) for loss, each in pairs]
            short = title.partition(", ")[0].partition(" ")[2].partition(" in ")[0]
            ends = tuple(map(times, (spiral.called_at, spiral.dies_alone_at, spiral.dies_at)))
            rows.append(LossRow(title, short, cells, ends))
    return rows


def sensitivity_grid(found: Stress) -> Grid:
    """The leverage that dies by coefficient and crowd; no rows where there is no law."""
    given = found.sensitivity
    if given is None:
        return Grid((), ())
    crowds = [count(crowd) for crowd in given.crowds]
    fields = (Field("coefficient", "impact"), *(Field(f"crowd of {crowd} books", f"{crowd} books") for crowd in crowds))
    pairs = zip(given.coefficients, given.dies_at, strict=True)
    return Grid(fields, [[f"{coefficient:g}", *map(times, row)] for coefficient, row in pairs])


def _marked(one: WindowFinding) -> str:
    """The title with a mark where the data covers only part of the window."""
    return one.window.title + ("" if one.whole or one.passage is None else "*")


def _held(ladder: Ladder) -> list[tuple[float, str]]:
    return [(held.worst, held_words(held.worst, held.fate)) for held in ladder.held]


def _ends(ladder: Ladder) -> tuple[str, str]:
    return times(ladder.called_at), times(ladder.dies_at)
