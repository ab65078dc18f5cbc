# SPDX-License-Identifier: Apache-2.0
"""A day's decision in words, on a terminal of 80 columns: what `document` holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.notice import Notice
from engine.report.kit.terminal import DIM, LOUD, heading, say, say_notices, table
from engine.report.kit.words import (
    count,
    counted,
    decimal,
    money,
    percent,
    plain_name,
    shares,
    synthetic_warning,
    with_prices,
)
from engine.report.signals.account import say_account
from engine.report.signals.document import ENDS_WITH, document
from engine.report.signals.levels import condition_words
from engine.strategy.interpretation import UNKNOWN_REGIME

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.signals.run import Signals

MOST_LEVELS = 10
"""Levels of one role that are printed; the document has all."""


def show(decision: Signals, age: int, console: Console, *, past: bool = False) -> None:
    """Each sleeve's decision, then what the broker will hold; `past` where a day was asked for: an age says nothing.

    What is not the decision that was asked for, or not today's, says so before anything else.
    """
    shown = document(decision, age)
    notices = [Notice(**one) for one in shown["notices"]]
    first = 1 if decision.other or age else 0
    say_notices(notices[:first], console)
    console.print(f"[bold]{shown['name']}[/]  decision at the close of [bold]{shown['asof']}[/]")
    console.print(f"{shown['strategy']}; {shown['data']['label']}", style="dim", markup=False)
    _say_age(shown, age, console, past=past)
    say_notices(notices[first:], console)
    for name, own in shown.get("sleeves", {"": shown}).items():
        if name:
            heading(f"Sleeve {name}", f"{own['strategy']}, equity {money(own['equity'])}", console, above="\n")
        _say_decision(own, console, model="account" in shown)
    if "net" in shown:
        _say_net(shown["net"], console)
    if "account" in shown:
        say_account(shown["account"], console, sleeves="sleeves" in shown)


def _say_decision(shown: dict[str, Any], console: Console, *, model: bool) -> None:
    """What one strategy decided, regime to orders; model: an account of one's own follows."""
    _say_regime(shown, console)
    _say_alarms(shown, console)
    _say_indicators(shown, console)
    _say_conditions(shown, console)
    _say_levels(shown, console)
    _say_agents(shown, console)
    _say_positions(shown, console)
    _say_orders(shown, console, model=model)


def _say_age(shown: dict[str, Any], age: int, console: Console, *, past: bool) -> None:
    """How old the bars are, and inputs older than the bars."""
    if shown["data"]["synthetic"]:
        say(synthetic_warning(shown["data"]["label"]), console, LOUD, "! ")
    elif not age:
        known = "a past day, as asked: nothing later was read" if past else "the data has every session that has closed"
        console.print(known, style=DIM)
    for one in shown["data"]["series"]:
        if one["last"] is None:
            say(f"{one['series']} ({one['symbol']}) has no value in this run", console, LOUD, "! ")
        elif one["age_sessions"]:
            age_words = counted(one["age_sessions"], "session")
            words = f"no value since {one['last']}, {age_words}; it was {one['value']:g}"
            say(f"{one['series']} ({one['symbol']}): {words}", console, DIM, "- ")


def _say_regime(shown: dict[str, Any], console: Console) -> None:
    if (regime := shown["regime"]) is not None:
        name = plain_name(regime["name"] or UNKNOWN_REGIME)
        held = counted(regime["sessions"], "session")
        console.print(f"\n[dim]Regime[/]  [bold]{name}[/] since {regime['since']}, {held}")


def _say_alarms(shown: dict[str, Any], console: Console) -> None:
    for words in shown["alarms"]:
        say(f"alarm: {words}", console, LOUD, "! ")


def _say_indicators(shown: dict[str, Any], console: Console) -> None:
    if shown["watched"]:
        rows = table(["indicator", "value", "thresholds"], left=(0, 2), tight=True)
        for one in shown["watched"]:
            limits = ", ".join(f"{plain_name(name)} {value:g}" for name, value in one["thresholds"].items())
            rows.add_row(plain_name(one["feature"]), decimal(one["value"], 4), f"[dim]{limits}[/]")
        console.print()
        console.print(rows)
    if shown["remembers"]:
        console.print()
        say(", ".join(shown["remembers"]), console, DIM, "Remembers  ")


