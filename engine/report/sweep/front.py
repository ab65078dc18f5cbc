# SPDX-License-Identifier: Apache-2.0
"""The Pareto front of a sweep with several objectives, as a table, a chart and data."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.report.kit import chart_style as style
from engine.report.kit.encoding import Figure, packed
from engine.report.kit.grid import Field, Grid
from engine.report.kit.markup import chart, section
from engine.report.kit.words import count, counted
from engine.report.sweep.charts import objective_axis
from engine.report.sweep.words import figure_words, settings, settings_words
from engine.runs.sweep.findings import Sweep

MOST_ROWS = 20
"""Of the front that a table shows; of more, so many evenly spaced ones."""

MOST_POINTS = 5_000
"""Combinations beside the front that the chart shows; of more, every so many-th."""

MEANING = (
    "No combination is better than one of these in one objective without being worse in another; of several with the "
    "same figures the first. Which of them to take is no question of the bars."
)


def objectives_words(found: Sweep) -> str:
    """`reward to variability and maximum drawdown`."""
    words = [one.words for one in found.objectives]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def front_words(found: Sweep) -> str:
    """How many combinations are on the front, and by what."""
    return f"{counted(len(found.front), 'combination')}, by {objectives_words(found)}"


def front_grid(found: Sweep) -> Grid:
    """The front, the best by the first objective first."""
    objectives = [Field(one.words.capitalize(), one.short) for one in found.objectives]
    fields = (Field("Combination", "number"), *objectives, Field("Settings", "settings", text=True))
    places = np.unique(np.linspace(0, len(found.front) - 1, min(MOST_ROWS, len(found.front))).astype(int))
    rows = [
        [
            count(int(found.numbers[row])),
            *(figure_words(one, float(score)) for one, score in zip(found.objectives, found.scores[row], strict=True)),
            settings_words(found.grid.values(int(found.numbers[row]))),
        ]
        for row in found.front[places]
    ]
    return Grid(fields, rows)


def front_section(found: Sweep) -> str:
    """The section of the page; nothing where there is one objective, or no combination has all."""
    if len(found.objectives) < 2 or not len(found.front):
        return ""
    drawn = chart("front", f"every combination by {objectives_words(found)}")
    grid = front_grid(found)
    some = f" {len(grid.rows)} of {len(found.front):,} are listed." if len(grid.rows) < len(found.front) else ""
    return section("front", "The Pareto front", drawn, grid.html(), lead=MEANING + some)


def front_chart(found: Sweep) -> Figure:
    """Every combination by its first two objectives, the front as a line through them; of three its points alone."""
    across, up = found.objectives[1], found.objectives[0]
    signs = np.array([1.0 if one.more else -1.0 for one in found.objectives])
    told = found.scores * signs
    known = np.flatnonzero(np.isfinite(told).all(axis=1))
    others = np.setdiff1d(known, found.front)
    others = others[:: max(1, -(-len(others) // MOST_POINTS))]
    traces: list[style.Trace] = [
        {"type": "scatter", "mode": mode, "name": name, "line": {"color": colour, "width": 1.2},
         "x": packed(told[rows, 1], "f8"), "y": packed(told[rows, 0], "f8"),
         "marker": {"color": colour, "size": size, "opacity": opacity}}
        for name, mode, rows, colour, size, opacity in (
            ("tried", "markers", others, style.GREY, 4, 0.5),
            ("front", "lines+markers" if len(signs) == 2 else "markers", found.front, style.BLUE, 7, 1.0),
        )
    ]  # fmt: skip
    return style.figure(traces, height=340, hovermode="closest", showlegend=True,
                        xaxis=objective_axis(across, title={"text": across.words}),
                        yaxis=objective_axis(up, title={"text": up.words}),
                        margin={"l": 64, "r": 12, "t": 34, "b": 48})  # fmt: skip


def front_document(found: Sweep) -> list[dict[str, Any]] | None:
    """The front as plain data, the best by the first objective first; null of one objective."""
    if len(found.objectives) < 2:
        return None
    return [
        {
            "combination": int(found.numbers[row]),
            "values": settings(found.grid.values(int(found.numbers[row]))),
            "figures": {one.name: found.figures[one.name][row].item() for one in found.objectives},
        }
        for row in found.front.tolist()
    ]
