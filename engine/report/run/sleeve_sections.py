# SPDX-License-Identifier: Apache-2.0
"""The report's section on a portfolio's sleeves: equity, where each one's profit comes from, how they move together."""

from __future__ import annotations

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.sleeves import correlations, crossing
from engine.engines.run_record import RunRecord
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import Cell, Column, chart, paragraph, section, table
from engine.report.kit.words import NOTHING, money, percent, signed
from engine.report.run.sleeve_terminal import PARTS, contribution

WHEN = {
    "never": "Capital never moves between them.",
    "monthly": "At the first close of each month capital moves between them, back to their weights.",
    "quarterly": "At the first close of each quarter capital moves between them, back to their weights.",
    "yearly": "At the first close of each year capital moves between them, back to their weights.",
}

TITLES = {
    "price": "trading",
    "slippage": "slippage",
    "commission": "commissions",
    "borrow": "borrow",
    "dividends": "dividends",
    "interest": "interest",
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
        _attribution(analysis),
        paragraph(crossed, "note"),
        "<h3>Correlation of daily returns</h3>",
        _correlation(analysis),
        lead=f"Strategies in one account; the broker sees their sum. {WHEN[result.config.rebalance]}",
    )


def _attribution(analysis: Analysis) -> str:
    columns = [
        Column("sleeve"), Column("weight", number=True), *(Column(TITLES[name], number=True) for name in PARTS),
        Column("profit", number=True, hint="the sum of the columns before"), Column("transfers", number=True),
        Column("final equity", number=True),
        Column("contribution", number=True, hint="profit over the account's opening deposit"),
    ]  # fmt: skip
    amounts = [
        [float(getattr(one, name)[-1]) for name in (*PARTS, "pnl", "transfers", "equity")] for one in analysis.sleeves
    ]
    shares = [contribution(one, analysis) for one in analysis.sleeves]
    rows: list[list[Cell]] = [
        [one.name, percent(one.weight, 0), *(money(value) for value in values), percent(share, 1)]
        for one, values, share in zip(analysis.sleeves, amounts, shares, strict=True)
    ]
    total = np.sum(amounts, axis=0).tolist()
    rows.append(["account", percent(1.0, 0), *(money(value) for value in total), percent(sum(shares), 1)])
    return table(columns, rows)


def _correlation(analysis: Analysis) -> str:
    names = [one.name for one in analysis.sleeves]
    found = correlations(analysis.sleeves, analysis.sessions)
    rows: list[list[Cell]] = [
        [name, *(NOTHING if np.isnan(value) else signed(float(value), 2) for value in row)]
        for name, row in zip(names, found, strict=True)
    ]
    return table([Column(""), *(Column(name, number=True) for name in names)], rows)
