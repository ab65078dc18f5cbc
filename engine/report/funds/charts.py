# SPDX-License-Identifier: Apache-2.0
"""Charts of a study of funds: index and market, alpha and beta indices, portfolios, members, weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.allocators import STRUCTURE, WORDS
from engine.hedgefunds.index import levels
from engine.report.kit import chart_style as style
from engine.report.kit.encoding import Figure, packed
from engine.runs.funds import Funds

MOST_FUNDS = 12
"""Funds with a colour of their own in the chart of weights; the others are one area."""

COLOURS = (*style.SERIES, "#8c6d31", "#5254a3", "#bd9e39", "#31a354", "#ad494a", "#7b4173")


def figures(found: Funds) -> dict[str, Figure]:
    """Every chart that the study has, by its place on the page."""
    drawn = {"index": index_chart(found), "members": members_chart(found)}
    if np.isfinite(found.study.alpha).any():
        drawn["parts"] = parts_chart(found)
    if found.study.portfolios:
        drawn |= {"portfolios": portfolios_chart(found), "weights": weights_chart(found)}
    return drawn


def index_chart(found: Funds) -> Figure:
    """Index and market, both from the index's base at the month before the first that both have."""
    returns, market = found.study.index.returns, found.panel.benchmark
    both = np.isfinite(returns) & np.isfinite(market)
    lines = [_path(found, found.study.index.level, "equal-weight index", style.BLUE, width=2.0)]
    if both.any():
        first = int(np.flatnonzero(both)[0])
        before = found.study.index.level[first] / (1.0 + returns[first])
        lines.append(
            _path(found, levels(np.where(both, market, np.nan), before), found.panel.benchmark_name, style.ORANGE)
        )
    return _chart(lines, yaxis={"type": "log", "automargin": True, "tickformat": style.RATIOS, "nticks": 8})


def parts_chart(found: Funds) -> Figure:
    """Alpha index and beta index."""
    study = found.study
    return _chart([
        _path(found, study.alpha_level, "alpha index", style.GREEN, width=2.0),
        _path(found, study.beta_level, "beta index", style.ORANGE, width=2.0),
    ])  # fmt: skip


def portfolios_chart(found: Funds) -> Figure:
    """The three portfolios, the index and the market, from 100 where the portfolios begin."""
    study = found.study
    start = study.portfolios[STRUCTURE].start
    lines = [
        _path(found, levels(one.returns), WORDS[name], style.SERIES[place], width=2.0 if name == STRUCTURE else 1.4)
        for place, (name, one) in enumerate(study.portfolios.items())
    ]
    inside = np.arange(len(found.panel.months)) >= start
    others = (("equal-weight index", study.index.returns, style.GREY),
              (found.panel.benchmark_name, found.panel.benchmark, style.PURPLE))  # fmt: skip
    lines += [_path(found, levels(np.where(inside, one, np.nan)), name, colour) for name, one, colour in others]
    return _chart(lines, height=360, yaxis={"type": "log", "automargin": True, "tickformat": style.RATIOS, "nticks": 8})


def members_chart(found: Funds) -> Figure:
    """How many funds are in the index."""
    count = found.study.index.live.sum(axis=1).astype(np.float64)
    line = _path(found, count, "members", style.BLUE)
    line["line"]["shape"] = "hv"
    return _chart([line], height=220, yaxis={"rangemode": "tozero", "automargin": True, "nticks": 6})


def weights_chart(found: Funds) -> Figure:
    """What the portfolio by Return Structure held, month by month; the rest is cash."""
    one = found.study.portfolios[STRUCTURE]
    held = one.weights[one.start : len(found.panel.months) + 1]
    months = found.panel.months[0] + np.arange(one.start, one.start + len(held))
    order = np.argsort(-held.sum(axis=0), kind="stable").tolist()
    areas = [(found.panel.names[place], held[:, place]) for place in order[:MOST_FUNDS] if held[:, place].any()]
    rest = held[:, order[MOST_FUNDS:]].sum(axis=1)
    areas += [("other funds", rest)] if rest.any() else []
    areas.append(("cash", np.maximum(0.0, 1.0 - held.sum(axis=1))))
    x = packed((months.astype("M8[D]")).astype(np.int64) * 86_400_000.0, "f8")
    traces: list[style.Trace] = [
        {
            "type": "scatter", "mode": "lines", "name": style.label(name), "x": x, "y": packed(values),
            "stackgroup": "weights", "line": {"width": 0.4, "color": _colour(name, place), "shape": "hv"},
            "fillcolor": _colour(name, place),
        }
        for place, (name, values) in enumerate(areas)
    ]  # fmt: skip
    return style.figure(
        traces, height=380, showlegend=True, yaxis=style.percent_axis(range=[0, 1]),
        xaxis=style.time_axis(hoverformat="%Y-%m"),
    )  # fmt: skip


def _colour(name: str, place: int) -> str:
    return "#d5d8dc" if name == "cash" else style.GREY if name == "other funds" else COLOURS[place % len(COLOURS)]


def _path(found: Funds, values: FloatArray, name: str, colour: str, **more: Any) -> style.Trace:
    """A line at the ends of the months; before its first value it stands at what it began with."""
    ends = (found.panel.months + 1).astype("M8[D]").astype(np.int64) - 1
    known = np.flatnonzero(np.isfinite(values))
    own = slice(int(known[0]), int(known[-1]) + 1) if len(known) else slice(0, 0)
    x = packed(ends[own] * 86_400_000.0, "f8")
    return style.line(x, values[own], style.label(name), colour, **more)


def _chart(lines: list[style.Trace], height: int = 320, **layout: Any) -> Figure:
    return style.figure(lines, height=height, xaxis=style.time_axis(hoverformat="%Y-%m"), **layout)
