# SPDX-License-Identifier: Apache-2.0
"""Two results of one decision, fill by fill."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.flows import FILL_KINDS

SAME = 1e-9
"""Prices, and fractional quantities, that differ by less than this part are one: the engines round in another order."""


@dataclass(frozen=True)
class Fill:
    """One execution: quantity signed, price as paid, order by its number in the run; ts is its bar's open or close."""

    t: int
    ts: str
    session: str
    symbol: str
    quantity: float
    price: float
    order: int
    reason: str

    def same(self, other: Fill) -> bool:
        """Whether time, symbol, quantity and price are those of `other`."""
        where = (self.t, self.symbol) == (other.t, other.symbol)
        shares = abs(self.quantity - other.quantity) <= SAME * abs(self.quantity)
        return where and shares and abs(self.price - other.price) <= SAME * abs(self.price)

    def __str__(self) -> str:
        return f"{self.ts}  {self.quantity:+,g} {self.symbol} at {self.price:.6f}  (order {self.order}, {self.reason})"


@dataclass(frozen=True)
class Difference:
    """The first place where two runs part: fill number `index` from 0; None where one run has no such fill."""

    index: int
    first: Fill | None
    second: Fill | None

    def document(self) -> dict[str, Any]:
        """For JSON."""
        fills = (asdict(fill) if fill else None for fill in (self.first, self.second))
        return {"index": self.index, **dict(zip(("native", "backtrader"), fills, strict=True))}


def fills_of(result: RunRecord) -> list[Fill]:
    """Every execution of a run, by bar and then by the number of its order."""
    ledger = result.ledger
    rows = ledger[np.isin(ledger["kind"], FILL_KINDS)]
    rows = rows[np.lexsort((rows["order"], rows["t"]))]
    stamps, sessions = result.times(rows["t"], rows["moment"]).tolist(), result.market.sessions
    return [
        Fill(
            int(row["t"]),
            str(np.datetime64(stamp, "ns").astype("datetime64[s]")) + "Z",
            str(sessions[row["t"]]),
            result.symbol(int(row["role"]), int(row["order"])),
            float(row["qty"]),
            float(row["price"]),
            int(row["order"]),
            result.reasons.get(int(row["reason"]), (str(row["reason"]), ""))[0],
        )
        for row, stamp in zip(rows, stamps, strict=True)
    ]


def first_difference(native: RunRecord, other: RunRecord) -> Difference | None:
    """The first fill that is not the same in both runs; None when all are.

    With `this_close` the last bar is not compared: backtrader comes to its fills a bar later, and there is none.
    """
    last = len(native.market) - (native.config.fills.at == "this_close")
    ours, theirs = ([fill for fill in fills_of(result) if fill.t < last] for result in (native, other))
    for index, (one, two) in enumerate(zip_longest(ours, theirs)):
        if one is None or two is None or not one.same(two):
            return Difference(index, one, two)
    return None
