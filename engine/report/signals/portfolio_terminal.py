# SPDX-License-Identifier: Apache-2.0
"""A portfolio's decision in words and as one JSON document (docs/schemas/signals-portfolio.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.model.sleeves import told_strategy
from engine.report.kit.terminal import DIM, say, table
from engine.report.kit.words import count, money, percent
from engine.report.signals.document import document as sleeve_document
from engine.report.signals.terminal import say_age, say_decision

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.portfolio_signals import PortfolioSignals

NOT_OF_A_SLEEVE = ("data", "fill_convention", "asof", "name")
"""What every sleeve has in common: it stands once."""


def document(decision: PortfolioSignals, age: int) -> dict[str, Any]:
    """The whole decision as plain data; `age` is in completed sessions since the data's last one."""
    result = decision.result
    equity = float(result.points["equity"][-1])
    sleeves = {name: sleeve_document(own, age) for name, own in decision.sleeves.items()}
    first = next(iter(sleeves.values()))
    notices = list(dict.fromkeys(one for own in sleeves.values() for one in own["notices"]))
    return {
        "name": result.config.name,
        "strategy": told_strategy(result.config),
        "asof": decision.asof.isoformat(),
        "data": first["data"],
        "fill_convention": result.fill_convention,
        "equity": equity,
        "sleeves": {
            name: {
                "weight": result.config.sleeves[name].weight,
                **{key: value for key, value in own.items() if key not in (*NOT_OF_A_SLEEVE, "notices")},
            }
            for name, own in sleeves.items()
        },
        "net": [
            {
                "symbol": one.symbol,
                "close": one.close,
                "held": one.held,
                "buy": one.buy,
                "sell": one.sell,
                "target": one.target,
                "weight": one.target * one.close / equity if equity > 0 else None,
            }
            for one in decision.net
        ],
        "notices": [*notices, *result.notices],
    }


def show(decision: PortfolioSignals, age: int, console: Console, *, past: bool = False) -> None:
    """Each sleeve's decision, then what the broker will hold; `past` where a day was asked for."""
    shown = document(decision, age)
    console.print(f"[bold]{shown['name']}[/]  decision at the close of [bold]{shown['asof']}[/]")
    console.print(f"{shown['strategy']}; {shown['data']['label']}", style="dim", markup=False)
    say_age(shown, age, console, past=past)
    for notice in shown["notices"]:
        say(notice, console, DIM, "- ")
    for name, own in shown["sleeves"].items():
        console.print(f"\n[bold]Sleeve {name}[/]  {own['strategy']}, equity {money(own['equity'])}")
        say_decision(own, console)
    _say_net(shown, console)


def _say_net(shown: dict[str, Any], console: Console) -> None:
    net = table(["the account", "close", "held", "buy", "sell", "target", "weight"], tight=True)
    for one in shown["net"]:
        orders = (count(one[name]) if one[name] else "" for name in ("buy", "sell"))
        held, target = count(one["held"]), count(one["target"])
        net.add_row(one["symbol"], money(one["close"], 2), held, *orders, target, percent(one["weight"], 1))
    console.print("\n[bold]At the broker[/]")
    console.print(net)
    console.print("Market orders of the sleeves go out one by one; limits and stops come on top.", style="dim")
