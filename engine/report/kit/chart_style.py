# SPDX-License-Identifier: Apache-2.0
"""How charts look: one colour-blind-safe palette, one layout, one way to draw a line. Plain plotly dictionaries."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from engine.report.kit.encoding import Figure, packed

# Okabe and Ito's palette, blue and yellow shifted so that each keeps contrast on white and on near-black.
BLUE, ORANGE, GREEN, RED = "#2f86c5", "#e0952a", "#0f9d78", "#d65f1e"
PURPLE, SKY, GREY = "#c06c9c", "#62b2de", "#8a8f98"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)

DATE = "%Y-%m-%d"
"""Dates of a chart, as everywhere else."""

Trace = dict[str, Any]


def label(text: str) -> str:
    """Text that plotly reads neither as markup nor as a template."""
    return text.replace("%{", "% {").replace("<", "‹")


def line(x: dict[str, str], y: NDArray[Any], name: str, colour: str, **more: Any) -> Trace:
    """A line of (P,) values at the packed times `x`; NaN is a gap."""
    width = more.pop("width", 1.4)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": packed(y),
        "line": {"color": colour, "width": width},
        **more,
    }


def figure(traces: list[Trace], *, height: int = 320, **layout: Any) -> Figure:
    """Traces with the report's layout; the page sets the colours of text and grid by its scheme."""
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 56, "r": 12, "t": 34, "b": 30},
        "hovermode": "x unified",
        "showlegend": len(traces) > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 11}},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "dragmode": "zoom",
        "xaxis": time_axis(),
        "yaxis": {"automargin": True},
    }
    return {"data": traces, "layout": {**base, **layout}}


PERCENTS, RATIOS = "~%", "~r"
"""What d3 writes at a tick: with as many digits as tell it from the next one, and no zeros behind them."""


def time_axis(**more: Any) -> dict[str, Any]:
    """A date axis that keeps its labels short."""
    return {"type": "date", "nticks": 8, "hoverformat": DATE, "automargin": True, **more}


def percent_axis(**more: Any) -> dict[str, Any]:
    """Fractions shown as per cent."""
    return {"tickformat": PERCENTS, "hoverformat": ".2%", "automargin": True, **more}


def money_axis(**more: Any) -> dict[str, Any]:
    """Money in short form: 1.2M, 340k."""
    return {"tickformat": "~s", "hoverformat": ",.0f", "automargin": True, **more}


def level_line(value: float, colour: str = GREY) -> dict[str, Any]:
    """A dotted horizontal line across the whole chart."""
    return dotted(colour, xref="paper", x0=0, x1=1, y0=value, y1=value)


def dotted(colour: str = GREY, **where: Any) -> dict[str, Any]:
    """A dotted line from (x0, y0) to (x1, y1)."""
    return {"type": "line", **where, "line": {"color": colour, "width": 1, "dash": "dot"}}
