# SPDX-License-Identifier: Apache-2.0
"""What a decision wants of the broker, and what the broker is known to have done: the words of the bridge.

Quantities are signed shares (+ buys). Times are int64 ns UTC. ref is the one key of an order: deterministic, at most 40
ASCII characters, written to the broker as orderRef; the same decision computed again has the same refs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.kernel.codes import OrderKind


@dataclass(frozen=True)
class Instruction:
    """One order that a decision asks for.

    order       its number in the decision's book, which names it for strategy and parent
    limit, stop, trail   None where the kind has none; trail is a distance in price, or a fraction for TRAIL_PERCENT
    tif         how long it lives, in the broker's words: DAY, GTC until cancelled, OPG for the open alone
    parent      ref of the order that must fill first; reduce_only: it may only shrink the position
    group       name of its one-cancels-other group, or ''
    decided     stamp of the bar whose close decided it; session its date as YYYY-MM-DD
    reason      the strategy's own words
    replaces    refs of what guards the position now and is taken back for this order: they stay until it may leave
    again       when a person's word had it sent again, after it was missed; 0: it is as it was decided
    after       refs of orders that are taken back at once and must have ended, without a fill, before it may leave
    """

    ref: str
    order: int
    symbol: str
    kind: OrderKind
    quantity: float
    limit: float | None
    stop: float | None
    trail: float | None
    tif: str
    parent: str
    reduce_only: bool
    group: str
    decided: int
    session: str
    reason: str
    replaces: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    again: int = 0


@dataclass(frozen=True)
class Mark:
    """The bar of one symbol that decided: its close in dollars as traded, and its stamp in ns UTC."""

    symbol: str
    close: float
    stamp: int


@dataclass(frozen=True)
class Decision:
    """What one close decided: orders to send, refs to take back, and the strategy's memory after it.

    memory is everything that the next decision needs beside bars and fills, as JSON text that reads back to the bit.
    marks are the bars that it was decided on, one for each symbol held or traded; without one the gates stay closed.
    seen is the number of the last fill that it knew. cut says what came to no order, less than a whole share as it was.
    """

    decided: int
    session: str
    send: tuple[Instruction, ...]
    cancel: tuple[str, ...]
    memory: str
    marks: tuple[Mark, ...] = ()
    seen: int = 0
    cut: tuple[str, ...] = ()

    def counted(self) -> dict[str, Any]:
        """For a log: its session, how many orders it sends and takes back, and what came to none."""
        counts = {"session": self.session, "orders": len(self.send), "cancels": len(self.cancel)}
        return {**counts, "cut": self.cut} if self.cut else counts

    def replaced(self) -> frozenset[str]:
        """Refs of the orders that must have ended before its own may leave."""
        return frozenset(old for one in self.send for old in (*one.replaces, *one.after))


class IntentState(StrEnum):
    """How far an instruction has come, by the broker's own word alone."""

    INTENT = "intent"
    SENT = "sent"
    WORKING = "working"
    FILLED = "filled"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Fill:
    """One execution as it stands after its latest revision. base names it for good: the id without its last part.

    commission None until the broker has told it.
    """

    base: str
    revision: int
    ref: str
    symbol: str
    quantity: float
    price: float
    time: int
    commission: float | None
