# SPDX-License-Identifier: Apache-2.0
"""How a new journal begins on an account that may not be empty: what it finds is nobody's until a person has spoken."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping

from engine.paper.account.splits import split_words
from engine.paper.journal.halts import EVERYTHING, HaltKind, Halts, resume_words
from engine.paper.journal.journal import Journal
from engine.paper.journal.writes import adjust, keep_about
from engine.paper.orders.others import others_living

OPENING, EXTERNAL_SEEN = "opening", "external_seen"


def open_ledger(
    db: sqlite3.Connection, journal: Journal, held: Mapping[str, float], ours: Callable[[str], bool], *, adopts: bool
) -> None:
    """The opening snapshot: with the fills that the broker still tells it makes up what is held.

    Shares of the run's own symbols (`ours`) are left out, whoever bought them, so that they differ until a person has
    said whose they are. adopts: of a copy to try things on, which takes them over.
    """
    told = journal.ledger.positions()
    at = journal.clock()
    for symbol in sorted(held.keys() | told.keys()):
        left_out = ours(symbol) and not adopts
        own = 0.0 if left_out else held.get(symbol, 0.0)
        adjust(db, at, symbol, own - told.get(symbol, 0.0), "opening")
    keep_about(db, OPENING, str(at))
    keep_about(db, EXTERNAL_SEEN, str(journal.ledger.last_seq()))


def halt_on_runs(
    db: sqlite3.Connection, journal: Journal, alive: Collection[str], ours: Callable[[str], bool], client: int
) -> None:
    """Orders of another run, or of a lost journal of this one, trade beside it: a new journal begins with none.

    alive are keys of the orders that the broker lists; client is the run's own client id.
    """
    found = [
        str(one)
        for one in others_living(journal.store)
        if one.key in alive and ours(one.symbol) and one.is_a_runs(client)
    ]
    if found:
        text = (
            f"this journal is new and did not send what works at the broker: {'; '.join(found)}. Cancel that in TWS, "
            f"or it trades beside this run; then {resume_words(EVERYTHING)}"
        )
        Halts.add(db, HaltKind.CONTRADICTION, EVERYTHING, text, journal.clock())


def differs_words(journal: Journal, symbol: str, ledger: float, broker: float) -> str:
    """That journal and broker hold different signed shares of a symbol, and what a person does about it."""
    if ledger == 0.0 and journal.last_decision() is None:
        return (
            f"the account holds {broker:g} {symbol}, and this journal is new: {journal.store.path.resolve()}. Where "
            "another journal bought them, start where it was started, or write `paper.folder` as an absolute path; "
            "where the run is to take them over, `tandem paper accept-positions CONFIG`"
        )
    split = split_words(broker / ledger) if ledger else ""
    cause = f"{split[2:]}, which is taken over by itself once the data have it" if split else "fills were lost"
    return (
        f"the journal has {ledger:g} {symbol}, the broker {broker:g}: {cause}, or somebody traded; look, then "
        "`tandem paper accept-positions CONFIG`"
    )
