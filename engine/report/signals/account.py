# SPDX-License-Identifier: Apache-2.0
"""A decision for an account of one's own, as plain data and in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.notice import Notice
from engine.report.kit.terminal import DIM, say, say_notices, table
from engine.report.kit.words import money, percent, shares, with_prices
from engine.runs.signals.account_risk import stop_losses

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.signals.account_decision import AccountDecision, AccountOrder

PRICES = ("limit", "stop", "trail")


def account_document(decision: AccountDecision) -> dict[str, Any]:
    """What docs/schemas/signals.json has under `account`."""
    margin = decision.margin
    return {
        "equity": decision.equity,
        "scale": decision.scale,
        "cash": decision.cash,
        "positions": [
            {
                "symbol": one.symbol,
                "close": one.close,
                "held": one.held,
                "target": one.target,
                "weight": one.weight,
                "model_weight": one.model,
            }
            for one in decision.positions
        ],
        "orders": [_order(one) for one in decision.orders],
        "waiting": [_order(one) for one in decision.waiting],
        "take_back": [_order(one) for one in decision.take_back],
        "margin": margin
        and {
            "initial_before": margin.initial_before,
            "initial_after": margin.initial_after,
            "maintenance_before": margin.maintenance_before,
            "maintenance_after": margin.maintenance_after,
        },
        "cost": decision.cost,
        "stops": [
            {
                "symbol": one.symbol,
                "shares": one.shares,
                "stop": one.stop,
                "entries": one.entries,
                "loss": one.loss,
                "of_equity": one.loss / decision.equity,
                "bare": one.bare,
            }
            for one in stop_losses(decision.positions, decision.waiting)
        ],
        "notices": [one.as_dict() for one in decision.notices],
    }


def _order(one: AccountOrder) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "quantity": one.quantity,
        "type": one.kind.name.lower(),
        "prices": {name: getattr(one, name) for name in PRICES if not math.isnan(getattr(one, name))},
        "tif": "day" if one.day else "gtc",
        "dollars": one.dollars,
        "commission": one.commission,
        "fees": one.fees,
        "slippage": one.slippage,
        "order": one.order,
        "parent": one.parent,
        "group": one.group,
        "reduce_only": one.parent != 0,
        "reason": one.reason,
        "why": one.why,
    }


def say_account(shown: dict[str, Any], console: Console, *, sleeves: bool) -> None:
    """The account's targets, the orders that lead there, margin and cost: what `account_document` holds.

    sleeves  whether several share the account: an order guards the position of its own, not what all come to.
    """
    console.print(f"\n[bold]Your account[/]  equity {money(shown['equity'], 2)}, cash {money(shown['cash'], 2)}")
    say_notices([Notice(**one) for one in shown["notices"]], console)
    rows = table(["", "close", "held", "target", "weight", "backtest's"], tight=True)
    for one in shown["positions"]:
        weights = percent(one["weight"], 1), percent(one["model_weight"], 1)
        rows.add_row(one["symbol"], money(one["close"], 2), shares(one["held"]), shares(one["target"]), *weights)
    console.print(rows)
    back = "Take back, where it stands, with the order that ends its position"
    for title, orders in (("Send", shown["orders"]), ("Send, to wait", shown["waiting"]), (back, shown["take_back"])):
        if orders:
            console.print(f"\n[bold]{title}[/]")
        for one in orders:
            _say_order(one, console, "its sleeve's position" if sleeves else "the position")
    if not shown["orders"] and not shown["waiting"]:
        console.print("\nNothing to send.")
    if (margin := shown["margin"]) is not None:
        console.print()
        console.print(
            table(
                ["margin at this close", "before", "after"],
                [
                    (name, money(margin[f"{name}_before"]), money(margin[f"{name}_after"]))
                    for name in ("initial", "maintenance")
                ],
                tight=True,
            )
        )
    console.print(f"Estimated cost of the orders that go out now: {money(shown['cost'], 2)}")
    for one in shown["stops"]:
        _say_stop(one, console)
    bare = [one["symbol"] for one in shown["positions"] if one["target"]]
    bare = [symbol for symbol in bare if symbol not in {one["symbol"] for one in shown["stops"]}]
    if bare:
        say(f"No stop order stands for {', '.join(bare)}: what ends it is decided at a close.", console)


def _say_stop(one: dict[str, Any], console: Console) -> None:
    """What is lost where the stop is hit, and what it leaves open."""
    size = f"{shares(abs(one['shares']))} {one['symbol']}"
    waits = f", {shares(abs(one['entries']))} of them entries that wait on the way" if one["entries"] else ""
    sign = "loss" if one["loss"] >= 0 else "gain"
    cost = f"{sign} {money(abs(one['loss']), 2)}, {percent(abs(one['of_equity']), 2)} of equity, from this close"
    say(f"If the stop at {money(one['stop'], 2)} is hit: {size}{waits}: {cost}; a gap makes it more.", console)
    if one["bare"]:
        say(f"{shares(abs(one['bare']))} shares of {one['symbol']} have no stop.", console, DIM)


def _say_order(one: dict[str, Any], console: Console, guarded: str) -> None:
    """Side, shares, type, prices, life and dollars, the reason below."""
    side = "buy" if one["quantity"] > 0 else "sell"
    bound = f", at most {guarded}" if one["parent"] else ""
    what = f"{shares(abs(one['quantity']))} {one['symbol']} {with_prices(one['type'], one['prices'])}"
    console.print(f"  {side} {what}, {one['tif']}, {money(one['dollars'])} dollars{bound}")
    say(one["why"], console, DIM, "    ")
