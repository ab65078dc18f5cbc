# SPDX-License-Identifier: Apache-2.0
"""Charts of a capacity test: what is left of the edge, and what orders ask of a day, by the opening deposit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.report.capacity.rows import ladder_sizes
from engine.report.capacity.words import bound, comparison
from engine.report.kit import chart_style as style
from engine.report.kit.encoding import Figure, packed
from engine.runs.capacity.findings import LEVELS, Capacity, Size

LINES = {
    "maximum": ("largest order", style.RED),
    "p95": ("95th percentile", style.ORANGE),
    "median": ("median", style.BLUE),
}


def edge_chart(found: Capacity) -> Figure:
    """The edge a year by the deposit; dotted: the edge without impact, its half, and where the law ends.

    Over the benchmark only where there is an edge: a far line would flatten the other.
    """
    sizes = ladder_sizes(found)
    shown = [edge for place, edge in enumerate(found.edges) if place == 0 or edge.free > 0]
    traces = [
        style.line(_capitals(sizes), np.array([size.edges[edge.over] for size in sizes]), comparison(edge.over), colour,
                   mode="lines+markers")
        for edge, colour in zip(shown, style.SERIES, strict=False)
    ]  # fmt: skip
    first = found.edges[0]
    shapes = [style.level_line(0.0)]
    if first.free > 0:
        shapes += [style.level_line(first.free, style.BLUE), style.level_line(first.free / 2, style.BLUE)]
    return _figure(traces, found, shapes, style.percent_axis())


def participation_chart(found: Capacity) -> Figure:
    """What the busiest symbol's orders ask of a day's volume, by the deposit; both axes in powers of ten."""
    sizes = ladder_sizes(found)
    traces = [
        style.line(_capitals(sizes), np.array([size.busiest(name)[1] or math.nan for size in sizes]), title, colour,
                   mode="lines+markers")
        for name, (title, colour) in LINES.items()
    ]  # fmt: skip
    axis = {"type": "log", "tickformat": "~%", "hoverformat": ".2%", "automargin": True, "dtick": 1}
    shapes = [style.dotted(xref="paper", x0=0, x1=1, y0=level, y1=level) for level in LEVELS]
    return _figure(traces, found, shapes, axis)


def _figure(traces: list[style.Trace], found: Capacity, shapes: list[dict[str, Any]], yaxis: dict[str, Any]) -> Figure:
    limit = bound(found)
    if limit is not None:
        x = limit.capital
        shapes = [*shapes, style.dotted(style.RED, yref="paper", y0=0, y1=1, x0=x, x1=x)]
    title = {"text": "opening deposit, each step ten times the last", "font": {"size": 12}}
    return style.figure(
        traces,
        height=340,
        showlegend=True,
        xaxis={"type": "log", "title": title, "tickformat": "~s", "hoverformat": ".3s", "dtick": 1, "automargin": True},
        yaxis=yaxis,
        shapes=shapes,
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def _capitals(sizes: list[Size]) -> dict[str, str]:
    return packed(np.array([size.capital for size in sizes]), "f8")
