# SPDX-License-Identifier: Apache-2.0
"""Charts of the trades: the ratio with what was done and why, and how trades ended."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.events import ratio_path
from engine.analytics.ledger_paths import of_kind
from engine.engines.run_record import RunRecord
from engine.kernel.flows import FILL_KINDS
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure, packed
from engine.report.kit.words import decimal, plain_name
from engine.report.run.attribution_charts import STRIP, regime_strip
from engine.strategy.base import ReasonKind

BUSY = 150
"""A reason with more marks than this starts hidden: a click on its name shows it."""

MOST_MARKS = 2_000
"""Most marks a reason draws; the latest are kept."""

LOOKS = {
    ReasonKind.ENTRY: ("triangle-up", style.GREEN),
    ReasonKind.EXIT: ("x", style.ORANGE),
    ReasonKind.STOP: ("square", style.PURPLE),
    ReasonKind.CUT: ("diamond", style.RED),
    ReasonKind.FORCED: ("star", style.RED),
}
"""Sign and colour of a reason by its kind; the others by whether they bought or sold."""


def ratio_chart(result: RunRecord, shown: ChartRows) -> Figure:
    """Price ratio of the first two roles (the first role's price with one), marked where orders filled, by reason.

    Below it, where the strategy declares regimes, a strip of them.
    """
    path = ratio_path(result)
    if np.all(np.isnan(path)):
        bars = result.market.bars[result.market.roles[0]]
        path = bars["close"] * bars["factor"]
    name = style.label(" / ".join(list(result.market.symbols.values())[:2]))
    traces = [style.line(shown.x, path[shown.rows], name, style.GREY, hoverinfo="y")]
    fills = result.ledger[of_kind(result.ledger, *FILL_KINDS)]
    codes, first = np.unique(fills["reason"], return_index=True)
    traces += [
        _marks(result, shown, path, fills[fills["reason"] == code], code) for code in codes[np.argsort(first)].tolist()
    ]
    axis: dict[str, Any] = {"hoverformat": ".4f", "automargin": True}
    strip = list(regime_strip(result, shown, named=False))
    if not strip:
        return style.figure(traces, height=400, hovermode="closest", xaxis=shown.axis(), yaxis=axis)
    below = {"yaxis": {**axis, "domain": [0.1, 1]}, "yaxis2": {**STRIP, "domain": [0, 0.06]}}
    return style.figure([*traces, *strip], height=420, hovermode="closest", xaxis=shown.axis(anchor="y2"), **below)


def _marks(result: RunRecord, shown: ChartRows, path: NDArray[Any], fills: NDArray[Any], code: int) -> style.Trace:
    rows = np.unique(fills["t"])
    kept = rows[-MOST_MARKS:]
    name, words, kind = result.reasons[code]
    sign, colour = LOOKS.get(kind) or _look(fills["qty"])
    if kind == ReasonKind.ENTRY and np.all(fills["qty"] < 0):
        sign = "triangle-down"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{plain_name(name)} ({len(rows):,})",
        "x": packed(shown.times(result, kept), "f8"),
        "y": packed(path[kept]),
        "marker": {
            "symbol": sign,
            "color": colour,
            "size": 5 if sign == "circle" else 9,
            "line": {"width": 0.5, "color": "rgba(0,0,0,.35)"},
        },
        "visible": True if len(rows) <= BUSY else "legendonly",
        "text": _what_filled(result, fills, kept),
        "hovertemplate": f"%{{x|{style.DATE}}} · {style.label(words)}<br>%{{text}}<extra></extra>",
    }


def _look(quantities: NDArray[Any]) -> tuple[str, str]:
    """Sign and colour of a reason whose kind says nothing: whether it bought, sold or did both."""
    if np.all(quantities > 0):
        return "triangle-up", style.GREEN
    return ("triangle-down", style.ORANGE) if np.all(quantities < 0) else ("circle", style.BLUE)


def _what_filled(result: RunRecord, fills: NDArray[Any], rows: NDArray[np.int64]) -> list[str]:
    said: dict[int, list[str]] = {row: [] for row in rows.tolist()}
    for row, role, quantity, price, order in zip(
        *(fills[name].tolist() for name in ("t", "role", "qty", "price", "order")), strict=True
    ):
        if row in said:
            symbol = result.symbol(role, order)
            said[row].append(f"{symbol} {'+' if quantity > 0 else ''}{decimal(quantity, 0)} at {decimal(price, 2)}")
    return ["<br>".join(style.label(part) for part in parts[:6]) for parts in said.values()]


def trade_distribution_chart(analysis: Analysis) -> Figure:
    """Net profit of closed trades and of closed legs, as histograms on one scale."""
    closed = analysis.spreads[analysis.spreads["close_row"] >= 0]["net_pnl"]
    legs = analysis.facts.trip_pnl
    traces = []
    size = _bin_size(np.concatenate([closed, legs]))
    for name, values, colour in (("trades", closed, style.BLUE), ("legs", legs, style.ORANGE)):
        if len(values):
            traces.append(_histogram(name, values, size, colour))
    return style.figure(
        traces,
        height=280,
        hovermode="closest",
        barmode="group",
        bargap=0.05,
        showlegend=True,
        xaxis={"tickformat": "~s", "nticks": 8, "title": {"text": "net P&L", "font": {"size": 11}}},
        yaxis={"automargin": True, "title": {"text": "trades", "font": {"size": 11}}},
        shapes=[style.dotted(yref="paper", x0=0, x1=0, y0=0, y1=1)],
    )


def _histogram(name: str, values: NDArray[Any], size: float, colour: str) -> style.Trace:
    """Counts worked out here, so that the page carries bins and not trades."""
    places = np.floor(values / size).astype(np.int64)
    bins, counts = np.unique(places, return_counts=True)
    return {
        "type": "bar",
        "name": f"{name} ({len(values):,})",
        "x": [float(centre) for centre in (bins + 0.5) * size],
        "y": counts.tolist(),
        "marker": {"color": colour},
        "hovertemplate": "%{y} near %{x:,.0f}<extra></extra>",
    }


def _bin_size(values: NDArray[Any]) -> float:
    """A round width (1, 2 or 5 times a power of ten) that makes about 40 bins of the middle 98 %."""
    if len(values) == 0:
        return 1.0
    low, high = np.quantile(values, (0.01, 0.99))
    rough = max(float(high - low), abs(float(high)), abs(float(low)), 1e-9) / 40
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(step for step in (1, 2, 5, 10) if step * power >= rough) * power)
