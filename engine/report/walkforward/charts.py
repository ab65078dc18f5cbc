# SPDX-License-Identifier: Apache-2.0
"""Charts of a walk-forward: the account, other histories of choosing, what each choice kept, what was chosen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import chart_rows
from engine.report.kit.encoding import Figure
from engine.report.sweep.charts import score_axis
from engine.report.sweep.words import short, value_words
from engine.runs.sweep.grid import Axis
from engine.runs.trials.standing import ratio_of
from engine.runs.walkforward.findings import WalkForwardFound


def account_chart(found: WalkForwardFound) -> Figure:
    """Equity of the account, of the configuration as it is and of hindsight; a dotted line where a choice begins."""
    after = found.after
    shown = [
        ("walk-forward", style.BLUE, found.stitched, found.analysis),
        ("own", style.GREY, after.own.result, after.own.analysis),
        ("hindsight", style.ORANGE, after.best.result, after.best.analysis),
    ]
    rows = [chart_rows(result, analysis) for _, _, result, analysis in shown]
    traces = [
        style.line(row.x, result.points["equity"][row.rows], name, colour, width=1.6)
        for (name, colour, result, _), row in zip(shown, rows, strict=True)
    ]
    seams = [
        style.dotted(x0=str(fold.window.test.first), x1=str(fold.window.test.first), y0=0, y1=1, yref="paper")
        for fold in found.folds[1:]
    ]
    return style.figure(traces, height=340, xaxis=rows[0].axis(), yaxis=style.money_axis(), shapes=seams)


def promise_chart(found: WalkForwardFound) -> Figure:
    """The score of each choice where it was made, beside its score where it was used."""
    sign = 1.0 if found.after.objective.more else -1.0
    x = [str(fold.window.test.first) for fold in found.folds]
    bars: list[style.Trace] = [
        {"type": "bar", "name": name, "x": x, "y": [_plain(sign * value) for value in values],
         "marker": {"color": colour}}
        for name, colour, values in (
            ("where chosen", style.GREY, [fold.promised for fold in found.folds]),
            ("where used", style.BLUE, [fold.kept for fold in found.folds]),
        )
    ]  # fmt: skip
    across = {
        "type": "category",
        "nticks": 8,
        "automargin": True,
    }  # of few tests a bar is a year wide: on time half is cut
    return style.figure(bars, height=260, barmode="group", xaxis=across, yaxis=score_axis(found.after),
                        hovermode="x unified", margin={"l": 56, "r": 12, "t": 34, "b": 44})  # fmt: skip


def paths_chart(found: WalkForwardFound) -> Figure:
    """The ratio of each purged path, from the lowest, beside those of the account and of the configuration as it is."""
    numbers = list(range(1, len(found.paths) + 1))
    bars = {"type": "bar", "name": "purged paths", "x": numbers, "y": found.paths.tolist(),
            "marker": {"color": style.SKY}}  # fmt: skip
    lines = [
        {"type": "scatter", "mode": "lines", "name": name, "x": [0.5, len(numbers) + 0.5], "y": [value, value],
         "line": {"color": colour, "width": 2, "dash": "dot"}}
        for name, colour, value in (
            ("walk-forward", style.BLUE, ratio_of(found.analysis)),
            ("own", style.GREY, ratio_of(found.after.own.analysis)),
        ) if math.isfinite(value)
    ]  # fmt: skip
    across = {"type": "linear", "automargin": True, "title": {"text": "path, from the lowest"}}
    return style.figure([bars, *lines], height=260, showlegend=True, xaxis=across, hovermode="closest", bargap=0.2,
                        yaxis={"tickformat": style.RATIOS, "automargin": True},
                        margin={"l": 56, "r": 12, "t": 34, "b": 44})  # fmt: skip


def choice_chart(found: WalkForwardFound, axis: Axis) -> Figure:
    """The value of an axis at each choice."""
    x = [str(fold.window.test.first) for fold in found.folds]
    chosen = [*found.path(axis), found.folds[-1].values[axis.name]]
    x.append(str(found.folds[-1].window.test.last))
    y = chosen if axis.ordered else [value_words(value) for value in chosen]
    up: dict[str, Any] = {"automargin": True, "title": {"text": style.label(short(axis.name))}}
    if axis.ordered:
        low, high = float(np.min(axis.values)), float(np.max(axis.values))
        edge = 0.05 * (high - low) or 1.0
        up["range"] = [low - edge, high + edge]
    else:
        up |= {"type": "category", "categoryarray": [value_words(value) for value in axis.values]}
    line = {"type": "scatter", "mode": "lines+markers", "x": x, "y": y, "name": short(axis.name),
            "line": {"color": style.BLUE, "width": 1.6, "shape": "hv"}}  # fmt: skip
    return style.figure([line], height=200, showlegend=False, xaxis=_time(found), yaxis=up,
                        hovermode="x unified", margin={"l": 64, "r": 12, "t": 12, "b": 44})  # fmt: skip


def _time(found: WalkForwardFound) -> dict[str, Any]:
    """All tests from the first day to the last, with room for the first bars."""
    first, last = found.folds[0].window.test.first, found.folds[-1].window.test.last
    edge = (last - first) // 40
    return style.time_axis(range=[str(first - edge), str(last + edge)])


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
