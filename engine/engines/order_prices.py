# SPDX-License-Identifier: Apache-2.0
"""The prices at which orders wait, bar by bar: the order log keeps the last one alone, and stops move."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.codes import OrderStatus
from engine.records import F8, I8, dtype_of


class PriceMove:
    """From the close of row `t` on the order waits at `price`: its stop, or its limit where that is what is left."""

    t: I8
    order: I8
    price: F8


PRICE_MOVE = dtype_of(PriceMove)


class OrderPrices:
    """Notes, after each decision, the orders that wait at a price, when that price is another one than before."""

    def __init__(self) -> None:
        self._last: dict[int, float] = {}
        self._moves: list[tuple[int, int, float]] = []

    def note(self, row: int, orders: Iterable[Any]) -> None:
        """Look at the orders in the book after the decision of `row`."""
        for order in orders:
            if order.status != OrderStatus.WORKING:  # asleep or ended
                continue
            limited = order.triggered == 1 or math.isnan(order.stop)
            price = order.limit if limited else order.stop
            if not math.isnan(price) and self._last.get(order.id) != price:
                self._last[order.id] = price
                self._moves.append((row, order.id, price))

    def watching(self, on_bar: Any) -> Any:
        """An on_bar that decides as `on_bar` does and is noted, for interpreted runs."""

        def decide(bar: Any, f: Any, p: Any, s: Any, account: Any, book: Any) -> None:
            on_bar(bar, f, p, s, account, book)
            if book.orders > 0:
                self.note(book.t, book.order[: book.orders])

        return decide

    def table(self) -> NDArray[Any]:
        """Records of PRICE_MOVE in order of time."""
        return np.array(self._moves, PRICE_MOVE)
