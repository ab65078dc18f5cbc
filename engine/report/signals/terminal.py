# SPDX-License-Identifier: Apache-2.0
"""A decision in words, on a terminal of 80 columns: what `signals_document.document` holds."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.report.kit.words import NOTHING, money, percent, plain_name, signed
from engine.report.signals.document import document

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from engine.runs.signals import Signals

MOST_LEVELS = 10
"""Levels of one role that are printed; the document has all."""

WIDEST = 100
"""Columns of a paragraph that is read with ease."""


def show(decision: Signals, age: int, console: Console, *, past: bool = False) -> None:
    """The decision; `past` where a day was asked for, so that an age says nothing."""
    shown = document(decision, age)
    console.print(f"[bold]{shown['name']}[/]  decision at the close of [bold]{shown['asof']}[/]")
    console.print(f"{shown['strategy']}; {shown['data']['label']}", style="dim", markup=False)
    say_age(shown, age, console, past=past)
    for notice in shown["notices"]:
        _say("- ", notice, "dim", console)
    say_decision(shown, console)


def say_decision(shown: dict[str, Any], console: Console) -> None:
    """Regime, indicators, levels, agents, positions and orders of one strategy."""
    _say_regime(shown, console)
    _say_indicators(shown, console)
    _say_levels(shown, console)
    _say_agents(shown, console)
    _say_positions(shown, console)
    _say_orders(shown, console)


def say_age(shown: dict[str, Any], age: int, console: Console, *, past: bool) -> None:
    """How old the bars are, with a warning where a session has closed since; and inputs older than the bars."""
    loud = "bold yellow"
    if shown["data"]["synthetic"]:
        console.print("! synthetic data: nothing here can be traded", style=loud)
    elif age:
        many = "s" if age > 1 else ""
        console.print(f"! the data is {age} completed session{many} old: this is not today's decision", style=loud)
    elif past:
        console.print("a past day, as asked: nothing later was read", style="dim")
    else:
        console.print("the data has every session that has closed", style="dim")
    for one in shown["data"]["series"]:
        if one["last"] is None:
            _say("! ", f"{one['series']} ({one['symbol']}) has no value in this run", loud, console)
        elif one["age_sessions"]:
            count = f"{one['age_sessions']:,} session{'' if one['age_sessions'] == 1 else 's'}"
            words = f"{one['series']} ({one['symbol']}): no value since {one['last']}, {count}; it was {one['value']:g}"
            _say("- ", words, "dim", console)


def _say_regime(shown: dict[str, Any], console: Console) -> None:
    if (regime := shown["regime"]) is not None:
        name = plain_name(regime["name"] or "none")
        count = f"{regime['sessions']:,} session{'' if regime['sessions'] == 1 else 's'}"
        console.print(f"\n[dim]Regime[/]  [bold]{name}[/] since {regime['since']}, {count}")


def _say_indicators(shown: dict[str, Any], console: Console) -> None:
    if shown["watched"]:
        rows = table("indicator", "value", "thresholds", left=(0, 2))
        for one in shown["watched"]:
            limits = ", ".join(f"{plain_name(name)} {value:g}" for name, value in one["thresholds"].items())
            rows.add_row(plain_name(one["feature"]), _or_dash(one["value"], 4), f"[dim]{limits}[/]")
        console.print()
        console.print(rows)
    state = ", ".join(f"{plain_name(name)} {_short(value)}" for name, value in shown["state"].items())
    if state:
        console.print()
        _say("Remembers  ", state, "dim", console)


def _say_levels(shown: dict[str, Any], console: Console) -> None:
    """A table a role, the nearest level first."""
    for symbol in dict.fromkeys(one["symbol"] for one in shown["levels"]):
        own = [one for one in shown["levels"] if one["symbol"] == symbol]
        rows = table(f"levels of {symbol}", "price", "away", "touches", "strength", "first", "last", left=(0, 5, 6))
        for one in own[:MOST_LEVELS]:
            touches = money(one["touches"]) if one["touches"] else ""
            strength = "" if one["strength"] is None else signed(one["strength"], 1)
            cells = (signed(one["price"], 2), percent(one["distance"], 1), touches, strength)
            rows.add_row(_level_name(one), *cells, one["first"] or "", one["last"] or "")
        console.print()
        console.print(rows)
        if len(own) > MOST_LEVELS:
            console.print(f"and {len(own) - MOST_LEVELS} farther ones: --json has them", style="dim")


def _level_name(one: dict[str, Any]) -> str:
    name = plain_name(one["name"])
    if one["kind"] == "order":
        return f"{name}: {'buy' if one['quantity'] > 0 else 'sell'} {money(abs(one['quantity']))}"
    if one["kind"] == "rule":
        return f"{name}, of the rules"
    return f"{name}, {one['note']}" if one["note"] else name


def _say_agents(shown: dict[str, Any], console: Console) -> None:
    if shown["agents"]:
        rows = table("agent", "exposure", "profit so far", left=(0,))
        for one in shown["agents"]:
            exposure = NOTHING if one["exposure"] is None else percent(one["exposure"], 1)
            rows.add_row(one["name"], exposure, money(one["pnl"]))
        console.print()
        console.print(rows)


def _say_positions(shown: dict[str, Any], console: Console) -> None:
    rows = table("", "symbol", "close", "held", "target", "weight", left=(0, 1))
    for one in shown["positions"]:
        weight = NOTHING if one["weight"] is None else percent(one["weight"], 1)
        rows.add_row(
            one["role"], one["symbol"], _or_dash(one["close"], 2), money(one["held"]), money(one["target"]), weight
        )
    console.print()
    console.print(rows)


def _say_orders(shown: dict[str, Any], console: Console) -> None:
    for title, orders in (("Working", shown["working"]), ("Cancel", shown["cancel"]), ("Send", shown["send"])):
        if orders:
            console.print(f"\n[bold]{title}[/]")
        for one in orders:
            side = "buy" if one["quantity"] > 0 else "sell"
            kind = plain_name(one["type"])
            prices = "".join(
                f" {signed(value, 2)}" if kind == name else f" {name} {signed(value, 2)}"
                for name, value in one["prices"].items()
            )
            console.print(f"  {side} {money(abs(one['quantity']))} {one['symbol']} {kind}{prices}, {one['tif']}")
            _say("    ", one["why"], "dim", console)
    if not shown["send"]:
        console.print("\nNothing to send.")


def table(*titles: str, left: Sequence[int]) -> Table:
    """An empty table of right-hand columns, but for those at the places `left`."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for place, title in enumerate(titles):
        made.add_column(title, justify="left" if place in left else "right", no_wrap=place not in left)
    return made


def _say(head: str, words: str, style: str, console: Console) -> None:
    """A paragraph whose later lines stand under its first word."""
    width = min(console.width, WIDEST)
    indent = " " * len(head)
    for line in textwrap.wrap(words, width, initial_indent=head, subsequent_indent=indent, break_long_words=False):
        console.print(line, style=style, markup=False, soft_wrap=True)


def _or_dash(value: float | None, digits: int) -> str:
    return NOTHING if value is None or math.isnan(value) else signed(value, digits)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).lower()
