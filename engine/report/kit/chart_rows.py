# SPDX-License-Identifier: Apache-2.0
"""Which bars a chart shows: all of them while a screen can, else session closes, else the extremes of stretches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.engines.run_record import RunRecord
from engine.report.kit.chart_style import time_axis
from engine.report.kit.encoding import Figure, packed

ALL_BARS = 8_000
"""Most bars a chart shows one by one; 25 years of days are 6,300."""

REDUCED = 5_000
"""Most points of a chart that does not."""

MILLISECONDS_A_DAY = 86_400_000


@dataclass(frozen=True)
class ChartRows:
    """rows (P,) the bars shown; x their times, packed once for all traces; span first and last, in milliseconds.

    note says what was left out.
    """

    rows: NDArray[np.int64]
    x: dict[str, str]
    span: tuple[float, float]
    note: str
    daily: bool

    def axis(self, **more: Any) -> Figure:
        """The time axis from the first bar to the last, the same for every chart."""
        return time_axis(range=list(self.span), **more)

    def times(self, result: RunRecord, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Milliseconds of any bars, on the same axis: the session for daily bars, else the close of the bar in UTC."""
        return _milliseconds(result, rows, daily=self.daily)


def chart_rows(result: RunRecord, analysis: Analysis) -> ChartRows:
    """Choose the bars for the charts of this run."""
    bars, sessions = len(result.points), len(analysis.sessions)
    daily = bars == sessions
    if bars <= ALL_BARS:
        rows, note = np.arange(bars), ""
    elif sessions <= REDUCED:
        rows, note = analysis.sessions.rows, f"Charts show the {sessions:,} session closes of {bars:,} bars."
        daily = True
    else:
        rows = extreme_rows(result.points["equity"], REDUCED)
        note = f"Charts show {len(rows):,} of {bars:,} bars: first, last, lowest and highest equity of equal stretches."
    times = _milliseconds(result, rows, daily=daily)
    return ChartRows(rows, packed(times, "f8"), (float(times[0]), float(times[-1])), note, daily)


def extreme_rows(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """At most `most` rows, ascending: first, last, lowest and highest of each of `most` / 4 equal stretches."""
    edges = np.linspace(0, len(values), max(1, most // 4) + 1).astype(np.int64)
    keep: list[int] = []
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if stop > start:
            part = values[start:stop]
            keep += [start, stop - 1, start + int(np.argmin(part)), start + int(np.argmax(part))]
    return np.unique(np.array(keep, np.int64))


def _milliseconds(result: RunRecord, rows: NDArray[np.int64], *, daily: bool) -> NDArray[np.float64]:
    bars = result.market.bars
    if daily:
        return np.asarray(bars["session"][rows].astype(np.float64) * MILLISECONDS_A_DAY)
    return np.asarray(bars["ts"][rows] // 1_000_000, np.float64)
