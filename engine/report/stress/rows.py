# SPDX-License-Identifier: Apache-2.0
"""The tables of a stress test, in words, as page and terminal both show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, count, multiple, percent, plain_name
from engine.report.stress.words import (
    fate_of,
    held_words,
    own_shock_words,
    same_without,
    shock_words,
    sides_words,
    times,
)
from engine.runs.stress.findings import Ends, Ladder, OwnShock, ShockFinding, Stress, WindowFinding
from engine.runs.stress.frozen import Fall, Moment
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


def books_grid(found: Stress) -> Grid:
    """Which book went into each window: what it held, since when, and when the strategy itself left it."""
    fields = (
        Field("window", "window"), Field("book, per cent of gross", "book, % of gross", text=True),
        Field("gross", "gross", "times equity"), Field("held since", "held since", text=True),
        Field("left by the strategy", "left", text=True),
    )  # fmt: skip
    rows = []
    for one in found.windows:
        if one.book is not None and one.standing is not None:
            left = one.standing.left.isoformat() if one.standing.left else "held to the end"
            told = sides_words(found, one.book), multiple(one.book.leverage), one.standing.since.isoformat(), left
            rows.append((_flagged(one), *told))
    return Grid(fields, rows)


def fallen_rows(found: Stress) -> list[LossRow]:
    """How far the frozen book falls within each window; ends: peak and trough of the configuration's own leverage."""
    own = found.leverages.index(found.own)
    rows = []
    for one in found.windows:
        if one.frozen is not None and one.book is not None:
            falls, called_at = one.frozen.uncalled.falls, one.frozen.ladder.called_at
            cells = _fallen(falls, found.leverages, called_at)
            rows.append(LossRow(_flagged(one), _flagged(one), cells, (str(falls[own].start), str(falls[own].end))))
    return rows


def trading_rows(found: Stress) -> list[LossRow]:
    """How far the strategy falls within each window, trading; ends: what its worst day kills, the day, first call."""
    rows = []
    for one in found.windows:
        did = one.trading
        if did is not None:
            cells = _fallen(did.falls, found.leverages, did.called_at)
            ends = (*_moment(did.day), times(did.called_at))
            rows.append(LossRow(one.window.title, _marked(one), cells, ends))
    return rows


def deaths_grid(found: Stress) -> Grid:
    """The leverage at which the frozen book dies where nobody calls: of its path, of a day, from the worst start."""
    fields = (
        Field("window", "window"), Field("path", "path", "equity gone at some close of the window"),
        Field("worst day alone", "day"), Field("on", "on", text=True),
        Field("from the worst start", "start", "set up with the same weights at the worst close of the window"),
        Field("set up on", "set up on", text=True),
        Field("in the spiral", "spiral", "the worst of the window as one sudden move, with the crowd"),
    )  # fmt: skip
    rows = []
    for one in found.windows:
        if one.frozen is not None:
            met = one.frozen.uncalled
            start = _moment(met.start) if one.book is None or not one.book.legs else (NOTHING, NOTHING)
            spiral = times(one.frozen.spiral.dies_at) if one.frozen.spiral else NOTHING
            rows.append((_flagged(one), times(met.dies_at), *_moment(met.day), *start, spiral))
    return Grid(fields, rows)


def calls_grid(found: Stress) -> Grid:
    """First call and death by the rule of calls, and the book with every sign turned."""
    fields = (
        Field("window", "window"),
        Field("account: called", "called"), Field("account: dies", "dies"),
        Field("portfolio margin: called", "PM called"), Field("portfolio margin: dies", "dies"),
        Field("turned: path", "turned"), Field("turned: worst day", "day"),
        Field("turned: called", "called"), Field("turned: dies", "dies"),
    )  # fmt: skip
    rows = []
    for one in found.windows:
        met = one.frozen
        if met is None:
            continue
        portfolio = _both(met.portfolio)
        turned = (times(met.reverse.dies_at), _moment(met.reverse.day)[0]) if met.reverse else (NOTHING, NOTHING)
        account = _ends(met.ladder)
        rows.append((_flagged(one), *account, *portfolio, *turned, *_both(met.reverse_ends)))
    return Grid(fields, rows)


def own_shock_rows(found: Stress) -> list[LossRow]:
    """The shocks of the configuration; ends as those of the grid."""
    return [
        LossRow(own_shock_words(one.shock), own_shock_words(one.shock), _held(one.ladder), _shock_ends(one))
        for one in found.own_shocks
    ]


def shock_blocks(found: Stress, lengths: Iterable[int] = LENGTHS) -> list[tuple[str, list[LossRow]]]:
    """For each move of large caps what it is and the shocks with it, of these lengths in sessions; squeezes behind.

    No rows where the book holds nothing that follows large caps.
    ends: leverages of the first call, of death, of death where nobody calls.
    """
    blocks: list[tuple[str, list[LossRow]]] = []
    for large in LARGE_MOVES:
        shown = [one for one in found.shocks if one.shock.large == large and not one.shock.squeeze]
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
                rows.append(LossRow(title, title.partition(" ")[2], _held(one.ladder), _shock_ends(one)))
        blocks.append((about, rows))
    squeezes = [one for one in found.shocks if one.shock.squeeze and one.shock.sessions in lengths]
    if squeezes:
        titles = [shock_words(found, one.shock).partition(", ")[0] for one in squeezes]
        rows = [
            LossRow(title, title.partition(" ")[2], _held(one.ladder), _shock_ends(one))
            for title, one in zip(titles, squeezes, strict=True)
        ]
        blocks.append(("all that the book is short rises, longs flat", rows))
    return blocks


def spiral_rows(found: Stress, large: Sequence[float] = LARGE_MOVES) -> list[LossRow]:
    """The loss at the end of the spiral behind each sudden move that has such a move of large caps, fractions.

    ends: leverages of the first call, of death by the move alone, of death in the spiral.
    """
    rows = []
    for one in found.shocks:
        if one.spiral is not None and one.shock.large in large and not one.shock.squeeze:
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


def _flagged(one: WindowFinding) -> str:
    """The title, with a second mark where the strategy was flat and this is the last book it held before."""
    return _marked(one) + ("°" if one.book is not None and one.book.was_flat else "")


def _fallen(falls: Sequence[Fall], leverages: Sequence[float], called_at: float | None) -> list[tuple[float, str]]:
    """Cells of falls by leverage, marked where the account would have called."""
    cells = []
    for leverage, one in zip(leverages, falls, strict=True):
        called = called_at is not None and leverage >= called_at
        cells.append((one.size, held_words(one.size, "dead" if one.size >= 1 else "called" if called else "alive")))
    return cells


def _moment(one: Moment | None) -> tuple[str, str]:
    """The leverage that dies of it, and its session; nothing where there was no loss."""
    return ("no loss", NOTHING) if one is None else (times(one.dies_at), one.session.isoformat())


def _both(ends: Ends | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if ends is None else (times(ends.called_at), times(ends.dies_at))


def _held(ladder: Ladder) -> list[tuple[float, str]]:
    return [(held.worst, held_words(held.worst, held.fate)) for held in ladder.held]


def _shock_ends(one: ShockFinding | OwnShock) -> tuple[str, str, str]:
    return (*_ends(one.ladder), times(one.path_dies_at))


def _ends(ladder: Ladder) -> tuple[str, str]:
    return times(ladder.called_at), times(ladder.dies_at)
