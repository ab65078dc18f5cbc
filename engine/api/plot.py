# SPDX-License-Identifier: Apache-2.0
"""A run as one plotly figure: equity, drawdown, and every fill on the price that it was made at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

from engine.analytics.analysis import Analysis
from engine.engines.run_record import RunRecord
from engine.report.folder.tables import fills_table
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import chart_rows

SIDES = (("buy", 1.0, "triangle-up", style.GREEN), ("sell", -1.0, "triangle-down", style.RED))
FILLED = ["ts", "session", "symbol", "quantity", "price", "reason"]


def figure(record: RunRecord, analysis: Analysis) -> Figure:
    """Equity in the account's currency, drawdown as a fraction below zero, prices as traded with fills by side."""
    symbols: dict[str, str] = {}
    for role, symbol in record.market.symbols.items():
        symbols.setdefault(symbol, role)
    titles = ["equity", "drawdown", *symbols]
    heights = [3.0, 1.0, *(2.0 for _ in symbols)]
    made: Figure = make_subplots(
        rows=len(titles), shared_xaxes=True, vertical_spacing=0.03, row_heights=heights, subplot_titles=titles
    )
    rows, times = chart_rows(record, analysis).rows, _times(record)
    fills = {name: column.to_numpy() for name, column in zip(FILLED, fills_table(record).select(FILLED), strict=True)}
    when = "session" if record.market.frequency == "1d" else "ts"
    equity, drawdown = record.points["equity"], -analysis.drawdown
    made.add_trace(_line(times[rows], equity[rows], "equity", style.BLUE), row=1, col=1)
    made.add_trace(_line(times[rows], drawdown[rows], "drawdown", style.RED, fill="tozeroy"), row=2, col=1)
    for place, (symbol, role) in enumerate(symbols.items(), 3):
        made.add_trace(
            _line(times[rows], record.market.bars[role]["close"][rows], symbol, style.GREY), row=place, col=1
        )
        for trace in _fills(fills, when, symbol):
            made.add_trace(trace, row=place, col=1)
    made.update_yaxes(tickformat=".0%", row=2, col=1)
    synthetic = " (synthetic prices, never traded)" if record.market.synthetic else ""
    made.update_layout(
        title=f"{record.config.name}{synthetic}", height=int(90 * sum(heights)) + 120, showlegend=False, hovermode="x"
    )
    return made


def _times(record: RunRecord) -> NDArray[Any]:
    """(T,) what stands on the x axis: session dates of daily bars, else closes in UTC."""
    market = record.market
    return market.sessions if market.frequency == "1d" else market.ts.astype("M8[ns]")


def _line(x: NDArray[Any], y: NDArray[Any], name: str, colour: str, **more: Any) -> Scatter:
    return Scatter(x=x, y=y, name=name, mode="lines", line={"color": colour, "width": 1.3}, **more)


def _fills(fills: dict[str, NDArray[Any]], when: str, symbol: str) -> list[Scatter]:
    """Purchases and sales of one symbol; hovering says how many, at what price and why."""
    traces = []
    for name, sign, shape, colour in SIDES:
        own = np.flatnonzero((fills["symbol"] == symbol) & (fills["quantity"] * sign > 0))
        quantity, price, reason = (fills[column][own] for column in ("quantity", "price", "reason"))
        told = [f"{one:+,.10g}: {why}" for one, why in zip(quantity.tolist(), reason.tolist(), strict=True)]
        marker = {"symbol": shape, "color": colour, "size": 8}
        traces.append(Scatter(x=fills[when][own], y=price, name=name, mode="markers", marker=marker, text=told))
    return traces
