# SPDX-License-Identifier: Apache-2.0
"""Charts of a strategy's declared parts: its agents, its hedge, its regimes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.attribution.hedge_account import HedgeAccount
from engine.analytics.facts import over_equity
from engine.engines.run_record import RunRecord
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure, packed
from engine.report.kit.words import plain_name

REGIME_COLOURS = (style.GREY, style.ORANGE, style.GREEN, style.RED, style.PURPLE, style.SKY, style.BLUE)
"""By place in the declaration; the first one, usually calm, is grey."""

STRIP = {"visible": False, "range": [-1, 1], "fixedrange": True}
"""The axis of a strip of regimes."""


def part_figures(result: RunRecord, analysis: Analysis, shown: ChartRows) -> dict[str, Figure]:
    """The charts that the strategy's declarations ask for, by the id of their place."""
    drawn = {}
    if analysis.parts.agents:
        drawn["agents"] = agents_chart(result, analysis, shown)
    if analysis.parts.hedge is not None:
        drawn["hedge"] = hedge_chart(result, analysis.parts.hedge, shown)
    return drawn


def agents_chart(result: RunRecord, analysis: Analysis, shown: ChartRows) -> Figure:
    """Above the cumulative profit of each agent and of the account, below their exposures and the net of all."""
    rows, agents = shown.rows, analysis.parts.agents
    total = np.sum([agent.pnl for agent in agents], axis=0)
    traces = [style.line(shown.x, total[rows], "account", style.GREY, width=2)]
    for number, agent in enumerate(agents):
        colour = style.SERIES[number % len(style.SERIES)]
        traces.append(style.line(shown.x, agent.pnl[rows], style.label(agent.name), colour))
    for number, agent in enumerate(agents[:-1]):
        colour = style.SERIES[number % len(style.SERIES)]
        name = style.label(f"{agent.name}, exposure")
        more = {"yaxis": "y2", "showlegend": False, "width": 1, "fill": "tozeroy"}
        traces.append(style.line(shown.x, agent.exposure[rows], name, colour, **more))
    net = over_equity(result, result.net)[rows]
    traces.append(style.line(shown.x, net, "net exposure", style.GREY, yaxis="y2", showlegend=False, width=1))
    return style.figure(
        traces,
        height=470,
        xaxis=shown.axis(anchor="y2"),
        yaxis=style.money_axis(domain=[0.4, 1]),
        yaxis2={"domain": [0, 0.33], "hoverformat": ".2f", "ticksuffix": "x", "automargin": True},
    )


def hedge_chart(result: RunRecord, hedge: HedgeAccount, shown: ChartRows) -> Figure:
    """Cumulative profit of what is hedged, of the hedge, and of both with the interest; regimes as a strip below."""
    paths = (
        ("account", hedge.base + hedge.hedge + hedge.interest, style.GREY),
        ("without the hedge", hedge.base, style.BLUE),
        ("hedge", hedge.hedge, style.RED),
        ("interest", hedge.interest, style.SKY),
    )
    traces = [style.line(shown.x, np.cumsum(profit)[shown.rows], name, colour) for name, profit, colour in paths]
    traces += regime_strip(result, shown, named=True)
    return style.figure(
        traces,
        height=400,
        xaxis=shown.axis(anchor="y2"),
        yaxis=style.money_axis(domain=[0.12, 1]),
        yaxis2={**STRIP, "domain": [0, 0.07]},
    )


def regime_strip(result: RunRecord, shown: ChartRows, *, named: bool) -> Iterator[style.Trace]:
    """A trace a regime on the second y axis, a bar of its colour wherever it held; `named` ones are in the legend."""
    path = result.interpretation.regimes
    if path is None:
        return
    last, spans = len(path.codes) - 1, path.spans()
    for number, (code, name) in enumerate(path.names.items()):
        own = [(first, min(stop + 1, last)) for one, first, stop in spans if one == code]
        if not own:
            continue
        rows = np.array([(first, stop, stop) for first, stop in own], np.int64).ravel()
        heights = np.zeros(len(rows))
        heights[2::3] = np.nan  # the gap between two stretches
        trace = style.line(
            packed(shown.times(result, rows), "f8"), heights, style.label(plain_name(name)), _regime_colour(number)
        )
        trace["line"]["width"] = 14
        hover = f"%{{x|{style.DATE}}} · {style.label(plain_name(name))}<extra></extra>"
        yield {**trace, "yaxis": "y2", "showlegend": named, "hovertemplate": hover}


def _regime_colour(number: int) -> str:
    return REGIME_COLOURS[number % len(REGIME_COLOURS)]
