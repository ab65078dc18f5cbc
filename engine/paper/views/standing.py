# SPDX-License-Identifier: Apache-2.0
"""How a journal stands, as plain data: what it believes, what the broker last said, and the difference.

Reading it needs no broker and disturbs no session. docs/schemas/paper-status.json describes it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from engine.paper.account.day import DAY_EQUITY, as_money, kept_flow
from engine.paper.bridge import ACCOUNT
from engine.paper.comparison.reconcile import COMPARED, COMPARED_FILLS, LEAST
from engine.paper.journal.journal import Intent, Journal
from engine.paper.orders.afterwards import waits_for
from engine.paper.orders.missed import told_as_missed
from engine.paper.orders.others import Others, others_living
from engine.paper.terms import broker_midnight


def when(stamp: int | None) -> str | None:
    """A moment in ns UTC as ISO text to the second; None stays None."""
    return None if stamp is None else dt.datetime.fromtimestamp(stamp / 1e9, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def standing(journal: Journal, kill_file: Path) -> dict[str, Any]:
    """Everything that `tandem paper status` shows. While kill_file exists nothing is sent."""
    last = journal.last_decision()
    return {
        "journal": str(journal.store.path),
        "account": journal.about(ACCOUNT),
        "decided": None
        if last is None
        else {"session": last.session, "bar": when(last.decided), "orders": len(last.send)},
        "compared": when(_compared(journal)),
        "day_equity": as_money(journal.about(DAY_EQUITY)),
        "cash_flow": kept_flow(journal),
        "orders_today": journal.tried_since(broker_midnight(journal.clock())),
        "kill_file": str(kill_file) if kill_file.exists() else None,
        "halts": [
            {"symbol": one.symbol or None, "kind": one.kind.value, "text": one.text, "since": when(one.at)}
            for one in journal.halts.standing()
        ],
        "positions": positions(journal),
        "orders": orders(journal),
    }


def positions(journal: Journal) -> list[dict[str, Any]]:
    """Signed shares by symbol: the journal's, the broker's, the broker's less the journal's.

    The broker's are those of the last comparison with what it has executed since.
    """
    ours = journal.ledger.positions()
    theirs = {row["symbol"]: row["quantity"] for row in journal.store.read("SELECT * FROM held")}
    since = journal.about(COMPARED_FILLS)
    for symbol, shares in journal.ledger.traded_since(int(since)).items() if since is not None else ():
        theirs[symbol] = theirs.get(symbol, 0.0) + shares
    return [
        {
            "symbol": symbol,
            "journal": ours.get(symbol, 0.0),
            "broker": theirs.get(symbol, 0.0),
            "difference": theirs.get(symbol, 0.0) - ours.get(symbol, 0.0),
            "agree": abs(theirs.get(symbol, 0.0) - ours.get(symbol, 0.0)) <= LEAST,
        }
        for symbol in sorted(ours.keys() | theirs.keys())
    ]


def orders(journal: Journal) -> list[dict[str, Any]]:
    """Every order that has not ended, those of the last decision whatever became of them, what a halt calls missed.

    And what others have there: of symbols that were decided on last; before the first decision all.
    """
    last = journal.last_decision()
    shown = {one.ref: one for one in journal.open_intents()}
    if last is not None:
        shown |= {one.ref: one for one in journal.intents_of(last.decided)}
    shown |= {one.ref: one for one in told_as_missed(journal)}
    traded = None if last is None else {mark.symbol for mark in last.marks}
    others = [one for one in others_living(journal.store) if traded is None or one.symbol in traded]
    return [*(_order(journal, one) for one in shown.values()), *map(_others, others)]


def _others(one: Others) -> dict[str, Any]:
    """An order of somebody else. The journal keeps neither its kind nor its prices: what it can trade counts."""
    return {
        "ref": one.named,
        "session": None,
        "symbol": one.symbol,
        "quantity": one.left + one.filled,
        "filled": one.filled,
        "type": "not kept",
        "prices": {},
        "tif": None,
        "state": "working",
        "why": "",
        "taken_back": False,
        "reason": f"of somebody else, client {one.client}",
        "ours": False,
    }


def _order(journal: Journal, intent: Intent) -> dict[str, Any]:
    one = intent.instruction
    prices = {"limit": one.limit, "stop": one.stop, "trail": one.trail}
    return {
        "ref": one.ref,
        "session": one.session,
        "symbol": one.symbol,
        "quantity": one.quantity,
        "filled": journal.ledger.filled(one.ref),
        "type": one.kind.name.lower(),
        "prices": {name: price for name, price in prices.items() if price is not None},
        "tif": one.tif.lower(),
        "state": intent.state.value,
        "why": intent.why or "; ".join(f"{one.gate}: {one.text}" for one in waits_for(journal, intent)),
        "taken_back": intent.cancel_wanted,
        "reason": one.reason,
        "ours": True,
    }


def _compared(journal: Journal) -> int | None:
    """When the journal was last compared with the broker, all of it answered; None where it never was."""
    at = journal.about(COMPARED)
    return None if at is None else int(at)
