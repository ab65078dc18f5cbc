# SPDX-License-Identifier: Apache-2.0
"""The bridge's fills beside those of a backtest over the same bars: how many are the same, and what the others cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from engine.engines import native
from engine.inputs.prepared import Prepared
from engine.paper.instructions import Fill
from engine.runs.verify.parity import fills_of

Place = tuple[int, str, float]
"""Stamp of the bar in ns UTC, symbol, signed shares."""


@dataclass(frozen=True)
class Beside:
    """Fills of a backtest and of the bridge.

    total     of the backtest;  same: of them the bridge has with the same bar, symbol, shares and price, to the bit
    moved     with the same bar, symbol and shares at another price; dear is what the bridge paid more for them, dollars
    missing   of the backtest alone;  extra: of the bridge alone
    """

    total: int
    same: int
    moved: int
    dear: float
    missing: int
    extra: int

    def __str__(self) -> str:
        """One sentence."""
        if self.same == self.total and not self.extra:
            return f"a backtest of these bars has the same {self.total} fills, to the last bit"
        parts = [f"{self.same} the same"]
        if self.moved:
            more = "more" if self.dear > 0.0 else "less"
            parts.append(f"{self.moved} at other prices, by which the bridge paid {abs(self.dear):,.2f} dollars {more}")
        if self.missing:
            parts.append(f"{self.missing} that the bridge does not have")
        told = f"a backtest of these bars has {self.total} fills: {', '.join(parts)}"
        return f"{told}; the bridge has {self.extra} others" if self.extra else told


def beside_backtest(prepared: Prepared, fills: Iterable[Fill]) -> Beside:
    """Run the bars natively and lay the bridge's fills beside. Raises what a backtest raises."""
    stamps = prepared.market.ts
    theirs: dict[Place, list[float]] = defaultdict(list)
    ours: dict[Place, list[float]] = defaultdict(list)
    for one in fills_of(native.run(prepared)):
        theirs[int(stamps[one.t]), one.symbol, one.quantity].append(one.price)
    for fill in fills:
        ours[fill.time, fill.symbol, fill.quantity].append(fill.price)
    same, moved, dear, both = 0, 0, 0.0, 0
    for place, prices in theirs.items():
        for first, second in zip(prices, ours.get(place, ()), strict=False):
            both += 1
            same += first == second
            moved += first != second
            dear += (second - first) * place[2]
    total, made = sum(map(len, theirs.values())), sum(map(len, ours.values()))
    return Beside(total, same, moved, dear, total - both, made - both)
