# SPDX-License-Identifier: Apache-2.0
"""Exits that could together trade more than their position where nothing bounds them, as at a broker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import OrderKind
from engine.notice import Notice, loud
from engine.runs.signals.guarded import Guards


def excesses(
    result: RunRecord, guards: Guards, sizes: Mapping[int, float], cut: Callable[[float], float] = float
) -> Iterator[Notice]:
    """A loud notice for each role and side whose exits are for more shares than there can be to close.

    sizes  signed shares that the orders that stand are told with, by id
    cut    what becomes of the run's shares where the sizes are those of another account
    Exits of one group count once, for what one fills is taken off the others. What there can be to close is the target
    and all that the entries still open which wait.
    """
    told = [one for one in guards.orders if int(one["id"]) in sizes and one["kind"] != OrderKind.OPTION]
    for role, name in enumerate(result.market.roles):
        for side in (1.0, -1.0):
            exits = [one for one in told if one["parent"] != 0 and one["role"] == role and _closes(one, side, sizes)]
            groups: dict[int, float] = {}
            for one in exits:
                key = int(one["group"] or -one["id"])
                groups[key] = max(groups.get(key, 0.0), abs(sizes[int(one["id"])]))
            most = max(0.0, cut(side * guards.target[role]))
            waiting = guards.entries[(guards.entries["role"] == role) & (guards.entries["qty"] * side > 0.0)]
            most += sum(cut(abs(float(one["qty"]))) for one in waiting[~np.isin(waiting["id"], guards.now["id"])])
            if (total := sum(groups.values())) > most + 1e-9 * total:
                words = [_exit_words(result, one, sizes[int(one["id"])]) for one in exits]
                yield loud(_said(result.market.symbols[name], words, side, total, most, alone=len(groups) == 1))


def _closes(order: Any, side: float, sizes: Mapping[int, float]) -> bool:
    return sizes[int(order["id"])] * side < 0.0


def _exit_words(result: RunRecord, order: Any, shares: float) -> str:
    """`the stop, sell 100 at 45.00`; one that waits for no price has none."""
    price = float(order["limit"] if math.isnan(order["stop"]) or order["triggered"] == 1 else order["stop"])
    at = "" if math.isnan(price) else f" at {price:,.2f}"
    why = result.reasons[int(order["reason"])].words
    return f"{why}, {'buy' if shares > 0.0 else 'sell'} {abs(shares):,.10g}{at}"


def _said(symbol: str, words: list[str], side: float, total: float, most: float, *, alone: bool) -> str:
    does, turned = ("sell", "short") if side > 0.0 else ("buy", "long")
    if alone:
        return (
            f"{symbol}: {' or '.join(words)}, is for more than the {most:,.10g} shares that are left once the orders "
            f"at any price have filled: a broker would {does} them all and be {turned}; cut it there to {most:,.10g} "
            "with those orders"
        )
    return (
        f"{symbol}: exits for {total:,.10g} shares stand and there are {most:,.10g} to {does} ({'; '.join(words)}): "
        f"the backtest trades no more than the position, a broker would be {turned} once all have filled; bind those "
        "that stand for the same shares with orders.oco, and as one-cancels-other at the broker"
    )
