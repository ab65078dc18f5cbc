# SPDX-License-Identifier: Apache-2.0
"""The report's section about a replicated fund: what the replica earned of it, out of sample."""

from __future__ import annotations

import numpy as np

from engine.analytics.attribution.alpha_share import FEWEST, AlphaShare, published_months, published_rows
from engine.engines.run_record import RunRecord
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure, packed
from engine.report.kit.markup import Cell, Column, chart, numbers, paragraph, section, table
from engine.report.kit.words import decimal, percent


def replica_figures(result: RunRecord, shown: ChartRows) -> dict[str, Figure]:
    """The chart of the months, by the id of its place; none where no fund is replicated or no month is known."""
    names = result.interpretation.replica
    if names is None or not len(published_rows(result.features, names)):
        return {}
    fund, replica, bill = published_months(result.features, names)
    x = packed(shown.times(result, published_rows(result.features, names)), "f8")
    paths = (
        ("fund", fund - bill, style.GREY),
        ("replica", replica - bill, style.BLUE),
        ("alpha", fund - replica, style.GREEN),
    )
    traces = [style.line(x, np.cumsum(months), name, colour, width=1.8) for name, months, colour in paths]
    return {"replica": style.figure(traces, height=330, xaxis=shown.axis(), yaxis=style.percent_axis())}


def replica_section(alpha: AlphaShare) -> str:
    """How much of the fund's return above the bill the replica earned, with standard errors."""
    lead = (
        "Months by the day they were published, returns above the bill, summed. The replica held weights that were "
        "known before each month began, and pays no costs here; the account above does."
    )
    drawn = chart("replica", "fund, replica and alpha, summed by month") if alpha.months else ""
    if alpha.months < FEWEST:
        few = f"{alpha.months} months are too few for a figure; {FEWEST} are needed."
        return section("replica", "Fund and replica, out of sample", drawn, paragraph(few), lead=lead)
    columns = [Column("figure"), *numbers("value", "standard error")]
    return section("replica", "Fund and replica, out of sample", drawn, table(columns, replica_rows(alpha)), lead=lead)


def replica_rows(alpha: AlphaShare) -> list[list[Cell]]:
    """(figure, value, standard error) in words."""
    return [
        ["months", str(alpha.months), ""],
        ["fund above the bill, a year", percent(alpha.fund, 1), ""],
        ["replica above the bill, a year", percent(alpha.replica, 1), ""],
        ["alpha, a year", percent(alpha.alpha, 1), percent(alpha.alpha_error, 1)],
        ["alpha share of the return above the bill", percent(alpha.share, 0), percent(alpha.share_error, 0)],
        ["alpha share of the whole return", percent(alpha.of_total, 0), percent(alpha.of_total_error, 0)],
        ["correlation of the months", decimal(alpha.correlation, 2), ""],
        ["deviation of alpha, a year", percent(alpha.tracking, 1), ""],
    ]
