# SPDX-License-Identifier: Apache-2.0
"""The report's section on a portfolio's sleeves: equity, where each one's profit comes from, how they move together."""

from __future__ import annotations

from engine.analytics.analysis import Analysis
from engine.analytics.attribution.sleeves import correlations, crossing
from engine.engines.run_record import RunRecord
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import Cell, Column, chart, numbers, paragraph, section, table
from engine.report.kit.words import decimal, money
from engine.report.run.part_tables import sleeves_grid

WHEN = {
    "never": "Capital never moves between them.",
    "monthly": "At the first close of each month capital moves between them, back to their weights.",
    "quarterly": "At the first close of each quarter capital moves between them, back to their weights.",
    "yearly": "At the first close of each year capital moves between them, back to their weights.",
}


def sleeves_chart(result: RunRecord, analysis: Analysis, shown: ChartRows) -> Figure:
    """Equity of each sleeve and of the account."""
    traces = [style.line(shown.x, result.points["equity"][shown.rows], "account", style.GREY, width=2)]
    for number, sleeve in enumerate(analysis.sleeves):
        colour = style.SERIES[number % len(style.SERIES)]
        traces.append(style.line(shown.x, sleeve.equity[shown.rows], style.label(sleeve.name), colour))
    return style.figure(traces, xaxis=shown.axis(), yaxis=style.money_axis())


def sleeves_section(result: RunRecord, analysis: Analysis) -> str:
    """The whole section; nothing where one strategy ran."""
    if not analysis.sleeves:
        return ""
    met = crossing(result)
    crossed = (
        f"In the same bar sleeves traded {money(met.value)} against each other. No broker crosses the orders of one "
        f"account: each paid its way, {money(met.costs)} in all, which a desk that nets before it sends would have "
        "saved at most."
    )
    return section(
        "sleeves",
        "Sleeves",
        chart("sleeves", "equity of each sleeve and of the account"),
        sleeves_grid(analysis).html(),
        paragraph(crossed, "note"),
        "<h3>Correlation of daily returns</h3>",
        _correlation(analysis),
        lead=f"Strategies in one account; the broker sees their sum. {WHEN[result.config.rebalance]}",
    )


def _correlation(analysis: Analysis) -> str:
    names = [one.name for one in analysis.sleeves]
    found = correlations(analysis.sleeves, analysis.sessions)
    rows: list[list[Cell]] = [
        [name, *(decimal(float(value), 2) for value in row)] for name, row in zip(names, found, strict=True)
    ]
    return table([Column(""), *numbers(*names)], rows)
