# SPDX-License-Identifier: Apache-2.0
"""The day's loss, by trading alone: cash that came without a fill is no gain, and that went no loss by a person's word.

Cash that came in never hides a loss. Cash that went out counts as one until a person's word: it may be a fee, a fill
that nobody told, or a withdrawal.
"""

from __future__ import annotations

import json
import sqlite3

from engine.market.hours import MINUTE
from engine.paper.gates.money import loss_of
from engine.paper.journal.halts import EVERYTHING, HaltKind, Halts
from engine.paper.journal.journal import Journal
from engine.paper.journal.writes import keep_about
from engine.paper.terms import broker_day

DAY, DAY_EQUITY, DAY_CASH, DAY_SEEN, DAY_FLOW = "day", "day_equity", "day_cash", "day_seen", "day_flow"
FLOWS = "cash flows"
"""Key in the journal: [{"at", "dollars", "why"}], what a person has called a deposit or a withdrawal."""
LEAST_FLOW = 0.01
"""Of the day's first equity: less is interest, a dividend, a fee."""
QUIET = 5 * MINUTE
"""ns without a fill before cash is laid beside fills: the broker tells its figures anew every three minutes."""


def as_money(text: str | None) -> float | None:
    """The broker's figure, or None where it wrote none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None


def watch_loss(db: sqlite3.Connection, journal: Journal, equity: float | None, cash: float | None, most: float) -> None:
    """Measure the day's loss by its first figures, in dollars; beyond `most` (a fraction) everything halts.

    The latch stays until a person resumes, or has said that what went out was no loss.
    """
    if equity is None:
        return
    day = str(broker_day(journal.clock()))
    if journal.about(DAY) != day or journal.about(DAY_EQUITY) is None:
        keep_about(db, DAY, day)
        keep_about(db, DAY_EQUITY, repr(equity))
        keep_about(db, DAY_CASH, "")
        keep_about(db, DAY_FLOW, "0.0")
    if not journal.about(DAY_CASH) and cash is not None and _quiet(journal):
        keep_about(db, DAY_CASH, repr(cash))
        keep_about(db, DAY_SEEN, str(journal.ledger.last_seq()))
    flow = flow_of(journal, cash)
    keep_about(db, DAY_FLOW, repr(flow))
    loss = loss_of(traded(equity, flow), float(journal.about(DAY_EQUITY) or 0.0))
    if loss > most:
        text = f"the account lost {loss:.2%} today, more than {most:.2%}{_flow_words(flow)}"
        text = f"{text}; `tandem paper resume CONFIG` begins anew from here"
        Halts.add(db, HaltKind.LOSS, EVERYTHING, text, journal.clock())


def begin_cash_anew(db: sqlite3.Connection) -> None:
    """Lay cash beside fills from the next quiet look on: shares were accepted whose price is not known."""
    keep_about(db, DAY_CASH, "")


def traded(equity: float, flow: float) -> float:
    """Equity without cash that came in beside trades, dollars."""
    return equity - max(flow, 0.0)


def flow_of(journal: Journal, cash: float | None) -> float:
    """Signed dollars of cash since the day's first look that no fill explains; less than LEAST_FLOW of it is 0.

    As it was at the look before while fills are fresh, and while journal and broker hold different shares: a fill that
    nobody told is no flow. 0 too where what is no share was traded by somebody: what that cost is not known here.
    """
    first, equity = as_money(journal.about(DAY_CASH)), as_money(journal.about(DAY_EQUITY))
    if first is None or equity is None or cash is None:
        return 0.0
    paid, others = journal.ledger.paid_since(int(journal.about(DAY_SEEN) or 0))
    if others:
        return 0.0
    if not _quiet(journal) or journal.halts.differences():
        return kept_flow(journal)
    flow = cash - first - paid
    return flow if abs(flow) >= LEAST_FLOW * abs(equity) else 0.0


def _quiet(journal: Journal) -> bool:
    """Whether no fill was heard of so shortly that the broker's figures may not have it."""
    last = journal.ledger.last_heard()
    return last is None or journal.clock() - last >= QUIET


def kept_flow(journal: Journal) -> float:
    """The same as the last look found it."""
    return as_money(journal.about(DAY_FLOW)) or 0.0


def _flow_words(flow: float) -> str:
    if flow > 0.0:
        return f" ({flow:,.2f} dollars of cash that came in without a fill are not counted)"
    if flow < 0.0:
        return (
            f" ({-flow:,.2f} dollars of cash went out without a fill: where that was a withdrawal, "
            "`tandem paper accept-cash CONFIG` takes it out of the loss)"
        )
    return ""


def accept_flow(journal: Journal, dollars: float, equity: float, most: float, text: str) -> bool:
    """A person's word that signed dollars were paid in or out: the day begins with them. Returns whether a halt ended.

    The halt of the day's loss ends where `equity`, the broker's of now, is within `most` of what the day began with.
    """
    at = journal.clock()
    first, cash = as_money(journal.about(DAY_EQUITY)) or 0.0, as_money(journal.about(DAY_CASH)) or 0.0
    said = json.loads(journal.about(FLOWS) or "[]")
    with journal.store.write("cash flow") as db:
        keep_about(db, DAY_EQUITY, repr(first + dollars))
        keep_about(db, DAY_CASH, repr(cash + dollars))
        keep_about(db, DAY_FLOW, "0.0")
        keep_about(db, FLOWS, json.dumps([*said, {"at": at, "dollars": dollars, "why": text}]))
        within = loss_of(equity, first + dollars) <= most
        return bool(within and Halts.end(db, (HaltKind.LOSS,), EVERYTHING, text, at))
