# SPDX-License-Identifier: Apache-2.0
"""Which sessions a run is of, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.kit.words import count, counted

if TYPE_CHECKING:
    from engine.analytics.analysis import Analysis
    from engine.engines.run_record import RunRecord


def period(result: RunRecord, analysis: Analysis) -> str:
    """First and last session, how many there are, and how many bars where those are not the same."""
    sessions, bars = analysis.sessions, len(result.market)
    words = f"{sessions.dates[0]} to {sessions.dates[-1]}, {counted(len(sessions), 'session')}"
    return words if bars == len(sessions) else f"{words}, {count(bars)} bars of {result.market.frequency}"
