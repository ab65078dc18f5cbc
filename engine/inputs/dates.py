# SPDX-License-Identifier: Apache-2.0
"""The calendar beside the bars, for a run whose on_bar reads it. Other runs pay nothing for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.market.panel import Market
from engine.records import Dates, dtype_of


def with_dates(market: Market, names: Iterable[str], start: int, stop: int) -> Market:
    """The market with the columns `names` of `engine.records.Dates` behind its series; itself where none is asked for.

    Its notices say of which months and weeks of rows start..stop-1 the last session has no bar. Raises StrategyError
    where the bars are too far apart for a column.
    """
    asked = set(names)
    if not asked:
        return market
    wanted = [name for name in dtype_of(Dates).names or () if name in asked]
    from engine.market.bar_dates import ENDS, date_column, missing_ends

    old = market.bars.dtype
    given = [(name, old[name]) for name in old.names or ()]
    bars = np.empty(len(market), [*given, *((name, "i8") for name in wanted)])
    for name, _ in given:
        bars[name] = market.bars[name]
    for name in wanted:
        bars[name] = date_column(market, name)
    bars.flags.writeable = False
    notices = [one for name in wanted if name in ENDS for one in missing_ends(market, name, start, stop)]
    return replace(market, bars=bars, notices=(*market.notices, *notices))
