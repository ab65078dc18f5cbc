# SPDX-License-Identifier: Apache-2.0
"""How much of a day's volume each order asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import of_kind
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind, OrderKind
from engine.runs.capacity.findings import Participation


def share_fills(result: RunRecord) -> NDArray[np.void]:
    """Entries of the ledger that traded shares, options left out."""
    return np.asarray(result.ledger[of_kind(result.ledger, EntryKind.FILL, EntryKind.LIQUIDATION)])


def participation(result: RunRecord, depth: FloatArray) -> tuple[Mapping[str, Participation], int]:
    """By symbol; an order counts with all that it asked for, by the volume known before the session of its first fill.

    depth  (T, N) shares a day, of `engine.inputs.liquidity.daily_depth`. Orders before any volume is known do not
           count; how many there are stands beside.
    """
    fills = share_fills(result)
    _, first = np.unique(fills["order"], return_index=True)
    opened = fills[first]
    orders = result.orders[opened["order"] - 1]
    asked = np.abs(orders["filled"] + orders["qty"])
    parts = asked / depth[opened["t"], opened["role"]]
    symbols = np.array(list(result.market.symbols.values()))[opened["role"]] if len(opened) else np.empty(0, str)
    found = {}
    for symbol in dict.fromkeys(result.market.symbols.values()):
        mine = np.flatnonzero((symbols == symbol) & np.isfinite(parts))
        if len(mine):
            own = parts[mine]
            most = int(np.argmax(own))
            found[symbol] = Participation(
                orders=len(mine),
                median=float(np.median(own)),
                p95=float(np.quantile(own, 0.95)),
                maximum=float(own[most]),
                maximum_on=str(result.market.sessions[opened["t"][mine[most]]]),
            )
    return found, int(np.count_nonzero(~np.isfinite(parts)))


def carried_orders(result: RunRecord) -> int:
    """Orders whose fills lie in more than one session."""
    fills = share_fills(result)
    session = np.asarray(result.market.bars["session"][fills["t"]], np.int64)
    pairs = np.unique(np.column_stack([fills["order"], session]), axis=0)
    return int(np.count_nonzero(np.unique(pairs[:, 0], return_counts=True)[1] > 1)) if len(fills) else 0


def at_limits(result: RunRecord) -> float:
    """Part of the traded value of shares that filled at limits, 0 to 1; 0 where nothing traded."""
    fills = share_fills(result)
    value = np.abs(fills["qty"]) * fills["price"]
    limits = result.orders["kind"][fills["order"] - 1] == OrderKind.LIMIT
    return float(value[limits].sum() / value.sum()) if value.sum() > 0 else 0.0
