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
        return np.asarray(np.maximum(ts - int(market.bar_minutes * MINUTE), before), np.int64)
    if market.spacing.name != "daily" or not market.session_minutes:
        return ts
    since = np.array(list(market.session_minutes), "M8[D]")
    minutes = np.array(list(market.session_minutes.values()), np.int64)
    at = np.maximum(np.searchsorted(since, market.sessions, side="right") - 1, 0)
    return np.asarray(ts - minutes[at] * MINUTE, np.int64)
