# SPDX-License-Identifier: Apache-2.0
"""Returns by calendar month, years as rows, with the year's total: a table whose colour is the size of the figure."""

from __future__ import annotations

import numpy as np

from engine.analytics.metrics.performance import calendar_returns
from engine.analytics.sessions import Sessions
from engine.report.kit.markup import GAIN, LOSS, Column, Shaded, numbers, table
from engine.report.kit.words import percent

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month_table(sessions: Sessions) -> str:
    """HTML of the table; NaN months (after ruin) and months outside the run are dashes."""
    months, monthly = calendar_returns(sessions.returns, sessions.dates, "M")
    years, yearly = calendar_returns(sessions.returns, sessions.dates, "Y")
    by_month = dict(zip(months.astype(str).tolist(), monthly.tolist(), strict=True))
    known = np.abs(monthly[np.isfinite(monthly)])
    full = max(float(np.quantile(known, 0.95)), 1e-9) if len(known) else 1.0
    rows = [
        [
            year,
            *(_cell(by_month.get(f"{year}-{month:02d}", np.nan), full) for month in range(1, 13)),
            _cell(total, full * float(np.sqrt(12)), "year"),
        ]
        for year, total in zip(years.astype(str).tolist(), yearly.tolist(), strict=True)
    ]
    return table([Column(""), *numbers(*MONTHS, "Year")], rows, "heat")


def _cell(value: float, full: float, kind: str = "") -> Shaded:
    """One cell; the colour is full at `full`."""
    depth = 0.0 if np.isnan(value) else 0.75 * min(1.0, abs(value) / full)
    return Shaded(percent(value, 1, sign=False), GAIN if value >= 0 else LOSS, depth, kind)
