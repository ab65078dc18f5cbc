# SPDX-License-Identifier: Apache-2.0
"""A benchmark on whose missing sessions the value before stands: what goes by its daily returns is off by as much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.market.panel import Market
from engine.notice import Notice, loud

FEW = 0.01
"""Part of the sessions below which a missing value changes no digit that is shown."""


def benchmark_gaps(market: Market, benchmark: str | None, rows: NDArray[np.bool_]) -> list[Notice]:
    """Loud where the series that the run over `rows` is compared with lacks values on a hundredth of its sessions.

    Its return is 0 on such a session and of two on the next, when the run has moved by one: of a run that is the
    benchmark itself beta comes out as 1 less the part that is missing, and alpha with it.
    """
    sessions = np.unique(market.bars["session"][rows])
    absent = [day for one in market.doubts if one.series and one.series == benchmark for day in one.absent]
    share = np.count_nonzero(np.isin(sessions, absent)) / max(len(sessions), 1)
    if benchmark is None or share < FEW:
        return []
    return [
        loud(
            f"{benchmark} ({market.series[benchmark]}), which the run is compared with, has no value of its own on "
            f"{share:.0%} of the sessions and makes up for it on the next: beta and correlation to it come out about "
            "as much too small, tracking error too large, and alpha moves with beta; "
            f"series.{benchmark}.stale_after: 0 leaves both sessions out"
        )
    ]
