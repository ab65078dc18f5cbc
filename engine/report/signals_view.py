# SPDX-License-Identifier: Apache-2.0
"""A decision in words: for the terminal, and as one JSON document (docs/schemas/signals.json)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.report.words import money, plain_name, signed
from engine.sim.codes import OrderKind, OrderStatus, TimeInForce
from engine.sim.quotes import modelled_with
from engine.strategy.params import declared_state

if TYPE_CHECKING:
    from rich.console import Console

    from engine.research.signals import OptionTarget, Signals

PRICES = {"limit": "limit", "stop": "stop", "trail": "trail"}
"""Price fields of an order by the word they are printed with; NaN where the kind has none."""


def document(decision: Signals, age: int) -> dict[str, Any]:
    """The whole decision as plain data; `age` is in completed sessions since the data's last one."""
    result, market = decision.result, decision.result.market
    closes = [float(market.bars[role]["close"][-1]) for role in market.roles]
    equity = float(result.points["equity"][-1])
    return {
        "name": result.config.name,
        "strategy": result.config.strategy,
        "asof": decision.asof.isoformat(),
        "data": {"label": market.label, "synthetic": market.synthetic, "age_sessions": age, "stale": age > 0},
        "fill_convention": result.fill_convention,
        "equity": equity,
        "state": _state(decision),
        "watched": [
            {"feature": name, "value": value, "thresholds": thresholds} for name, value, thresholds in decision.watched
        ],
        "positions": [
            {
                "role": role,
                "symbol": market.symbols[role],
                "close": close,
                "held": held,
                "target": target,
                "weight": target * close / equity if equity > 0 else None,
            }
            for role, close, held, target in zip(market.roles, closes, decision.held, decision.targets, strict=True)
        ]
        + [_contract(one, equity, result.config.options.multiplier) for one in decision.contracts],
        "send": [_order(decision, order) for order in decision.sent],
        "working": [_order(decision, order) for order in decision.working],
        "cancel": [_order(decision, order) for order in decision.ended],
        "notices": [*_modelled(decision), *result.notices],
    }


def _contract(one: OptionTarget, equity: float, multiplier: int) -> dict[str, Any]:
    known = equity > 0 and not np.isnan(one.price)
    return {
        "role": one.slot,
        "symbol": one.contract,
        "close": None if np.isnan(one.price) else one.price,
        "held": one.held,
        "target": one.target,
        "weight": one.target * multiplier * one.price / equity if known else None,
    }


def _modelled(decision: Signals) -> list[str]:
    """That option prices are modelled, where there are any."""
    result = decision.result
    return [modelled_with(result.config, result.market, result.options)] if result.options else []


def show(decision: Signals, age: int, console: Console) -> None:
    """The decision on a terminal of 80 columns."""
    shown = document(decision, age)
    console.print(f"[bold]{shown['name']}[/]  decision at the close of [bold]{shown['asof']}[/]")
    console.print(f"{shown['strategy']}; {shown['data']['label']}", style="dim", markup=False)
    if shown["data"]["synthetic"]:
        console.print("! synthetic data: nothing here can be traded", style="bold yellow")
    if shown["data"]["stale"]:
        text = f"! the data is {age} completed session{'s' if age > 1 else ''} old: this is not today's decision"
        console.print(text, style="bold yellow")
    for notice in shown["notices"]:
        console.print(f"- {notice}", style="dim", markup=False)
    _say_state(shown, console)
    _say_positions(shown, console)
    _say_orders(shown, console)


def _say_state(shown: dict[str, Any], console: Console) -> None:
    state = ", ".join(f"{plain_name(name)} {_short(value)}" for name, value in shown["state"].items())
    console.print(f"\n[dim]Remembers[/]  {state}")
    for one in shown["watched"]:
        limits = ", ".join(f"{plain_name(name)} {value:g}" for name, value in one["thresholds"].items())
        value = "–" if one["value"] != one["value"] else signed(one["value"], 4)
        console.print(f"[dim]{plain_name(one['feature']):>12}[/] [bold]{value}[/]  [dim]{limits}[/]")


def _say_positions(shown: dict[str, Any], console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "symbol"):
        table.add_column(title)
    for title in ("close", "held", "target", "weight"):
        table.add_column(title, justify="right")
    for one in shown["positions"]:
        weight = "–" if one["weight"] is None else f"{signed(100 * one['weight'], 1)} %"
        cells = (
            "–" if one["close"] is None else signed(one["close"], 2),
            money(one["held"]),
            money(one["target"]),
            weight,
        )
        table.add_row(one["role"], one["symbol"], *cells)
    console.print()
    console.print(table)


def _say_orders(shown: dict[str, Any], console: Console) -> None:
    for title, orders in (("Send", shown["send"]), ("Working", shown["working"]), ("Cancel", shown["cancel"])):
        if orders:
            console.print(f"\n[bold]{title}[/]")
        for one in orders:
            side = "buy" if one["quantity"] > 0 else "sell"
            prices = "".join(f" {name} {signed(value, 2)}" for name, value in one["prices"].items())
            head = (
                f"{side} {money(abs(one['quantity']))} {one['symbol']} {plain_name(one['type'])}{prices}, {one['tif']}"
            )
            console.print(f"  {head}")
            console.print(f"    [dim]{one['why']}[/]")
    if not shown["send"]:
        console.print("\nNothing to send.")


def _order(decision: Signals, order: Any) -> dict[str, Any]:
    result = decision.result
    name, words = result.reasons[int(order["reason"])]
    return {
        "id": int(order["id"]),
        "symbol": result.symbol(int(order["role"]), int(order["id"])),
        "quantity": float(order["asked"]),
        "type": OrderKind(int(order["kind"])).name.lower(),
        "prices": _prices(order),
        "tif": TimeInForce(int(order["tif"])).name.lower(),
        "status": OrderStatus(int(order["status"])).name.lower(),
        "parent": int(order["parent"]),
        "group": int(order["group"]),
        "reason": name,
        "why": words,
    }


def _prices(order: Any) -> dict[str, float]:
    """Prices by their words; an option order has none, its contract is in its symbol."""
    if order["kind"] == OrderKind.OPTION:
        return {}
    return {word: float(order[field]) for field, word in PRICES.items() if not np.isnan(order[field])}


def _state(decision: Signals) -> dict[str, Any]:
    """State fields as their author would write them: names of enums, true and false."""
    kinds = {name: kind for name, (kind, _) in declared_state(decision.strategy.State).items()}
    return {name: _as(kinds[name], value) for name, value in decision.result.state.items()}


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).lower()


def _as(kind: type, value: float) -> Any:
    if issubclass(kind, IntEnum):
        return kind(int(value)).name.lower()
    if kind is bool:
        return bool(value)
    return int(value) if kind is int else float(value)
