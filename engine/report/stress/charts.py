# SPDX-License-Identifier: Apache-2.0
"""Charts of a stress test: equity through the windows, the spiral round by round, the leverage that dies."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.report.kit import chart_style as style
from engine.report.kit.encoding import Figure, packed
from engine.report.stress.words import rung
from engine.runs.stress.findings import ShockFinding, Stress
from engine.runs.stress.survival import MOST_LEVERAGE
from engine.runs.stress.under import REFERENCE

LINES = (*style.SERIES, style.GREY, "#8c6d31", "#5254a3")
"""More lines than the report's palette has colours; the last two are told apart by their dashes too."""


LONG = 100
"""Bars of a window that starts hidden."""


def windows_chart(found: Stress) -> Figure:
    """Equity of the strategy inside each window, per cent of the equity before, by bars since then."""
    traces = [
        style.line(
            packed(np.arange(len(one.passage.path))),
            one.passage.path - 1,
            style.label(one.window.title),
            LINES[number % len(LINES)],
            **_drawn(len(one.passage.path)),
        )
        for number, one in enumerate(found.windows)
        if one.passage is not None
    ]
    return style.figure(
        traces,
        height=380,
        showlegend=True,
        hovermode="closest",
        xaxis=_axis("bars since the window began"),
        yaxis=style.percent_axis(),
        shapes=[style.level_line(0.0)],
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def spiral_chart(found: Stress) -> Figure:
    """Equity after each round of covering in the reference shock, a line a leverage."""
    one, book = reference(found), found.book
    traces: list[style.Trace] = []
    if book is not None and one is not None and one.spiral is not None:
        for number, (leverage, spiral) in enumerate(zip(one.spiral.leverages, one.spiral.spirals, strict=True)):
            path = np.array([1.0, *(step.equity / book.equity for step in spiral.steps)])
            x = packed(np.arange(-1.0, len(spiral.steps)))
            name = f"{rung(leverage)}: {spiral.ending}"
            traces.append(style.line(x, path, name, LINES[number % len(LINES)], mode="lines+markers"))
    return style.figure(
        traces,
        height=380,
        showlegend=True,
        xaxis=_axis("rounds of covering; −1 before the shock, 0 after it"),
        yaxis=style.percent_axis(rangemode="tozero"),
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def survival_chart(found: Stress) -> Figure:
    """Leverage of the first call and of death, with and without the crowd's impact, by the size of a one-day shock."""
    sudden = sudden_shocks(found)
    x = packed(np.array([100 * one.shock.small for one in sudden]))
    shown: tuple[tuple[str, str, list[float]], ...] = (
        ("first margin call", style.ORANGE, [_or_nan(one.spiral.called_at) for one in sudden if one.spiral]),
        ("dies in the spiral", style.RED, [_or_nan(one.spiral.dies_at) for one in sudden if one.spiral]),
        ("dies of the move alone", style.GREY, [_or_nan(one.spiral.dies_alone_at) for one in sudden if one.spiral]),
    )
    traces = [
        style.line(x, np.array(values), name, colour, mode="lines+markers") for name, colour, values in shown if sudden
    ]
    return style.figure(
        traces,
        height=340,
        showlegend=True,
        xaxis=_axis("size of the move in small caps, per cent"),
        yaxis={"ticksuffix": "x", "hoverformat": ".2f", "automargin": True, "rangemode": "tozero"},
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def sudden_shocks(found: Stress) -> list[ShockFinding]:
    """The one-day shocks with large caps flat, by size; empty where there is no spiral."""
    pairs = (one for one in found.shocks if not one.shock.squeeze)
    return [one for one in pairs if one.spiral is not None and one.shock.large == REFERENCE.large]


def reference(found: Stress) -> ShockFinding | None:
    """The shock whose spiral is drawn."""
    return next((one for one in found.shocks if one.shock == REFERENCE), None)


def _or_nan(leverage: float | None) -> float:
    return float("nan") if leverage is None or leverage > MOST_LEVERAGE else leverage


def _drawn(points: int) -> dict[str, Any]:
    """A window of many months would squeeze the others into a corner: it starts hidden."""
    return {"visible": "legendonly"} if points > LONG else {}


def _axis(title: str) -> dict[str, Any]:
    return {"title": {"text": title, "font": {"size": 12}}, "automargin": True, "hoverformat": ".0f"}
