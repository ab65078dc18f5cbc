# SPDX-License-Identifier: Apache-2.0
"""Orders that end without having traded while what they were to reduce is held, or while their other leg was sent.

The strategy has decided them and may never ask again: the symbol halts, and a person is told what is left undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine.paper.gates.facts import protects
from engine.paper.instructions import Decision, Instruction, IntentState
from engine.paper.journal.halts import HaltKind, Halts
from engine.paper.journal.journal import OPEN, Intent, Journal
from engine.paper.journal.named import keep_named, named, told
from engine.paper.memory import refs_of
from engine.paper.states import BY_BROKER

REFUSED_BY_BROKER = 201
ACCEPTED = "a person accepted the positions"
"""Why an order counts as dead that a person was shown as unknown: nothing of it is left undone."""
DONE = f"{BY_BROKER}Filled"
"""Why one is dead that had shrunk with what it guards, and filled whole with fewer shares than it was sent for."""
LOST = "it never reached the broker"
REMEDY = ". `tandem paper"
BEGAN = "First: "
"""Parts of a halt's words: what follows what did not trade, and what stands before the first order of the halt."""


def missed(journal: Journal) -> dict[str, list[tuple[Intent, str]]]:
    """Symbol -> orders that the last decision believes in and that will not trade, each with what is left by that.

    What the strategy took back, what a day ended, what guards (`guards` has the word there) and what stands in its
    place at the broker until it may leave are not among them.
    """
    last, found = journal.last_decision(), dict[str, list[tuple[Intent, str]]]()
    if last is None:
        return found
    mine = {one.ref: one for one in journal.intents_of(last.decided)}
    older = (journal.intent(ref) for ref in refs_of(last.memory) - mine.keys())
    again = (one for one in told_as_missed(journal) if one.instruction.again)
    every = (*mine.values(), *(one for one in older if one is not None), *again)
    for intent in {one.ref: one for one in every}.values():
        if _over(journal, intent, last) and (left := _left(journal, intent, mine)):
            found.setdefault(intent.instruction.symbol, []).append((intent, left))
    return found


def is_over(journal: Journal, intent: Intent) -> bool:
    """Whether an order has ended, and neither by anybody's will nor by the end of its time."""
    return intent.state is IntentState.DEAD and not intent.cancel_wanted and _too_soon(journal, intent)


def _over(journal: Journal, intent: Intent, last: Decision) -> bool:
    """Whether a dead order is one that the strategy still wants, and nothing stands at the broker in its place."""
    one = intent.instruction
    if intent.state is not IntentState.DEAD or intent.ref in last.cancel or protects(one):
        return False
    before = (journal.intent(ref) for ref in (*one.replaces, *one.after))
    if any(old is not None and old.state in OPEN for old in before) or journal.again_of(intent):
        return False
    return _too_soon(journal, intent)


def _too_soon(journal: Journal, intent: Intent) -> bool:
    """Whether a dead order has ended before its time: a gate, the way or the broker refused it."""
    one = intent.instruction
    if intent.why.startswith((ACCEPTED, DONE)):
        return False
    told = journal.store.read("SELECT 1 FROM told WHERE ref = ? AND code = ?", intent.ref, REFUSED_BY_BROKER)
    any_price = (one.limit, one.stop, one.trail) == (None, None, None)
    if intent.order_id is None or told or any_price or intent.why.startswith(LOST):
        return True
    return one.tif == "GTC" and not (one.group and _group_traded(journal, intent))


def _group_traded(journal: Journal, intent: Intent) -> bool:
    """Whether another order of its one-cancels-other group has filled: then the broker ends it, as it should."""
    others = (each for each in journal.decision(intent.decision).send if each.group == intent.instruction.group)
    return any(journal.ledger.filled(each.ref) for each in others if each.ref != intent.ref)


def _left(journal: Journal, intent: Intent, mine: dict[str, Intent]) -> str:
    """What is left undone by an order that does not trade, in words; '' where that is nothing."""
    one = intent.instruction
    held = journal.ledger.positions().get(one.symbol, 0.0)
    if held * one.quantity < 0.0:
        return f"{held:g} {one.symbol} are still held"
    legs = (each for each in mine.values() if each.order_id is not None and each.instruction.symbol != one.symbol)
    sent = next((each.ref for each in legs if not protects(each.instruction) and intent.ref in mine), "")
    return f"{sent}, which was decided with it, was sent" if sent else ""