def _say_conditions(shown: dict[str, Any], console: Console) -> None:
    """What it would do at which close, the nearest price first."""
    if shown["conditions"]:
        console.print("\n[bold]At a later close[/]")
        for one in sorted(shown["conditions"], key=lambda one: (one["unit"], abs(one["distance"]))):
            say(condition_words(one), console, head="  ")


def _say_levels(shown: dict[str, Any], console: Console) -> None:
    """A table a role, the nearest level first."""
    for symbol in dict.fromkeys(one["symbol"] for one in shown["levels"]):
        own = [one for one in shown["levels"] if one["symbol"] == symbol]
        rows = table(
            [f"levels of {symbol}", "price", "away", "touches", "strength", "first", "last"], left=(0, 5, 6), tight=True
        )
        for one in own[:MOST_LEVELS]:
            touches = count(one["touches"]) if one["touches"] else ""
            strength = "" if one["strength"] is None else decimal(one["strength"], 1)
            cells = (money(one["price"], 2), percent(one["distance"], 1), touches, strength)
            rows.add_row(_level_name(one), *cells, one["first"] or "", one["last"] or "")
        console.print()
        console.print(rows)
        if len(own) > MOST_LEVELS:
            console.print(f"and {len(own) - MOST_LEVELS} farther ones: --json has them", style="dim")


def _level_name(one: dict[str, Any]) -> str:
    name = plain_name(one["name"])
    if one["kind"] == "order":
        return f"{name}: {'buy' if one['quantity'] > 0 else 'sell'} {count(abs(one['quantity']))}"
    if one["kind"] == "rule":
        return f"{name}, of the rules"
    return f"{name}, {one['note']}" if one["note"] else name


def _say_agents(shown: dict[str, Any], console: Console) -> None:
    if shown["agents"]:
        rows = table(["agent", "exposure", "profit so far"], left=(0,), tight=True)
        for one in shown["agents"]:
            rows.add_row(one["name"], percent(one["exposure"], 1), money(one["pnl"]))
        console.print()
        console.print(rows)


def _say_positions(shown: dict[str, Any], console: Console) -> None:
    rows = table(["", "symbol", "close", "held", "target", "weight"], left=(0, 1), tight=True)
    for one in shown["positions"]:
        held, target = shares(one["held"]), shares(one["target"])
        rows.add_row(one["role"], one["symbol"], money(one["close"], 2), held, target, percent(one["weight"], 1))
    console.print()
    console.print(rows)


def _say_orders(shown: dict[str, Any], console: Console, *, model: bool) -> None:
    """Orders; where an account of one's own follows, those of the backtest are called so."""
    titles = ("Working", "Cancel", "Send")
    if model:
        titles = ("The backtest's working orders", "The backtest cancels", "The backtest sends")
    for title, orders in zip(titles, (shown["working"], shown["cancel"], shown["send"]), strict=True):
        if orders:
            console.print(f"\n[bold]{title}[/]")
        for one in orders:
            side = "buy" if one["quantity"] > 0 else "sell"
            what = with_prices(one["type"], one["prices"])
            console.print(f"  {side} {shares(abs(one['quantity']))} {one['symbol']} {what}, {one['tif']}", markup=False)
            say(one["why"], console, DIM, "    ")
            if one["ends_with"] is not None:
                say(f"{ENDS_WITH}: left there, it could open another one", console, head="    ")
    if not shown["send"]:
        console.print(f"\n{'The backtest sends nothing' if model else 'Nothing to send'}.")


def _say_net(held: list[dict[str, Any]], console: Console) -> None:
    net = table(["the account", "close", "held", "buy", "sell", "target", "weight"], tight=True)
    for one in held:
        orders = (count(one[name]) if one[name] else "" for name in ("buy", "sell"))
        shares, target = count(one["held"]), count(one["target"])
        net.add_row(one["symbol"], money(one["close"], 2), shares, *orders, target, percent(one["weight"], 1))
    console.print("\n[bold]At the broker[/]")
    console.print(net)
    console.print("Market orders of the sleeves go out one by one; limits and stops come on top.", style="dim")
