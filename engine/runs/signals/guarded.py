# SPDX-License-Identifier: Apache-2.0
"""The shares that an order is told with that may only reduce: no more than the position that it guards.

An entry that first closes the other side is larger than what it opens, and so are the stop and the target sent with it.
In the backtest they never trade beyond the position. A broker knows no such bound: sent whole they would turn it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.kernel.codes import FillAt, OrderKind, OrderStatus
from engine.kernel.flows import TRADE_KINDS
from engine.kernel.linked_orders import opened
from engine.kernel.outlived import outlived
from engine.kernel.rows import rows_of


class Guards:
    """The positions that the orders of a run guard after its last bar, by role and before and after that bar.

    held, before  (N,) signed shares after the last bar, and after the one before it
    target        (N,) signed shares once the orders that stand and fill at any price have filled
    outlived      guard that its position leaves at the next open -> the order that closes or turns it there, by id
    """

    def __init__(self, result: RunRecord) -> None:
        self.orders, last, roles = result.orders, len(result.market) - 1, len(result.market.roles)
        moves = result.ledger[np.isin(result.ledger["kind"], TRADE_KINDS)]
        self.moves = moves[moves["role"] < roles]
        self.last = last
        self.held = _sums(roles, self.moves["role"], self.moves["qty"])
        earlier = self.moves[self.moves["t"] < last]
        self.before = _sums(roles, earlier["role"], earlier["qty"])
        shares = self.orders[(self.orders["status"] <= OrderStatus.HELD) & (self.orders["kind"] != OrderKind.OPTION)]
        self.entries = shares[(shares["parent"] == 0) & (shares["status"] == OrderStatus.WORKING)]
        priceless = np.isnan(shares["limit"]) & np.isnan(shares["stop"]) & (shares["status"] == OrderStatus.WORKING)
        self.now = shares[priceless | (shares["triggered"] == 1) & np.isnan(shares["limit"])]
        self.target = self.held + _sums(roles, self.now["role"], self.now["qty"])
        fill_at, ends = FillAt[result.config.fills.at.upper()], bool(result.market.bars["last"][-1] == 1)
        self.outlived = outlived(self.held.tolist(), fill_at, rows_of(shares), ends_session=ends)

    def shares(self, order: Any, asked: float, *, stands: bool = True) -> float:
        """Signed shares of `asked` that the order can trade: no more than what it guards.

        stands  whether it may already be with a broker and guard what is held now; else only what will be held
        """
        if order["parent"] == 0 or order["kind"] == OrderKind.OPTION:
            return asked
        side, role = (-1.0 if asked > 0.0 else 1.0), int(order["role"])
        if order["ended"] >= 0:
            most = self._ended(order, side)
        elif order["status"] == OrderStatus.HELD:
            most = self._opened(order, side, self.held[role])
        else:
            most = max(side * self.target[role], side * self.held[role] if stands else 0.0)
            if order["parent"] < 0:
                more = self.entries[(self.entries["role"] == role) & (self.entries["qty"] * side > 0.0)]
                more = more[~np.isin(more["id"], self.now["id"])]
                most = max(most, side * (self.target[role] + float(more["qty"].sum())))
        return -side * min(abs(asked), max(0.0, most))

    def is_filled(self, order: Any) -> bool:
        """Whether the order's own fill of the last bar closed what it guards: nothing of it is left to take back."""
        own = self.moves[(self.moves["role"] == order["role"]) & (self.moves["t"] == self.last)]
        return bool(order["parent"] != 0 and len(own) and own["order"][-1] == order["id"])

    def _ended(self, order: Any, side: float) -> float:
        """What an order that ended in the last bar guarded before it."""
        role, parent = int(order["role"]), int(order["parent"])
        if parent > 0 and not np.any(self.moves["order"] == parent):
            return self._opened(order, side, self.before[role])
        bar = self.moves[(self.moves["role"] == role) & (self.moves["t"] == self.last)]
        path = self.before[role] + np.cumsum(np.append(0.0, bar["qty"]))
        most = float((side * path).max())
        return most if most > 0.0 else abs(float(order["asked"]))  # there never was a position

    def _opened(self, order: Any, side: float, held: float) -> float:
        """Shares of the position that the order's parent opens, after the orders before it that fill at any price."""
        parent = self.orders[self.orders["id"] == order["parent"]][0]
        late = not np.isin(parent["id"], self.now["id"])
        first = self.now[(self.now["role"] == order["role"]) & (late | (self.now["id"] < parent["id"]))]
        filled = float(self.moves["qty"][self.moves["order"] == parent["id"]].sum())
        asked = float(parent["asked"])
        return opened(held - filled + float(first["qty"].sum()), asked) if side * asked > 0.0 else 0.0


def _sums(roles: int, role: NDArray[Any], qty: NDArray[Any]) -> NDArray[np.float64]:
    found = np.zeros(roles)
    np.add.at(found, role, qty)
    return found
