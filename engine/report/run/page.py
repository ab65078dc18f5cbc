# SPDX-License-Identifier: Apache-2.0
"""report.html: its sections and charts in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from engine.analytics.analysis import Analysis
from engine.engines.run_record import RunRecord
from engine.kernel.flows import COSTS, POSTED, listed
from engine.market.spacing import SESSIONS_A_YEAR
from engine.report.kit.chart_rows import ChartRows, chart_rows
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import chart, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import money
from engine.report.run import (
    attribution_charts,
    attribution_sections,
    charts,
    level_chart,
    replica_section,
    section_tables,
    sections,
    sleeve_sections,
    trade_charts,
)
from engine.report.run.heatmap import month_table


def figures(result: RunRecord, analysis: Analysis, shown: ChartRows) -> dict[str, Figure]:
    """Every chart of the report by the id of its place."""
    return {
        "equity": charts.equity_chart(result, analysis, shown),
        "ratio": trade_charts.ratio_chart(result, shown),
        "exposure": charts.exposure_chart(result, shown),
        "margin": charts.margin_chart(result, shown),
        "legs": charts.legs_chart(result, analysis, shown),
        "cost-paths": charts.cost_paths_chart(analysis, shown),
        "cost-split": charts.cost_split_chart(analysis),
        **({"distribution": trade_charts.trade_distribution_chart(analysis)} if _has_closed(analysis) else {}),
        **({"sleeves": sleeve_sections.sleeves_chart(result, analysis, shown)} if analysis.sleeves else {}),
        **attribution_charts.part_figures(result, analysis, shown),
        **level_chart.level_figures(result, shown),
        **replica_section.replica_figures(result, shown),
    }


def render(
    result: RunRecord, analysis: Analysis, added: str = "", drawn: Mapping[str, Figure] = MappingProxyType({})
) -> str:
    """The whole page as text. The same run gives the same bytes.

    added, drawn  sections after the metrics, and their charts by the id of their place
    """
    shown = chart_rows(result, analysis)
    charts_of = {**figures(result, analysis, shown), **drawn}
    return page(f"{result.config.name}: backtest", _body(result, analysis, shown, added), charts_of)


def _body(result: RunRecord, analysis: Analysis, shown: ChartRows, added: str) -> str:
    return "".join(
        (
            sections.header(result, analysis),
            sections.notice_list(result, analysis),
            sections.cards(analysis),
            *_chart_sections(result, analysis, shown),
            section_tables.trips_section(
                result,
                analysis,
                chart("distribution", "distribution of trade profits") if _has_closed(analysis) else "",
            ),
            section_tables.events_section(analysis),
            section_tables.orders_section(result),
            section_tables.metrics_section(analysis),
            added,
            _method(result, analysis),
        )
    )


def _has_closed(analysis: Analysis) -> bool:
    """Whether a trade was closed, so that there is a distribution to draw."""
    return bool(len(analysis.facts.trip_pnl) or len(analysis.facts.spread_pnl))


def _chart_sections(result: RunRecord, analysis: Analysis, shown: ChartRows) -> list[str]:
    pair = " / ".join(list(result.market.symbols.values())[:2])
    own = [flow.heading for flow in analysis.shown(COSTS) if flow.of_role]
    log = "" if np.any(result.points["equity"] <= 0) else '<button type="button" id="log">log scale</button>'
    return [
        section(
            "equity",
            "Equity and drawdown",
            log,
            chart("equity", "equity with drawdown below"),
            lead=shown.note,
        ),
        sleeve_sections.sleeves_section(result, analysis),
        section(
            "ratio",
            f"{pair}: what was done, and why",
            chart("ratio", "price ratio with fills by reason"),
            lead="Each mark is a bar in which orders of that reason filled; click a name to hide or show it.",
        ),
        *attribution_sections.part_sections(result, analysis),
        section(
            "exposure",
            "Leverage",
            chart("exposure", "gross and net exposure"),
            lead="Value of the legs at each close, as a multiple of equity.",
        ),
        section(
            "margin",
            "Margin use",
            chart("margin", "maintenance requirement over equity"),
            lead="Maintenance requirement as a share of equity; above 100 % the broker calls.",
        ),
        section(
            "legs",
            "What each leg made",
            chart("legs", "cumulative profit of each leg"),
            lead=f"Cumulative, net of the leg's own {listed(own)}.",
        ),
        section("months", "Returns by month, per cent", month_table(analysis.sessions)),
        section(
            "costs",
            "Costs and carry",
            chart("cost-split", "costs and carry in all"),
            chart("cost-paths", "cumulative costs and carry"),
            lead="Signed as cash: what was received is above zero, what was paid below.",
        ),
    ]


def _method(result: RunRecord, analysis: Analysis) -> str:
    """How the figures come about, and the check that the ledger gives them."""
    off = float(np.max(np.abs(analysis.paths.equity - result.points["equity"]), initial=0.0))
    ledger = (
        "Every cash flow and every change of a position is one entry of ledger.parquet; equity, profits and costs are "
        "sums of it. Adding the ledger up again for this page gives the equity of every bar, "
        f"largest difference {money(off, 4)}."
    )
    apart = result.market.spacing
    even = apart.name == "daily" or apart.uneven
    risk = "" if even else f"; of volatility, Sharpe ratio and alpha {apart.per_year:g} {apart.name} bars"
    returns = (
        f"Daily returns are taken at session closes, the first from the opening deposit; a year is {SESSIONS_A_YEAR} "
        f"sessions of the exchange{risk}. Drawdown looks at every bar's close. An undefined figure is a dash with its "
        "reason, never zero."
    )
    posted = listed([flow.heading for flow in analysis.shown(POSTED)])
    prices = (
        f"Prices of fills include slippage; {posted} are entries of their own. "
        "A trade is the legs held at the same time; a round trip is one leg from flat to flat."
    )
    files = (
        f"Data fingerprint {result.market.fingerprint or 'none'}. The other files of this folder hold the same run: "
        "equity, fills, orders, ledger, round_trips and features as parquet, metrics.json, config.yaml, and "
        "manifest.json with the versions."
    )
    said = (paragraph(text) for text in (ledger, returns, prices, files))
    return section("method", "How these numbers come about", *said)
