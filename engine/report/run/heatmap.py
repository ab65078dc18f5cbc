# SPDX-License-Identifier: Apache-2.0
"""Returns by calendar month, years as rows, with the year's total: a table whose colour is the size of the figure."""

from __future__ import annotations

import numpy as np

from engine.analytics.performance import calendar_returns
from engine.analytics.sessions import Sessions
from engine.report.kit.words import NOTHING, signed

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GAIN, LOSS = "47,134,197", "214,95,30"
"""Blue and vermilion: told apart with every common colour vision."""


def month_table(sessions: Sessions) -> str:
    """HTML of the table; NaN months (after ruin) and months outside the run are dashes."""
    months, monthly = calendar_returns(sessions.returns, sessions.dates, "M")
    years, yearly = calendar_returns(sessions.returns, sessions.dates, "Y")
    by_month = dict(zip(months.astype(str).tolist(), monthly.tolist(), strict=True))
    known = np.abs(monthly[np.isfinite(monthly)])
    full = max(float(np.quantile(known, 0.95)), 1e-9) if len(known) else 1.0
    head = "".join(f'<th scope="col" class="n">{month}</th>' for month in (*MONTHS, "Year"))
    rows = []
    for year, total in zip(years.astype(str).tolist(), yearly.tolist(), strict=True):
        cells = "".join(_cell(by_month.get(f"{year}-{month:02d}"), full) for month in range(1, 13))
        rows.append(f'<tr><th scope="row">{year}</th>{cells}{_cell(total, full * np.sqrt(12), "year")}</tr>')
    table = f'<table class="heat"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _cell(value: float | None, full: float, kind: str = "") -> str:
    """One cell; the colour is full at `full`."""
    if value is None or np.isnan(value):
        return f'<td class="n {kind}">{NOTHING}</td>'
    depth = 0.75 * min(1.0, abs(value) / full)
    colour = GAIN if value >= 0 else LOSS
    return f'<td class="n {kind}" style="background:rgba({colour},{depth:.2f})">{signed(100 * value, 1)}</td>'
