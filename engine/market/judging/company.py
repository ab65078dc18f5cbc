# SPDX-License-Identifier: Apache-2.0
"""How far the others of a market moved on a day: a crash does not come to one symbol alone, a wrong price does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import Calendar
from engine.market.sources.table import PRICES, Table
from engine.market.table.jumps import moves, usual_size
from engine.market.table.refusals import index_ns, sessions_of
from engine.model.run import SeriesSource

Moved = NDArray[np.float64]


def company(
    symbol: str,
    tables: Mapping[str, Table],
    values: Iterable[tuple[SeriesSource, Table]],
    prices: str,
    calendar: Calendar,
) -> float:
    """The most that another symbol moved in the session of the last bar of `symbol`, in multiples of its usual move.

    tables  bars by symbol, `values` series: levels count, rates near zero double without a reason
    """
    own = tables[symbol]
    if not len(own.frame):
        return 0.0
    day = int(sessions_of(own, calendar)[-1])
    others = [table for name, table in tables.items() if name != symbol]
    others += [table for one, table in values if one.symbol != symbol and one.unit == "level"]
    return max((_most(table, day, prices, calendar) for table in others), default=0.0)


def _most(table: Table, day: int, prices: str, calendar: Calendar) -> float:
    """The largest move of a table's rows of session `day`; 0 where it has none, or is not in order."""
    frame = table.frame
    rows = np.flatnonzero(sessions_of(table, calendar) == day)
    if not len(rows) or not (np.diff(index_ns(table)) > 0).all():
        return 0.0
    if set(PRICES) <= set(frame.columns):
        found = moves(frame, splits=prices == "raw")
        size, usual = np.abs(found.day), found.usual
    else:
        size = np.abs(_steps(np.asarray(frame["value"], np.float64)))
        usual = usual_size(size)
    times = (size / usual)[rows]
    return float(np.max(times[np.isfinite(times)], initial=0.0))


def _steps(values: NDArray[Any]) -> Moved:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.append(np.nan, np.log(values[1:] / values[:-1]))
