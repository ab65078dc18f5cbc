# SPDX-License-Identifier: Apache-2.0
"""What the bridge believes and does, on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.paper.decision.look import Report, Step
from engine.paper.instructions import IntentState
from engine.paper.verdict import Outcome
from engine.report.kit.terminal import DIM, LOUD, say, table
from engine.report.kit.words import shares, with_prices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

    from engine.paper.broker.port import LinkState
    from engine.paper.instructions import Instruction
    from engine.paper.journal.journal import Intent

WORDS = {
    Step.DECIDED: "decided and written down",
    Step.JUDGED: "dry run: this is what --send would send; nothing was kept or sent",
    Step.NOTHING_NEW: "this bar has been decided",
    Step.NO_BARS: "no decision",
    Step.TOO_EARLY: "no decision yet",
    Step.NOT_COMPARED: "no decision: the broker did not answer",
    Step.DATA_DIFFER: "no decision: the data are not to be trusted",
    Step.NOT_AGREED: "no decision: journal and broker do not agree on the account",
    Step.NO_VALUE: "no decision: a value that the strategy reads is not there",
    Step.UNWRITABLE: "no decision: it cannot be written down",
}


def say_report(report: Report, console: Console) -> None:
    """One look at the market: the decision, and each order with the gates that are not open."""
    decision = report.decision
    head = f"[bold]{decision.session}[/]  " if decision else ""
    console.print(f"{head}{WORDS[report.step]}")
    for words in (*report.why, *report.notices):
        say(words, console, LOUD, "! ")
    if decision is None or report.step is Step.NOTHING_NEW:
        return
    for one in decision.send:
        console.print(f"  {order_words(one)}", highlight=False)
        say(one.reason, console, DIM, "    ")
        for verdict in report.verdicts:
            if verdict.ref == one.ref and verdict.outcome is not Outcome.PASS:
                refused = verdict.outcome is Outcome.REFUSE
                head = f"    {'refused' if refused else 'waits'}, gate {verdict.gate}: "
                say(verdict.text, console, LOUD if refused else DIM, head)
    for ref in decision.cancel:
        console.print(f"  take back {ref}", highlight=False)
    for words in decision.cut:
        say(f"{words}: no order", console, LOUD, "! ")
    if not decision.send and not decision.cancel:
        console.print("  nothing to send")


def say_orders(orders: Iterable[Intent], console: Console) -> None:
    """What has become of orders: what the broker has, what it has not spoken of, what has ended and why."""
    told = list(orders)
    there = [one for one in told if one.state in {IntentState.WORKING, IntentState.FILLED}]
    if there:
        console.print("  at the broker: " + ", ".join(f"{one.ref} {one.state.value}" for one in there), style=DIM)
    for one in told:
        if one.state in {IntentState.SENT, IntentState.UNKNOWN}:
            say(f"{one.ref}: the broker has not spoken of it, or cannot explain it", console, LOUD, "  not known: ")
        elif one.state is IntentState.DEAD:
            meant = one.cancel_wanted or (one.order_id is not None and one.instruction.tif == "DAY")
            head = "  taken back: " if one.cancel_wanted else "  ended: "
            say(f"{one.ref}: {one.why}", console, DIM if meant else LOUD, head)
        elif one.state is IntentState.INTENT:
            say(f"{one.ref}", console, LOUD, "  not sent yet: ")


def order_words(one: Instruction) -> str:
    """`sell 940 IWM stop 74.06, gtc`."""
    prices = {"limit": one.limit, "stop": one.stop, "trail": one.trail}
    what = with_prices(one.kind.name.lower(), {name: price for name, price in prices.items() if price is not None})
    side = "buy" if one.quantity > 0 else "sell"
    behind = f", once {one.parent} has filled" if one.parent else ""
    return f"{side} {shares(abs(one.quantity))} {one.symbol} {what}, {one.tif.lower()}{behind}"


def say_standing(shown: dict[str, Any], console: Console) -> None:
    """All of `standing`."""
    console.print(f"[bold]{shown['account'] or 'no account yet'}[/]  {shown['journal']}", highlight=False)
    decided = shown["decided"]
    last = f"last decision {decided['session']}, {decided['orders']} orders" if decided else "no decision yet"
    console.print(f"{last}; {shown['orders_today']} orders sent today", style=DIM)
    if flow := shown["cash_flow"]:
        way = "came in, which is no gain" if flow > 0.0 else "went out; `accept-cash` where that is no loss"
        say(f"today {abs(flow):,.2f} dollars of cash without a fill {way}", console, LOUD, "! ")
    say_halts(shown, console)
    console.print()
    console.print(positions_table(shown["positions"]))
    console.print()
    console.print(orders_table(shown["orders"]))


def say_halts(shown: dict[str, Any], console: Console) -> None:
    """Why nothing may be sent, or that nothing stands in the way."""
    for words in (*halt_words(shown), *others_words(shown)):
        say(words, console, LOUD, "! ")
    if not halt_words(shown):
        console.print("nothing is halted", style=DIM)


def halt_words(shown: dict[str, Any]) -> list[str]:
    """The kill file and every halt, a sentence each."""
    kill = shown["kill_file"]
    return [
        *([f"nothing is sent while the file {kill} exists"] if kill else []),
        *(f"{one['symbol'] or 'everything'} is halted ({one['kind']}): {one['text']}" for one in shown["halts"]),
    ]


def others_words(shown: dict[str, Any]) -> list[str]:
    """Every order of somebody else that works in a symbol of the run, a sentence each: it trades beside the run."""
    held = {one["symbol"]: one["broker"] for one in shown["positions"]}
    found = []
    for one in (each for each in shown["orders"] if not each["ours"]):
        left = one["quantity"] - one["filled"]
        beyond = held.get(one["symbol"], 0.0) * left >= 0.0 or abs(left) > abs(held[one["symbol"]])
        side = "buy" if left > 0.0 else "sell"
        more = ": it can open a position or turn one" if beyond else ""
        found.append(f"an order of somebody else works, {side} {shares(abs(left))} {one['symbol']}{more}")
    return found


def positions_table(rows: list[dict[str, Any]]) -> RenderableType:
    """Journal, broker, difference."""
    cells = [
        (
            one["symbol"],
            shares(one["journal"]),
            shares(one["broker"]),
            "" if one["agree"] else shares(one["difference"]),
        )
        for one in rows
    ]
    return table(["position", "journal", "broker", "difference"], cells or [("none", "", "", "")], tight=True)


def orders_table(rows: list[dict[str, Any]]) -> RenderableType:
    """Orders that live, and those of the last decision."""
    made = table(["order", "shares", "filled", "what", "state", "why"], left=(0, 3, 4, 5), tight=True)
    for one in rows:
        what = f"{with_prices(one['type'], one['prices'])}, {one['tif']}" if one["ours"] else one["reason"]
        state = f"{one['state']}, being taken back" if one["taken_back"] else one["state"]
        made.add_row(one["symbol"], shares(one["quantity"]), shares(one["filled"]), what, state, one["why"])
    if not rows:
        made.add_row("none", "", "", "", "", "")
    return made


def live(shown: dict[str, Any], link: LinkState, report: Report | None, facts: dict[str, str]) -> RenderableType:
    """The whole picture while a session runs: link, last look, halts, positions, orders. facts are words by name."""
    from rich.console import Group
    from rich.text import Text

    way = "up" if link.up else "DOWN"
    ready = "compared" if link.ready else "not compared since"
    lines: list[RenderableType] = [
        Text.assemble(
            (f"{shown['account'] or ''}  ", "bold"),
            (f"link {way} ({link.last}), {ready}", "" if link.up and link.ready else LOUD),
        ),
        Text("  ".join(f"{name} {words}" for name, words in facts.items()), style=DIM),
    ]
    if report is not None:
        day = report.decision.session if report.decision else ""
        lines.append(Text(f"{day} {WORDS[report.step]}".strip()))
        lines += [Text(f"! {one}", style=LOUD) for one in (*report.why, *report.notices)]
    lines += [Text(f"! {words}", style=LOUD) for words in (*halt_words(shown), *others_words(shown))]
    return Group(*lines, "", positions_table(shown["positions"]), "", orders_table(shown["orders"]))
