# SPDX-License-Identifier: Apache-2.0
"""Charts of the account: equity and drawdown, exposure, margin, legs, costs."""

from __future__ import annotations

from engine.analytics.analysis import Analysis
from engine.analytics.facts import over_equity
from engine.engines.run_record import RunRecord
from engine.kernel.flows import COSTS
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure


def equity_chart(result: RunRecord, analysis: Analysis, shown: ChartRows) -> Figure:
    """Equity above with the benchmark beside it, drawdown below."""
    rows, x, sessions = shown.rows, shown.x, analysis.sessions
    # where the benchmark begins later it is bought with what the account is worth by then
    begins = sessions.span[0]
    bought = sessions.bought * sessions.nav[begins + 1 if begins else 0]
    name = style.label(f"{sessions.compared_with} bought and held")
    traces = [
        *([style.line(x, bought[sessions.index[rows]], name, style.GREY, width=1)] if sessions.compared_with else []),
        style.line(x, result.points["equity"][rows], "equity", style.BLUE, width=1.8),
        style.line(
            x, -analysis.drawdown[rows], "drawdown", style.RED, width=1, fill="tozeroy", yaxis="y2", showlegend=False
        ),
    ]
    return style.figure(
        traces,
        height=470,
        xaxis=shown.axis(anchor="y2"),
        yaxis=style.money_axis(domain=[0.34, 1]),
        yaxis2=style.percent_axis(domain=[0, 0.27]),
    )


def exposure_chart(result: RunRecord, shown: ChartRows) -> Figure:
    """Gross and net exposure as a multiple of equity: the leverage path."""
    traces = [
        style.line(shown.x, over_equity(result, money)[shown.rows], name, colour)
        for name, money, colour in (("gross", result.gross, style.BLUE), ("net", result.net, style.ORANGE))
    ]
    return style.figure(
        traces, height=260, xaxis=shown.axis(), yaxis={"hoverformat": ".2f", "ticksuffix": "x", "automargin": True}
    )


def margin_chart(result: RunRecord, shown: ChartRows) -> Figure:
    """Maintenance requirement as a share of equity; a margin call is above the dotted line."""
    use = over_equity(result, result.points["maintenance"])[shown.rows]
    trace = style.line(shown.x, use, "maintenance / equity", style.PURPLE, fill="tozeroy")
    return style.figure(
        [trace],
        height=230,
        xaxis=shown.axis(),
        yaxis=style.percent_axis(rangemode="tozero"),
        shapes=[style.level_line(1.0, style.RED)],
    )


def legs_chart(result: RunRecord, analysis: Analysis, shown: ChartRows) -> Figure:
    """Cumulative net profit of each leg, interest, and all together."""
    rows, paths = shown.rows, analysis.paths
    traces = [style.line(shown.x, paths.pnl[rows], "all", style.GREY, width=2)]
    symbols = result.market.symbols
    names = [role if role == symbol else f"{role} ({symbol})" for role, symbol in symbols.items()]
    names += [f"{slot} (options on {symbols[role]})" for slot, role in result.options.items()]
    for number, name in enumerate(names):
        colour = style.SERIES[number % len(style.SERIES)]
        traces.append(style.line(shown.x, paths.role_pnl[rows, number], style.label(name), colour))
    traces.append(style.line(shown.x, paths.unbound_pnl[rows], "interest", style.SKY))
    return style.figure(traces, xaxis=shown.axis(), yaxis=style.money_axis())


def cost_paths_chart(analysis: Analysis, shown: ChartRows) -> Figure:
    """Cumulative costs and carry, signed as cash: what was paid goes down."""
    traces = [
        style.line(shown.x, analysis.paths.total(flow)[shown.rows], flow.title, style.SERIES[at % len(style.SERIES)])
        for at, flow in enumerate(analysis.shown(COSTS))
    ]
    return style.figure(traces, height=300, xaxis=shown.axis(), yaxis=style.money_axis())


def cost_split_chart(analysis: Analysis) -> Figure:
    """What was paid and received in all, one bar each."""
    facts = analysis.facts
    bars = []
    for flow in reversed(analysis.shown(COSTS)):
        bars += [(flow.received, facts.received[flow.name])] if flow.received else []
        bars.append((flow.paid, -facts.paid[flow.name]))
    values = [round(value, 2) for _, value in bars]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": [name for name, _ in bars],
        "marker": {"color": [style.BLUE if value > 0 else style.RED for value in values]},
        "hovertemplate": "%{y}: %{x:,.0f}<extra></extra>",
    }
    return style.figure(
        [trace], height=270, hovermode="closest", xaxis={"tickformat": "~s", "nticks": 6}, yaxis={"automargin": True}
    )
