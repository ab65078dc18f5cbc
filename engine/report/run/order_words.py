# SPDX-License-Identifier: Apache-2.0
"""The drawdowns of a run's trades in other orders, in words."""

from __future__ import annotations

from typing import Any

from engine.analytics.significance.trip_order import TripOrder
from engine.notice import Notice, loud
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import count, counted, percent

PARTS = (0.05, 0.5, 0.95)
"""Of the orders: those that are told."""

KIND = 0.95
"""From this part of deeper orders on the order of the run was a kind one."""


def order_grid(found: TripOrder) -> Grid:
    """One line: the run's drawdown, and those that a part of the orders stay within."""
    fields = (Field("max drawdown", "max drawdown"), Field("of the run", "of the run"),
              *(Field(f"{percent(part, 0)} within", f"{percent(part, 0)} within") for part in PARTS),
              Field("as deep", "as deep"))  # fmt: skip
    figures = (found.own, *map(found.quantile, PARTS))
    return Grid(fields, [["at the close of trades", *map(percent, figures), percent(found.p, 0)]])


def order_notices(found: TripOrder) -> tuple[Notice, ...]:
    """Loud where nearly every other order is worse."""
    if found.p < KIND:
        return ()
    text = f"The order of the trades was kind: {percent(found.p, 0)} of other orders fall as deep or deeper"
    return (loud(f"{text}, half of them by {percent(found.quantile(0.5))} and more."),)


def order_words(found: TripOrder) -> str:
    """How the figures come about."""
    left = f" {counted(found.open, 'trade')} open at the end left out." if found.open else ""
    return (
        f"{counted(found.trades, 'closed trade')}, each by its net profit over the equity before it opened, put in "
        f"{count(len(found.drawn))} orders drawn at random: the end is the same, the way is not. Drawdowns are looked "
        f"at where trades close, and without interest on cash: another figure than the metric of every bar.{left}"
    )


def order_document(found: TripOrder) -> dict[str, Any]:
    """Everything as plain data, fractions."""
    return {
        "trades": found.trades,
        "open": found.open,
        "own": found.own,
        "orders": len(found.drawn),
        "p": found.p,
        "quantiles": {f"{part:g}": found.quantile(part) for part in PARTS},
    }
