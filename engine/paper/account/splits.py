# SPDX-License-Identifier: Apache-2.0
"""Splits between two decisions: what the data tell of them, and when the broker's shares are those of after one.

The data say that a symbol was split, and the broker's position must say the same: then the ledger follows by itself.
Either may know it first. Where the broker holds anything else a person decides.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.inputs.prepared import Prepared
from engine.paper.account.split_orders import in_new_shares
from engine.paper.journal.halts import HaltKind, Halts
from engine.paper.journal.journal import Journal
from engine.paper.journal.writes import BY_A_PERSON, adjust, keep_about
from engine.paper.memory import Memory
from engine.paper.terms import midnight_of

SPLITS = "splits"
"""Key in the journal: [{"symbol", "session", "ratio", "done"}], done in words once it is over."""
SAME = 1e-6
"""Shares: less is the sum of fractions, not a trade."""
ON_ONE_BASE = 0.02
"""How near the change of a close on record comes to the ratio of the split that made it."""

NEAR_SPLIT = 0.02
"""A ratio of two closes within this of a whole number, or of one over it, is called a split."""


@dataclass(frozen=True)
class Split:
    """`ratio` new shares of a symbol for one old, from the open of `session` (YYYY-MM-DD) on."""

    symbol: str
    session: str
    ratio: float

    @property
    def words(self) -> str:
        """`2 for 1 on 2024-06-10`."""
        new, old = next(
            ((many * self.ratio, many) for many in range(1, 101) if _whole(many * self.ratio)), (self.ratio, 1)
        )
        return f"{new:g} for {old:g} on {self.session}"


@dataclass(frozen=True)
class Lived:
    """Splits of the rows after a decision.

    contained  row -> (role, ratio) of those that were taken out of the prices since;  bases symbol -> their product
    every      these, and those that stand in the bars
    """

    contained: Mapping[int, tuple[tuple[int, float], ...]]
    bases: Mapping[str, float]
    every: tuple[Split, ...]

    def rebased(self, closes: Mapping[str, float]) -> dict[str, float]:
        """Closes of the decision on the base that the prices have now."""
        return {symbol: close / self.bases.get(symbol, 1.0) for symbol, close in closes.items()}


def splits_since(prepared: Prepared, row: int, kept: Memory) -> Lived:
    """The splits of the rows after the decision of a memory, up to `row`.

    A split that the prices have in them counts where the close of that decision is another one now by its ratio: prices
    that were on one base all along have none.
    """
    market, ts = prepared.market, prepared.market.bars["ts"]
    first = int(np.searchsorted(ts, kept.decided))
    if first >= len(ts) or ts[first] != kept.decided:
        return Lived({}, {}, ())
    found, bases = list[Split](), dict[str, float]()
    contained: dict[int, tuple[tuple[int, float], ...]] = {}
    for number, (role, symbol) in enumerate(market.symbols.items()):
        bars, sessions = market.bars[role], market.bars["session"]
        rows = first + 1 + np.flatnonzero(bars["split"][first + 1 : row + 1] != 1.0)
        told = [(int(at), float(bars["split"][at])) for at in rows]
        inside = [
            (int(np.searchsorted(sessions, session)), ratio)
            for session, ratio in market.contained.get(symbol, ())
            if sessions[first] < session <= sessions[row]
        ]
        whole, then, now = math.prod(ratio for _, ratio in inside), kept.closes.get(symbol, 0.0), bars["close"][first]
        if inside and then > 0.0 and abs(float(now) * whole / then - 1.0) <= ON_ONE_BASE < abs(whole - 1.0):
            told += inside
            bases[symbol] = whole
            for at, ratio in inside:
                contained[at] = (*contained.get(at, ()), (number, ratio))
        found += [Split(symbol, str(sessions[at].astype("datetime64[D]")), ratio) for at, ratio in told]
    return Lived(contained, bases, tuple(sorted(set(found), key=lambda one: (one.session, one.symbol))))


def note_splits(journal: Journal, found: Iterable[Split]) -> None:
    """Keep those that the journal does not know yet: they wait for the broker's shares to say the same."""
    kept = _kept(journal)
    known = {(one["symbol"], one["session"]) for one in kept}
    new = [one for one in found if (one.symbol, one.session) not in known]
    if new:
        rows = [{"symbol": one.symbol, "session": one.session, "ratio": one.ratio, "done": ""} for one in new]
        with journal.store.write("splits") as db:
            keep_about(db, SPLITS, json.dumps(kept + rows))


def waiting(journal: Journal) -> dict[str, list[Split]]:
    """Symbol -> its splits that the data have and that the broker's shares were not found to have, the oldest first."""
    found: dict[str, list[Split]] = {}
    for one in sorted(_kept(journal), key=lambda each: str(each["session"])):
        if not one["done"]:
            found.setdefault(one["symbol"], []).append(Split(one["symbol"], one["session"], one["ratio"]))
    return found


def told_of(journal: Journal, found: Iterable[Split]) -> tuple[str, ...]:
    """What became of some splits, in words, as far as it is known."""
    wanted = {(one.symbol, one.session) for one in found}
    words = [one["done"] for one in _kept(journal) if (one["symbol"], one["session"]) in wanted]
    return tuple(dict.fromkeys(one for one in words if one))


def factor_since(journal: Journal, symbol: str, moment: int) -> float:
    """New shares for one of a symbol's at a moment, ns UTC, by the splits that are over."""
    return math.prod(
        float(one["ratio"])
        for one in _kept(journal)
        if one["done"] and one["symbol"] == symbol and midnight_of(one["session"]) > moment
    )


