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


def outlived(held: Sequence[float], fill_at: int, orders: Sequence[Any], *, ends_session: bool) -> dict[int, int]:
    """Guards of a position that is gone before they can fill -> the order for the next open that closes or turns it.

    held     signed shares by role;  fill_at  FillAt of the run
    orders   the living ones after a decision, in order of submission: rows of ORDER
    ends_session  whether the bar is its session's last: the orders for an open are for the next one
    """
    living = {one.id for one in orders if one.kind != OrderKind.OPTION}
    takes = {one.id for one in fill_at_open(fill_at, orders, ends_session=ends_session)}
    closed = closed_at_open(held, fill_at, orders, ends_session=ends_session)
    found: dict[int, int] = {}
    for one in orders:
        guards = one.role in closed and one.status == OrderStatus.WORKING and one.qty * held[one.role] < 0.0
        if guards and one.parent not in {0, *living} and one.id not in takes:
            found[one.id] = closed[one.role]
    return found


def closed_at_open(held: Sequence[float], fill_at: int, orders: Sequence[Any], *, ends_session: bool) -> dict[int, int]:
    """Roles whose position orders at any price close or turn at the next open -> the order with which it is gone.

    What reduces a position fills first there: one that is sold and bought again ends in between.
    """
    first = [one for one in fill_at_open(fill_at, orders, ends_session=ends_session) if one.qty * held[one.role] < 0.0]
    own = {role: [one for one in first if one.role == role] for role in {one.role for one in first}}
    return {
        role: _closing(held[role], each)
        for role, each in own.items()
        if (held[role] + sum(one.qty for one in each)) * held[role] <= 0.0
    }


def fill_at_open(fill_at: int, orders: Iterable[Any], *, ends_session: bool) -> list[Any]:
    """The orders for shares that fill at the next open whatever the price, in their order."""
    # The kernel's own rule asks a book and the bar that follows for these two alone.
    rules: Any = SimpleNamespace(rules=SimpleNamespace(fill_at=fill_at))
    following: Any = SimpleNamespace(days=int(ends_session))
    working = (one for one in orders if one.status == OrderStatus.WORKING and one.kind != OrderKind.OPTION)
    return [one for one in working if takes_open(rules, following, one)]


def _closing(held: float, orders: Iterable[Any]) -> int:
    """Number of the order with which `held` is gone, of several that together end it."""
    left, number = held, 0
    for one in orders:
        left, number = left + one.qty, one.id
        if left * held <= 0.0:
            break
    return int(number)
