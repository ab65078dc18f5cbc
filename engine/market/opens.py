# SPDX-License-Identifier: Apache-2.0
"""When a bar begins: the session's open for a daily bar, for an intraday bar the end of the one before or its length.

A panel keeps how long its sessions last, not their opens: nothing but the times of fills asks for them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.market.panel import Market

MINUTE = 60_000_000_000


def opens(market: Market) -> NDArray[np.int64]:
    """(T,) int64 ns UTC, the open of each bar.

    Of bars of weeks or months, whose file does not say which session opened them, the stamp of the bar itself.
    """
    ts = market.ts
    if market.frequency != "1d":
        before = np.append(np.iinfo(np.int64).min, ts[:-1])
        began = np.asarray(np.maximum(ts - int(market.bar_minutes * MINUTE), before), np.int64)
        opened = _session_opens(market)
        first = np.diff(market.sessions, prepend=market.sessions[:1] - 1) != np.timedelta64(0, "D")
        return np.where(first & (began < opened) & (opened < ts), opened, began)  # of hours, the first may be a half
    if market.spacing.name != "daily" or not market.session_minutes:
        return ts
    return ts - _minutes(market) * MINUTE


def _session_opens(market: Market) -> NDArray[np.int64]:
    """(T,) when the session of each intraday bar opened; the bar's own close where its session has no last bar."""
    ends = np.flatnonzero(market.bars["last"])
    if not market.session_minutes or not len(ends):
        return market.ts
    end = ends[np.minimum(np.searchsorted(ends, np.arange(len(market))), len(ends) - 1)]
    opened = market.ts[end] - _minutes(market) * MINUTE
    return np.where(market.sessions[end] == market.sessions, opened, market.ts)


def _minutes(market: Market) -> NDArray[np.int64]:
    """(T,) how long the session of each bar lasts."""
    since = np.array(list(market.session_minutes), "M8[D]")
    minutes = np.array(list(market.session_minutes.values()), np.int64)
    at = np.maximum(np.searchsorted(since, market.sessions, side="right") - 1, 0)
    return minutes[at]
