# SPDX-License-Identifier: Apache-2.0
"""A bar walked in four legs: its open, then open-high-low-close or open-low-high-close by a seeded throw.

Each leg is a bar of its own and goes through the engine's life of a bar: what a bar hides of its path is there to see,
and a stop or a limit fills where the path meets it.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from engine.kernel import rows
from engine.market.hours import length_of
from engine.sandbox.exchange.replay import Replay

LEGS = 4
HOUR = 3_600_000_000_000
A_DAY = 13 * HOUR // 2
"""A session of daily bars: six and a half hours to its close."""


class Bars:
    """The replayed bars by row, made when they are asked for."""

    def __init__(self, replay: Replay) -> None:
        self._bars = rows.RowsOnDemand(replay.window.kernel_bars)
        self.length = length_of(replay.market.frequency) or A_DAY
        self.legs = 1

    def __getitem__(self, row: int) -> Any:
        return self._bars[row]

    def __len__(self) -> int:
        return len(self._bars)


class WalkedBars(Bars):
    """The legs of the replayed bars: row // 4 is the bar's. A leg has a quarter of its bar's volume."""

    def __init__(self, replay: Replay, seed: int) -> None:
        super().__init__(replay)
        self.legs = LEGS
        self._seed = seed

    def __getitem__(self, row: int) -> Any:
        whole, leg = divmod(row, LEGS)
        bar = copy.copy(self._bars[whole])
        up_first = random.Random(f"{self._seed}:{whole}").random() < 0.5  # noqa: S311 - a throw that is the same again
        bar.ts -= self.length * (LEGS - 1 - leg) // (LEGS - 1)
        bar.days = bar.days if leg == 0 else 0
        bar.last = bar.last if leg == LEGS - 1 else 0
        bar.asset = [_leg_of(asset, leg, up_first) for asset in bar.asset]
        return bar

    def __len__(self) -> int:
        return LEGS * len(self._bars)


class Stretched:
    """A table with a row a bar, read by the rows of its legs."""

    def __init__(self, table: Any, legs: int) -> None:
        self._table, self._legs = table, legs

    def __getitem__(self, row: int) -> Any:
        return self._table[row // self._legs]

    def __len__(self) -> int:
        return len(self._table) * self._legs


def _leg_of(asset: Any, leg: int, up_first: bool) -> Any:
    turns = (asset.high, asset.low) if up_first else (asset.low, asset.high)
    path = (asset.open, *turns, asset.close)
    made = copy.copy(asset)
    made.open, made.close = path[max(0, leg - 1)], path[leg]
    made.high, made.low = max(made.open, made.close), min(made.open, made.close)
    made.volume = asset.volume / LEGS
    if leg > 0:
        made.dividend, made.split = 0.0, 1.0
    return made


def one_price(bar: Any, prices: dict[int, float], closes: list[float], time: int) -> Any:
    """A bar within the session of `bar`, at one price each: that of the role in `prices`, else its last close.

    No volume is known of it: what is asked for fills.
    """
    made = copy.copy(bar)
    made.ts, made.days, made.last = time, 0, 0
    made.asset = [copy.copy(asset) for asset in bar.asset]
    for role, asset in enumerate(made.asset):
        price = prices.get(role, closes[role])
        asset.open = asset.high = asset.low = asset.close = price
        asset.volume, asset.dividend, asset.split = float("nan"), 0.0, 1.0
    return made
