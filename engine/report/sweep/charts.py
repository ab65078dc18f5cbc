# SPDX-License-Identifier: Apache-2.0
"""Charts of a sweep: how the scores lie, each axis, each pair of axes, all axes at once, the best beside the median."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import chart_rows
from engine.report.kit.encoding import Figure, packed
from engine.report.sweep.words import short, value_words
from engine.runs.sweep.figures import Objective
from engine.runs.sweep.findings import Sweep
from engine.runs.sweep.grid import Axis
from engine.runs.sweep.profiles import Profile

MOST_PAIRS = 6
"""Heat maps of one page."""

MOST_LINES = 1_000
"""Combinations of the chart of all axes: every so many-th by score, the best among them."""

BINS = 40

FEW = 5
"""Combinations in a bar from which whole ones are the ticks of their axis by themselves."""


def scores_chart(found: Sweep) -> Figure:
    """How many combinations have which score; the best, the median one and the configuration's neighbours marked."""
    known = _told(found)[np.isfinite(found.score)]
    counts, edges = np.histogram(known, bins=min(BINS, max(1, len(known))))
    middle = (edges[1:] + edges[:-1]) / 2
    bars = {"type": "bar", "x": packed(middle, "f8"), "y": packed(counts), "name": "combinations",
            "marker": {"color": style.SKY}, "showlegend": False}  # fmt: skip
    marks = [
        ("best", style.BLUE, float(_told(found)[found.best.place])),
        ("median", style.ORANGE, float(_told(found)[found.middle.place])),
    ]
    lines = [
        {"type": "scatter", "mode": "lines", "name": name, "x": [value, value], "y": [0, int(counts.max(initial=1))],
         "line": {"color": colour, "width": 2, "dash": "dot"}}
        for name, colour, value in marks if math.isfinite(value)
    ]  # fmt: skip
    axis = score_axis(found, title={"text": found.objective.words})
    few = {"yaxis": {"automargin": True, "dtick": 1}} if counts.max(initial=0) < FEW else {}  # no half of a combination
    return style.figure([bars, *lines], height=260, xaxis=axis, hovermode="closest", bargap=0.05, showlegend=True,
                        margin={"l": 56, "r": 12, "t": 34, "b": 44}, **few)  # fmt: skip


def profile_chart(found: Sweep, one: Profile) -> Figure:
    """The median score by the values of an axis, inside the band that eight tenths of the combinations lie in."""
    there, wide = np.flatnonzero(np.isfinite(one.median)), np.flatnonzero(np.isfinite(one.low))  # drawn across gaps
    ticks, sign = _ticks(one.axis), 1.0 if found.objective.more else -1.0
    x, beside = [ticks[at] for at in there], [ticks[at] for at in wide]
    band = {"mode": "lines", "type": "scatter", "x": beside, "line": {"width": 0}, "hoverinfo": "skip",
            "showlegend": False}  # fmt: skip
    traces: list[style.Trace] = [
        {**band, "y": packed(sign * one.low[wide]), "name": "low"},
        {**band, "y": packed(sign * one.high[wide]), "name": "high", "fill": "tonexty",
         "fillcolor": "rgba(47,134,197,.18)"},
        {"type": "scatter", "mode": "lines+markers", "name": "median", "x": x, "y": packed(sign * one.median[there]),
         "line": {"color": style.BLUE, "width": 1.6}},
    ]  # fmt: skip
    return style.figure(traces, height=230, showlegend=False, xaxis=_value_axis(one.axis),
                        yaxis=score_axis(found), margin={"l": 56, "r": 12, "t": 12, "b": 44})  # fmt: skip


def any_median(one: Profile) -> bool:
    """Whether the chart of an axis would show anything: where most are ruined at every value it would not."""
    return bool(np.isfinite(one.median).any())


def pairs(found: Sweep) -> list[tuple[int, int]]:
    """The pairs of axes that have a heat map: those with more than one value each, and a median in any cell."""
    wide = [at for at, one in enumerate(found.grid.axes) if len(one.values) > 1]
    drawn = (two for two in itertools.combinations(wide, 2) if np.isfinite(found.pair(*two)).any())
    return list(itertools.islice(drawn, MOST_PAIRS))


