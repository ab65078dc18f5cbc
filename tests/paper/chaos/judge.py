# SPDX-License-Identifier: Apache-2.0
"""The oracle: what the broker's own book on disk says of every order, against what the bridge believes."""

import json
from collections import Counter, defaultdict
from contextlib import closing

from engine.paper.comparison.reconcile import LOST
from engine.paper.journal.journal import Journal
from engine.paper.states import split_execution
from engine.sandbox.exchange.exchange import PAPER, Exchange
from tests.paper.chaos.setting import clock, market, target


def books(folder):
    """(orders, executions, positions) as the broker has them."""
    with closing(Exchange(market(), book=folder / "book.db")) as exchange:
        held = {one.contract.symbol: one.quantity for one in exchange.positions(PAPER)}
        return *exchange.dump().values(), held


def judge(folder, seed):
    """What is wrong, a sentence each; and figures of what was judged."""
    orders, executions, held = books(folder)
    journal = Journal(folder / "journal.db", clock)
    wrong = []
    by_ref, quantity = Counter(one["ref"] for one in orders), defaultdict(float)
    for one in executions:
        quantity[one["ref"]] += one["quantity"]
    rows = journal.store.read("SELECT ref FROM intents")
    intents = {row["ref"]: journal.intent(row["ref"]) for row in rows}
    wrong += [f"invented: {ref} at the broker, not in the journal" for ref in by_ref if ref not in intents]
    wrong += [f"duplicate: {ref} is {count} orders" for ref, count in by_ref.items() if count > 1]
    living = {one["ref"] for one in orders if one["status"] not in {"Filled", "Cancelled", "Inactive", "ApiCancelled"}}
    for ref, one in intents.items():
        wanted, done, state = one.instruction.quantity, quantity[ref], one.state.value
        if abs(done) > abs(wanted) or done * wanted < 0:
            wrong.append(f"quantity: {ref} wanted {wanted:g}, the broker executed {done:g}")
        if state not in {"filled", "dead"}:
            wrong.append(f"lost: {ref} ends as {state}")
        if (state == "filled") != (done == wanted):
            wrong.append(f"state: {ref} is {state} with {done:g} of {wanted:g}")
        if state == "dead" and ref in living:
            wrong.append(f"state: {ref} is dead here and lives at the broker")
    theirs = sorted((*split_execution(one["exec_id"]), one["ref"], one["quantity"], one["price"]) for one in executions)
    fills = [fill for _, fill in journal.ledger.fills_since(0)]
    ours = sorted((one.base, one.revision, one.ref, one.quantity, one.price) for one in fills)
    if theirs != ours:
        wrong.append(f"fills: the broker has {set(theirs) - set(ours)}, the journal {set(ours) - set(theirs)}")
    if journal.ledger.positions() != {symbol: shares for symbol, shares in held.items() if shares}:
        wrong.append(f"ledger: {journal.ledger.positions()} here, {held} at the broker")
    last = journal.last_decision()
    if last is None:
        wrong.append("nothing was decided")
    turn = json.loads(last.memory)["turn"][0] if last else 0
    if held.get("X", 0.0) != target(seed, turn):
        wrong.append(f"target: {target(seed, turn)} was wanted, {held.get('X', 0.0)} is held")
    dead = [one.why for one in intents.values() if one.state.value == "dead"]
    figures = {
        "intents": len(intents), "orders": len(orders), "executions": len(executions), "turns": turn,
        "never_reached": sum(why.startswith(LOST) for why in dead),
    }  # fmt: skip
    journal.close()
    return wrong, figures


def judge_naive(folder):
    """Shares by which what the naive bridge believes differs from the broker's."""
    orders, _, held = books(folder)
    state = json.loads((folder / "naive.json").read_text())
    wrong = held.get("X", 0.0) - state["held"]
    return [f"ledger: {state['held']} here, {held.get('X', 0.0):g} at the broker"] * bool(wrong), {
        "orders": len(orders)
    }
