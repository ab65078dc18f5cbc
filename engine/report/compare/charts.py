# SPDX-License-Identifier: Apache-2.0
"""Charts of a comparison: both lines, their correlation in its bands, who leads, how one answers the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.analytics.pair.lead_lag import FURTHEST
from engine.analytics.pair.sides import Side
from engine.arrays import FloatArray
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import MILLISECONDS_A_DAY
from engine.report.kit.encoding import Figure, packed
from engine.runs.compare import Comparison

MARGIN = {"l": 56, "r": 56, "t": 34, "b": 30}
BANDS = (style.RED, style.GREEN, style.GREY)
"""Colours of the three bands, from low to high."""

KINDS = {"credit support": ("triangle-up", style.GREEN), "credit concern": ("triangle-down", style.RED)}


def figures(found: Comparison) -> dict[str, Figure]:
    """Every chart of the page by its place."""
    drawn = {"levels": levels_chart(found), "correlation": correlation_chart(found), "moves": moves_chart(found)}
    if found.lead_lag and found.lead_lag[0].lags:
        drawn["leads"] = leads_chart(found)
    return drawn


def levels_chart(found: Comparison) -> Figure:
    """Both levels, each on its own side; triangles where an episode began."""
    x, (first, second) = _days(found), found.pair.sides
    traces = [
        style.line(x, first.level, f"{style.label(first.symbol)}, left", style.BLUE),
        style.line(x, second.level, f"{style.label(second.symbol)}, right", style.ORANGE, yaxis="y2", width=1.0),
    ]
    fund, _ = found.pair.by_kind
    axis = {"yaxis": "y2"} if fund is second else {}
    for one in found.episodes:
        rows = np.flatnonzero(one.begins)
        symbol, colour = KINDS[one.name]
        marker = {"symbol": symbol, "color": colour, "size": 9, "line": {"width": 1, "color": "#fff"}}
        traces.append(
            {"type": "scatter", "mode": "markers", "name": f"{one.name} begins", "x": packed(_ms(found, rows), "f8"),
             "y": packed(fund.level[rows]), "marker": marker, **axis}
        )  # fmt: skip
    return style.figure(
        traces,
        height=380,
        showlegend=True,
        margin=MARGIN,
        yaxis=_axis(first),
        yaxis2={**_axis(second), "overlaying": "y", "side": "right", "showgrid": False, "tickmode": "auto"},
    )


def correlation_chart(found: Comparison) -> Figure:
    """The rolling correlation; the ground shows the bands."""
    shapes: list[dict[str, Any]] = [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": one.low, "y1": one.high, "layer": "below",
         "fillcolor": colour, "opacity": 0.12, "line": {"width": 0}}
        for one, colour in zip(found.bands, BANDS, strict=True)
    ]  # fmt: skip
    known = found.rolling[np.isfinite(found.rolling)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 1.0)
    return style.figure(
        [style.line(_days(found), found.rolling, "correlation", style.BLUE)],
        height=280,
        shapes=shapes,
        yaxis={"automargin": True, "hoverformat": ".2f", "range": [max(-1.0, low - 0.1), min(1.0, high + 0.1)]},
    )


def leads_chart(found: Comparison) -> Figure:
    """Correlation by lag on all days, between the two lines that chance leaves it."""
    lags = found.lead_lag[0].lags
    x = packed(np.arange(-FURTHEST, FURTHEST + 1.0))
    colours = [style.RED if one.outside and one.sessions else style.BLUE for one in lags]
    bars: style.Trace = {
        "type": "bar", "x": x, "y": packed(np.array([one.value for one in lags])), "name": "correlation",
        "marker": {"color": colours},
    }  # fmt: skip
    bands = [
        style.line(x, sign * np.array([one.band if one.sessions else np.nan for one in lags]), name, style.GREY,
                   showlegend=sign > 0, connectgaps=True)
        for sign, name in ((1.0, "what chance leaves"), (-1.0, "what chance leaves, below"))
    ]  # fmt: skip
    first, second = (side.symbol for side in found.pair.sides)
    title = f"← {second} moves first · sessions · {first} moves first →"
    return style.figure(
        [bars, *bands],
        height=300,
        showlegend=True,
        hovermode="closest",
        xaxis={"title": {"text": title, "font": {"size": 12}}, "automargin": True, "dtick": 2},
        yaxis={"automargin": True, "hoverformat": ".3f"},
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def moves_chart(found: Comparison) -> Figure:
    """Every day's change of the one against the other's, the window's days on top."""
    to, of = found.pair.by_kind
    x, y = to.changes, of.changes
    recent = slice(-found.window, None)
    traces = [
        _dots(x, y, "all days", style.GREY, 3, 0.35),
        _dots(x[recent], y[recent], f"the last {found.window}", style.ORANGE, 5, 0.9),
    ]
    one = next((one for one in found.responses if one.of == of.symbol and one.sessions == 1), None)
    if one is not None and np.isfinite(one.up.value):
        ends = np.array([float(x.min()), 0.0, float(x.max())])
        fitted = np.where(ends < 0, one.down.value, one.up.value) * ends
        traces.append(style.line(packed(ends), fitted, "rises and falls apart", style.BLUE, width=2))
    return style.figure(
        traces,
        height=380,
        showlegend=True,
        hovermode="closest",
        xaxis={**_change_axis(to), "title": {"text": f"daily change of {to.symbol}", "font": {"size": 12}}},
        yaxis=_change_axis(of),
        margin={"l": 56, "r": 12, "t": 34, "b": 44},
    )


def _dots(x: FloatArray, y: FloatArray, name: str, colour: str, size: int, opacity: float) -> style.Trace:
    marker = {"size": size, "color": colour, "opacity": opacity}
    return {"type": "scattergl", "mode": "markers", "name": name, "x": packed(x), "y": packed(y), "marker": marker}


def _change_axis(side: Side) -> dict[str, Any]:
    return style.percent_axis() if side.logs else {"automargin": True, "hoverformat": ".3f"}


def _axis(side: Side) -> dict[str, Any]:
    return {"automargin": True, "hoverformat": ",.2f", "title": {"text": side.symbol, "font": {"size": 12}}}


def _days(found: Comparison) -> dict[str, str]:
    return packed(_ms(found, np.arange(len(found.pair.sessions))), "f8")


def _ms(found: Comparison, rows: Any) -> FloatArray:
    return np.asarray(found.pair.sessions[rows].astype(np.int64) * float(MILLISECONDS_A_DAY))
