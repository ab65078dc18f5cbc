# SPDX-License-Identifier: Apache-2.0
"""Scenarios in words and tables: the closest days, what both lines did, and the book of a configuration under them."""

from __future__ import annotations

import numpy as np

from engine.analytics.pair.afterwards import After
from engine.analytics.pair.sides import Side
from engine.report.compare.words import moved, unit_words
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, counted, decimal, percent
from engine.report.stress.words import times
from engine.runs.compare import Comparison
from engine.runs.compare.outcome import BookUnder, Outcome
from engine.runs.stress.findings import Ladder


def scenario_words(one: Outcome) -> str:
    """What was looked for, and how close history comes to it."""
    asked = one.scenario
    low, high = (_size(one, value) for value in (float(one.moved.min()), float(one.moved.max())))
    against = f" less {asked.against}" if asked.against else ""
    stretch = f"over {counted(asked.sessions, 'session')}"
    return (
        f"The {len(one.rows)} closest moves of {asked.symbol}{against} {stretch} in history, {low} to {high}; no two "
        "of them share a session."
    )


def moves_grid(found: Comparison, one: Outcome) -> Grid:
    """What both lines did over these stretches, and after them."""
    fields = (
        Field("line", "line"), Field("mean", "mean"), Field("median", "median"), Field("lowest", "lowest"),
        Field("highest", "highest"), Field("above 0", "above 0"),
    )  # fmt: skip
    return Grid(fields, [_spread(side, side.moves(one.scenario.sessions)[one.rows]) for side in found.pair.sides])


def _spread(side: Side, values: np.ndarray) -> tuple[str, ...]:
    figures = (values.mean(), np.median(values), values.min(), values.max())
    shown = (moved(side, float(figure), unit=False) for figure in figures)
    return (f"{side.symbol} {unit_words(side)}", *shown, percent(float((values > 0).mean()), 0))


def days_grid(found: Comparison, one: Outcome) -> Grid:
    """Each of the stretches, the newest first."""
    pair, sessions = found.pair, one.scenario.sessions
    fields = (
        Field("from the close of", "from"), Field("to that of", "to"), Field("move", "move"),
        *(Field(f"{side.symbol} {unit_words(side)}", side.symbol) for side in pair.sides),
    )  # fmt: skip
    moves = [(side, side.moves(sessions)) for side in pair.sides]
    rows = [
        (
            str(pair.sessions[row - sessions]),
            str(pair.sessions[row]),
            _size(one, float(move)),
            *(moved(side, float(values[row]), unit=False) for side, values in moves),
        )
        for row, move in zip(one.rows.tolist()[::-1], one.moved.tolist()[::-1], strict=True)
    ]
    return Grid(fields, rows)


def scenario_kinds(found: Comparison, one: Outcome) -> dict[str, tuple[After, ...]]:
    """What followed these days."""
    return {"these days": found.following[one.scenario.text]}


def book_words(one: BookUnder) -> list[str]:
    """The book, and what the median and the worst of the days do to it."""
    return [
        f"Book held at the close of {one.book.session}, at its own leverage of {times(one.own)}, frozen.",
        f"Median moves of {counted(one.days, 'day')} ({_roles(one.moves)}): {_fate(one.typical)}.",
        f"The day that hurts it most, to {one.worst_day} ({_roles(one.worst)}): {_fate(one.worst_ladder)}.",
    ]


def _roles(moves: dict[str, float]) -> str:
    return ", ".join(f"{role} {percent(move, 1, plus=True)}" for role, move in moves.items())


def _fate(one: Ladder) -> str:
    (held,) = one.held
    did = f"{'loses' if held.loss >= 0 else 'gains'} {percent(abs(held.loss), 1)} of equity"
    called = f" with {counted(held.calls, 'margin call')}" if held.calls else ""
    if held.fate == "dead":
        did = "wiped out"
    return f"{did}{called}; the first margin call comes at {times(one.called_at)}, the end at {times(one.dies_at)}"


def _size(one: Outcome, value: float) -> str:
    if not one.scenario.points:
        return percent(value, 1, plus=True)
    return NOTHING if np.isnan(value) else f"{'+' if value > 0 else ''}{decimal(value, 2)} points"
