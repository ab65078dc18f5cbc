# SPDX-License-Identifier: Apache-2.0
"""The sleeves of a portfolio for the terminal and for programs: what each earned, and from what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.analytics.sleeves import SleevePath, crossing
from engine.engines.run_record import RunRecord
from engine.report.kit.words import money, percent

if TYPE_CHECKING:
    from rich.table import Table

    from engine.analytics.analysis import Analysis

PARTS = ("price", "slippage", "commission", "borrow", "dividends", "interest")
"""What a sleeve's profit is the sum of, in the order of the tables."""


def contribution(sleeve: SleevePath, analysis: Analysis) -> float:
    """The sleeve's profit as a fraction of the account's opening deposit: over the sleeves they sum to the return."""
    return float(sleeve.pnl[-1] / analysis.sessions.nav[0])


def sleeve_table(analysis: Analysis) -> Table:
    """One line a sleeve, for 80 columns."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("sleeve", overflow="fold", min_width=8)
    titles = ("weight", "trading", "costs", "carry", "profit", "moved", "equity")
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for sleeve in analysis.sleeves:
        costs = sleeve.slippage[-1] + sleeve.commission[-1] + sleeve.borrow[-1]
        carry = sleeve.dividends[-1] + sleeve.interest[-1]
        amounts = (sleeve.price[-1], costs, carry, sleeve.pnl[-1], sleeve.transfers[-1], sleeve.equity[-1])
        cells = (percent(sleeve.weight, 0), *(money(float(amount)) for amount in amounts))
        table.add_row(sleeve.name, *cells)
    return table


def sleeves_document(result: RunRecord, analysis: Analysis) -> dict[str, Any]:
    """The same by name, with every part, and what the sleeves traded against each other."""
    met = crossing(result)
    return {
        "rebalance": result.config.rebalance,
        "sleeves": {
            sleeve.name: {
                "weight": sleeve.weight,
                **{name: float(getattr(sleeve, name)[-1]) for name in (*PARTS, "pnl", "transfers", "equity")},
                "contribution": contribution(sleeve, analysis),
            }
            for sleeve in analysis.sleeves
        },
        "crossed": {"value": met.value, "costs": met.costs},
    }
