# SPDX-License-Identifier: Apache-2.0
"""What guards a position: a stop that is taken back for another order must not leave it without one unsaid.

Nor may it stay when the position is gone: it would open another one.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.paper.account.splits import factor_since, waiting
from engine.paper.decision.activity import cancelled_by_broker
from engine.paper.gates.facts import protects
from engine.paper.instructions import Fill, Instruction, IntentState
from engine.paper.journal.halts import HaltKind, Halts, resume_words
from engine.paper.journal.journal import OPEN, Intent, Journal
from engine.paper.journal.named import keep_named, told
from engine.paper.memory import refs_of
from engine.paper.orders.others import others_living, taken_by_others

CERTAIN = frozenset({HaltKind.PERSON, HaltKind.UNGUARDED, HaltKind.LOSS})
"""Halts that leave no doubt about what is held."""


def left_over(journal: Journal) -> list[str]:
    """Refs of guards at the broker whose position is gone, closed by another order: the backtest ends them with it.

    By the ledger's fills, not by a status; where a halt says that the ledger may be wrong nothing is left over.
    """
    held, found = journal.ledger.positions(), []
    for intent in journal.open_intents():
        one = intent.instruction
        if (
            intent.order_id is None
            or intent.cancel_wanted
            or not protects(one)
            or held.get(one.symbol, 0.0) * one.quantity < 0.0
        ):
            continue
        doubts = [halt for halt in journal.halts.standing(one.symbol) if halt.kind not in CERTAIN]
        if _entry_is_over(journal, intent) and not doubts:
            found.append(intent.ref)
    return found


def _entry_is_over(journal: Journal, guard: Intent) -> bool:
    """Whether nothing more comes of what opens the position: its entry has ended, or there is none."""
    entry = journal.intent(guard.instruction.parent) if guard.instruction.parent else None
    return entry is None or entry.state not in OPEN


def halt_unguarded(db: sqlite3.Connection, journal: Journal, ref: str) -> None:
    """Halt the symbol of an order that ended unfilled while the position that it was to guard is held.

    It was to replace what is gone, or it protects and was refused before it left: the strategy would go on with another
    position than it believes. Said once of an order, so that a person can go on.
    """
    intent = journal.intent(ref)
    if intent is None or intent.state is not IntentState.DEAD or intent.cancel_wanted:
        return
    one = intent.instruction
    before = [old for each in one.replaces if (old := journal.intent(each)) is not None]
    held = journal.ledger.positions().get(one.symbol, 0.0)
    alone = not before and intent.order_id is None and protects(one)
    if not (before or alone) or any(old.state in OPEN for old in before) or held * one.quantity >= 0.0:
        return
    if any(halt.symbol == one.symbol for halt in journal.halts.differences()):
        return  # what is held is not known; it is asked again once a person has said it
    if taken_by_others(others_living(journal.store), one.symbol, held) >= abs(held):
        return  # somebody's order guards it, and ours would trade beside that
    if ref in told(journal, HaltKind.UNGUARDED):
        return
    gone = ", ".join(old.ref for old in before)
    what = (
        f"{gone} is gone, and {ref}, which was to replace it, ended" if before else f"{ref} protects and did not leave"
    )
    text = (
        f"{what} ({intent.why}): {held:g} {one.symbol} lack a guard; place one by hand, beside which "
        f"the bridge sends none while it works, or close the position, then {resume_words(one.symbol)}"
    )
    _halt(db, journal, one, text)


def halt_ended_guards(journal: Journal) -> None:
    """Halt the symbol of each guard that stood at the broker and was ended there, by nobody here, with what it guards.

    By hand, or by the broker itself, which ends orders until cancelled after some months, and with the shares' changes.
    After a split it is sent again by the next decision. Said once of an order, so that a person can go on.
    """
    last = journal.last_decision()
    if last is None:
        return
    known = [intent for ref in refs_of(last.memory) if (intent := journal.intent(ref)) is not None]
    gone = [intent for intent in known if cancelled_by_broker(intent) and protects(intent.instruction)]
    done = _exits_since(journal, known, last.seen) if gone else {}
    for intent in gone:
        one, differ = intent.instruction, {halt.symbol for halt in journal.halts.differences()}
        held = journal.ledger.positions().get(one.symbol, 0.0)
        split = one.symbol in waiting(journal) or factor_since(journal, one.symbol, one.decided) != 1.0
        theirs = taken_by_others(others_living(journal.store), one.symbol, held)
        guarded = held * one.quantity >= 0.0 or theirs >= abs(held) or _served(journal, one, done)
        if guarded or split or one.symbol in differ or one.ref in told(journal, HaltKind.UNGUARDED):
            continue
        text = (
            f"{one.ref}, which guards, was ended at the broker ({intent.why}): {held:g} {one.symbol} lack it; place "
            "one by hand, beside which the bridge sends none while it works, or close the position, then "
            f"{resume_words(one.symbol)}"
        )
        with journal.store.write("guards") as db:
            _halt(db, journal, one, text)


def halt_turned(journal: Journal) -> None:
    """Halt each symbol whose position a guard has turned round since the last decision: it traded more than was held.

    The broker has no orders that may only reduce, and a part was sold beside the guard, at a price or at a close. By
    the times of the fills; what the others make of the position without the guard is theirs. Said once.
    """
    last = journal.last_decision()
    fills = [fill for _, fill in journal.ledger.fills_since(last.seen)] if last is not None else []
    for symbol in dict.fromkeys(fill.symbol for fill in fills):
        if last is None or symbol in waiting(journal) or factor_since(journal, symbol, last.decided) != 1.0:
            continue  # shares of before a split are not those of after it
        own = sorted((fill for fill in fills if fill.symbol == symbol), key=lambda fill: fill.time)
        for text in _turned(journal, symbol, own):
            with journal.store.write("turned") as db:
                Halts.add(db, HaltKind.OVERFILLED, symbol, text, journal.clock())


def _turned(journal: Journal, symbol: str, fills: Sequence[Fill]) -> Iterator[str]:
    """What is said of each guard among the fills of a symbol, in the order of time, that made the position it is in."""
    end = journal.ledger.positions().get(symbol, 0.0)
    held = end - sum(fill.quantity for fill in fills)
    for fill in fills:
        before, held = held, held + fill.quantity
        guard = journal.intent(fill.ref)
        turned = before * fill.quantity < 0.0 < held * fill.quantity
        stays = end * fill.quantity > 0.0 >= (end - fill.quantity) * fill.quantity  # and would not without it
        if guard is not None and protects(guard.instruction) and turned and stays:
            yield (
                f"{fill.ref}, which guards, traded {fill.quantity:g} {symbol} where {before:g} were held: the "
                f"{held:g} beyond that nobody decided; trade them back by hand, then `tandem paper "
                f"accept-positions CONFIG`, or keep them; then {resume_words(symbol)}"
            )


def _served(journal: Journal, one: Instruction, done: Mapping[tuple[str, str], float]) -> bool:
    """Whether its group has ended a guard as it should: the others have traded its shares, or any of another symbol.

    What is held beside those the strategy wants as it is. Where a stop of the group has filled in part and works on,
    what is left has no profit to take any more, and is guarded.
    """
    takes_profit = one.stop is None and one.trail is None
    alive = (each.instruction for each in journal.open_intents() if each.order_id is not None)
    if one.group and takes_profit and any(each.group == one.group for each in alive):
        return True
    traded = {symbol: shares for (group, symbol), shares in done.items() if group == one.group}
    return any(shares >= abs(one.quantity) or symbol != one.symbol for symbol, shares in traded.items())


def _exits_since(journal: Journal, known: Sequence[Intent], seen: int) -> dict[tuple[str, str], float]:
    """(group of orders, symbol) -> unsigned shares that the fills after number `seen` are of."""
    group = {intent.ref: intent.instruction.group for intent in known if intent.instruction.group}
    shares: defaultdict[tuple[str, str], float] = defaultdict(float)
    for _, fill in journal.ledger.fills_since(seen):
        if fill.ref in group:
            shares[group[fill.ref], fill.symbol] += abs(fill.quantity)
    return shares


def _halt(db: sqlite3.Connection, journal: Journal, one: Instruction, text: str) -> None:
    """Halt the symbol of an order; where a halt of another one stands it is said once that has ended."""
    if Halts.add(db, HaltKind.UNGUARDED, one.symbol, text, journal.clock()):
        keep_named(db, journal, HaltKind.UNGUARDED, one.symbol, (one.ref,), (one.ref,))