def take_over(db: sqlite3.Connection, journal: Journal, held: Mapping[str, float], refs: Iterable[str]) -> list[str]:
    """Bring the ledger to the broker's shares (`held`) wherever they are what waiting splits make of it.

    Orders (`refs`) that the broker changed with them are for its shares from here on. Returns the refs that it changed.
    """
    moved: list[str] = []
    mine = tuple(refs)
    for symbol, splits in waiting(journal).items():
        ledger, broker = journal.ledger.positions().get(symbol, 0.0), held.get(symbol, 0.0)
        expected, before = _expected(journal, symbol, splits)
        if not before:
            words = "none of it was held"
        elif any(abs(one - broker) <= SAME for one in expected):
            words = f"{before:g} shares of before it are {before + broker - ledger:g} at the broker, taken over"
            adjust(db, journal.clock(), symbol, broker - ledger, f"split {splits[-1].words}")
        elif abs(ledger - broker) <= SAME and _person_spoke(journal, symbol, splits[0]):
            words = "a person had taken over what the broker holds"
        else:
            continue
        names = ", ".join(one.words for one in splits)
        _done(db, journal, {symbol}, f"{symbol} was split, {names}: {words}; its orders are sent again in new shares")
        _end_halts(db, journal, symbol, midnight_of(splits[0].session), f"split {names}")
        moved += in_new_shares(db, journal, symbol, [(one.ratio, midnight_of(one.session)) for one in splits], mine)
    return moved


def halt_waiting(db: sqlite3.Connection, journal: Journal, held: Mapping[str, float]) -> None:
    """Halt each symbol whose split the broker's shares do not show."""
    for symbol, splits in waiting(journal).items():
        expected, before = _expected(journal, symbol, splits)
        text = (
            f"the data have a split of {symbol}, {', '.join(one.words for one in splits)}: {before:g} shares of before "
            f"it would be {expected[0]:g} now, and the broker has {held.get(symbol, 0.0):g}; it is taken over by "
            "itself once the broker has these. Look; where the broker is right as it is, "
            "`tandem paper accept-positions CONFIG`"
        )
        Halts.add(db, HaltKind.POSITIONS, symbol, text, journal.clock())


def let_be(db: sqlite3.Connection, journal: Journal, symbols: Iterable[str], text: str) -> None:
    """A person has accepted what the broker holds of some symbols: their splits wait no more."""
    wanted = set(symbols) & waiting(journal).keys()
    if wanted:
        _done(db, journal, wanted, f"{', '.join(sorted(wanted))} was split, and what the broker holds accepted: {text}")


def _expected(journal: Journal, symbol: str, splits: list[Split]) -> tuple[tuple[float, ...], float]:
    """What is held now of a position that splits have cut to whole shares, or rounded up at the last; and before them.

    The fraction of a share is paid out in cash, or made whole, as each split's terms have it.
    """
    since, shares, exact, before = 0, 0.0, 0.0, 0.0
    for number, one in enumerate(splits):
        moment = midnight_of(one.session)
        shares += journal.ledger.changed(symbol, since, moment)
        before = shares if number == 0 else before
        exact = shares * one.ratio
        shares, since = _cut(exact), moment
    later = journal.ledger.changed(symbol, since)
    up = shares if abs(exact - shares) <= SAME else shares + math.copysign(1.0, exact)
    return tuple(dict.fromkeys((shares + later, up + later))), before


def _cut(shares: float) -> float:
    """Whole shares, towards nothing; a ratio such as 1/49 is no exact float."""
    return float(round(shares)) if _whole(shares) else float(math.trunc(shares))


def _whole(shares: float) -> bool:
    return abs(shares - round(shares)) <= SAME * max(1.0, abs(shares)) and round(shares) != 0


def _person_spoke(journal: Journal, symbol: str, first: Split) -> bool:
    """Whether a person has accepted shares of a symbol since the day of its split began."""
    sql = "SELECT why FROM openings WHERE symbol = ? AND at >= ?"
    rows = journal.store.read(sql, symbol, midnight_of(first.session))
    return any(row["why"].startswith(BY_A_PERSON) for row in rows)


def _end_halts(db: sqlite3.Connection, journal: Journal, symbol: str, since: int, why: str) -> None:
    """End what the split alone has halted: shares that differ since its day began."""
    db.execute(
        "UPDATE halts SET ended = ?, ended_why = ? WHERE ended IS NULL AND symbol = ? AND kind = ? AND at >= ?",
        (journal.clock(), why, symbol, HaltKind.POSITIONS, since),
    )


def _done(db: sqlite3.Connection, journal: Journal, symbols: set[str], words: str) -> None:
    kept = _kept(journal)
    for one in kept:
        if one["symbol"] in symbols and not one["done"]:
            one["done"] = words
    keep_about(db, SPLITS, json.dumps(kept))


def _kept(journal: Journal) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = json.loads(journal.about(SPLITS) or "[]")
    return kept


def split_words(ratio: float) -> str:
    """Words for a ratio of two closes that looks like a split; '' for any other."""
    for many in range(2, 51):
        for wanted, words in ((float(many), f"{many} for 1"), (1.0 / many, f"1 for {many}")):
            if abs(ratio / wanted - 1.0) < NEAR_SPLIT:
                return f": that looks like a split, {words}"
    return ""
