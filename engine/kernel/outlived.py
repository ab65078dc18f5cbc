# SPDX-License-Identifier: Apache-2.0
"""Which stops and targets a decision leaves without a position: the engine ends them with it, a broker does not.

Left at a broker until the next close they would open another position. The bridge and signals ask this alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from engine.kernel.codes import OrderKind, OrderStatus
from engine.kernel.matching import takes_open


def outlived(held: Sequence[float], fill_at: int, orders: Iterable[Any], *, ends_session: bool) -> dict[int, int]:
    """Guards of a position that is gone before they can fill -> the order for the next open that closes or turns it.

    held     signed shares by role;  fill_at  FillAt of the run
    orders   the living ones after a decision, in order of submission: rows of ORDER
    ends_session  whether the bar is its session's last: the orders for an open are for the next one
    """
    living = {one.id: one for one in orders if one.kind != OrderKind.OPTION}
    rules: Any = SimpleNamespace(rules=SimpleNamespace(fill_at=fill_at))
    following: Any = SimpleNamespace(days=int(ends_session))
    working = [one for one in living.values() if one.status == OrderStatus.WORKING]
    first = [one for one in working if takes_open(rules, following, one)]
    takes = {one.id for one in first}
    found: dict[int, int] = {}
    for one in working:
        before = held[one.role]
        guards = one.parent != 0 and one.qty * before < 0.0
        if not guards or one.parent in living or one.id in takes:
            continue
        own = [each for each in first if each.role == one.role]
        if (before + sum(each.qty for each in own)) * before <= 0.0:
            found[one.id] = _closing(before, own)
    return found


def _closing(held: float, orders: Iterable[Any]) -> int:
    """Number of the order with which `held` is gone, of several that together end it."""
    left, number = held, 0
    for one in orders:
        left, number = left + one.qty, one.id
        if left * held <= 0.0:
            break
    return int(number)
