# SPDX-License-Identifier: Apache-2.0
"""Closes that are others than when they were decided on: a late auction, a corrected price, a split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import DataError, InputError, Problem
from engine.inputs.prepared import Prepared
from engine.paper.account.splits import split_words, splits_since
from engine.paper.decision.bars import Latest
from engine.paper.journal.journal import Journal
from engine.paper.memory import Memory, read_memory
from engine.strategy.params import declared_state

ACCEPTED = "accepted closes"
"""Key in the journal: {"decided": stamp, "closes": {symbol: close}}, what a person has let stand."""

ANEW = (
    "a new journal (move the folder away) knows neither the strategy's memory nor its orders: it begins with what the "
    "broker holds; take back in TWS what works of the old one, and guard the positions by hand until it does"
)
"""What beginning again means, for whoever must."""


@dataclass(frozen=True)
class Revision:
    """The close of a symbol at the bar that was decided last: then, and now, in dollars a share."""

    symbol: str
    decided: int
    then: float
    now: float

    @property
    def words(self) -> str:
        """Which close it is."""
        when = np.datetime64(self.decided, "ns").astype("datetime64[m]")
        return f"the close of {self.symbol} at {when} UTC is another one than when it was decided on"

    def stands(self, tolerance: float) -> bool:
        """Whether it is so small that what was decided stands; a close that is no price never is."""
        return abs(self.now / self.then - 1.0) <= tolerance if self.then > 0.0 else False


def revisions(decided: int, then: Mapping[str, float], now: Mapping[str, float]) -> tuple[Revision, ...]:
    """Every close that has changed, by symbol."""
    return tuple(Revision(one, decided, then[one], close) for one, close in now.items() if then[one] != close)


def let_stand(found: Iterable[Revision], tolerance: float, accepted: Mapping[str, float]) -> tuple[str, ...]:
    """What is said of changed closes that let a decision stand: small ones, and those that a person has accepted.

    Raises DataError for any other.
    """
    said = []
    for one in found:
        if not one.stands(tolerance) and accepted.get(one.symbol) != one.now:
            remedy = "`tandem paper accept-prices CONFIG` lets what was decided stand, unless it is a split"
            allowed = f"{one.then!r}, by `paper.tolerance` {tolerance:.2%} off; {remedy}; {ANEW}"
            raise DataError(Problem(one.words, found=f"{one.now!r}", allowed=allowed))
        said.append(f"{one.words}: {one.now!r} in place of {one.then!r}; what was decided stands")
    return tuple(said)


def accepted_closes(journal: Journal, decided: int) -> dict[str, float]:
    """What a person has accepted of the bar of a decision."""
    kept = json.loads(journal.about(ACCEPTED) or "{}")
    return kept["closes"] if kept.get("decided") == decided else {}


def refuse_prices_of_before(prepared: Prepared, kept: Memory, bases: Mapping[str, float]) -> None:
    """Raise DataError where prices lost a split that a strategy remembers numbers of: which are prices nobody knows.

    bases are the symbols whose prices are on another base than at the decision of the memory.
    """
    if not bases:
        return
    found = [
        sleeve.part.named(name)
        for sleeve in prepared.sleeves
        for name, (kind, first) in declared_state(sleeve.strategy.State).items()
        if kind is float and _is_another(kept.state[sleeve.part.name][name], first)
    ]
    if found:
        message = f"the prices of {', '.join(bases)} have a split taken out of them since the decision before"
        remedy = f"`data.prices: raw`, where a strategy meets a split as in its backtest; {ANEW}"
        raise DataError(Problem(message, found=f"{', '.join(found)} of its State, which may be prices", allowed=remedy))


def _is_another(value: object, first: object) -> bool:
    """Whether a field of a State has another value than before its first bar; of several numbers any of them."""
    return not np.array_equal(np.asarray(value, np.float64), np.asarray(first, np.float64), equal_nan=True)


def revised(journal: Journal, latest: Latest | None) -> tuple[Revision, ...]:
    """The closes of the last decided bar that are others in the data now.

    Raises InputError where nothing has been decided, DataError where the data do not have that bar.
    """
    last = journal.last_decision()
    if last is None:
        raise InputError(Problem("nothing has been decided yet: there is no close to accept"))
    if latest is None:
        raise _without_bar(last.session)
    market = latest.prepared.market
    at = int(np.searchsorted(market.ts, last.decided))
    if at >= len(market.ts) or market.ts[at] != last.decided:
        raise _without_bar(last.session)
    now = {symbol: float(market.bars[role]["close"][at]) for role, symbol in market.symbols.items()}
    kept = read_memory(last.memory)
    return revisions(last.decided, splits_since(latest.prepared, latest.row, kept).rebased(kept.closes), now)


def _without_bar(session: str) -> DataError:
    return DataError(Problem("the bar of the last decision is not in the data", found=session))


def accept_closes(journal: Journal, found: Iterable[Revision]) -> None:
    """Let what was decided stand, with these closes and no others.

    Raises InputError for what looks like a split: shares, orders and memory are of before it.
    """
    closes: dict[str, float] = {}
    for one in found:
        if split := split_words(one.now / one.then):
            raise InputError(Problem(f"{one.words}{split}", found=f"{one.now!r}", allowed=f"{one.then!r}; {ANEW}"))
        closes[one.symbol] = one.now
        decided = one.decided
    if closes:
        journal.note_about(ACCEPTED, json.dumps({"decided": decided, "closes": closes}))