def pair_chart(found: Sweep, first: int, second: int) -> Figure:
    """The median score by the values of two axes, over all values of the others."""
    across, up = found.grid.axes[second], found.grid.axes[first]
    sign = 1.0 if found.objective.more else -1.0
    cells = sign * found.pair(first, second)
    trace = {
        "type": "heatmap", "x": _ticks(across), "y": _ticks(up), "colorscale": "Cividis", "reversescale": sign < 0,
        "z": [[value if math.isfinite(value) else None for value in row] for row in cells.tolist()],
        "hovertemplate": f"{short(up.name)} %{{y}}<br>{short(across.name)} %{{x}}<br>%{{z:.3g}}<extra></extra>",
        "colorbar": {"thickness": 12, "tickformat": score_axis(found)["tickformat"]},
    }  # fmt: skip
    return style.figure([trace], height=340, hovermode="closest", xaxis=_value_axis(across), yaxis=_value_axis(up),
                        margin={"l": 70, "r": 12, "t": 12, "b": 48})  # fmt: skip


def all_axes_chart(found: Sweep) -> Figure:
    """Each combination as a line over all axes, coloured by its score."""
    order = np.argsort(-found.score, kind="stable")[: int(np.isfinite(found.score).sum())]
    rows = order[:: max(1, -(-len(order) // MOST_LINES))][::-1]  # the best is drawn last
    places = found.grid.places(found.numbers[rows])
    told = _told(found)[rows]
    dimensions: list[dict[str, Any]] = []
    for at, one in enumerate(found.grid.axes):
        if len(one.values) < 2:
            continue
        step = max(1, -(-len(one.values) // 8))
        dimensions.append(
            {
                "label": style.label(short(one.name)),
                "values": places[:, at].tolist(),
                "range": [0, len(one.values) - 1],
                "tickvals": list(range(0, len(one.values), step)),
                "ticktext": [value_words(value) for value in one.values[::step]],
            }
        )
    dimensions.append({"label": found.objective.words, "values": told.tolist(), "tickformat": ".3~g"})
    line = {"color": told.tolist(), "colorscale": "Cividis", "reversescale": not found.objective.more}
    return style.figure([{"type": "parcoords", "line": line, "dimensions": dimensions}], height=360,
                        margin={"l": 60, "r": 60, "t": 56, "b": 24})  # fmt: skip


def equity_chart(found: Sweep) -> Figure:
    """Equity of the best, the median and the configured run."""
    named = [("best", style.BLUE, found.best), ("median", style.ORANGE, found.middle), ("own", style.GREY, found.own)]
    shown = [(name, colour, one, chart_rows(one.result, one.analysis)) for name, colour, one in named]
    traces = [
        style.line(rows.x, one.result.points["equity"][rows.rows], name, colour, width=1.6)
        for name, colour, one, rows in shown
    ]
    return style.figure(traces, height=340, xaxis=shown[0][3].axis(), yaxis=style.money_axis())


def _told(found: Sweep) -> Any:
    return found.score if found.objective.more else -found.score


def score_axis(found: Sweep, **more: Any) -> dict[str, Any]:
    """The axis of a score, in the objective's own unit."""
    return objective_axis(found.objective, **more)


def objective_axis(objective: Objective, **more: Any) -> dict[str, Any]:
    """The axis of an objective, in its own unit."""
    kind = style.RATIOS if objective.name == "reward_to_variability" else style.PERCENTS
    return {"tickformat": kind, "automargin": True, **more}


def _ticks(axis: Axis) -> list[Any]:
    return [value_words(value) for value in axis.values] if _named(axis) else list(axis.values)


def _value_axis(axis: Axis) -> dict[str, Any]:
    kind = "category" if _named(axis) else "linear"
    return {"type": kind, "automargin": True, "title": {"text": style.label(short(axis.name))}}


def _named(axis: Axis) -> bool:
    """Whether values stand side by side whatever they are: words, and numbers that grow by a factor."""
    return axis.grows or not axis.ordered