def halt_missed(journal: Journal) -> None:
    """Halt the symbol of each order that was missed. Said once of an order, so that a person can go on."""
    before = told(journal, HaltKind.MISSED)
    news = {
        symbol: orders
        for symbol, orders in missed(journal).items()
        if any(intent.ref not in before for intent, _ in orders)
    }
    done = [symbol for symbol in _sent_again(journal) if symbol not in news]
    if not news and not done:
        return
    with journal.store.write("missed") as db:
        for symbol, orders in news.items():
            way, refs = [one.instruction for one in on_the_way(journal, symbol)], [intent.ref for intent, _ in orders]
            words = "; ".join(filter(None, (sent_again_words(way), _words(symbol, orders))))
            _halt(db, symbol, words, journal.clock())
            keep_named(db, journal, HaltKind.MISSED, symbol, (*(one.ref for one in way), *refs), refs)
        for symbol in done:
            flat = not journal.ledger.positions().get(symbol)  # what is not held lacks no guard
            ended = (HaltKind.MISSED, HaltKind.UNGUARDED) if flat else (HaltKind.MISSED,)
            Halts.end(db, ended, symbol, "sent again, and filled", journal.clock())


def _sent_again(journal: Journal) -> list[str]:
    """Symbols whose missed orders were sent again and have filled, with nothing left undone."""
    every: dict[str, list[Intent]] = {}
    for one in told_as_missed(journal):
        every.setdefault(one.instruction.symbol, []).append(one)
    return [
        symbol
        for symbol, orders in every.items()
        if any(one.instruction.again for one in orders)
        and all(
            one.state is IntentState.FILLED or not (one.instruction.again or _left(journal, one, {})) for one in orders
        )
    ]


def told_as_missed(journal: Journal) -> list[Intent]:
    """Orders that a standing halt names as missed, or as sent again."""
    return [one for ref in named(journal, HaltKind.MISSED) if (one := journal.intent(ref)) is not None]


def on_the_way(journal: Journal, symbol: str) -> list[Intent]:
    """Orders of a symbol that were sent again and have not ended."""
    return [one for one in journal.open_intents() if one.instruction.again and one.instruction.symbol == symbol]


def sent_again_words(orders: Iterable[Instruction]) -> str:
    """What the halt of a missed order says once it was sent again."""
    return "; ".join(
        f"the order {_side(one)} ({one.ref}) is sent again by a person's word; this ends when it has filled"
        for one in orders
    )


def _side(one: Instruction) -> str:
    return f"to {'buy' if one.quantity > 0 else 'sell'} {abs(one.quantity):g}"


def _words(symbol: str, orders: list[tuple[Intent, str]]) -> str:
    what = "; ".join(
        f"the order {_side(one.instruction)} ({one.ref}) did not trade ({one.why}) and {left}" for one, left in orders
    )
    return (
        f"{what}{REMEDY} retry CONFIG {symbol}` sends it again; or trade by hand at the broker, or leave it, "
        "and then `tandem paper accept-positions CONFIG`"
    )


def _halt(db: sqlite3.Connection, symbol: str, text: str, at: int) -> None:
    """Halt, or say in the halt that stands what has come to it, and with what it began."""
    stands = "kind = ? AND symbol = ? AND ended IS NULL"
    row = db.execute(f"SELECT text FROM halts WHERE {stands}", (HaltKind.MISSED, symbol)).fetchone()  # noqa: S608
    if row is None:
        Halts.add(db, HaltKind.MISSED, symbol, text, at)
        return
    first = row["text"].partition(BEGAN)[2] or row["text"].partition(REMEDY)[0]
    more = "" if first in text else f". {BEGAN}{first}"
    db.execute(f"UPDATE halts SET text = ?, told = 0 WHERE {stands}", (text + more, HaltKind.MISSED, symbol))  # noqa: S608
