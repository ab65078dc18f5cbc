# SPDX-License-Identifier: Apache-2.0
"""A result in one line, and as the small card that a notebook shows: HTML and inline SVG, no script, no pandas."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.metrics.registry import REGISTRY
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.model.sleeves import told_strategy
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import extreme_rows
from engine.report.kit.words import money, worded
from engine.report.run.notices import notices
from engine.report.run.sections import CARDS

LINE = ("total_return", "sharpe", "max_drawdown")
"""Figures of the one line."""

WIDTH, HIGH, LOW = 640, 120, 40
"""Pixels of the drawing: its width, the height of equity, the height of drawdown."""

LOUD = "background:#fdecc8;color:#5c3a00;padding:4px 8px;margin:4px 0;border-radius:4px"


def headline(record: RunRecord, analysis: Analysis) -> str:
    """Name, period, the figures of LINE, and whether the prices are made up."""
    sessions, market = analysis.sessions, record.market
    told = ", ".join(f"{REGISTRY[name].title} {_value(analysis, name)}" for name in LINE)
    made_up = "; synthetic prices" if market.synthetic else ""
    return f"{record.config.name}: {sessions.dates[0]} to {sessions.dates[-1]}, {told}{made_up}"


def card(record: RunRecord, analysis: Analysis) -> str:
    """Loud notices, figures at a glance, equity over drawdown."""
    market, sessions = record.market, analysis.sessions
    loud = [one.text for one in notices(record, analysis) if one.level == "loud"]
    legs = ", ".join(dict.fromkeys(market.symbols.values()))
    about = f"{told_strategy(record.config)} on {legs}, {sessions.dates[0]} to {sessions.dates[-1]}; {market.label}"
    figures = [(REGISTRY[name].titled(sessions.compared_with), _value(analysis, name)) for name in CARDS]
    drawn = curve(record.points["equity"], analysis.drawdown)
    ends = f"{money(float(sessions.nav[0]))} &rarr; {money(float(record.points['equity'][-1]))}"
    return framed(record.config.name, about, loud, f"<div>Equity <b>{ends}</b></div>", drawn, figure_table(figures))


def framed(name: str, about: str, loud: Iterable[str], *parts: str) -> str:
    """What any card has: a name, what it is about, the loud notices; then `parts`, which are markup."""
    warned = "".join(f'<div style="{LOUD}">{escape(text)}</div>' for text in loud)
    head = f"<b>{escape(name)}</b> <small>{escape(about)}</small>{warned}"
    return f'<div style="max-width:{WIDTH}px">{head}{"".join(parts)}</div>'


def figure_table(figures: Iterable[tuple[str, str]], columns: int = 3) -> str:
    """Names with their values, some side by side."""
    cells = [f"<td>{escape(name)}</td><td><b>{escape(value)}</b></td>" for name, value in figures]
    rows = ("".join(cells[place : place + columns]) for place in range(0, len(cells), columns))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def curve(equity: FloatArray, drawdown: FloatArray) -> str:
    """Equity as a line and drawdown hanging below it, (T,) each; NaN is left out."""
    top, low = _path(equity, HIGH, 4), _path(-drawdown, LOW, HIGH + 8)
    height = HIGH + LOW + 12
    return (
        f'<svg role="img" aria-label="equity and drawdown" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">'
        f'<path d="{top}" fill="none" stroke="{style.BLUE}" stroke-width="1.5"/>'
        f'<path d="{low}" fill="none" stroke="{style.RED}" stroke-width="1"/></svg>'
    )


def _path(values: FloatArray, height: float, top: float) -> str:
    """SVG path of (T,) values between `top` and `top + height`; NaN is left out."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return ""
    rows = known[extreme_rows(values[known], WIDTH)]
    span = float(np.ptp(values[known])) or 1.0
    x = rows / max(len(values) - 1, 1) * WIDTH
    y = top + height * (1 - (values[rows] - float(values[known].min())) / span)
    return "M" + " ".join(f"{one:.1f},{two:.1f}" for one, two in zip(x.tolist(), y.tolist(), strict=True))


def _value(analysis: Analysis, name: str) -> str:
    return worded(analysis.metrics[name], REGISTRY[name].unit)
